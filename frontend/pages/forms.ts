/** A form that came back with faults: the summary takes the focus, so that it is seen and read aloud. */
export function focusFaults(): void {
  document.querySelector<HTMLElement>(".wrong-summary")?.focus();
}
