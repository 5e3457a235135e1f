/** The record of the past, fetched in pieces and played into the crowd of the past. */
import { boot } from "../boot";
import { askBytes } from "../api";
import { clock } from "../state/clock.svelte";
import { scene } from "../state/scene.svelte";
import { Tracks, type Spot } from "./tracks";

const FRAME = 100;
const WINDOW = 60;
/** so long before a moment a thing may have spoken last and is still known to have been there */
const LEAD = 60;
const MOST_KEPT = 6;
const RETRY = 5000;

class Replay {
  state = $state<"idle" | "loading" | "ok" | "empty" | "failed">("idle");
  private kept: Tracks[] = [];
  private named = false;
  private asking: number | null = null;
  private quietUntil = 0;
  private drawnAt = -1;
  private present = new Set<number>();

  /** Play whenever the clock is in the past; returns how to stop. */
  open(): () => void {
    if (!boot.rights["replay"] || !scene.past) return () => undefined;
    const timer = setInterval(() => this.step(), FRAME);
    return () => clearInterval(timer);
  }

  private step(): void {
    if (clock.live) {
      if (this.state !== "idle") this.end();
      return;
    }
    const moment = clock.moment();
    const length = WINDOW * Math.max(1, clock.speed);
    const tracks = this.kept.find((one) => one.covers(moment));
    if (!tracks) void this.fetch(Math.floor(moment / 30) * 30, length);
    else {
      this.state = tracks.count ? "ok" : "empty";
      if (moment !== this.drawnAt) this.show(tracks, moment);
      const ahead = moment + length / 2;
      if (clock.speed > 0 && ahead < clock.now() && !this.kept.some((one) => one.covers(ahead))) void this.fetch(tracks.end, length);
    }
  }

  private end(): void {
    this.state = "idle";
    this.kept = [];
    this.drawnAt = -1;
    this.present.clear();
    scene.past?.clear();
  }

  private async fetch(begin: number, length: number): Promise<void> {
    if (this.asking !== null || performance.now() < this.quietUntil) return;
    this.asking = begin;
    if (this.state !== "ok") this.state = "loading";
    try {
      const words = { begin: begin - LEAD, seconds: length + LEAD, names: !this.named };
      const tracks = new Tracks(await askBytes("console/replay", words));
      this.name(tracks);
      this.kept = [...this.kept.slice(-MOST_KEPT), tracks];
    } catch {
      this.state = "failed";
      this.quietUntil = performance.now() + RETRY;
    }
    this.asking = null;
  }

  private name(tracks: Tracks): void {
    this.named = true;
    for (const [number, [key, label, kind, simulated]] of Object.entries(tracks.names)) {
      scene.past?.name(Number(number), { key, label, kind, simulated });
    }
  }

  private show(tracks: Tracks, moment: number): void {
    const crowd = scene.past!;
    const byKind = new Map<string, Spot[]>();
    const seen = new Set<number>();
    for (const spot of tracks.at(moment)) {
      seen.add(spot.number);
      const spots = byKind.get(spot.kind);
      if (spots) spots.push(spot);
      else byKind.set(spot.kind, [spot]);
    }
    crowd.forget([...this.present].filter((number) => !seen.has(number)));
    this.present = seen;
    for (const [kind, spots] of byKind) {
      const column = (name: keyof Spot): number[] => spots.map((spot) => spot[name] as number);
      const columns = { heading: column("heading"), speed: column("speed"), state: column("state") };
      crowd.take({ kind, numbers: column("number"), east: column("east"), north: column("north"), times: column("seen"), columns }, moment, true);
    }
    this.drawnAt = moment;
    scene.moved(0);
  }
}

export const replay = new Replay();
