/**
 * Which moment is shown: now, by the server's clock, or one of the past.
 *
 * The server's clock is learnt from the live socket and from answers; a laptop's own may be minutes off,
 * and ages of data would lie.
 */
import { boot } from "../boot";
import type { Past } from "./view";

export const SPEEDS = [1, 4, 16, 60] as const;
export const REACH = 24 * 3600;
/** A second that took so long (ms) was a sleep. */
const SLEPT = 20_000;

class Clock {
  /** epoch ms by the server's clock, every second: for everything that shows an age */
  tick = $state(Date.now());
  /** the same second by this machine's own clock: for what it plans itself */
  here = $state(Date.now());
  /** epoch seconds of the moment shown, when it is a past one */
  past = $state<number | null>(null);
  speed = $state(0);
  /** the last deliberate step: where and how fast; null is now. It does not run on by itself. */
  mark = $state.raw<Past | null>(null);
  private offset = 0;
  private base = 0;
  private at = 0;

  private readonly wakers = new Set<() => void>();

  constructor() {
    setInterval(() => this.beat(), 1000);
  }

  private beat(): void {
    const slept = Date.now() - this.here > SLEPT;
    this.here = Date.now();
    this.tick = this.now() * 1000;
    if (this.past !== null && this.speed > 0) this.past = this.moment();
    if (slept) for (const waker of this.wakers) waker();
  }

  /** Be told when the machine has slept: what is shown is from before, and must be asked anew. */
  onWaking(waker: () => void): void {
    this.wakers.add(waker);
  }

  /** What the server's clock said (epoch ms) in a message that came just now. */
  hear(serverTime: number): void {
    const offset = serverTime - Date.now();
    const further = Math.abs(offset - this.offset) > 2000;
    this.offset = further ? offset : this.offset + (offset - this.offset) * 0.1;
  }

  /** Epoch seconds now, by the server's clock. */
  now(): number {
    return (Date.now() + this.offset) / 1000;
  }

  /** Epoch seconds of the moment that is shown. */
  moment(): number {
    if (this.past === null) return this.now();
    const passed = this.speed > 0 ? ((performance.now() - this.at) / 1000) * this.speed : 0;
    return Math.min(this.base + passed, this.now());
  }

  get live(): boolean {
    return this.past === null;
  }

  /** Go to a moment of the past (epoch seconds), playing at speed (0: it stands). */
  goTo(seconds: number, speed = this.speed): void {
    const now = this.now();
    this.base = this.past = Math.min(Math.max(seconds, now - REACH), now - 1);
    this.at = performance.now();
    this.speed = speed;
    this.note();
  }

  play(speed: number): void {
    if (this.past === null) return;
    this.base = this.past = this.moment();
    this.at = performance.now();
    this.speed = speed;
    this.note();
  }

  goLive(): void {
    this.past = null;
    this.speed = 0;
    this.mark = null;
  }

  private note(): void {
    this.mark = { at: new Date(this.base * 1000).toISOString(), speed: this.speed };
  }

  said(): Past | null {
    if (this.past === null) return null;
    return { at: new Date(this.moment() * 1000).toISOString(), speed: this.speed };
  }

  take(past: Past | null): void {
    if (past) this.goTo(Date.parse(past.at) / 1000, past.speed);
    else this.goLive();
  }
}

export const clock = new Clock();

const locale = { ko: "ko-KR", ja: "ja-JP", en: "en-GB" }[boot?.language ?? "ko"] ?? "ko-KR";
const zone = { timeZone: boot?.city.zone ?? "Asia/Seoul" };
const clockFormat = new Intl.DateTimeFormat(locale, { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(locale, { ...zone, month: "numeric", day: "numeric", weekday: "short" });
const fullFormat = new Intl.DateTimeFormat(locale, { ...zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** A moment (epoch seconds) in the city's zone: 14:03:22. */
export function timeOf(seconds: number): string {
  return clockFormat.format(seconds * 1000);
}

export function dayOf(seconds: number): string {
  return dayFormat.format(seconds * 1000);
}

export function momentOf(seconds: number): string {
  return fullFormat.format(seconds * 1000);
}

/** The hour and minute of a moment in the city's zone. */
export function hourOf(seconds: number): string {
  return timeOf(seconds).slice(0, 5);
}

export const numbers = new Intl.NumberFormat(locale);
