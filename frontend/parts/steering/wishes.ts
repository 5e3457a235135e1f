/** What a hand wishes: keys that are held, a pad, the wheel, a joystick, a press on the picture. A wish that
 *  lasts is said again and again: without a word the camera stops. */
import { placeOf, stick, STILL, together, type Velocity } from "./reckoning";

const EVERY = 200; // milliseconds between two words that a key is still held
const WHEEL = 220; // … that one turn of the wheel zooms for
const SLOW = 0.35; // of full speed, with Shift

const KEYS: Record<string, Partial<Velocity>> = {
  ArrowLeft: { x: -1 }, ArrowRight: { x: 1 }, ArrowUp: { y: 1 }, ArrowDown: { y: -1 },
  "+": { z: 1 }, "=": { z: 1 }, PageUp: { z: 1 }, "-": { z: -1 }, PageDown: { z: -1 },
};

/** What a wish leads to. */
export interface Means {
  readonly mine: boolean;
  move(wanted: Velocity): void;
  stop(): void;
  centre(at: { x: number; y: number }): void;
  goTo(number: number): void;
  home(): void;
  turn(): void;
  end(): void;
}

export class Wishes {
  private readonly held = new Map<string, Partial<Velocity>>();
  private joystick = STILL;
  private slow = false;
  private sent = "";
  private timer = 0;
  private frame = 0;
  private wheel = 0;
  private buttons = 0;
  private readonly leave = new AbortController();

  constructor(
    private readonly place: HTMLElement,
    private readonly means: Means,
  ) {
    this.listen();
  }

  end(): void {
    this.leave.abort();
    cancelAnimationFrame(this.frame);
    window.clearInterval(this.timer);
    window.clearTimeout(this.wheel);
  }

  hold(key: string, way: Partial<Velocity>): void {
    this.held.set(key, way);
    this.wish();
  }

  release(key: string): void {
    if (this.held.delete(key)) this.wish();
  }

  /** Nothing is wished any more. */
  rest(): void {
    this.held.clear();
    this.joystick = STILL;
    if (this.sent) this.means.stop();
    this.sent = "";
  }

  /** Say what is wished now, if it is something else than before or if it still is. */
  private wish(again = false): void {
    if (!this.means.mine) return;
    const wanted = together([...this.held.values(), this.joystick], this.slow ? SLOW : 1);
    const still = !wanted.x && !wanted.y && !wanted.z;
    const words = still ? "" : `${wanted.x.toFixed(2)} ${wanted.y.toFixed(2)} ${wanted.z.toFixed(2)}`;
    if (words === this.sent && (still || !again)) return;
    this.sent = words;
    if (still) this.means.stop();
    else this.means.move(wanted);
  }

  private listen(): void {
    const { signal } = this.leave;
    this.timer = window.setInterval(() => this.wish(true), EVERY);
    addEventListener("keydown", (event) => this.keyed(event), { signal, capture: true });
    addEventListener("keyup", (event) => this.lifted(event), { signal, capture: true });
    addEventListener("blur", () => this.rest(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.rest(), { signal });
    addEventListener("pagehide", () => this.means.end(), { signal });
    this.place.addEventListener("wheel", (event) => this.wheeled(event), { signal, passive: false });
    this.place.addEventListener("click", (event) => this.pressed(event), { signal });
    const look = (): void => {
      this.frame = requestAnimationFrame(look);
      this.feel();
    };
    if ("getGamepads" in navigator) this.frame = requestAnimationFrame(look);
  }

  private keyed(event: KeyboardEvent): void {
    if (!this.means.mine || event.ctrlKey || event.metaKey || event.altKey) return;
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
    if (way) this.hold(event.key, way);
    else if (event.key === "Escape") this.means.turn();
    else if (event.key === "Home" || event.key === "h") this.means.home();
    else if (/^[1-9]$/.test(event.key)) this.means.goTo(Number(event.key) - 1);
    else return false;
    return true;
  }

  private lifted(event: KeyboardEvent): void {
    this.slow = event.shiftKey;
    this.release(event.key);
  }

  private wheeled(event: WheelEvent): void {
    if (!this.means.mine) return;
    event.preventDefault();
    window.clearTimeout(this.wheel);
    this.wheel = window.setTimeout(() => this.release("wheel"), WHEEL);
    this.hold("wheel", { z: event.deltaY < 0 ? 1 : -1 });
  }

  private pressed(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest(".steer, .tile-acts, [data-mask-draw]")) return;
    const video = this.place.querySelector("video");
    const at = this.means.mine && video ? placeOf(video, event.clientX, event.clientY) : null;
    if (at) this.means.centre(at);
  }

  /** The joystick's buttons are the presets, its sticks turn. */
  private feel(): void {
    const pad = this.means.mine ? [...navigator.getGamepads()].find((one) => one?.connected) : undefined;
    if (!pad) return;
    const wanted = stick(pad.axes);
    if (JSON.stringify(wanted) !== JSON.stringify(this.joystick)) {
      this.joystick = wanted;
      this.wish();
    }
    const down = pad.buttons.findIndex((one) => one.pressed) + 1;
    if (down && down !== this.buttons) this.means.goTo(down - 1);
    this.buttons = down;
  }
}
