/** A piece of the record: where each thing was, at each moment of a window. */
import { decode } from "@msgpack/msgpack";

interface Said {
  begin: number;
  end: number;
  kinds: string[];
  /** things: number, place of its kind in kinds, where its rows begin; then labels */
  numbers: Uint8Array;
  kind: Uint8Array;
  first: Uint8Array;
  names: Record<string, [key: string, label: string, device: string, simulated: boolean]>;
  /** columns of all rows, thing after thing, in order of time */
  time: Uint8Array;
  x: Uint8Array;
  y: Uint8Array;
  heading: Uint8Array;
  speed: Uint8Array;
  state: Uint8Array;
}

/** Where one thing was: interpolated between two facts that are not too far apart. */
export interface Spot {
  number: number;
  kind: string;
  east: number;
  north: number;
  heading: number;
  speed: number;
  state: number;
  /** epoch seconds of the last fact before the moment */
  seen: number;
}

/** Between facts further apart than this (seconds) nothing is made up. */
const GAP = 20;

const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);
const ints = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.slice().buffer);

export class Tracks {
  readonly begin: number;
  readonly end: number;
  readonly names: Said["names"];
  readonly count: number;
  private readonly kinds: string[];
  private readonly numbers: Int32Array;
  private readonly kind: Int32Array;
  private readonly first: Int32Array;
  private readonly time: Float32Array;
  private readonly columns: Record<"x" | "y" | "heading" | "speed" | "state", Float32Array>;

  constructor(message: ArrayBuffer) {
    const said = decode(message) as Said;
    [this.begin, this.end, this.names, this.kinds] = [said.begin, said.end, said.names, said.kinds];
    [this.numbers, this.kind, this.first] = [ints(said.numbers), ints(said.kind), ints(said.first)];
    this.time = floats(said.time);
    this.columns = { x: floats(said.x), y: floats(said.y), heading: floats(said.heading), speed: floats(said.speed), state: floats(said.state) };
    this.count = this.numbers.length;
  }

  covers(moment: number): boolean {
    return moment >= this.begin && moment < this.end;
  }

  /** Every thing that had been heard of by the moment (epoch seconds). */
  *at(moment: number): Generator<Spot> {
    const t = moment - this.begin;
    for (let thing = 0; thing < this.count; thing++) {
      const begin = this.first[thing]!;
      const end = this.first[thing + 1] ?? this.time.length;
      const row = this.before(t, begin, end);
      if (row >= begin) yield this.spot(thing, row, end, t);
    }
  }

  /** The last row at or before t; begin - 1 when there is none. */
  private before(t: number, begin: number, end: number): number {
    let [low, high] = [begin, end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time[middle]! <= t) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private spot(thing: number, row: number, end: number, t: number): Spot {
    const c = this.columns;
    const next = row + 1 < end && this.time[row + 1]! - this.time[row]! <= GAP ? row + 1 : row;
    const span = this.time[next]! - this.time[row]!;
    const part = span > 0 ? (t - this.time[row]!) / span : 0;
    const mid = (column: Float32Array): number => column[row]! + (column[next]! - column[row]!) * part;
    return {
      number: this.numbers[thing]!,
      kind: this.kinds[this.kind[thing]!]!,
      east: mid(c.x),
      north: mid(c.y),
      heading: c.heading[row]!,
      speed: c.speed[row]!,
      state: c.state[row]!,
      seen: this.begin + this.time[row]!,
    };
  }
}
