/** Lanes, lights and vehicles of a window as triangles on the plane. Everything is to scale, in metres. */
import type { Palette } from "../map/palette";
import type { Plane } from "../moving/plane";
import type { Light } from "./lights";
import type { Car } from "./player";

export interface Stop {
  x: number;
  y: number;
  heading: number;
  signal: number;
  columns: number[];
}

type Point = [ahead: number, right: number];
type Rgb = readonly [number, number, number];

const LANE = 3.0;
const [LENGTH, WIDTH] = [4.8, 1.9];
/** A vehicle is never drawn shorter than so many pixels. */
const LEAST = 9;
const LARGER = 1.3;

const MOVES: Point[] = [[0.5, 0], [0.2, 0.5], [-0.5, 0.5], [-0.5, -0.5], [0.2, -0.5]];
const STANDS: Point[] = [[0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]];

/** Vertices of x, y on the plane and red, green, blue, 0 to 1. */
export class Shapes {
  private floats = new Float32Array(1 << 12);
  private used = 0;
  private readonly spare = new Float32Array(2);

  constructor(private readonly plane: Plane) {}

  get vertices(): Float32Array {
    return this.floats.subarray(0, this.used);
  }

  clear(): void {
    this.used = 0;
  }

  /** A convex figure around x, y, of points ahead and to the right of it in metres. */
  private figure(x: number, y: number, heading: number, points: readonly Point[], colour: Rgb): void {
    const [sin, cos] = [Math.sin((heading * Math.PI) / 180), Math.cos((heading * Math.PI) / 180)];
    const at = points.map(([ahead, right]) => [x + sin * ahead + cos * right, y + cos * ahead - sin * right] as const);
    for (let i = 1; i + 1 < at.length; i++) for (const corner of [at[0]!, at[i]!, at[i + 1]!]) this.vertex(corner[0], corner[1], colour);
  }

  private vertex(east: number, north: number, colour: Rgb): void {
    if (this.used + 5 > this.floats.length) {
      const wider = new Float32Array(this.floats.length * 2);
      wider.set(this.floats);
      this.floats = wider;
    }
    this.plane.write(east, north, this.spare, 0);
    this.floats.set([this.spare[0]!, this.spare[1]!, ...colour], this.used);
    this.used += 5;
  }

  /** A lane along x, y, x, y, … */
  lane(line: readonly number[], colour: Rgb): void {
    for (let i = 0; i + 3 < line.length; i += 2) {
      const [x, y, dx, dy] = [line[i]!, line[i + 1]!, line[i + 2]! - line[i]!, line[i + 3]! - line[i + 1]!];
      const [far, half] = [Math.hypot(dx, dy), LANE / 2];
      const heading = (Math.atan2(dx, dy) * 180) / Math.PI;
      // a little longer than it is, so that bends have no gaps
      this.figure(x, y, heading, [[-0.3, -half], [-0.3, half], [far + 0.3, half], [far + 0.3, -half]], colour);
    }
  }

  /** A light at a stop line: a bar that is shut, a bar with a gap while it clears, an arrow that lets go. */
  light({ x, y, heading }: Stop, shows: Light, metre: number, palette: Palette): void {
    const high = Math.max(1.2, 3 * metre);
    const half = Math.max(LANE / 2 - 0.2, 3 * metre);
    const bar = (from: number, to: number): Point[] => [[-high, from], [0, from], [0, to], [-high, to]];
    if (shows === "stop") this.figure(x, y, heading, bar(-half, half), rgb(palette.things.pink));
    else if (shows === "clears") {
      for (const side of [-1, 1]) this.figure(x, y, heading, bar(side * half, side * half * 0.35), rgb(palette.things.sand));
    } else this.figure(x, y, heading, [[high * 1.2, 0], [-high, half], [-high, -half]], rgb(palette.things.green));
  }

  /**
   * A vehicle whose front is at x, y: pointed and full while it drives, square and hollow while it stands;
   * one that hurries is larger and has a bar across.
   */
  car({ x, y, heading, waits }: Car, metre: number, palette: Palette, hurries = false): void {
    const grown = Math.max(1, (LEAST * metre) / LENGTH) * (hurries ? LARGER : 1);
    const [sin, cos] = [Math.sin((heading * Math.PI) / 180), Math.cos((heading * Math.PI) / 180)];
    const [cx, cy] = [x - (sin * LENGTH) / 2, y - (cos * LENGTH) / 2];
    const body = (rim: number): Point[] =>
      (waits ? STANDS : MOVES).map(([ahead, right]) => [ahead * (LENGTH * grown + rim), right * (WIDTH * grown + rim)]);
    const [violet, halo] = [rgb(palette.things[hurries ? "pink" : "violet"]), rgb(palette.halo)];
    this.figure(cx, cy, heading, body(Math.max(0.8, 2.4 * metre)), halo);
    this.figure(cx, cy, heading, body(0), violet);
    if (hurries) this.figure(cx, cy, heading, [[-0.4, -WIDTH], [0.4, -WIDTH], [0.4, WIDTH], [-0.4, WIDTH]].map(([a, b]): Point => [a! * grown, b! * grown]), violet);
    else if (waits) this.figure(cx, cy, heading, body(-Math.max(0.9, 2.6 * metre)), halo);
  }
}

export function rgb(hex: string): Rgb {
  const number = parseInt(hex.slice(1), 16);
  return [((number >> 16) & 255) / 255, ((number >> 8) & 255) / 255, (number & 255) / 255];
}
