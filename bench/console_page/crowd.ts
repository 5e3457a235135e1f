/** A crowd that walks the city: the same seed, the same ways. */
import type { Sighting } from "../../frontend/console/moving/things";

export class Crowd {
  readonly ids: Int32Array;
  readonly east: Float32Array;
  readonly north: Float32Array;
  readonly heading: Float32Array;
  readonly state: Uint8Array;
  readonly kindOf: Uint8Array;
  private readonly speed: Float32Array;
  private seed: number;

  constructor(
    readonly size: number,
    private readonly half: number,
    seed = 42,
  ) {
    this.seed = seed;
    this.ids = Int32Array.from({ length: size }, (_, i) => i);
    this.east = new Float32Array(size).map(() => (this.random() * 2 - 1) * half);
    this.north = new Float32Array(size).map(() => (this.random() * 2 - 1) * half);
    this.heading = new Float32Array(size).map(() => this.random() * 360);
    this.speed = new Float32Array(size).map(() => 5 + this.random() * 15);
    this.state = new Uint8Array(size).map(() => Math.floor(this.random() * 4));
    this.kindOf = new Uint8Array(size).map((_, i) => (i % 20 === 0 ? 1 : 0));
  }

  /** mulberry32 */
  private random(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  step(seconds: number): void {
    for (let i = 0; i < this.size; i++) {
      const angle = (this.heading[i]! * Math.PI) / 180;
      this.east[i]! += Math.sin(angle) * this.speed[i]! * seconds;
      this.north[i]! += Math.cos(angle) * this.speed[i]! * seconds;
      if (Math.abs(this.east[i]!) > this.half || Math.abs(this.north[i]!) > this.half) {
        this.heading[i] = (this.heading[i]! + 180) % 360;
      } else if (this.random() < 0.02) {
        this.heading[i] = (this.heading[i]! + (this.random() < 0.5 ? 90 : 270)) % 360;
      }
    }
  }

  /** The part of the crowd of one kind, as a sighting. */
  of(kind: number, time: number): Sighting {
    const rows = [...this.ids].filter((i) => this.kindOf[i] === kind);
    const take = (column: ArrayLike<number>): number[] => rows.map((i) => column[i]!);
    return {
      kind,
      ids: rows,
      east: take(this.east),
      north: take(this.north),
      heading: take(this.heading),
      state: take(this.state),
      time,
    };
  }
}
