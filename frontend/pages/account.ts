/** Who signs out in one window has signed out in all, and who sat too long without a touch is out as well:
 * pages that show what only an account may see do not stay on the screen. */

interface Channel {
  postMessage(account: string): void;
  onmessage: ((event: MessageEvent<string>) => void) | null;
}

const A_MINUTE = 60_000;

export function watchAccount(
  said: { account?: string; idle?: string } = document.documentElement.dataset,
  channel: Channel = new BroadcastChannel("madang-account"),
  reload: () => void = () => location.reload(),
): void {
  const mine = said.account;
  if (mine === undefined) return; // a page that knows nobody, such as one of an error
  let used = Date.now();
  channel.onmessage = ({ data }) => {
    used = Date.now();
    if (data !== mine && mine !== "") reload();
  };
  channel.postMessage(mine);
  if (mine === "" || !said.idle) return; // the console hears of its end by its own line
  // A page that is loaded, and a form or a list that asks, count as use, as they do for the server.
  globalThis.document?.addEventListener("htmx:afterRequest", () => {
    used = Date.now();
    channel.postMessage(mine);
  });
  const longest = Number(said.idle) * 1000 + A_MINUTE;
  setInterval(() => Date.now() - used > longest && reload(), A_MINUTE);
}
