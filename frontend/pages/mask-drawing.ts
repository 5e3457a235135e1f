/** Zones are drawn on a camera's picture: corners in hundredths of it, kept in the form's field. Of a camera
 *  that turns they lie where its head stands: its place is kept beside them, and another place begins anew. */
import { asWritten, isNear, type Stands } from "../parts/steering/reckoning";

const NS = "http://www.w3.org/2000/svg";
const MOST = 40;
type Point = [number, number];
interface Zone { points: number[]; at: number[] | null }

class Drawing {
  private points: Point[] = [];
  private dragged: number | null = null;
  private stands: number[] | null = null;

  constructor(
    private readonly place: HTMLElement,
    private readonly svg: SVGSVGElement,
    private readonly field: HTMLTextAreaElement,
  ) {
    this.points = read(field.value);
    svg.addEventListener("pointerdown", (event) => this.pressed(event));
    svg.addEventListener("pointermove", (event) => this.moved(event));
    svg.addEventListener("pointerup", () => (this.dragged = null));
    field.addEventListener("input", () => {
      this.points = read(field.value);
      this.draw();
    });
    const video = place.querySelector("video");
    video?.addEventListener("loadedmetadata", () => {
      // The frame takes the picture's shape, so that a corner lies where it is seen.
      place.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
    });
    place.addEventListener("madang:stands", (event) => this.stood((event as CustomEvent<Stands>).detail));
    this.draw();
  }

  /** The head stands somewhere, or moves: what was drawn lies where it stood before. */
  private stood({ at, preset }: Stands): void {
    const places = document.querySelectorAll<HTMLInputElement>("input[name=place], input[name=clear-place]");
    const names = document.querySelectorAll<HTMLInputElement>("input[name=preset], input[name=clear-preset]");
    if (!places.length) return;
    const stays = at && this.stands && isNear(at, this.stands);
    if (this.stands && !stays) this.clear();
    this.stands = at;
    for (const place of places) place.value = at ? asWritten(at) : "";
    for (const name of names) name.value = at ? preset : "";
    this.draw();
  }

  clear(): void {
    this.points = [];
    this.keep();
  }

  private pressed(event: PointerEvent): void {
    const at = this.at(event);
    const near = this.points.findIndex((one) => Math.hypot(one[0] - at[0], one[1] - at[1]) < 2);
    this.svg.setPointerCapture(event.pointerId);
    if (near >= 0) this.dragged = near;
    else if (this.points.length < MOST) this.dragged = this.points.push(at) - 1;
    this.keep();
  }

  private moved(event: PointerEvent): void {
    if (this.dragged === null) return;
    this.points[this.dragged] = this.at(event);
    this.keep();
  }

  private at(event: PointerEvent): Point {
    const box = this.svg.getBoundingClientRect();
    const share = (value: number): number => Math.round(Math.min(100, Math.max(0, value * 100)) * 10) / 10;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  private keep(): void {
    this.field.value = this.points.map((one) => one.join(" ")).join(", ");
    this.draw();
  }

  private draw(): void {
    const zones = JSON.parse(this.place.dataset["zones"] ?? "[]") as Zone[];
    const here = zones.filter(({ at }) => !at || (this.stands && isNear(at, this.stands)));
    const parts = here.map(({ points }) => shape(pairs(points), "mask-zone"));
    if (this.points.length) parts.push(shape(this.points, "mask-new"));
    for (const [x, y] of this.points) {
      const dot = document.createElementNS(NS, "ellipse");
      dot.setAttribute("class", "mask-corner");
      for (const [name, value] of Object.entries({ cx: x, cy: y, rx: 0.9, ry: 1.6 })) dot.setAttribute(name, String(value));
      parts.push(dot);
    }
    this.svg.replaceChildren(...parts);
  }
}

function pairs(flat: number[]): Point[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]! * 100, flat[2 * at + 1]! * 100]);
}

function read(words: string): Point[] {
  const found = words.split(",").map((one) => one.trim().split(/\s+/).map(Number));
  return found.filter((one): one is Point => one.length === 2 && one.every(Number.isFinite));
}

function shape(zone: Point[], name: string): SVGElement {
  const polygon = document.createElementNS(NS, "polygon");
  polygon.setAttribute("class", name);
  polygon.setAttribute("points", zone.map((one) => one.join(",")).join(" "));
  return polygon;
}

export function drawMasks(): void {
  const place = document.querySelector<HTMLElement>("[data-mask-draw]");
  const svg = place?.querySelector("svg");
  const field = document.querySelector<HTMLTextAreaElement>("[data-mask-corners]");
  if (!place || !svg || !field) return;
  const drawing = new Drawing(place, svg, field);
  const clear = document.querySelector<HTMLButtonElement>("[data-mask-clear]");
  const hint = document.querySelector<HTMLElement>("[data-mask-hint]");
  if (clear) clear.hidden = false;
  if (hint) hint.hidden = false;
  clear?.addEventListener("click", () => drawing.clear());
}
