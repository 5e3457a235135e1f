/** Third persons are hidden on what was recorded: a rectangle is drawn, time goes on, the rectangle is moved.
 *  What is placed stands in the form's field, which works without this too. */
import { boxAt, placed, readTracks, type Box, type Track, tenth, within, writeTracks } from "../parts/moving";
import { t } from "../parts/words";
import { Reel } from "../playback/reel";
import { markWords } from "./live-picture";

const NS = "http://www.w3.org/2000/svg";
const HANDLE = 3; // hundredths of the picture around a corner that take hold of it
const STEPS = [-1, -0.2, 0.2, 1]; // seconds
const CLICK = 1; // hundredths: what was dragged less was a press

type Hold = "new" | "move" | "size";

class Editor {
  private tracks: Track[];
  private chosen = 0;
  private second = 0;
  private playing = false;
  private hold: { how: Hold; from: [number, number]; box: Box } | null = null;
  private readonly reel: Reel;
  private readonly video: HTMLVideoElement;
  private readonly svg: SVGSVGElement;
  private readonly word: HTMLElement;
  private readonly people = made("div", "moving-people");
  private readonly slider = made("input", "moving-time");
  private readonly clock = made("output", "moving-clock");
  private readonly moments = made("div", "moving-moments");
  private readonly play: HTMLButtonElement;
  private readonly begins: number;
  private readonly length: number;

  constructor(
    private readonly place: HTMLElement,
    private readonly field: HTMLTextAreaElement,
  ) {
    this.begins = Number(place.dataset["begins"]);
    this.length = (Number(place.dataset["ends"]) - this.begins) / 1000;
    this.tracks = readTracks(field.value);
    this.video = place.querySelector("video") as HTMLVideoElement;
    this.svg = place.querySelector("svg") as SVGSVGElement;
    this.word = place.querySelector(".picture-word") as HTMLElement;
    this.play = button(t("Play"), () => this.run(!this.playing));
    this.furnish();
    this.listen();
    this.reel = this.film();
    this.reel.open(this.begins);
    this.draw();
  }

  /** What was recorded; the door asks for the right to play it back, and leaves its entry. */
  private film(): Reel {
    const mark = this.place.querySelector(".picture-mark") as HTMLElement;
    const refused = (): void => this.say(t("What was recorded is not open to you: write the rectangles below."));
    return new Reel(this.video, this.place.dataset["movingMasks"] ?? "", {
      mark: (words) => (mark.textContent = markWords(words)),
      hole: () => this.say(t("Nothing was recorded then.")),
      sought: () => undefined,
      shown: () => this.say(""),
      refused,
      lost: () => this.say(t("The connection was lost. Trying again …")),
      unsupported: refused,
    }, true);
  }

  private furnish(): void {
    Object.assign(this.slider, { type: "range", min: "0", max: String(this.length), step: "0.1", value: "0" });
    this.slider.setAttribute("aria-label", t("Second of the span"));
    const time = made("div", "moving-row");
    time.append(this.play, ...STEPS.map((by) => button(t("{by} s", { by: signed(by) }), () => this.seek(this.second + by))), this.clock);
    const acts = made("div", "moving-row");
    acts.append(
      button(t("Another person"), () => this.another()),
      button(t("Take this moment out"), () => this.forget()),
      button(t("Take this person out"), () => this.drop()),
    );
    const preview = made("label", "moving-preview");
    const box = Object.assign(made("input", ""), { type: "checkbox" });
    box.addEventListener("change", () => (this.place.dataset["preview"] = String(box.checked)));
    preview.append(box, t("Show it as it will be given"));
    this.place.append(this.moments, this.slider, time, this.people, acts, preview);
  }

  private listen(): void {
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.field.addEventListener("input", () => {
      this.tracks = readTracks(this.field.value);
      this.draw();
    });
    this.video.addEventListener("loadedmetadata", () => {
      const frame = this.svg.parentElement as HTMLElement;
      frame.style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    });
    this.svg.addEventListener("pointerdown", (event) => this.pressed(event));
    this.svg.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"] as const) this.svg.addEventListener(name, () => this.released());
    const look = (): void => {
      requestAnimationFrame(look);
      if (this.playing) this.shown((this.reel.at - this.begins) / 1000);
    };
    requestAnimationFrame(look);
    addEventListener("pagehide", () => this.reel.end());
  }

  private seek(second: number): void {
    this.run(false);
    this.second = tenth(Math.min(this.length - 0.1, Math.max(0, second)));
    this.reel.seek(this.begins + this.second * 1000 + 5);
    this.draw();
  }

  private run(on: boolean): void {
    if (on === this.playing) return;
    this.playing = on;
    this.play.textContent = on ? t("Pause") : t("Play");
    if (on) this.reel.play();
    else {
      this.reel.pause();
      this.shown((this.reel.at - this.begins) / 1000);
    }
  }

  private shown(second: number): void {
    this.second = tenth(Math.min(this.length, Math.max(0, second)));
    if (second >= this.length) this.run(false);
    this.draw();
  }

  private at(event: PointerEvent): [number, number] {
    const box = this.svg.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100];
  }

  private pressed(event: PointerEvent): void {
    this.run(false);
    const from = this.at(event);
    const [x, y] = from;
    this.svg.setPointerCapture(event.pointerId);
    const hit = this.tracks.findIndex((track) => holds(boxAt(track, this.second), x, y));
    if (hit >= 0) this.chosen = hit;
    const box = hit >= 0 ? boxAt(this.tracks[hit]!, this.second) : null;
    if (!box) this.hold = { how: "new", from, box: { left: x, top: y, width: 0, height: 0 } };
    else {
      const corner = Math.hypot(box.left + box.width - x, box.top + box.height - y) < HANDLE;
      this.hold = { how: corner ? "size" : "move", from, box };
    }
    this.draw();
  }

  private moved(event: PointerEvent): void {
    if (!this.hold) return;
    const { how, from, box } = this.hold;
    const [x, y] = this.at(event);
    const [across, down] = [x - from[0], y - from[1]];
    if (Math.hypot(across, down) < CLICK) return;
    if (how === "move") {
      const left = Math.min(100 - box.width, Math.max(0, box.left + across));
      this.put({ ...box, left, top: Math.min(100 - box.height, Math.max(0, box.top + down)) });
    } else if (how === "size") this.put({ ...box, width: box.width + across, height: box.height + down });
    else this.put({ left: Math.min(from[0], x), top: Math.min(from[1], y), width: Math.abs(across), height: Math.abs(down) });
  }

  private released(): void {
    this.hold = null;
    this.draw();
  }

  private put(box: Box): void {
    this.tracks[this.chosen] = placed(this.tracks[this.chosen] ?? [], this.second, within(box));
    this.keep();
  }

  private another(): void {
    if (this.tracks[this.tracks.length - 1]?.length !== 0) this.tracks.push([]);
    this.chosen = this.tracks.length - 1;
    this.draw();
  }

  private forget(): void {
    const track = this.tracks[this.chosen];
    if (track) this.tracks[this.chosen] = track.filter((one) => one.second !== this.second);
    this.keep();
  }

  private drop(): void {
    this.tracks.splice(this.chosen, 1);
    this.chosen = Math.max(0, this.chosen - 1);
    this.keep();
  }

  private keep(): void {
    this.field.value = writeTracks(this.tracks);
    this.draw();
  }

  private draw(): void {
    this.slider.value = String(this.second);
    this.clock.textContent = `${this.second.toFixed(1)} / ${this.length.toFixed(1)} s`;
    this.svg.replaceChildren(...this.tracks.flatMap((track, at) => this.drawn(track, at)));
    const chips = Math.max(1, this.tracks.length);
    this.people.replaceChildren(...Array.from({ length: chips }, (_, at) => this.chip(at)));
    const track = this.tracks[this.chosen] ?? [];
    this.moments.replaceChildren(...track.map((one) => this.moment(one.second)));
  }

  private drawn(track: Track, at: number): SVGElement[] {
    const box = boxAt(track, this.second);
    if (!box) return [];
    const chosen = at === this.chosen;
    const shape = node("rect", chosen ? "moving-box chosen" : "moving-box", { x: box.left, y: box.top, width: box.width, height: box.height });
    const corner = node("ellipse", "moving-corner", { cx: box.left + box.width, cy: box.top + box.height, rx: 0.9, ry: 1.6 });
    return chosen ? [shape, corner] : [shape];
  }

  private chip(at: number): HTMLButtonElement {
    const many = this.tracks[at]?.length ?? 0;
    const chip = button(t("Person {number} · {many}", { number: String(at + 1), many: String(many) }), () => {
      this.chosen = at;
      const first = this.tracks[at]?.[0];
      if (first && !boxAt(this.tracks[at]!, this.second)) this.seek(first.second);
      this.draw();
    });
    chip.setAttribute("aria-pressed", String(at === this.chosen));
    return chip;
  }

  /** A moment at which the chosen person was placed, on the line of the span. */
  private moment(second: number): HTMLButtonElement {
    const mark = button("", () => this.seek(second), t("Placed at {second} s", { second: String(second) }));
    mark.className = "moving-moment";
    mark.style.left = `${(second / this.length) * 100}%`;
    return mark;
  }

  private say(words: string): void {
    this.word.textContent = words;
    this.word.hidden = words === "";
  }
}

function signed(by: number): string {
  return `${by > 0 ? "+" : "−"}${Math.abs(by)}`;
}

function holds(box: Box | null, x: number, y: number): boolean {
  if (!box) return false;
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  const inside = x >= box.left && x <= right && y >= box.top && y <= bottom;
  return inside || Math.hypot(right - x, bottom - y) < HANDLE;
}

function made<Name extends keyof HTMLElementTagNameMap>(name: Name, classes: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = classes;
  return element;
}

function button(words: string, done: () => void, title = ""): HTMLButtonElement {
  const found = made("button", "button small");
  found.type = "button";
  found.textContent = words;
  if (title) found.setAttribute("aria-label", title);
  found.addEventListener("click", done);
  return found;
}

function node(name: string, classes: string, values: Record<string, number>): SVGElement {
  const found = document.createElementNS(NS, name);
  found.setAttribute("class", classes);
  for (const [key, value] of Object.entries(values)) found.setAttribute(key, String(value));
  return found;
}

/** The editor is opened by hand: it plays back, which leaves its entry in the trail. */
export function hideByHand(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-moving-masks]")) {
    const field = place.closest("form")?.querySelector<HTMLTextAreaElement>("textarea[name=moving]");
    if (!field) continue;
    const open = button(t("Place them on the picture"), () => {
      open.remove();
      place.hidden = false;
      new Editor(place, field);
    });
    place.before(open);
  }
}
