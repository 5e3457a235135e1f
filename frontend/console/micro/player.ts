/**
 * What SUMO said, played back a moment later: where every vehicle is between two of its pictures.
 *
 * Pictures come in twos or threes a second after they happened. They are shown DELAY seconds behind the
 * newest, so that a late answer finds vehicles still gliding; who waits too long stands, and goes on.
 */
import { turn } from "../moving/things";

export interface Picture {
  /** second of the day */
  at: number;
  ids: number[];
  /** fronts, in metres from the city's origin */
  x: number[];
  y: number[];
  heading: number[];
  speed: number[];
}

export interface Car {
  id: number;
  x: number;
  y: number;
  heading: number;
  waits: boolean;
}

const DELAY = 1.6;
const KEPT = 30;
const WAITS_BELOW = 0.1;
/** Metres: who went farther in one step was taken out of a jam and put elsewhere, not driven. */
const LONGEST_STEP = 25;

export class Player {
  private pictures: Picture[] = [];
  /** what the local clock (s) and the pictures' one differ by */
  private offset = 0;

  get newest(): number | null {
    return this.pictures.at(-1)?.at ?? null;
  }

  take(pictures: readonly Picture[], now: number): void {
    const fresh = pictures.filter((one) => one.at > (this.newest ?? -Infinity));
    if (!fresh.length) return;
    const ahead = fresh.at(-1)!.at - now;
    const first = !this.pictures.length;
    this.pictures = [...this.pictures, ...fresh].slice(-KEPT);
    // Set anew where the two clocks have come apart; else what is shown would jump with every answer.
    if (first || Math.abs(ahead - this.offset) > 1) this.offset = ahead;
  }

  clear(): void {
    this.pictures = [];
  }

  /** The second of the day that is shown at `now`; null before anything came. */
  moment(now: number): number | null {
    const [first, last] = [this.pictures[0]?.at, this.newest];
    if (first === undefined || last === null) return null;
    return Math.min(Math.max(now + this.offset - DELAY, first), last);
  }

  cars(now: number): Car[] {
    const at = this.moment(now);
    if (at === null) return [];
    const next = this.pictures.findIndex((one) => one.at >= at);
    const [after, before] = [this.pictures[next]!, this.pictures[Math.max(next - 1, 0)]!];
    const share = after.at > before.at ? (at - before.at) / (after.at - before.at) : 1;
    return between(before, after, share);
  }
}

function between(before: Picture, after: Picture, share: number): Car[] {
  const was = new Map(before.ids.map((id, i) => [id, i]));
  return after.ids.map((id, i): Car => {
    const [x, y, heading] = [after.x[i]!, after.y[i]!, after.heading[i]!];
    const waits = after.speed[i]! < WAITS_BELOW;
    const from = was.get(id);
    if (from === undefined) return { id, x, y, heading, waits };
    const [dx, dy] = [x - before.x[from]!, y - before.y[from]!];
    if (Math.hypot(dx, dy) > LONGEST_STEP) return { id, x, y, heading, waits };
    const left = 1 - share;
    return { id, x: x - dx * left, y: y - dy * left, heading: heading - turn(before.heading[from]!, heading) * left, waits };
  });
}
