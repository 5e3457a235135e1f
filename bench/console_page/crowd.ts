/** A crowd that walks streets: the same for every way of drawing it, from the same seed. */
export class Walkers {
  readonly ids: number[];
  readonly east: Float64Array;
  readonly north: Float64Array;
  readonly heading: Float32Array;
  readonly kind: Uint8Array;
  private readonly speed: Float32Array;
  private seed = 20_260_701;

  constructor(
    readonly size: number,
    private readonly half: number,
  ) {
    this.ids = Array.from({ length: size }, (_, i) => i);
    this.east = Float64Array.from(this.ids, () => (this.random() * 2 - 1) * half);
    this.north = Float64Array.from(this.ids, () => (this.random() * 2 - 1) * half);
    this.heading = Float32Array.from(this.ids, () => Math.floor(this.random() * 4) * 90);
    this.speed = Float32Array.from(this.ids, () => 4 + this.random() * 12);
    this.kind = Uint8Array.from(this.ids, () => Math.floor(this.random() * 4));
  }

  /** Mulberry32: the same walk on every machine. */
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
      const out = Math.abs(this.east[i]!) > this.half || Math.abs(this.north[i]!) > this.half;
      if (out) this.heading[i] = (this.heading[i]! + 180) % 360;
      else if (this.random() < 0.02) this.heading[i] = (this.heading[i]! + (this.random() < 0.5 ? 90 : 270)) % 360;
    }
  }
}
