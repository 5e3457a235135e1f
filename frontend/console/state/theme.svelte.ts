/** Dark or light: as the person chose, else dark for who works here, and as the device has it for guests. */
import { boot } from "../boot";
import type { Theme } from "../map/palette";

const device = matchMedia("(prefers-color-scheme: light)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

class Look {
  chosen = $state<"system" | "light" | "dark">(boot?.theme ?? "system");
  private lightDevice = $state(device.matches);
  /** the person asked for less motion */
  still = $state(still.matches);

  constructor() {
    if (boot && !boot.guest && this.chosen === "system") this.wear("dark");
    device.addEventListener("change", (event) => (this.lightDevice = event.matches));
    still.addEventListener("change", (event) => (this.still = event.matches));
  }

  get theme(): Theme {
    if (this.chosen !== "system") return this.chosen;
    return this.lightDevice ? "light" : "dark";
  }

  private wear(theme: "light" | "dark"): void {
    this.chosen = theme;
    document.documentElement.dataset["theme"] = theme;
  }

  /** Choose from now on, on this window at once and on every page later. */
  choose(theme: "light" | "dark"): void {
    this.wear(theme);
    const form = new URLSearchParams({ theme, next: location.pathname, csrfmiddlewaretoken: boot.csrf });
    void fetch(boot.addresses["theme"]!, { method: "POST", body: form, redirect: "manual" });
  }
}

export const look = new Look();
