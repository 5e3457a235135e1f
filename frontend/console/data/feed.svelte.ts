/** The live socket, bound to this console: moving things into the crowd, alarms into the inbox. */
import { SvelteMap } from "svelte/reactivity";
import { Live, type Rows, type State } from "../../parts/live/live";
import type { Item, KindSaid } from "../../parts/live/frames";
import { boot } from "../boot";
import { clock } from "../state/clock.svelte";
import { scene } from "../state/scene.svelte";
import { look } from "../state/theme.svelte";
import { alarms, type Alarm } from "./alarms.svelte";

export interface KindState {
  count: number;
  /** epoch seconds of the newest fact */
  heard: number | null;
}

const ALARMS = "alarms";
const moving = boot?.layers.flatMap((layer) => (layer.source.type === "live" ? [layer.source.kind] : [])) ?? [];

class Feed {
  state = $state.raw<State | null>(null);
  readonly kinds = new SvelteMap<string, KindState>();
  private live: Live | null = null;
  private readonly boxes = new Map<number, Parameters<Live["look"]>[1]>();
  private readonly counts = new Map<string, Set<number>>();
  private wanted: string[] = [];
  private looking: ReturnType<typeof setTimeout> | undefined;

  /** Whether there is anything live that this person may see. */
  get offered(): boolean {
    return moving.length > 0 || boot.rights["alarms"] === true;
  }

  open(): void {
    if (!this.offered || this.live) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.live = new Live({
      url: `${scheme}://${location.host}${boot.addresses["live"]}`,
      city: boot.city.key,
      listener: {
        state: (state) => this.hearState(state),
        kinds: (kinds) => this.hearKinds(kinds),
        names: (_kind, names) => {
          for (const { number, key, label, device, simulated } of names) {
            scene.live?.name(number, { key, label, kind: device, simulated });
            scene.past?.name(number, { key, label, kind: device, simulated });
          }
        },
        rows: (rows) => this.hearRows(rows),
        records: (kind, items) => kind === ALARMS && alarms.takeAll(items.map(alarmOf)),
        record: (kind, item) => kind === ALARMS && alarms.take(alarmOf(item), true),
      },
    });
    if (boot.rights["alarms"]) this.live.follow([ALARMS]);
    this.look();
    setInterval(() => this.count(), 1000);
  }

  /** A pane shows this box (degrees: west, south, east, north); null: the pane is gone. */
  show(pane: number, box: [number, number, number, number] | null): void {
    if (!box) this.boxes.delete(pane);
    else this.boxes.set(pane, this.metres(box));
    this.lookSoon();
  }

  /** Follow these live kinds and no others. */
  want(kinds: string[]): void {
    this.wanted = kinds;
    this.lookSoon();
  }

  retry(): void {
    this.live?.retry();
  }

  private lookSoon(): void {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), 150);
  }

  private look(): void {
    const boxes = [...this.boxes.values()];
    if (!boxes.length) return;
    const all = boxes.reduce((a, b) =>
      a && b
        ? {
            west: Math.min(a.west, b.west),
            south: Math.min(a.south, b.south),
            east: Math.max(a.east, b.east),
            north: Math.max(a.north, b.north),
          }
        : null,
    );
    this.live?.look(this.wanted, all ?? null);
  }

  /** The box in metres of the plane, a fifth larger on each side: what comes in is there already. */
  private metres(box: [number, number, number, number]): Parameters<Live["look"]>[1] {
    const plane = scene.live?.plane;
    if (!plane) return null;
    const [west, south] = plane.toMetres(box[0], box[1]);
    const [east, north] = plane.toMetres(box[2], box[3]);
    const [x, y] = [(east - west) * 0.2, (north - south) * 0.2];
    return { west: west - x, south: south - y, east: east + x, north: north + y };
  }

  private hearState(state: State): void {
    // What somebody saw who has signed out does not stay on the screen.
    if (state.phase === "signed_out") location.replace(`${boot.addresses["sign_in"]}?next=${encodeURIComponent(location.pathname)}`);
    this.state = { ...state };
    if (state.phase === "open" && state.offset) clock.hear(Date.now() + state.offset);
  }

  private hearKinds(kinds: Record<string, KindSaid>): void {
    for (const [key, kind] of Object.entries(kinds)) {
      if (!kind.moving) continue;
      for (const crowd of [scene.live, scene.past]) crowd?.describe(key, kind.stale_after, kind.states);
    }
  }

  private hearRows(rows: Rows): void {
    const crowd = scene.live;
    if (!crowd) return;
    const seen = this.counts.get(rows.kind) ?? new Set<number>();
    this.counts.set(rows.kind, seen);
    for (const number of rows.gone) seen.delete(number);
    for (const number of rows.numbers) seen.add(number);
    crowd.forget(rows.gone);
    const times = Float64Array.from(rows.age, (age) => rows.time / 1000 - age);
    const { heading, speed, state } = rows;
    const batch = { kind: rows.kind, numbers: rows.numbers, east: rows.x, north: rows.y, times, columns: { heading, speed, state } };
    const glide = crowd.take(batch, clock.now(), look.still);
    if (clock.live) scene.moved(glide);
  }

  private count(): void {
    for (const kind of this.wanted) {
      const age = this.live?.age(kind) ?? null;
      const count = this.counts.get(kind)?.size ?? 0;
      this.kinds.set(kind, { count, heard: age === null ? null : clock.now() - age });
    }
  }
}

function alarmOf(item: Item): Alarm {
  return { ...(item as unknown as Alarm), id: item.key };
}

export const feed = new Feed();
