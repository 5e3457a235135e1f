/** A hand on a turning camera: keys, a pad, the wheel, a press on the picture, a joystick; and whose hand it is. */
import icons from "virtual:icons";
import { language, t } from "./words";

const AGAIN = [500, 1000, 2000, 5000, 10000]; // milliseconds until a lost connection is tried again
const EVERY = 200; // milliseconds between two words that a key is still held
const WHEEL = 220; // … that one turn of the wheel zooms for
const DEAD = 0.14; // of a joystick's way, within which it stands still
const SLOW = 0.35; // of full speed, with Shift

export interface Velocity { x: number; y: number; z: number }
interface Preset { token: string; name: string; open: boolean; at?: [number, number, number] | null }
interface Word {
  t: "may" | "hand" | "mine" | "lost" | "at" | "presets" | "said";
  steer?: boolean;
  why?: string;
  session?: string;
  who?: string;
  since?: string;
  before?: string;
  position?: [number, number, number] | null;
  moving?: boolean;
  edge?: boolean;
  said?: string;
  presets?: Preset[];
}

const KEYS: Record<string, Partial<Velocity>> = {
  ArrowLeft: { x: -1 }, ArrowRight: { x: 1 }, ArrowUp: { y: 1 }, ArrowDown: { y: -1 },
  "+": { z: 1 }, "=": { z: 1 }, PageUp: { z: 1 }, "-": { z: -1 }, PageDown: { z: -1 },
};

/** What a joystick wishes: its first stick turns, its second stick or a twist of the first zooms. */
export function stick(axes: readonly number[]): Velocity {
  const way = (at: number | undefined): number => {
    const size = Math.abs(at ?? 0);
    return size < DEAD ? 0 : Math.sign(at ?? 0) * Math.min(1, ((size - DEAD) / (1 - DEAD)) ** 2);
  };
  const zoom = axes.length > 3 ? axes[3] : axes[2];
  return { x: way(axes[0]), y: -way(axes[1]) || 0, z: -way(zoom) || 0 };
}

/** Several wishes at once: no axis faster than full speed. */
export function together(wishes: Iterable<Partial<Velocity>>, share = 1): Velocity {
  const sum = { x: 0, y: 0, z: 0 };
  for (const one of wishes) {
    sum.x += one.x ?? 0;
    sum.y += one.y ?? 0;
    sum.z += one.z ?? 0;
  }
  const within = (value: number): number => Math.max(-1, Math.min(1, value)) * share;
  return { x: within(sum.x), y: within(sum.y), z: within(sum.z) };
}

/** Where a press on a video lies in its picture, from -1 to 1 across and up; null beside the picture. */
export function placeOf(video: HTMLVideoElement, clientX: number, clientY: number): { x: number; y: number } | null {
  const box = video.getBoundingClientRect();
  if (!video.videoWidth || !box.width) return null;
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const x = (clientX - box.left - box.width / 2) / ((video.videoWidth * scale) / 2);
  const y = -(clientY - box.top - box.height / 2) / ((video.videoHeight * scale) / 2);
  return Math.abs(x) <= 1 && Math.abs(y) <= 1 ? { x, y } : null;
}

/** Where a head stands, null while it moves or does not say; and what the camera calls the place. */
export interface Stands { at: number[] | null; preset: string }

/** Whether two places of a head show the same picture (domain/heads.py reckons likewise). */
export function isNear(one: readonly number[], other: readonly number[]): boolean {
  const [a, b] = [one[2] ?? 0, other[2] ?? 0];
  const closer = 1 + 24 * Math.max(a, b);
  const turned = Math.max(Math.abs((one[0] ?? 0) - (other[0] ?? 0)), Math.abs((one[1] ?? 0) - (other[1] ?? 0)));
  return turned <= 0.002 / closer && Math.abs(a - b) <= 0.0008 * closer;
}

export class Steering {
  private socket: WebSocket | undefined;
  private tries = 0;
  private ended = false;
  private may = false;
  private session = "";
  private last = ""; // the session one had last: how it ended may be told before or after it is gone
  private held: Word | undefined;
  private presets: Preset[] = [];
  private readonly keys = new Map<string, Partial<Velocity>>();
  private joystick: Velocity = { x: 0, y: 0, z: 0 };
  private slow = false;
  private sent = "";
  private timer = 0;
  private frame = 0;
  private wheel = 0;
  private buttons = 0;
  private readonly leave = new AbortController();
  private readonly button: HTMLButtonElement;
  private readonly whose: HTMLElement;
  private readonly said: HTMLElement;
  private readonly where: HTMLElement;
  private readonly hands: HTMLElement;
  private readonly choice: HTMLElement;

  /** place: the picture; bar: where the controls go. steers: told whenever one's own hand comes or goes. */
  constructor(
    private readonly place: HTMLElement,
    private readonly bar: HTMLElement,
    private readonly camera: string,
    private readonly steers: (mine: boolean) => void = () => undefined,
  ) {
    this.button = made("button", "button small steer-take");
    this.whose = made("p", "steer-whose");
    this.whose.setAttribute("role", "status");
    this.said = made("p", "steer-said");
    this.said.setAttribute("role", "alert");
    this.where = made("output", "steer-where");
    this.hands = made("div", "steer-hands");
    this.choice = made("div", "steer-presets");
    this.furnish();
    this.listen();
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live/cameras/${this.camera}/steer`);
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      this.hear(JSON.parse(data as string) as Word);
    };
    socket.onclose = ({ code }) => this.closed(socket, code);
    this.socket = socket;
    this.show();
  }

  end(): void {
    this.ended = true;
    this.leave.abort();
    cancelAnimationFrame(this.frame);
    window.clearInterval(this.timer);
    window.clearTimeout(this.wheel);
    this.socket?.close();
    this.bar.replaceChildren();
    this.own("");
  }

  get mine(): boolean {
    return this.session !== "";
  }

  /** Take the camera, or let it go. */
  turn(): void {
    this.tell("");
    this.say(this.mine ? { do: "free" } : { do: "take" });
    if (this.mine) this.own("");
    this.show();
  }

  private hear(word: Word): void {
    if (word.t === "may") {
      this.may = word.steer ?? false;
      this.tell(this.may ? "" : (word.why ?? ""));
    } else if (word.t === "mine") {
      this.own(word.session ?? "");
      this.tell("");
    } else if (word.t === "lost" && word.session === this.session) {
      this.own("");
    } else if (word.t === "hand") this.hand(word);
    else if (word.t === "at") this.at(word);
    else if (word.t === "presets") {
      this.presets = word.presets ?? [];
      this.stand();
    }
    else if (word.t === "said") this.tell(word.why ?? "");
    this.show();
  }

  private hand(word: Word): void {
    this.held = word.session ? word : undefined;
    if (!word.before || word.before !== this.last) return;
    this.last = "";
    this.own("");
    this.tell(word.why === "taken" ? t("{who} has taken the camera over.", { who: word.who ?? "" }) : ended(word.why ?? ""));
  }

  private at(word: Word): void {
    if (word.said) this.tell(word.said);
    this.place.dataset["edge"] = String(word.edge ?? false);
    if (word.edge && this.mine) this.tell(t("Further it is not steered: that is outside of what this camera may show."));
    else if (this.said.dataset["edge"]) this.tell("");
    this.said.dataset["edge"] = word.edge ? "true" : "";
    this.bar.dataset["moving"] = String(word.moving ?? false);
    const position = word.position;
    this.where.textContent = position ? position.map((one) => one.toFixed(2)).join(" · ") : t("Where it looks is not known");
    if (position) this.bar.dataset["at"] = position.join(" ");
    this.stand();
  }

  /** Tell the page where the head stands, and what the camera calls that place. */
  private stand(): void {
    const at = this.bar.dataset["at"]?.split(" ").map(Number);
    const moving = this.bar.dataset["moving"] === "true";
    const preset = at && this.presets.find((one) => one.at && isNear(one.at, at));
    const detail: Stands = { at: moving || !at ? null : at, preset: preset?.name ?? "" };
    this.place.dispatchEvent(new CustomEvent("madang:stands", { detail }));
  }

  private own(session: string): void {
    const before = this.mine;
    this.session = session;
    if (session) this.last = session;
    if (!session) this.rest();
    if (before !== this.mine) this.steers(this.mine);
  }

  private closed(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    const was = this.mine;
    this.own("");
    this.held = undefined;
    if (this.ended) return;
    if (code >= 4400) {
      this.may = false;
      if (was) this.tell(t("Your right to steer has ended."));
    } else {
      if (was) this.tell(t("The connection was lost: the camera was let go."));
      window.setTimeout(() => !this.ended && this.open(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
    }
    this.show();
  }

  private say(word: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(word));
  }

  private tell(words: string): void {
    this.said.textContent = words;
  }

  /** Say what is wished now, if it is something else than before or if it still is. */
  private wish(again = false): void {
    if (!this.mine) return;
    const wanted = together([...this.keys.values(), this.joystick], this.slow ? SLOW : 1);
    const still = !wanted.x && !wanted.y && !wanted.z;
    const words = still ? "" : `${wanted.x.toFixed(2)} ${wanted.y.toFixed(2)} ${wanted.z.toFixed(2)}`;
    if (words === this.sent && (still || !again)) return;
    this.sent = words;
    this.say(still ? { do: "stop" } : { do: "move", ...wanted });
  }

  private rest(): void {
    this.keys.clear();
    this.joystick = { x: 0, y: 0, z: 0 };
    if (this.sent) this.say({ do: "stop" });
    this.sent = "";
  }

  private listen(): void {
    const { signal } = this.leave;
    this.timer = window.setInterval(() => this.wish(true), EVERY);
    addEventListener("keydown", (event) => this.keyed(event), { signal, capture: true });
    addEventListener("keyup", (event) => this.released(event), { signal, capture: true });
    addEventListener("blur", () => this.rest(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.rest(), { signal });
    addEventListener("pagehide", () => this.end(), { signal });
    this.place.addEventListener("wheel", (event) => this.wheeled(event), { signal, passive: false });
    this.place.addEventListener("click", (event) => this.pressed(event), { signal });
    const look = (): void => {
      this.frame = requestAnimationFrame(look);
      this.feel();
    };
    if ("getGamepads" in navigator) this.frame = requestAnimationFrame(look);
  }

  private keyed(event: KeyboardEvent): void {
    if (!this.mine || event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target instanceof HTMLElement ? event.target : null;
    if (on?.closest("input, select, textarea")) return;
    if (!this.meant(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whether a key meant something to the hand. */
  private meant(event: KeyboardEvent): boolean {
    const way = KEYS[event.key];
    this.slow = event.shiftKey;
    if (way) {
      this.keys.set(event.key, way);
      this.wish();
    } else if (event.key === "Escape") this.turn();
    else if (event.key === "Home" || event.key === "h") this.say({ do: "home" });
    else if (/^[1-9]$/.test(event.key)) this.goTo(Number(event.key) - 1);
    else return false;
    return true;
  }

  private released(event: KeyboardEvent): void {
    this.slow = event.shiftKey;
    if (this.keys.delete(event.key)) this.wish();
  }

  private wheeled(event: WheelEvent): void {
    if (!this.mine) return;
    event.preventDefault();
    this.keys.set("wheel", { z: event.deltaY < 0 ? 1 : -1 });
    window.clearTimeout(this.wheel);
    this.wheel = window.setTimeout(() => {
      this.keys.delete("wheel");
      this.wish();
    }, WHEEL);
    this.wish();
  }

  private pressed(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest(".steer, .tile-acts, [data-mask-draw]")) return;
    const video = this.place.querySelector("video");
    const at = this.mine && video ? placeOf(video, event.clientX, event.clientY) : null;
    if (at) this.say({ do: "centre", ...at });
  }

  /** The joystick's buttons are the presets, its sticks turn. */
  private feel(): void {
    const pad = this.mine ? [...navigator.getGamepads()].find((one) => one?.connected) : undefined;
    if (!pad) return;
    const wanted = stick(pad.axes);
    if (JSON.stringify(wanted) !== JSON.stringify(this.joystick)) {
      this.joystick = wanted;
      this.wish();
    }
    const down = pad.buttons.findIndex((one) => one.pressed) + 1;
    if (down && down !== this.buttons) this.goTo(down - 1);
    this.buttons = down;
  }

  private goTo(number: number): void {
    const preset = this.presets[number];
    if (preset?.open) this.say({ do: "preset", word: preset.token });
  }

  private furnish(): void {
    this.button.type = "button";
    this.button.addEventListener("click", () => this.turn());
    const pad = made("div", "steer-pad");
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", t("Turn and zoom"));
    pad.append(
      this.holder("arrow-up", "up", t("Up"), { y: 1 }), this.holder("arrow-left", "left", t("Left"), { x: -1 }),
      this.holder("arrow-right", "right", t("Right"), { x: 1 }), this.holder("arrow-down", "down", t("Down"), { y: -1 }),
      this.holder("plus", "in", t("Zoom in"), { z: 1 }), this.holder("circle-minus", "out", t("Zoom out"), { z: -1 }),
    );
    const home = act("house", t("Home position"), () => this.say({ do: "home" }));
    this.choice.append(home);
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
    const hold = (): void => {
      this.keys.set(key, way);
      this.wish();
    };
    const let_go = (): void => {
      if (this.keys.delete(key)) this.wish();
    };
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      hold();
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) button.addEventListener(name, let_go);
    button.addEventListener("keydown", ({ key: pressed }) => (pressed === " " || pressed === "Enter") && hold());
    button.addEventListener("keyup", let_go);
    return button;
  }

  private show(): void {
    this.bar.dataset["state"] = this.mine ? "mine" : this.held ? "held" : "free";
    this.place.dataset["steering"] = String(this.mine);
    this.button.hidden = !this.may;
    this.button.textContent = this.mine ? t("Let go") : this.held ? t("Take over") : t("Steer");
    this.button.classList.toggle("primary", !this.mine);
    this.hands.hidden = !this.mine;
    this.whose.textContent = this.words();
    const wanted = JSON.stringify(this.presets);
    if (this.choice.dataset["shown"] === wanted) return;
    this.choice.dataset["shown"] = wanted;
    for (const before of this.choice.querySelectorAll(".steer-preset")) before.remove();
    this.choice.append(...this.presets.map((one, at) => this.preset(one, at)));
  }

  private preset(one: Preset, at: number): HTMLButtonElement {
    const button = made("button", "button small steer-preset");
    button.type = "button";
    button.disabled = !one.open;
    if (!one.open) button.title = t("Outside of what this camera may show");
    if (at < 9) button.append(Object.assign(document.createElement("kbd"), { textContent: String(at + 1) }));
    button.append(one.name);
    button.addEventListener("click", () => this.goTo(at));
    return button;
  }

  private words(): string {
    if (this.mine) return t("You steer. Arrows turn, + and − zoom, a press on the picture centres, Esc lets go.");
    if (!this.held) return t("Nobody steers this camera.");
    const since = new Date(this.held.since ?? "").toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
    return t("{who} steers it since {time}.", { who: this.held.who ?? "", time: since });
  }
}

function ended(why: string): string {
  if (why === "idle") return t("Nothing was steered for a while: the camera was let go.");
  if (why === "right") return t("Your right to steer has ended.");
  if (why === "lost") return t("The connection was lost: the camera was let go.");
  return "";
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
