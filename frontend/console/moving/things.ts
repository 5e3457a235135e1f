/**
 * Everything that moves, as columns the graphics card reads as they are.
 *
 * A thing keeps where it was drawn last, where it is going and when it set out: the shader glides between
 * the two, so an update costs one write of forty bytes and no work in the frames between.
 */
import type { Plane } from "./plane";

/** Float32 fields of one thing, then four bytes: kind, state, flags, and one to spare. */
export const FIELDS = { x0: 0, y0: 1, x1: 2, y1: 3, start: 4, span: 5, seen: 6, heading0: 7, heading1: 8, bytes: 9 };
export const STRIDE = 10;
export const BYTES = STRIDE * 4;
export const HEADED = 1;
export const HIDDEN = 2;

/** What came of some things. Columns are parallel; times are epoch seconds. */
export interface Sighting {
  /** rows of the atlas */
  kinds: ArrayLike<number>;
  ids: ArrayLike<string | number>;
  /** metres east and north of the city's origin */
  east: ArrayLike<number>;
  north: ArrayLike<number>;
  /** degrees clockwise from north; NaN is unknown */
  heading?: ArrayLike<number> | undefined;
  /** columns of the atlas */
  states: ArrayLike<number>;
  /** when each was measured */
  times: ArrayLike<number>;
}

export interface Place {
  x: number;
  y: number;
}

/** After a longer silence a thing jumps, for what lies between is not known. */
const LONGEST_GLIDE = 5;
/** A glide lasts a little longer than the pause before it: a word that comes late finds it still moving. */
const SLACK = 1.15;
/** Metres a second (of the map): what seems to have gone faster is put there at once. */
const FASTEST = 120;

export class Things {
  floats: Float32Array<ArrayBuffer>;
  private bytes: Uint8Array;
  private slots = new Map<string | number, number>();
  private names: (string | number)[] = [];
  private epoch: number;
  private readonly spare = new Float32Array(2);
  private unwanted: (kind: number, state: number) => boolean = () => false;
  /** Grows with every change, so that who copies the columns knows when to. */
  version = 0;

  constructor(
    private readonly plane: Plane,
    now: number,
    capacity = 1024,
  ) {
    this.floats = new Float32Array(capacity * STRIDE);
    this.bytes = new Uint8Array(this.floats.buffer);
    this.epoch = now;
  }

  get count(): number {
    return this.names.length;
  }

  /** Seconds since the columns' own zero: small enough for a float32 to keep milliseconds. */
  clock(now: number): number {
    if (now - this.epoch > 3600) this.rebase(now);
    return now - this.epoch;
  }

  /**
   * Take in a sighting. A thing glides there in as long as it took to speak again, since so long it will
   * take next time; jumps: not at all. The longest glide begun, in seconds.
   */
  take(sighting: Sighting, now: number, jumps: boolean): number {
    const clock = this.clock(now);
    const { ids, east, north, heading, times, kinds, states } = sighting;
    let longest = 0;
    for (let i = 0; i < ids.length; i++) {
      this.plane.write(east[i]!, north[i]!, this.spare, 0);
      const slot = this.move(ids[i]!, heading ? heading[i]! : NaN, times[i]! - this.epoch, clock, jumps);
      longest = Math.max(longest, this.floats[slot * STRIDE + FIELDS.span]!);
      const at = slot * BYTES + FIELDS.bytes * 4;
      this.bytes[at] = kinds[i]!;
      this.bytes[at + 1] = states[i]!;
      this.flag(slot, HIDDEN, this.unwanted(kinds[i]!, states[i]!));
    }
    this.version++;
    return longest;
  }

  /** Move one thing to the spare point; its slot. */
  private move(id: string | number, heading: number, seen: number, clock: number, jumps: boolean): number {
    const known = this.slots.get(id);
    const slot = known ?? this.add(id);
    const f = this.floats;
    const at = slot * STRIDE;
    const [x, y] = [this.spare[0]!, this.spare[1]!];
    const fromX = known === undefined ? x : this.x(slot, clock);
    const fromY = known === undefined ? y : this.y(slot, clock);
    const far = Math.hypot(x - fromX, y - fromY);
    const passed = known === undefined ? 0 : seen - f[at + FIELDS.seen]!;
    const jump = jumps || passed <= 0 || passed > LONGEST_GLIDE || far > FASTEST * passed + 50;
    const before = known === undefined || !this.flagged(slot, HEADED) ? NaN : this.headingOf(slot, clock);
    const after = Number.isNaN(heading) ? course(x - fromX, y - fromY, far, before) : heading;
    f[at + FIELDS.x0] = jump ? x : fromX;
    f[at + FIELDS.y0] = jump ? y : fromY;
    f[at + FIELDS.x1] = x;
    f[at + FIELDS.y1] = y;
    f[at + FIELDS.start] = clock;
    f[at + FIELDS.span] = jump ? 0.001 : passed * SLACK;
    f[at + FIELDS.seen] = seen;
    f[at + FIELDS.heading0] = Number.isNaN(before) || jump ? after || 0 : before;
    f[at + FIELDS.heading1] = after || 0;
    this.flag(slot, HEADED, !Number.isNaN(after));
    return slot;
  }

  private flagged(slot: number, flag: number): boolean {
    return (this.bytes[slot * BYTES + FIELDS.bytes * 4 + 2]! & flag) !== 0;
  }

  private flag(slot: number, flag: number, on: boolean): void {
    const at = slot * BYTES + FIELDS.bytes * 4 + 2;
    this.bytes[at] = on ? this.bytes[at]! | flag : this.bytes[at]! & ~flag;
  }

  /** Draw no thing of which unwanted says so (a filter of the screen), now and later. */
  hide(unwanted: (kind: number, state: number) => boolean): void {
    this.unwanted = unwanted;
    for (let slot = 0; slot < this.count; slot++) {
      this.flag(slot, HIDDEN, unwanted(this.kind(slot), this.state(slot)));
    }
    this.version++;
  }

  forget(id: string | number): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    const last = this.count - 1;
    const lastName = this.names[last]!;
    this.floats.copyWithin(slot * STRIDE, last * STRIDE, (last + 1) * STRIDE);
    this.names[slot] = lastName;
    this.slots.set(lastName, slot);
    this.names.pop();
    this.slots.delete(id);
    this.version++;
  }

  clear(): void {
    this.names = [];
    this.slots.clear();
    this.version++;
  }

  has(id: string | number): boolean {
    return this.slots.has(id);
  }

  slot(id: string | number): number | undefined {
    return this.slots.get(id);
  }

  name(slot: number): string | number {
    return this.names[slot]!;
  }

  kind(slot: number): number {
    return this.bytes[slot * BYTES + FIELDS.bytes * 4]!;
  }

  state(slot: number): number {
    return this.bytes[slot * BYTES + FIELDS.bytes * 4 + 1]!;
  }

  /** When a thing was last measured, in epoch seconds. */
  seen(slot: number): number {
    return this.epoch + this.floats[slot * STRIDE + FIELDS.seen]!;
  }

  /** Where a thing is drawn at now. */
  where(slot: number, now: number): Place {
    const clock = this.clock(now);
    return { x: this.x(slot, clock), y: this.y(slot, clock) };
  }

  heading(slot: number, now: number): number | null {
    return this.flagged(slot, HEADED) ? (this.headingOf(slot, this.clock(now)) + 360) % 360 : null;
  }

  private x(slot: number, clock: number): number {
    const at = slot * STRIDE;
    const from = this.floats[at + FIELDS.x0]!;
    return from + (this.floats[at + FIELDS.x1]! - from) * this.progress(at, clock);
  }

  private y(slot: number, clock: number): number {
    const at = slot * STRIDE;
    const from = this.floats[at + FIELDS.y0]!;
    return from + (this.floats[at + FIELDS.y1]! - from) * this.progress(at, clock);
  }

  private headingOf(slot: number, clock: number): number {
    const at = slot * STRIDE;
    const from = this.floats[at + FIELDS.heading0]!;
    return from + turn(from, this.floats[at + FIELDS.heading1]!) * this.progress(at, clock);
  }

  private progress(at: number, clock: number): number {
    const t = (clock - this.floats[at + FIELDS.start]!) / this.floats[at + FIELDS.span]!;
    return Math.min(Math.max(t, 0), 1);
  }

  /**
   * The drawn thing nearest to x, y at now, within reach (plane metres) and accepted by wanted.
   * Twenty thousand take a fraction of a millisecond, so no index is kept.
   */
  nearest(
    x: number,
    y: number,
    reach: number,
    now: number,
    wanted: (kind: number, state: number) => boolean,
  ): number | null {
    const clock = this.clock(now);
    let best: number | null = null;
    let least = reach * reach;
    for (let slot = 0; slot < this.count; slot++) {
      const distance = (this.x(slot, clock) - x) ** 2 + (this.y(slot, clock) - y) ** 2;
      if (distance <= least && !this.flagged(slot, HIDDEN) && wanted(this.kind(slot), this.state(slot))) {
        least = distance;
        best = slot;
      }
    }
    return best;
  }

  private add(id: string | number): number {
    const slot = this.names.length;
    if ((slot + 1) * STRIDE > this.floats.length) this.grow();
    this.names.push(id);
    this.slots.set(id, slot);
    this.bytes.fill(0, slot * BYTES, (slot + 1) * BYTES);
    return slot;
  }

  private grow(): void {
    const wider = new Float32Array(this.floats.length * 2);
    wider.set(this.floats);
    this.floats = wider;
    this.bytes = new Uint8Array(wider.buffer);
  }

  private rebase(now: number): void {
    const shift = now - this.epoch;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) {
      this.floats[at + FIELDS.start]! -= shift;
      this.floats[at + FIELDS.seen]! -= shift;
    }
    this.epoch = now;
    this.version++;
  }
}

/** The way from a to b the short way round, -180 to 180 degrees. */
export function turn(a: number, b: number): number {
  return ((((b - a) % 360) + 540) % 360) - 180;
}

/** The direction of a move of more than a metre; of less, the direction before. */
function course(east: number, north: number, far: number, before: number): number {
  return far < 1 ? before : ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}
