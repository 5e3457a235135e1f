/** Tools of the desk that draw on the map: measuring a way, and casting a net around a point. */
import { tn } from "../../parts/words";
import { near, type Group } from "../data/things";
import { areaOf, circle, distance, type Marks } from "../map/marks";
import { metres, squareMetres } from "../shell/words";
import { desk } from "./desk.svelte";
import { spot } from "./spot.svelte";

export const REACHES = [200, 500, 1000, 2000] as const;

export interface Net {
  lon: number;
  lat: number;
  title: string;
}

class Tools {
  way = $state.raw<[number, number][]>([]);
  closed = $state(false);
  net = $state.raw<Net | null>(null);
  reach = $state<number>(500);
  groups = $state.raw<Group[] | null>(null);
  failed = $state(false);
  private asking: AbortController | null = null;

  measure(): void {
    desk.tool = desk.tool === "measure" ? "none" : "measure";
    this.clear();
  }

  /** Cast at once around what is selected, or wait for a click that says where. */
  aim(): void {
    desk.tool = desk.tool === "net" ? "none" : "net";
    this.clear();
    const at = desk.selection && spot.now();
    if (desk.tool === "net" && at) this.cast({ lon: at[0], lat: at[1], title: "" });
  }

  cast(net: Net): void {
    desk.tool = "net";
    this.way = [];
    this.net = net;
    void this.draw();
  }

  widen(reach: number): void {
    this.reach = reach;
    void this.draw();
  }

  clear(): void {
    this.way = [];
    this.closed = false;
    this.net = null;
    this.groups = null;
    this.asking?.abort();
  }

  end(): void {
    desk.tool = "none";
    this.clear();
  }

  /** A click on the map while a tool is in hand. */
  press(at: [number, number], title: string): void {
    if (desk.tool === "net") this.cast({ lon: at[0], lat: at[1], title });
    else if (this.closed) [this.way, this.closed] = [[at], false];
    else this.way = [...this.way, at];
  }

  back(): void {
    if (this.closed) this.closed = false;
    else this.way = this.way.slice(0, -1);
  }

  close(): void {
    this.closed = this.way.length > 2;
  }

  get length(): number {
    const ring = this.closed ? [...this.way, this.way[0]!] : this.way;
    return ring.slice(1).reduce((sum, point, i) => sum + distance(ring[i]!, point), 0);
  }

  private async draw(): Promise<void> {
    const net = this.net;
    if (!net) return;
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      this.groups = await near(net.lon, net.lat, this.reach, 6, signal);
      this.failed = false;
    } catch {
      if (!signal.aborted) this.failed = true;
    }
  }

  /** What of it the maps draw. */
  marks(): Marks {
    const features = desk.tool === "measure" ? this.wayMarks() : this.net ? this.netMarks(this.net) : [];
    return { type: "FeatureCollection", features };
  }

  private wayMarks(): GeoJSON.Feature[] {
    const points = this.way.map((point, i): GeoJSON.Feature => {
      const far = this.way.slice(1, i + 1).reduce((sum, next, k) => sum + distance(this.way[k]!, next), 0);
      const last = i === this.way.length - 1;
      const text = !i ? "" : last && this.closed ? squareMetres(areaOf(this.way)) : metres(far);
      return { type: "Feature", properties: text ? { text } : {}, geometry: { type: "Point", coordinates: point } };
    });
    const geometry: GeoJSON.Geometry = this.closed
      ? { type: "Polygon", coordinates: [[...this.way, this.way[0]!]] }
      : { type: "LineString", coordinates: this.way };
    return this.way.length > 1 ? [{ type: "Feature", properties: {}, geometry }, ...points] : points;
  }

  private netMarks(net: Net): GeoJSON.Feature[] {
    const centre: [number, number] = [net.lon, net.lat];
    const hits = (this.groups ?? []).flatMap((group) => group.hits);
    const lines = hits.flatMap((hit): GeoJSON.Feature[] => {
      if (hit.lon === null || hit.lat === null) return [];
      const coordinates = [centre, [hit.lon, hit.lat]];
      return [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } }];
    });
    const middle: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: centre } };
    return [circle(centre, this.reach), ...lines, middle];
  }

  get counted(): string {
    const count = (this.groups ?? []).reduce((sum, group) => sum + group.hits.length, 0);
    return tn("{count} thing", "{count} things", count);
  }
}

export const tools = new Tools();
