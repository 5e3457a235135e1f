/** What this window shows: a layout, a camera in each of its tiles, a patrol that turns them over. */
import { ask, Problem, Unreachable } from "../console/api";
import { t } from "../parts/words";
import { layoutFor, LAYOUTS, shapeOf, type Camera, type Caught, type LayoutName, type Reason, type View, type Which } from "./said";
import { wire } from "./wire";

const KEPT = "madang-wall";
/** Tiles that this browser plays as video; the rest are a picture a second. */
const CARRIES = Math.min(25, Math.max(9, 4 * (navigator.hardwareConcurrency || 4)));

/** What a wall shows, to go back to. */
export interface Shape { layout: LayoutName; slots: (string | null)[]; patrol: Patrol | null }

interface Patrol { name: string; cameras: string[]; dwell: number; page: number; paused: boolean }

class Desk {
  layout = $state<LayoutName>("4");
  slots = $state<(string | null)[]>([]);
  selected = $state(0);
  cameras = $state<Record<string, Camera>>({});
  reason = $state.raw<Reason | null>(null);
  asking = $state(false);
  /** guests stand before the screens: the server makes every picture coarse */
  visitors = $state(false);
  views = $state.raw<View[]>([]);
  caught = $state.raw<Caught[]>([]);
  point = $state.raw<[number, number] | null>(null);
  patrol = $state<Patrol | null>(null);
  large = $state<string | null>(null);
  /** the camera whose tile has the controls that steer it */
  steering = $state<string | null>(null);
  typed = $state("");
  said = $state("");
  fault = $state("");
  connected = $state(true);
  carries = $state(CARRIES);
  /** cameras whose stream this browser cannot play: they are shown as pictures */
  stills = $state<Record<string, true>>({});
  private timer = 0;
  /** somebody put something on the wall: what filled it by itself ends */
  taken: () => void = () => undefined;

  shape = $derived(shapeOf(this.layout));
  /** what is in each tile; a camera that a view names twice is in its first */
  shown = $derived(
    Array.from({ length: this.shape.count }, (_, at) => {
      const id = this.slots[at] ?? null;
      return id && this.slots.indexOf(id) === at ? id : null;
    }),
  );

  async begin(): Promise<void> {
    wire.connected = (is) => (this.connected = is);
    wire.refused = (code) => {
      if (code === 4409) this.asking = true;
      else this.fault = code === 4401 ? t("You are signed out. Sign in again to go on.") : t("The wall was closed. Load this page again.");
    };
    this.restore();
    await this.doing(async () => {
      this.reason = await ask<Reason>("people/reason");
      this.asking = this.reason.kind === "";
      this.views = await ask<View[]>("cameras/wall/views");
      this.visitors = (await ask<{ here: boolean }>("cameras/visitors")).here;
      await this.know(this.slots);
      const words = new URLSearchParams(location.search);
      const near = words.get("near")?.split(",").map(Number);
      if (near?.length === 2 && near.every(Number.isFinite)) await this.cast(near as [number, number]);
      for (const id of words.getAll("add")) {
        await this.know([id]);
        this.put(id, this.free());
      }
      const site = words.get("site");
      if (site) await this.site(site);
      if (location.search) history.replaceState(null, "", location.pathname);
    });
  }

  async receive(here: boolean): Promise<void> {
    await this.doing(async () => {
      this.visitors = (await ask<{ here: boolean }>("cameras/visitors", { method: "PUT", body: { here } })).here;
    });
  }

  /** The first free tile, else the selected one. */
  private free(): number {
    const at = this.shown.indexOf(null);
    return at < 0 ? this.selected : at;
  }

  which(camera: string, at: number): Which {
    if (this.stills[camera]) return "still";
    if (at === 0 && (this.shape.first > 1 || this.shape.count === 1)) return "main";
    return at < this.carries ? "sub" : "still";
  }

  /** Say to the server what is shown now. */
  tell(): void {
    if (this.asking || !this.reason) return;
    const tiles: Record<string, Which> = {};
    this.shown.forEach((id, at) => {
      const camera = id ? this.cameras[id] : undefined;
      if (id && camera?.streams && camera.state !== "planned" && !(id in tiles)) tiles[id] = this.which(id, at);
    });
    if (Object.keys(tiles).length || this.patrol) wire.show(tiles, this.patrol?.cameras ?? []);
    else wire.show({}, []);
    sessionStorage.setItem(KEPT, JSON.stringify({ layout: this.layout, slots: this.slots }));
  }

  private restore(): void {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as { layout?: LayoutName; slots?: (string | null)[] };
      if (kept.layout && LAYOUTS.includes(kept.layout)) this.layout = kept.layout;
      this.slots = Array.isArray(kept.slots) ? kept.slots.slice(0, 64) : [];
    } catch {
      this.slots = [];
    }
  }

  async know(ids: (string | null)[]): Promise<void> {
    const unknown = [...new Set(ids.filter((id): id is string => !!id && !this.cameras[id]))];
    if (!unknown.length) return;
    this.learn(await ask<Camera[]>("cameras/described", { method: "POST", body: { cameras: unknown } }));
    this.slots = this.slots.map((id) => (id && this.cameras[id] ? id : null));
  }

  learn(found: Camera[]): void {
    for (const one of found) this.cameras[one.id] = one;
  }

  /** Put a camera into a tile; one that is on the wall already changes places. */
  put(id: string, at = this.selected): void {
    this.stop();
    const slots = Array.from({ length: Math.max(64, this.slots.length) }, (_, n) => this.slots[n] ?? null);
    const before = slots.indexOf(id);
    if (before >= 0) slots[before] = slots[at] ?? null;
    slots[at] = id;
    this.slots = slots;
    this.selected = Math.min(at + 1, this.shape.count - 1);
    this.said = t("{camera} is in tile {number}.", { camera: this.cameras[id]?.key ?? "", number: at + 1 });
  }

  fill(ids: (string | null)[], layout: LayoutName = layoutFor(ids.length)): void {
    this.layout = layout;
    this.slots = [...ids];
    this.selected = 0;
  }

  empty(at = this.selected): void {
    this.stop();
    this.slots = this.slots.map((id, n) => (n === at ? null : id));
  }

  clear(): void {
    this.stop();
    this.slots = [];
    this.caught = [];
    this.point = null;
  }

  /** Put the controls into a camera's tile, or away again. */
  steer(id: string): void {
    this.steering = this.steering === id || !this.cameras[id]?.turns ? null : id;
  }

  turn(to: LayoutName): void {
    this.layout = to;
    this.selected = Math.min(this.selected, this.shape.count - 1);
    if (this.patrol) this.page(0);
  }

  async find(words: string): Promise<Camera[]> {
    const found = await ask<Camera[]>("cameras/found", { words: { q: words } });
    this.learn(found);
    return found;
  }

  async site(site: string): Promise<void> {
    const found = await ask<Camera[]>("cameras/found", { words: { site } });
    this.learn(found);
    for (const one of found) this.put(one.id, this.free());
  }

  /** The number that was typed, into the selected tile. */
  async enter(): Promise<void> {
    const words = this.typed;
    this.typed = "";
    await this.doing(async () => {
      const [first, ...others] = await this.find(words);
      if (!first) this.said = this.fault = t("No camera has the number {number}.", { number: words });
      else {
        this.put(first.id);
        if (others.length) this.said = t("{camera}; {count} more have this number: write 12-2 for the second.", { camera: first.key, count: others.length });
      }
    });
  }

  /** The cameras around a place, on the wall by themselves. */
  async cast(point: [number, number]): Promise<void> {
    await this.doing(async () => {
      const limit = Math.max(16, this.shape.count);
      const [lon, lat] = point;
      const caught = await ask<Caught[]>("cameras/net", { words: { lon, lat, limit } });
      this.learn(caught);
      this.caught = caught;
      this.point = point;
      this.stop();
      const open = caught.filter((one) => one.opens && one.streams).map((one) => one.id);
      if (open.length) this.fill(open, this.shape.count < 4 ? layoutFor(Math.min(open.length, 9)) : this.layout);
      this.said = t("{count} cameras are around this place, {open} of them open to you.", { count: caught.length, open: open.length });
    });
  }

  async choose(kind: string, words: string): Promise<void> {
    await this.doing(async () => {
      this.reason = await ask<Reason>("people/reason", { method: "PUT", body: { kind, words } });
      this.asking = false;
      wire.open();
      this.tell();
    });
  }

  async aim(id: string, [lon, lat]: [number, number]): Promise<void> {
    await this.doing(async () => {
      const camera = await ask<Camera>(`cameras/${id}/bearing`, { method: "PUT", body: { lon, lat } });
      this.learn([camera]);
      this.said = t("{camera} looks to {degrees}° from north.", { camera: camera.key, degrees: camera.bearing ?? "" });
    });
  }

  async keep(name: string, dwell: number | null): Promise<boolean> {
    return this.doing(async () => {
      const cameras = (this.patrol ? this.patrol.cameras : this.slots).slice(0, dwell ? 500 : this.shape.count);
      const body = { name, layout: this.layout, cameras: dwell ? cameras.filter(Boolean) : cameras, dwell };
      await ask("cameras/wall/views", { method: "PUT", body });
      this.views = await ask<View[]>("cameras/wall/views");
    });
  }

  async letGo(view: View): Promise<void> {
    await this.doing(async () => {
      await ask(`cameras/wall/views/${view.id}`, { method: "DELETE" });
      this.views = this.views.filter((one) => one.id !== view.id);
    });
  }

  async show(view: View): Promise<void> {
    await this.doing(async () => {
      this.stop();
      await this.know(view.cameras);
      if (view.dwell === null) {
        this.fill(view.cameras, view.layout);
        return;
      }
      const cameras = view.cameras.filter((id): id is string => !!id && !!this.cameras[id]);
      this.layout = view.layout;
      this.patrol = { name: view.name, cameras, dwell: view.dwell, page: 0, paused: false };
      this.page(0);
    });
  }

  /** Go to a page of the patrol, and on by itself after its dwell. */
  page(to: number): void {
    const patrol = this.patrol;
    if (!patrol) return;
    window.clearTimeout(this.timer);
    const pages = Math.max(1, Math.ceil(patrol.cameras.length / this.shape.count));
    patrol.page = ((to % pages) + pages) % pages;
    const from = patrol.page * this.shape.count;
    this.slots = patrol.cameras.slice(from, from + this.shape.count);
    if (!patrol.paused) this.timer = window.setTimeout(() => this.page(patrol.page + 1), patrol.dwell * 1000);
  }

  rest(): void {
    if (!this.patrol) return;
    this.patrol.paused = !this.patrol.paused;
    this.page(this.patrol.page);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.patrol = null;
    this.taken();
  }

  shape_(): Shape {
    return { layout: this.layout, slots: [...this.slots], patrol: this.patrol && { ...this.patrol } };
  }

  restoreTo({ layout, slots, patrol }: Shape): void {
    this.stop();
    this.fill(slots, layout);
    this.caught = [];
    this.point = null;
    if (!patrol) return;
    this.patrol = patrol;
    this.page(patrol.page);
  }

  /** The cameras along a way, the one for now first: it takes the first tile, and what stays keeps its own. */
  handOver(caught: Caught[]): void {
    this.learn(caught);
    this.caught = caught;
    const open = caught.filter((one) => one.opens && one.streams).map((one) => one.id).slice(0, this.shape.count);
    const [now, ...next] = open;
    if (!now) return;
    const kept = Array.from({ length: this.shape.count }, (_, at) => {
      const id = this.slots[at];
      return at && id && next.includes(id) ? id : null;
    });
    const rest = next.filter((id) => !kept.includes(id));
    if (this.slots[0] !== now) this.said = t("{camera} has it in sight now.", { camera: this.cameras[now]?.key ?? "" });
    this.slots = kept.map((id, at) => (at ? id ?? rest.shift() ?? null : now));
  }

  private async doing(act: () => Promise<void>): Promise<boolean> {
    try {
      this.fault = "";
      await act();
      return true;
    } catch (error) {
      if (error instanceof Problem) this.fault = error.message;
      else if (error instanceof Unreachable) this.fault = t("The server cannot be reached. Try again.");
      else throw error;
      return false;
    }
  }
}

export const desk = new Desk();
