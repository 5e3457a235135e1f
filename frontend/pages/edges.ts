/** Within which angles a camera may look, drawn: pan across, tilt upwards, zoom beside them, as
 *  shares of what the camera can reach, written in hundredths; where it looks now, its presets, and edges that
 *  are dragged or set to where it looks. */
import type { Preset, Stands } from "../parts/steering/reckoning";

const NS = "http://www.w3.org/2000/svg";
const NEAR = 14; // pixels from an edge within which a press takes it
type Name = "pan_from" | "pan_to" | "tilt_from" | "tilt_to" | "zoom_to";
const NAMES: Name[] = ["pan_from", "pan_to", "tilt_from", "tilt_to", "zoom_to"];
const AXIS: Record<Name, 0 | 1 | 2> = { pan_from: 0, pan_to: 0, tilt_from: 1, tilt_to: 1, zoom_to: 2 };
const ENDS: Record<Name, number> = { pan_from: -1, pan_to: 1, tilt_from: -1, tilt_to: 1, zoom_to: 1 };
// The drawing: pan and tilt in a field of 200 by 100, zoom in a bar beside it.
const FIELD = { left: 25, top: 6, width: 200, height: 100 };
const BAR = { left: 243, width: 12 };
const x = (pan: number): number => FIELD.left + ((pan + 1) / 2) * FIELD.width;
const y = (tilt: number): number => FIELD.top + ((1 - tilt) / 2) * FIELD.height;
const z = (zoom: number): number => FIELD.top + (1 - zoom) * FIELD.height;

class Edges {
  private dragged: Name | null = null;
  private at: number[] | null = null;
  private presets: Preset[] = [];

  constructor(
    private readonly svg: SVGSVGElement,
    private readonly fields: Record<Name, HTMLInputElement>,
  ) {
    svg.addEventListener("pointerdown", (event) => this.pressed(event));
    svg.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => (this.dragged = null));
    for (const field of Object.values(fields)) field.addEventListener("input", () => this.draw());
    this.draw();
  }

  stood({ at, presets }: Stands): void {
    if (at) this.at = at;
    this.presets = presets;
    this.draw();
  }

  /** The edge is where the camera looks now. */
  here(name: Name): void {
    const value = this.at?.[AXIS[name]];
    if (value === undefined) return;
    this.set(name, value);
    const other = partner(name);
    // Both edges of an axis are recorded, or none: the other one is where the camera ends.
    if (other && this.value(other) === null) this.set(other, ENDS[other]);
  }

  clear(): void {
    for (const field of Object.values(this.fields)) field.value = "";
    this.draw();
  }

  private value(name: Name): number | null {
    const words = this.fields[name].value.trim().replace(",", ".");
    const value = Number(words);
    return words === "" || !Number.isFinite(value) ? null : value / 100;
  }

  private set(name: Name, value: number): void {
    const lowest = name === "zoom_to" ? 0 : -1;
    this.fields[name].value = String(Math.round(Math.min(1, Math.max(lowest, value)) * 1000) / 10);
    this.draw();
  }

  private pressed(event: PointerEvent): void {
    const { point, scale } = this.place(event);
    const far = (name: Name): number => {
      const value = this.value(name) ?? ENDS[name];
      const inBar = point.x > FIELD.left + FIELD.width + 8;
      if ((name === "zoom_to") !== inBar) return Infinity;
      if (name === "zoom_to") return Math.abs(point.y - z(value)) * scale;
      return (AXIS[name] === 0 ? Math.abs(point.x - x(value)) : Math.abs(point.y - y(value))) * scale;
    };
    const [nearest] = NAMES.map((name) => ({ name, far: far(name) })).sort((a, b) => a.far - b.far);
    if (!nearest || nearest.far > NEAR) return;
    this.dragged = nearest.name;
    this.svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  private moved(event: PointerEvent): void {
    if (!this.dragged) return;
    const { point } = this.place(event);
    const values = [((point.x - FIELD.left) / FIELD.width) * 2 - 1, 1 - ((point.y - FIELD.top) / FIELD.height) * 2, 1 - (point.y - FIELD.top) / FIELD.height];
    const other = partner(this.dragged);
    if (other && this.value(other) === null) this.set(other, ENDS[other]);
    this.set(this.dragged, values[AXIS[this.dragged]] ?? 0);
  }

  private place(event: PointerEvent): { point: DOMPoint; scale: number } {
    const matrix = this.svg.getScreenCTM() ?? new DOMMatrix();
    return { point: new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()), scale: matrix.a };
  }

  private draw(): void {
    const [left, right] = this.way("pan_from", "pan_to");
    const [low, high] = this.way("tilt_from", "tilt_to");
    const near = this.value("zoom_to") ?? 1;
    this.svg.replaceChildren(
      box("edges-all", FIELD.left, FIELD.top, FIELD.width, FIELD.height),
      ...[-0.5, 0, 0.5].flatMap((at) => [line("edges-grid", x(at), FIELD.top, x(at), FIELD.top + FIELD.height), line("edges-grid", FIELD.left, y(at), FIELD.left + FIELD.width, y(at))]),
      box("edges-open", x(left), y(high), Math.max(0, x(right) - x(left)), Math.max(0, y(low) - y(high))),
      ...[x(left), x(right)].map((at) => line("edges-edge", at, y(high), at, y(low))),
      ...[y(high), y(low)].map((at) => line("edges-edge", x(left), at, x(right), at)),
      box("edges-all", BAR.left, FIELD.top, BAR.width, FIELD.height),
      box("edges-open", BAR.left, z(near), BAR.width, z(0) - z(near)),
      line("edges-edge", BAR.left - 2, z(near), BAR.left + BAR.width + 2, z(near)),
      ...[-1, 0, 1].flatMap((at) => [word(inHundredths(at), x(at), FIELD.top + FIELD.height + 7, "middle"), word(inHundredths(at), FIELD.left - 2, y(at) + 2, "end")]),
      ...[0, 1].map((at) => word(inHundredths(at), BAR.left + BAR.width + 3, z(at) + 2, "start")),
      ...this.presets.flatMap(({ at, name }) => (at ? [dot("edges-preset", x(at[0]), y(at[1]), 1.6), word(name, x(at[0]) + 3, y(at[1]) - 2, "start")] : [])),
      ...(this.at ? this.look(this.at) : []),
    );
  }

  private way(from: Name, to: Name): [number, number] {
    return [this.value(from) ?? ENDS[from], this.value(to) ?? ENDS[to]];
  }

  private look([pan = 0, tilt = 0, zoom = 0]: number[]): SVGElement[] {
    return [
      line("edges-look", x(pan) - 5, y(tilt), x(pan) + 5, y(tilt)), line("edges-look", x(pan), y(tilt) - 5, x(pan), y(tilt) + 5),
      dot("edges-at", x(pan), y(tilt), 2.4), line("edges-look", BAR.left - 3, z(zoom), BAR.left + BAR.width + 3, z(zoom)),
    ];
  }
}

const inHundredths = (at: number): string => `${at < 0 ? "−" : ""}${Math.abs(at) * 100}`;

function partner(name: Name): Name | null {
  return NAMES.find((one) => one !== name && AXIS[one] === AXIS[name]) ?? null;
}

function shape(tag: string, name: string, words: Record<string, number | string>): SVGElement {
  const made = document.createElementNS(NS, tag);
  made.setAttribute("class", name);
  for (const [key, value] of Object.entries(words)) made.setAttribute(key, String(value));
  return made;
}

const box = (name: string, left: number, top: number, width: number, height: number): SVGElement => shape("rect", name, { x: left, y: top, width, height });
const line = (name: string, x1: number, y1: number, x2: number, y2: number): SVGElement => shape("line", name, { x1, y1, x2, y2 });
const dot = (name: string, cx: number, cy: number, r: number): SVGElement => shape("circle", name, { cx, cy, r });

function word(words: string, left: number, top: number, anchor: string): SVGElement {
  const made = shape("text", "edges-word", { x: left, y: top, "text-anchor": anchor });
  made.textContent = words;
  return made;
}

export function drawEdges(): void {
  const svg = document.querySelector<SVGSVGElement>("[data-edges]");
  if (!svg) return;
  const fields = Object.fromEntries(NAMES.map((name) => [name, document.querySelector(`input[name=${name}]`)])) as Record<Name, HTMLInputElement>;
  if (Object.values(fields).some((one) => !one)) return;
  const edges = new Edges(svg, fields);
  const tools = document.querySelector<HTMLElement>("[data-edges-tools]");
  const place = document.querySelector<HTMLElement>("[data-live-picture]");
  place?.addEventListener("madang:stands", (event) => {
    const said = (event as CustomEvent<Stands>).detail;
    edges.stood(said);
    for (const one of document.querySelectorAll<HTMLButtonElement>("[data-edge-here]")) one.disabled = !said.at;
  });
  if (tools) tools.hidden = false;
  for (const one of document.querySelectorAll<HTMLButtonElement>("[data-edge-here]")) one.addEventListener("click", () => edges.here(one.dataset["edgeHere"] as Name));
  document.querySelector("[data-edges-clear]")?.addEventListener("click", () => edges.clear());
}
