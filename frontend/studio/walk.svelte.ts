/** How warm a place feels on foot: the square that was pressed, an hour of the hot day, what came of it. */
import { ask } from "../console/api";
import { boot } from "../console/boot";
import { desk, faultOf } from "./desk.svelte";
import type { FeltName, Point, Walked } from "./said";

class Walk {
  /** the next press on the map chooses a place */
  on = $state(false);
  at = $state.raw<Point | null>(null);
  hour = $state(15);
  layer = $state<FeltName>("utci");
  found = $state.raw<Walked | null>(null);
  fault = $state("");
  waiting = $state(false);
  private asking = 0;

  press(at: Point): void {
    this.at = at;
    void this.again();
  }

  away(): void {
    this.on = false;
    this.at = null;
    this.found = null;
    this.fault = "";
    this.asking += 1;
    this.waiting = false;
  }

  /** Of the plan as it is now: the newest question wins. */
  async again(): Promise<void> {
    if (!this.at) return;
    const mine = ++this.asking;
    this.waiting = true;
    try {
      const found = await ask<Walked>("climate/walk", { words: this.words(desk.plan?.id) });
      if (mine === this.asking) [this.found, this.fault] = [found, ""];
    } catch (error) {
      if (mine === this.asking) [this.found, this.fault] = [null, faultOf(error)];
    }
    if (mine === this.asking) this.waiting = false;
  }

  /** The picture of a plan's square. */
  picture(plan: string | null, version: number): string {
    const words = Object.entries({ ...this.words(plan ?? undefined), v: version }).filter(([, value]) => value !== undefined);
    return `${location.origin}${boot.addresses["api"]}climate/walk/${this.layer}.png?${new URLSearchParams(words.map(([key, value]) => [key, String(value)]))}`;
  }

  private words(plan: string | undefined): Record<string, number | string | undefined> {
    return { lon: this.at?.[0], lat: this.at?.[1], hour: this.hour, plan };
  }
}

export const walk = new Walk();
