/** Where tabs do not fit beside each other the one that is open is brought into sight. */
export function showTab(): void {
  const open = document.querySelector<HTMLElement>(".tabs [aria-current]");
  const row = open?.closest<HTMLElement>(".tabs");
  if (open && row) row.scrollLeft = open.offsetLeft - row.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
}
