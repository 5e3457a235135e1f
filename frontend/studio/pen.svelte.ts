/** What is being drawn: the tool, its points, and what it would be. */
import { ask } from "../console/api";
import { desk } from "./desk.svelte";
import type { StudioMap } from "./map";
import { walk } from "./walk.svelte";
import type { Drawn, Kind, Point, Site, Spent, Words } from "./said";

export type Tool = "look" | "trees" | "roof" | "cool" | "land" | "budget";

/** Distance in pixels within which a press on the last point finishes. */
const SETTLED = 250;

class Pen {
  tool = $state<Tool>("look");
  points = $state<Point[]>([]);
  sites = $state.raw<Site[]>([]);
  spent = $state.raw<Spent | null>(null);
  species = $state("zelkova");
  spacing = $state(8);
  treeCost = $state<number | null>(null);
  coolCost = $state<number | null>(null);
  roof = $state("light");
  share = $state(80);
  code = $state<number | null>(null);
  budget = $state(500_000_000);
  /** what the budget is for */
  aim = $state<"roof" | "trees" | "cool">("roof");
  weights = $state({ carbon: 1, people: 1, heat: 0, equity: 0 });
  private readonly maps = new Map<number, StudioMap>();
  private timer = 0;

  join(index: number, map: StudioMap): void {
    this.maps.set(index, map);
  }

  leave(index: number): void {
    this.maps.delete(index);
  }

  /** What the draft is drawn as. */
  get shape(): Kind | "outline" | null {
    if (this.tool === "look") return null;
    return this.tool === "budget" ? "outline" : this.tool;
  }

  take(tool: Tool): void {
    if (tool !== "look") walk.on = false; // what is drawn is drawn; the square that was chosen stays
    this.tool = tool;
    this.clear();
  }

  clear(): void {
    this.points = [];
    this.sites = [];
    this.spent = null;
    void desk.attempt(null);
  }

  /** A point on the map: with roof tools the roof that stands there, when no outline is begun. */
  async press(at: Point): Promise<void> {
    if (this.tool === "look" || !desk.plan) return;
    if ((this.tool === "roof" || this.tool === "cool") && !this.points.length) {
      const found = await ask<Site | null>("climate/roof", { words: { lon: at[0], lat: at[1] } }).catch(() => null);
      if (found) {
        await desk.draw([{ kind: this.tool, rings: found.rings, what: this.what(this.tool) }]);
        return;
      }
    }
    this.points = [...this.points, at];
    this.try(this.points);
  }

  /** The same with the keyboard: a point in the middle of the map. */
  async pressMiddle(): Promise<void> {
    if (this.middle) await this.press(this.middle);
  }

  get middle(): Point | null {
    return this.maps.get(desk.active)?.middle ?? null;
  }

  hover(at: Point): void {
    if (this.points.length && this.tool !== "look") this.try([...this.points, at]);
  }

  /** Ask what it would come to, once the hand rests. */
  private try(points: Point[]): void {
    clearTimeout(this.timer);
    const drawn = this.drawn(points);
    if (drawn) this.timer = window.setTimeout(() => void desk.attempt(drawn), SETTLED / 3);
  }

  back(): void {
    this.points = this.points.slice(0, -1);
    this.try(this.points);
  }

  async finish(): Promise<void> {
    clearTimeout(this.timer);
    const points = distinct(this.points);
    if (this.tool === "budget") {
      await this.spend(points.length > 2 ? points : null);
      return;
    }
    const drawn = this.drawn(points);
    if (drawn && (await desk.draw([drawn]))) this.points = [];
  }

  private drawn(points: Point[]): Drawn | null {
    const { tool } = this;
    if (tool === "look" || tool === "budget" || points.length < (tool === "trees" ? 2 : 3)) return null;
    return { kind: tool, rings: [points], what: this.what(tool), ...(tool === "land" ? { code: this.code } : {}) };
  }

  private what(kind: Kind): Words {
    if (kind === "trees") return { species: this.species, spacing: this.spacing, unit_cost: this.treeCost };
    if (kind === "roof") return { roof: this.roof, share: this.share / 100 };
    return kind === "cool" ? { share: this.share / 100, unit_cost: this.coolCost } : {};
  }

  /** What to do for the budget, in an outline or in the whole city. */
  async spend(outline: Point[] | null): Promise<void> {
    const words = { kind: this.aim, what: this.what(this.aim), outline: outline && [outline], budget: this.budget, ...this.weights };
    this.spent = await desk.choose(words);
    this.sites = this.spent?.sites ?? [];
    this.points = [];
  }

  async takeChosen(): Promise<void> {
    const chosen = this.sites.filter((site) => site.chosen).slice(0, 2000);
    const { aim } = this;
    if (chosen.length && (await desk.draw(chosen.map((site) => ({ kind: aim, rings: site.rings, what: this.what(aim) }))))) this.clear();
  }
}

/** A double press leaves its place twice. */
function distinct(points: Point[]): Point[] {
  return points.filter(([x, y], at) => at === 0 || Math.abs(points[at - 1]![0] - x) + Math.abs(points[at - 1]![1] - y) > 1e-7);
}

export const pen = new Pen();
