/** The controls beside a picture: whose hand is on the camera, where it looks, a pad, its presets. */
import icons from "virtual:icons";
import { t } from "../words";
import { inWords, type Preset, type Velocity } from "./reckoning";

/** What its buttons do. */
export interface Acts {
  turn(): void;
  home(): void;
  goTo(number: number): void;
  hold(key: string, way: Partial<Velocity>): void;
  release(key: string): void;
}

export interface Shown { state: "mine" | "held" | "free"; may: boolean; whose: string; presets: Preset[] }

export class Panel {
  private readonly button = made("button", "button small steer-take");
  private readonly whose = made("p", "steer-whose");
  private readonly said = made("p", "steer-said");
  private readonly where = made("output", "steer-where");
  private readonly hands = made("div", "steer-hands");
  private readonly choice = made("div", "steer-presets");

  constructor(
    private readonly bar: HTMLElement,
    private readonly acts: Acts,
  ) {
    this.whose.setAttribute("role", "status");
    this.said.setAttribute("role", "alert");
    this.where.title = t("In hundredths of what the camera can reach: pan and tilt from −100 % (left, down) to 100 % (right, up), zoom from 0 % (wide) to 100 % (near).");
    this.furnish();
  }

  tell(words: string): void {
    this.said.textContent = words;
  }

  /** Say that the head is at an edge, as long as it is. */
  edge(is: boolean, mine: boolean): void {
    if (is && mine) this.tell(t("Further it is not steered: that is outside of what this camera may show."));
    else if (this.said.dataset["edge"]) this.tell("");
    this.said.dataset["edge"] = is ? "true" : "";
  }

  stand(position: [number, number, number] | null, moving: boolean): void {
    this.bar.dataset["moving"] = String(moving);
    this.where.textContent = position ? t("pan {pan} · tilt {tilt} · zoom {zoom}", inWords(position)) : t("Where it looks is not known");
    if (position) this.bar.dataset["at"] = position.join(" ");
  }

  show({ state, may, whose, presets }: Shown): void {
    const mine = state === "mine";
    this.bar.dataset["state"] = state;
    this.button.hidden = !may;
    this.button.textContent = mine ? t("Let go") : state === "held" ? t("Take over") : t("Steer");
    this.button.classList.toggle("primary", !mine);
    this.hands.hidden = !mine;
    this.whose.textContent = whose;
    const wanted = JSON.stringify(presets);
    if (this.choice.dataset["shown"] === wanted) return;
    this.choice.dataset["shown"] = wanted;
    for (const before of this.choice.querySelectorAll(".steer-preset")) before.remove();
    this.choice.append(...presets.map((one, at) => this.preset(one, at)));
  }

  private furnish(): void {
    this.button.type = "button";
    this.button.addEventListener("click", () => this.acts.turn());
    const pad = made("div", "steer-pad");
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", t("Turn and zoom"));
    pad.append(
      this.holder("arrow-up", "up", t("Up"), { y: 1 }), this.holder("arrow-left", "left", t("Left"), { x: -1 }),
      this.holder("arrow-right", "right", t("Right"), { x: 1 }), this.holder("arrow-down", "down", t("Down"), { y: -1 }),
      this.holder("plus", "in", t("Zoom in"), { z: 1 }), this.holder("minus", "out", t("Zoom out"), { z: -1 }),
    );
    this.choice.append(act("house", t("Home position"), () => this.acts.home()));
    this.hands.append(pad, this.choice);
    const head = made("div", "steer-head");
    head.append(this.button, this.whose, this.where);
    this.bar.replaceChildren(head, this.said, this.hands);
  }

  /** A button that turns the camera as long as it is held. */
  private holder(icon: string, name: string, title: string, way: Partial<Velocity>): HTMLButtonElement {
    const button = act(icon, title, () => undefined);
    button.dataset["way"] = name;
    const key = `pad-${name}`;
    const hold = (): void => this.acts.hold(key, way);
    const release = (): void => this.acts.release(key);
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      hold();
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) button.addEventListener(name, release);
    button.addEventListener("keydown", ({ key: pressed }) => (pressed === " " || pressed === "Enter") && hold());
    button.addEventListener("keyup", release);
    return button;
  }

  private preset(one: Preset, at: number): HTMLButtonElement {
    const button = made("button", "button small steer-preset");
    button.type = "button";
    button.disabled = !one.open;
    if (!one.open) button.title = t("Outside of what this camera may show");
    if (at < 9) button.append(Object.assign(document.createElement("kbd"), { textContent: String(at + 1) }));
    button.append(one.name);
    button.addEventListener("click", () => this.acts.goTo(at));
    return button;
  }
}

function made<Name extends keyof HTMLElementTagNameMap>(name: Name, classes: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = classes;
  return element;
}

function act(icon: string, title: string, done: () => void): HTMLButtonElement {
  const button = made("button", "button small steer-act");
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${icon}`);
  drawn.append(use);
  button.append(drawn);
  button.addEventListener("click", done);
  return button;
}
