/**
 * The moving things of all live layers together: their columns, names, pictures and ages.
 *
 * A row of the atlas is a kind of device of a layer (its icon), a column is a look (its state; the first
 * look is for a state not known). When the looks are the kinds themselves, each row has one look.
 */
import type { Layer, Look } from "../boot";
import { palettes, type Theme } from "../map/palette";
import { Atlas, type KindLook } from "./atlas";
import type { Plane } from "./plane";
import { Things } from "./things";

const MOST_ROWS = 32;
const NEAR_FROM = 14;
const NEVER_STALE = 1e9;

export interface Name {
  key: string;
  label: string;
  kind: string;
  simulated: boolean;
}

/** Columns of one kind of the live socket, parallel; numbers are the things' own. */
export interface Batch {
  kind: string;
  numbers: ArrayLike<number>;
  east: ArrayLike<number>;
  north: ArrayLike<number>;
  /** epoch seconds of each */
  times: ArrayLike<number>;
  columns: Record<string, ArrayLike<number> | undefined>;
}

interface Row {
  layer: Layer;
  device: string;
  looks: Look[];
}

export class Crowd {
  readonly things: Things;
  readonly atlas: Atlas;
  readonly stale = new Float32Array(MOST_ROWS).fill(NEVER_STALE);
  readonly names = new Map<number, Name>();
  private readonly columns = new Map<number, Record<string, number>>();
  private readonly layerOf = new Map<string, Layer>();
  private rows: Row[] = [];
  private shownRows = 0;
  private isShown: (layer: Layer) => boolean = () => true;
  private icons = new Map<string, Path2D>();
  private theme: Theme = "dark";
  /** grows when the pictures were drawn anew */
  dressed = 0;

  constructor(
    readonly plane: Plane,
    layers: readonly Layer[],
    now: number,
    ratio: number,
  ) {
    this.things = new Things(plane, now, 4096);
    this.atlas = new Atlas(ratio);
    for (const layer of layers) {
      if (layer.source.type === "live") this.layerOf.set(layer.source.kind, layer);
    }
  }

  dress(icons: Map<string, Path2D>, theme: Theme): void {
    this.icons = icons;
    this.theme = theme;
    this.draw();
  }

  /** What the server says of a kind: when its things are stale, and what its states are called. */
  describe(kind: string, staleAfter: number, states: readonly string[]): void {
    this.limits.set(kind, staleAfter);
    const layer = this.layerOf.get(kind);
    if (layer) this.stateLooks.set(layer, states.map((state) => Math.max(0, layer.looks.findIndex((look) => look.key === state))));
    this.rows.forEach((row, at) => this.limit(row, at));
  }

  private readonly limits = new Map<string, number>();
  /** by state of the server, the place of its look */
  private readonly stateLooks = new Map<Layer, number[]>();

  private limit(row: Row, at: number): void {
    const kind = row.layer.source.type === "live" ? row.layer.source.kind : "";
    this.stale[at] = this.limits.get(kind) ?? NEVER_STALE;
  }

  name(number: number, name: Name): void {
    this.names.set(number, name);
  }

  /** Take in a batch; the longest glide it begins, in seconds of the data. */
  take(batch: Batch, now: number, jumps: boolean): number {
    const layer = this.layerOf.get(batch.kind);
    if (!layer) return 0;
    const { numbers } = batch;
    const kinds = new Uint8Array(numbers.length);
    const states = new Uint8Array(numbers.length);
    const by = layer.by === "state" ? batch.columns["state"] : undefined;
    const looks = this.stateLooks.get(layer);
    for (let i = 0; i < numbers.length; i++) {
      kinds[i] = this.row(layer, this.names.get(numbers[i]!)?.kind ?? "");
      states[i] = (by && looks?.[by[i]!]) ?? 0;
      this.keep(numbers[i]!, batch.columns, i);
    }
    const { east, north, times } = batch;
    const heading = batch.columns["heading"];
    return this.things.take({ kinds, ids: numbers, east, north, times, heading, states }, now, jumps);
  }

  private keep(number: number, columns: Batch["columns"], at: number): void {
    let kept = this.columns.get(number);
    if (!kept) this.columns.set(number, (kept = {}));
    for (const name in columns) kept[name] = columns[name]![at]!;
  }

  /** The last value of a column of a thing, if it is known. */
  value(number: number, column: string): number | null {
    const value = this.columns.get(number)?.[column];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  forget(numbers: ArrayLike<number>): void {
    for (let i = 0; i < numbers.length; i++) {
      this.things.forget(numbers[i]!);
      this.columns.delete(numbers[i]!);
    }
  }

  clear(): void {
    this.things.clear();
    this.columns.clear();
  }

  layer(slot: number): Layer {
    return this.rows[this.things.kind(slot)]!.layer;
  }

  look(slot: number): Look | undefined {
    const looks = this.rows[this.things.kind(slot)]!.looks;
    return looks[this.things.state(slot)] ?? looks[0];
  }

  isStale(slot: number, now: number): boolean {
    return now - this.things.seen(slot) > this.stale[this.things.kind(slot)]!;
  }

  /** How many things have not been heard of in time: of one layer, or of all. */
  silent(now: number, layer?: Layer): number {
    let count = 0;
    for (let slot = 0; slot < this.things.count; slot++) {
      if ((!layer || this.layer(slot) === layer) && this.isStale(slot, now)) count++;
    }
    return count;
  }

  private row(layer: Layer, device: string): number {
    const found = this.rows.findIndex((row) => row.layer === layer && row.device === device);
    if (found >= 0) return found;
    if (this.rows.length >= MOST_ROWS) return this.rows.findIndex((row) => row.layer === layer);
    const own = layer.by === "kind" ? layer.looks.filter((look) => look.key === device) : layer.looks;
    const looks = own.length ? own : layer.looks.slice(0, 1);
    this.rows.push({ layer, device, looks: looks.slice(0, 8) });
    this.limit(this.rows.at(-1)!, this.rows.length - 1);
    this.choose();
    this.draw();
    return this.rows.length - 1;
  }

  private draw(): void {
    const palette = palettes[this.theme];
    const looks = this.rows.map(({ layer, device, looks }): KindLook => {
      const icons = layer.source.type === "live" ? layer.source.icons : {};
      return {
        icon: this.icons.get(icons[device] || looks[0]!.icon || layer.icon),
        states: looks.map((look) => ({ shape: look.shape, colour: palette.things[look.colour], quiet: look.quiet })),
        nearFrom: layer.order < 50 ? 0 : NEAR_FROM,
      };
    });
    this.atlas.draw(looks, palette.halo);
    this.dressed++;
  }

  /** Choose what is drawn, now and of what comes later: layers that are shown, less the looks that are hidden. */
  show(isShown: (layer: Layer) => boolean, isHidden: (layer: Layer, look: string) => boolean): void {
    this.isShown = isShown;
    this.choose();
    this.things.hide((kind, state) => {
      const row = this.rows[kind];
      const look = row?.looks[state];
      return !row || !look || isHidden(row.layer, look.key);
    });
  }

  private choose(): void {
    this.shownRows = 0;
    this.rows.forEach((row, at) => {
      if (this.isShown(row.layer)) this.shownRows |= 1 << at;
    });
  }

  /** Rows that are shown, a bit each. */
  get shown(): number {
    return this.shownRows;
  }

  /**
   * The thing drawn nearest to a point of the plane, within the pixels a finger or mouse allows; over: only
   * of those that are drawn over the counts of clusters.
   */
  pick(x: number, y: number, metresPerPixel: number, zoom: number, now: number, over = false): number | null {
    const reach = metresPerPixel * 16;
    return this.things.nearest(x, y, reach, now, (kind, state) => {
      const shown = (this.shownRows & (1 << kind)) !== 0 && zoom >= this.rows[kind]!.layer.from_zoom;
      return shown && (!over || this.atlas.isOver(zoom, kind, state));
    });
  }
}
