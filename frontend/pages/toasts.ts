/** Short messages at the corner: those the server put into the page, and those of script. */
import { t } from "../parts/words";

export type Level = "info" | "success" | "warning" | "error";

const patience = 8000;

/** Let the messages the server sent go after a while; errors stay until they are closed. */
export function showToasts(): void {
  for (const shown of document.querySelectorAll<HTMLElement>(".toast:not([data-ready])")) ready(shown);
}

export function toast(level: Level, text: string): void {
  const place = document.getElementById("toasts");
  if (!place) return;
  const made = document.createElement("div");
  made.className = `toast ${level}`;
  const words = document.createElement("p");
  words.textContent = text;
  made.append(words);
  place.append(made);
  ready(made);
}

function ready(shown: HTMLElement): void {
  shown.dataset["ready"] = "";
  shown.append(closer(shown));
  if (shown.classList.contains("error")) return;
  let timer = window.setTimeout(() => shown.remove(), patience);
  shown.addEventListener("pointerenter", () => window.clearTimeout(timer));
  shown.addEventListener("pointerleave", () => {
    timer = window.setTimeout(() => shown.remove(), patience);
  });
}

function closer(shown: HTMLElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.setAttribute("aria-label", t("Close"));
  button.append(icon("x"));
  button.addEventListener("click", () => shown.remove());
  return button;
}

function icon(name: string): SVGSVGElement {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset["icons"]}#${name}`);
  drawn.append(use);
  return drawn;
}
