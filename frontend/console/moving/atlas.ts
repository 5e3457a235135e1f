/**
 * The pictures of things: one row a kind, one column a state, drawn once for the screen's resolution.
 *
 * A state has a colour and a shape of its own, so that who does not tell colours apart still tells states
 * apart. A thing not heard of lately is drawn hollow (columns 8 to 15). Far out a thing is a small dart
 * that points where it goes; near, a body with its kind's icon and a pointer that turns around it.
 */
import type { ShapeName as Shape } from "../boot";

export interface StateLook {
  shape: Shape;
  colour: string;
  /** drawn smaller: nobody has to look at it */
  quiet?: boolean;
}

export interface KindLook {
  /** path drawn in the body, in a square of 24; absent: none */
  icon?: Path2D | undefined;
  states: readonly StateLook[];
  /** from this zoom on it is drawn with body and icon; before, as a dart */
  nearFrom: number;
}

export interface PassLook {
  kinds: number;
  column: number;
  /** the share of a cell that is used */
  part: number;
  size: number;
  turned: boolean;
  headedOnly: boolean;
  /** which of its kinds' things: those nobody has to look at, the others, or both */
  states: "all" | "quiet" | "loud";
  /** over the counts of clusters */
  over: boolean;
}

const CELL = 36;
const QUIET = 0.7;
export const MOST_KINDS = 32;
const STATES = 8;
const BODY = 0;
const POINTER = 16;
const DART = 32;
const COLUMNS = 48;

export class Atlas {
  readonly columns = COLUMNS;
  readonly canvas: HTMLCanvasElement;
  private looks: readonly KindLook[] = [];
  readonly ratio: number;
  /** by kind, the quiet states, a bit each */
  readonly quiet = new Uint32Array(MOST_KINDS);

  constructor(ratio: number) {
    this.ratio = Math.min(Math.max(ratio, 1), 2);
    this.canvas = document.createElement("canvas");
  }

  get rows(): number {
    return Math.max(this.looks.length, 1);
  }

  /** Draw every kind anew; halo is the map's ground, which keeps a thing apart from what it lies on. */
  draw(looks: readonly KindLook[], halo: string): void {
    this.looks = looks.slice(0, MOST_KINDS);
    this.canvas.width = COLUMNS * CELL * this.ratio;
    this.canvas.height = this.rows * CELL * this.ratio;
    const pen = this.canvas.getContext("2d")!;
    this.looks.forEach((look, row) => {
      this.quiet[row] = look.states.reduce((bits, state, at) => (state.quiet ? bits | (1 << at) : bits), 0);
      look.states.slice(0, STATES).forEach((state, column) => {
        for (const old of [false, true]) {
          const at = column + (old ? STATES : 0);
          this.cell(pen, BODY + at, row, () => body(pen, look, state, halo, old));
          this.cell(pen, POINTER + at, row, () => pointer(pen, state, halo, old));
          this.cell(pen, DART + at, row, () => dart(pen, state, halo, old));
        }
      });
    });
  }

  private cell(pen: CanvasRenderingContext2D, column: number, row: number, paint: () => void): void {
    pen.save();
    pen.scale(this.ratio, this.ratio);
    pen.translate((column + 0.5) * CELL, (row + 0.5) * CELL);
    paint();
    pen.restore();
  }

  /** The draws of one frame, from back to front. */
  layers(zoom: number): PassLook[] {
    let near = 0;
    this.looks.forEach((look, kind) => {
      if (zoom >= look.nearFrom) near |= 1 << kind;
    });
    const grown = Math.min(Math.max((zoom - 10.5) / 4, 0), 1);
    const whole = { part: 1, size: CELL * (0.75 + 0.25 * grown) };
    const small = { part: 0.5, size: (CELL / 2) * (0.36 + 0.64 * grown) };
    const hushed = this.looks.reduce((bits, _, kind) => (this.quiet[kind] ? bits | (1 << kind) : bits), 0);
    const bodies = (kinds: number, states: PassLook["states"], over: boolean): PassLook[] => [
      { kinds, column: POINTER, ...whole, turned: true, headedOnly: true, states, over },
      { kinds, column: BODY, ...whole, turned: false, headedOnly: false, states, over },
    ];
    return [
      { kinds: ~near, column: DART, ...small, turned: true, headedOnly: false, states: "all", over: false },
      ...bodies(near & hushed, "quiet", false),
      ...bodies(near, "loud", true),
    ];
  }

  /** Whether a thing is drawn over the counts of clusters. */
  isOver(zoom: number, kind: number, state: number): boolean {
    return zoom >= (this.looks[kind]?.nearFrom ?? 0) && (this.quiet[kind]! & (1 << state)) === 0;
  }

  /** How far from its middle a thing of a kind can be touched, in CSS pixels. */
  reach(zoom: number, kind: number): number {
    return zoom >= (this.looks[kind]?.nearFrom ?? 0) ? 14 : 9;
  }
}

function body(pen: CanvasRenderingContext2D, look: KindLook, state: StateLook, halo: string, old: boolean): void {
  if (state.quiet) pen.scale(QUIET, QUIET);
  const outline = shape(state.shape, 9.5);
  fillOrHollow(pen, outline, state.colour, halo, old, 2);
  if (!look.icon) return;
  pen.scale(13 / 24, 13 / 24);
  pen.translate(-12, -12);
  pen.strokeStyle = old ? state.colour : inkOn(state.colour);
  pen.lineWidth = 2.4;
  pen.lineCap = pen.lineJoin = "round";
  pen.stroke(look.icon);
}

function pointer(pen: CanvasRenderingContext2D, state: StateLook, halo: string, old: boolean): void {
  if (state.quiet) pen.scale(QUIET, QUIET);
  const tip = new Path2D("M 0 -17 L 6.5 -8 L -6.5 -8 Z");
  fillOrHollow(pen, tip, state.colour, halo, old, 1.5);
}

function dart(pen: CanvasRenderingContext2D, state: StateLook, halo: string, old: boolean): void {
  const small = shape(state.shape, 4.4);
  const nose = new Path2D("M 0 -8.2 L 3.4 -2.6 L -3.4 -2.6 Z");
  small.addPath(nose);
  fillOrHollow(pen, small, state.colour, halo, old, 1.5);
}

function fillOrHollow(
  pen: CanvasRenderingContext2D,
  outline: Path2D,
  colour: string,
  halo: string,
  old: boolean,
  edge: number,
): void {
  pen.lineJoin = "round";
  pen.strokeStyle = halo;
  pen.lineWidth = edge * 2;
  pen.globalAlpha = old ? 0.75 : 1;
  pen.stroke(outline);
  pen.fillStyle = old ? halo : colour;
  pen.fill(outline);
  if (!old) return;
  pen.strokeStyle = colour;
  pen.lineWidth = edge * 0.8;
  pen.setLineDash([3, 2]);
  pen.stroke(outline);
  pen.setLineDash([]);
}

/** A shape around 0, 0 that reaches r far. */
export function shape(name: Shape, r: number): Path2D {
  const path = new Path2D();
  const points = outlineOf(name, r);
  if (points) {
    points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  } else {
    path.arc(0, 0, r, 0, 2 * Math.PI);
  }
  return path;
}

/** The corners of a shape; null for the circle, which has none. */
export function outlineOf(name: Shape, r: number): [number, number][] | null {
  switch (name) {
    case "square":
      return polygon(4, r * 1.12, Math.PI / 4);
    case "diamond":
      return polygon(4, r * 1.2, 0);
    case "triangle":
      return polygon(3, r * 1.3, 0);
    case "hexagon":
      return polygon(6, r * 1.08, 0);
    case "shield":
      return [[-r * 0.9, -r * 0.9], [r * 0.9, -r * 0.9], [r * 0.9, r * 0.2], [0, r * 1.15], [-r * 0.9, r * 0.2]];
    case "drop":
      return [[0, -r * 1.25], [r * 0.95, r * 0.1], [r * 0.6, r], [-r * 0.6, r], [-r * 0.95, r * 0.1]];
    case "cross":
      return plus(r * 1.1);
    default:
      return null;
  }
}

function polygon(sides: number, r: number, turned: number): [number, number][] {
  return Array.from({ length: sides }, (_, i) => {
    const angle = turned + (i * 2 * Math.PI) / sides;
    return [r * Math.sin(angle), -r * Math.cos(angle)];
  });
}

function plus(r: number): [number, number][] {
  const arm = r * 0.42;
  return [
    [-arm, -r], [arm, -r], [arm, -arm], [r, -arm], [r, arm], [arm, arm],
    [arm, r], [-arm, r], [-arm, arm], [-r, arm], [-r, -arm], [-arm, -arm],
  ];
}

/** Black or white, whichever stands out more from a colour written #rrggbb. */
export function inkOn(colour: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#101214" : "#ffffff";
}
