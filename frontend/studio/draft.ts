/** What is being drawn, over the map and not in it: a press draws a few strokes, not the city again. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Point } from "./said";

const SVG = "http://www.w3.org/2000/svg";
const DOT = 4;

export class Draft {
  private readonly sheet = document.createElementNS(SVG, "svg");
  private points: Point[] = [];
  private filled = false;

  constructor(private readonly map: MapLibre) {
    this.sheet.classList.add("draft");
    this.sheet.setAttribute("aria-hidden", "true");
    map.getContainer().append(this.sheet);
    map.on("move", () => this.points.length && this.draw());
    map.on("resize", () => this.draw());
  }

  /** Points one after the other; filled: they go around something, once there are three. */
  show(points: Point[], filled: boolean): void {
    [this.points, this.filled] = [points, filled];
    this.draw();
  }

  private draw(): void {
    const places = this.points.map((point) => this.map.project(point));
    const outline = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const around = this.filled && places.length > 2;
    const line = places.length > 1 ? [shape(around ? "polygon" : "polyline", { points: outline })] : [];
    const dots = places.map(({ x, y }) => shape("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: String(DOT) }));
    this.sheet.replaceChildren(...line, ...dots);
  }
}

function shape(name: "polygon" | "polyline" | "circle", words: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(words)) made.setAttribute(key, value);
  return made;
}
