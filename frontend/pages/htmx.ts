/** What we add to htmx. Its settings stand in the page (meta htmx-config): it reads them when imported. */
import "htmx.org";
import { drawCharts } from "./charts";
import { showToasts, toast } from "./toasts";
import { t } from "../parts/words";

export function startHtmx(): void {
  document.addEventListener("htmx:configRequest", addToken);
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    showToasts();
    if (target instanceof Element) drawCharts(target);
  });
  document.addEventListener("htmx:sendError", () => {
    toast("error", t("No answer from the server. Check the connection and try again."));
  });
  document.addEventListener("htmx:responseError", () => {
    toast("error", t("The server could not do that. Reload the page and try again."));
  });
}

/** Every writing request carries the page's CSRF token. */
function addToken(event: Event): void {
  const { verb, headers } = (event as CustomEvent<{ verb: string; headers: Record<string, string> }>).detail;
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  if (verb !== "get" && token) headers["X-CSRFToken"] = token.value;
}
