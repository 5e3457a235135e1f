/** The microscopic window of this person: opened at a point, looked at each second, ended. */
import { t } from "../../parts/words";
import { ask, Problem } from "../api";
import { circle, type Marks } from "../map/marks";
import { clock, numbers } from "../state/clock.svelte";
import { desk } from "../state/desk.svelte";
import { scene } from "../state/scene.svelte";
import type { Signal } from "./lights";
import { Player, type Picture } from "./player";
import type { Stop } from "./shapes";

export interface Entry {
  x: number;
  y: number;
  name: string;
  volume: number | null;
  measured: boolean;
}

export interface Street {
  centre: [number, number];
  radius: number;
  lanes: number[][];
  stops: Stop[];
  signals: Signal[];
  entries: Entry[];
  edges: number;
  placed: number;
  left_out: number;
  /** signals that run what their controllers report, and those at which turns are counted */
  heard: number;
  turned: number;
  /** ids of emergency vehicles on a mission */
  emergency: number[];
}

export interface Figures {
  vehicles: number;
  waiting: number;
  speed: number | null;
  lost: number | null;
}

interface Seen {
  window: string;
  state: "preparing" | "running" | "ended";
  why: string;
  began: number | null;
  pictures: Picture[];
  figures: Figures | null;
  street: Street | null;
}

export type Phase = "none" | "preparing" | "running" | "ended";
const PAUSE = 1000;
const RADIUS = 400;

export class MicroWindow {
  at = $state.raw<[lon: number, lat: number] | null>(null);
  phase = $state<Phase>("none");
  why = $state("");
  away = $state(false);
  began = $state<number | null>(null);
  figures = $state.raw<Figures | null>(null);
  street = $state.raw<Street | null>(null);
  id = "";
  /** ids of vehicles for which the others make way */
  hurrying: ReadonlySet<number> = new Set();
  readonly player = new Player();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** grows with every window, so that an answer about the one before is not taken for this one's */
  private turn = 0;

  /** Wait for a click that says where; again: put the tool down. */
  aim(): void {
    desk.tool = desk.tool === "window" ? "none" : "window";
  }

  get runs(): boolean {
    return this.phase === "running";
  }

  /** The present is simulated: it is not drawn while the past is looked at. */
  get drawn(): boolean {
    return clock.live;
  }

  async open(at: [number, number]): Promise<void> {
    this.forget();
    [this.at, this.phase] = [at, "preparing"];
    desk.tool = "none";
    const turn = this.turn;
    await this.attempt(turn, () => ask<Seen>("traffic/windows", { method: "POST", body: { lon: at[0], lat: at[1] } }));
  }

  /** End it on the server, and take it off the map. */
  close(): void {
    const { id, phase } = this;
    this.forget();
    if (id && phase !== "ended") void ask(`traffic/windows/${id}`, { method: "DELETE" }).catch(() => undefined);
  }

  /** Away with all of it: the window and the tool. */
  put(): void {
    if (desk.tool === "window") desk.tool = "none";
    this.close();
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.turn++;
    [this.at, this.phase, this.id, this.why, this.away] = [null, "none", "", "", false];
    [this.began, this.figures, this.street] = [null, null, null];
    this.player.clear();
  }

  private async attempt(turn: number, act: () => Promise<Seen>): Promise<void> {
    try {
      const seen = await act();
      if (turn === this.turn) this.take(seen);
    } catch (error) {
      if (turn !== this.turn) return;
      if (error instanceof Problem && error.status < 500) return this.stop(error.message);
      this.away = true;
      if (!this.id) return this.stop(error instanceof Problem ? error.message : t("This is not available now."));
    }
    if (turn === this.turn && this.phase !== "ended") this.timer = setTimeout(() => void this.look(turn), PAUSE);
  }

  private stop(why: string): void {
    [this.phase, this.why, this.away] = ["ended", why, false];
  }

  private look(turn: number): Promise<void> {
    const words = { after: this.player.newest ?? undefined, street: this.street === null };
    return this.attempt(turn, () => ask<Seen>(`traffic/windows/${this.id}`, { words }));
  }

  private take(seen: Seen): void {
    this.id = seen.window;
    [this.phase, this.why, this.away] = [seen.state, seen.why, false];
    if (seen.began !== null) this.began = seen.began;
    if (seen.street) [this.street, this.hurrying] = [seen.street, new Set(seen.street.emergency)];
    if (seen.figures) this.figures = seen.figures;
    if (this.street) this.player.take(seen.pictures, performance.now() / 1000);
  }

  get measured(): number {
    return this.street?.entries.filter((one) => one.measured).length ?? 0;
  }

  /** The district's edge and what comes in where: "?" where nothing is measured. */
  marks(): Marks {
    const features: GeoJSON.Feature[] = this.at ? [circle(this.at, RADIUS)] : [];
    for (const entry of this.street?.entries ?? []) features.push(...mark(entry));
    return { type: "FeatureCollection", features };
  }
}

function mark({ x, y, volume, measured }: Entry): GeoJSON.Feature[] {
  const plane = scene.live?.plane;
  if (!plane) return [];
  const coordinates = plane.toDegrees(...plane.fromMetres(x, y));
  const shown = volume === null ? "" : `${numbers.format(volume)}${t("/h")}`;
  const text = measured ? shown : `? ${shown && `(${shown})`}`;
  return [{ type: "Feature", properties: { text }, geometry: { type: "Point", coordinates } }];
}

export const micro = new MicroWindow();
