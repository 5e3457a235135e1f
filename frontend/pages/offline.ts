/** Says when the network is gone, so that nobody believes an old screen. */
export function watchConnection(): void {
  const banner = document.getElementById("offline");
  if (!banner) return;
  const show = () => (banner.hidden = navigator.onLine);
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}
