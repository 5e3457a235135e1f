/** One map of the studio: the city beneath, a layer of the plan over it, what is drawn on top. */
import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type ImageSource, type MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { askBlob } from "../console/api";
import { boot } from "../console/boot";
import { baseStyle } from "../console/map/base";
import { redrawLetters } from "../console/map/letters";
import { palettes, type Theme } from "../console/map/palette";
import { t } from "../parts/words";
import { Draft } from "./draft";
import { dragsOnlyWhatMoves } from "./press";
import type { Piece } from "./piece";
import type { Edit, Kind, LayerName, Look, Mended, Point, Seen, Site } from "./said";

setWorkerUrl(workerUrl);

const COLOURS: Record<Kind, string> = { trees: "#2f9e44", roof: "#66a80f", cool: "#1c7ed6", land: "#0ca678" };
const EARTH = 6378137;
/** milliseconds until a picture that nobody could make is asked for again */
const AGAIN = 5000;

export interface Hooks {
  pressed(at: Point): void;
  finished(): void;
  hovered(at: Point): void;
  moved(map: MapLibre): void;
  failed(why: string): void;
}

export class StudioMap {
  readonly map: MapLibre;
  private readonly drawing: Draft;
  /** the layer's pixels, and the view that they are of */
  private readonly paper = document.createElement("canvas");
  private painted: Seen | null = null;
  private shown = "";
  private asking: AbortController | null = null;
  private wish: (() => void) | null = null;
  private ready = false;

  constructor(container: HTMLElement, hooks: Hooks, title: string) {
    const theme = themeOf();
    const [west, south, east, north] = boot.city.box ?? [126.5, 37, 127.5, 38];
    this.map = new MapLibre({
      container,
      style: baseStyle(boot, theme, location.origin),
      bounds: [west, south, east, north],
      fitBoundsOptions: { padding: 12 },
      attributionControl: false,
      fadeDuration: 0,
      maxZoom: 20,
      doubleClickZoom: false,
      renderWorldCopies: false,
      pixelRatio: Math.min(devicePixelRatio, 2),
      validateStyle: false,
      locale: { "Map.Title": title },
    });
    redrawLetters(this.map);
    dragsOnlyWhatMoves(this.map);
    this.drawing = new Draft(this.map);
    const at = (event: MapMouseEvent): Point => event.lngLat.toArray() as Point;
    this.map.on("click", (event) => hooks.pressed(at(event)));
    this.map.on("dblclick", () => hooks.finished());
    this.map.on("mousemove", (event) => hooks.hovered(at(event)));
    this.map.on("moveend", () => hooks.moved(this.map));
    this.map.on("error", ({ error }) => hooks.failed(error.message));
    this.map.on("idle", () => (container.dataset["idle"] = "true"));
    this.map.on("movestart", () => delete container.dataset["idle"]);
    this.map.once("styledata", () => this.furnish(theme));
  }

  private furnish(theme: Theme): void {
    const map = this.map;
    map.addSource("layer", { type: "image", coordinates: corners(map) });
    map.addLayer({ id: "layer", type: "raster", source: "layer", paint: { "raster-opacity": 0.72, "raster-fade-duration": 0, "raster-resampling": "nearest" } }, "buildings");
    map.addSource("areas", { type: "geojson", data: collection([]) });
    map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": ["get", "colour"], "fill-opacity": ["case", ["get", "known"], 0.72, 0] } }, "buildings");
    map.addLayer({ id: "area-edges", type: "line", source: "areas", paint: { "line-color": palettes[theme].accent, "line-opacity": 0.35, "line-width": 0.6 } });
    for (const name of ["edits", "sites"]) map.addSource(name, { type: "geojson", data: collection([]) });
    map.addLayer({ id: "edit-areas", type: "fill", source: "edits", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.35, "fill-outline-color": ["get", "colour"] } });
    map.addLayer({ id: "edit-lines", type: "line", source: "edits", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round" }, paint: { "line-color": ["get", "colour"], "line-width": 2.5 } });
    map.addLayer({ id: "edit-trees", type: "line", source: "edits", filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round" }, paint: { "line-color": COLOURS.trees, "line-width": ["interpolate", ["linear"], ["zoom"], 12, 3, 18, 16], "line-dasharray": [0.01, 1.6] } });
    map.addLayer({ id: "sites", type: "fill", source: "sites", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ["case", ["get", "chosen"], COLOURS.roof, ["==", ["get", "why"], ""], "#adb5bd", "#868e96"], "fill-opacity": ["case", ["get", "chosen"], 0.75, 0.3] } });
    map.addLayer({ id: "site-lines", type: "line", source: "sites", filter: ["!=", ["geometry-type"], "Polygon"], layout: { "line-cap": "round" }, paint: { "line-color": ["case", ["get", "chosen"], COLOURS.trees, ["==", ["get", "why"], ""], "#adb5bd", "#868e96"], "line-width": ["case", ["get", "chosen"], 5, 2] } });
    this.ready = true;
    this.wish?.();
  }

  /** Lay a layer of a plan (or of the city as it is) over what is in view; a patch spares asking for all of it. */
  lay(layer: LayerName, plan: string | null, version: string, painted: () => void, patch?: Mended): void {
    if (!this.ready) {
      this.wish = () => this.lay(layer, plan, version, painted, patch);
      return;
    }
    const around = corners(this.map);
    const look = this.inView(layer, around);
    const words = new URLSearchParams([...Object.entries(look).filter(([name]) => name !== "layer").map(([name, value]) => [name, String(value)]), ["v", version], ...(plan ? [["plan", plan]] : [])]);
    const address = `climate/view/${layer}.png?${words}`;
    if (address === this.shown) return;
    const before = this.seen;
    const mended = before && patch?.of === before.address && sameLook(look, before.look) ? patch.piece : null;
    this.shown = address;
    this.asking?.abort();
    this.map.setLayoutProperty("layer", "visibility", "visible");
    const done = (): void => {
      this.painted = { address, look };
      this.map.getSource<ImageSource>("layer")!.updateImage({ image: this.paper, coordinates: around });
      this.map.once("render", painted);
    };
    if (mended) this.mend(mended, done);
    else void this.paint(look, address, done);
  }

  /** What is before whoever looks: null while another picture is under way. */
  get seen(): Seen | null {
    return this.painted?.address === this.shown ? this.painted : null;
  }

  private inView(layer: LayerName, around: [Point, Point, Point, Point]): Look {
    const { width, height } = this.map.getCanvas().getBoundingClientRect();
    const [west, north] = mercator(around[0]);
    const [east, south] = mercator(around[2]);
    const side = (length: number): number => Math.min(1600, Math.max(16, Math.round(length)));
    return { layer, west, south, east, north, width: side(width), height: side(height) };
  }

  private async paint(look: Look, address: string, done: () => void): Promise<void> {
    const asking = (this.asking = new AbortController());
    const picture = await askBlob(address, asking.signal).then((found) => createImageBitmap(found)).catch(() => null);
    if (this.shown !== address) return;
    if (!picture) {
      setTimeout(() => this.shown === address && void this.paint(look, address, done), AGAIN);
      return;
    }
    [this.paper.width, this.paper.height] = [look.width, look.height];
    this.ink.drawImage(picture, 0, 0);
    done();
  }

  private mend({ left, top, width, height, image }: Piece, done: () => void): void {
    if (image) {
      this.ink.clearRect(left, top, width, height);
      this.ink.drawImage(image, left, top);
    }
    done();
  }

  private get ink(): CanvasRenderingContext2D {
    return this.paper.getContext("2d", { willReadFrequently: true })!;
  }

  /** Show no layer: nobody knows its values. */
  clear(): void {
    this.wish = null;
    this.shown = "";
    this.asking?.abort();
    if (this.ready) this.map.setLayoutProperty("layer", "visibility", "none");
  }

  /** How warm a square feels, over everything that lies flat; null: none. */
  felt(url: string | null, around: [Point, Point, Point, Point] | null = null): void {
    if (!this.ready) {
      this.map.once("load", () => this.felt(url, around));
      return;
    }
    const source = this.map.getSource<ImageSource>("felt");
    if (source) this.map.setLayoutProperty("felt", "visibility", url ? "visible" : "none");
    if (!url || !around) return;
    if (source) {
      source.updateImage({ url, coordinates: around });
      return;
    }
    // Not before there is a picture: the page's policy loads no empty one.
    this.map.addSource("felt", { type: "image", url, coordinates: around });
    this.map.addLayer({ id: "felt", type: "raster", source: "felt", paint: { "raster-opacity": 0.9, "raster-fade-duration": 0, "raster-resampling": "nearest" } }, "edit-areas");
  }

  /** Areas with a colour each, over the layer of cells; a number to know a pressed one by. */
  areas(features: GeoJSON.Feature[]): void {
    this.set("areas", features);
  }

  /** The number of the area at a place. */
  areaAt(at: Point): number | null {
    if (!this.ready) return null;
    const [found] = this.map.queryRenderedFeatures(this.map.project(at), { layers: ["areas"] });
    return found ? Number(found.properties["number"]) : null;
  }

  /** West, south, east, north of what is in view. */
  get box(): [number, number, number, number] {
    const [[west, south], [east, north]] = this.map.getBounds().toArray() as [Point, Point];
    return [west, south, east, north];
  }

  edits(edits: Edit[]): void {
    this.set("edits", edits.flatMap((edit) => shapes(edit.kind, edit.rings).map((geometry) => feature(geometry, { colour: COLOURS[edit.kind] }))));
  }

  sites(sites: Site[]): void {
    const shape = (rings: Point[][]): GeoJSON.Geometry => (closed(rings[0]!) ? { type: "Polygon", coordinates: rings } : { type: "MultiLineString", coordinates: rings });
    this.set("sites", sites.map(({ rings, chosen, why }) => feature(shape(rings), { chosen, why })));
  }

  draft(kind: Kind | "outline" | null, points: Point[]): void {
    this.drawing.show(kind ? points : [], kind !== "trees");
  }

  private set(name: string, features: GeoJSON.Feature[]): void {
    if (this.ready) void this.map.getSource<GeoJSONSource>(name)?.setData(collection(features));
    else this.map.once("load", () => this.set(name, features));
  }

  get middle(): Point {
    return this.map.getCenter().toArray() as Point;
  }

  close(): void {
    this.wish = null;
    this.shown = ""; // what is under way comes too late
    this.asking?.abort();
    this.map.remove();
  }
}

export const nameOf = (index: number, plan: string): string => `${t("Map {number}", { number: index + 1 })} · ${plan}`;

function shapes(kind: Kind, rings: Point[][]): GeoJSON.Geometry[] {
  if (kind === "trees") return rings.map((coordinates) => ({ type: "LineString", coordinates }));
  return [{ type: "Polygon", coordinates: rings.map((ring) => [...ring, ring[0]!]) }];
}

function feature(geometry: GeoJSON.Geometry, properties: GeoJSON.GeoJsonProperties = {}): GeoJSON.Feature {
  return { type: "Feature", properties, geometry };
}

function collection(features: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features };
}

/** Whether a ring comes back to where it began: of a roof it does, of a street it does not. */
function closed(ring: Point[]): boolean {
  const [first, last] = [ring[0], ring.at(-1)];
  return ring.length > 3 && first !== undefined && last !== undefined && Math.abs(first[0] - last[0]) + Math.abs(first[1] - last[1]) < 1e-9;
}

function themeOf(): Theme {
  return getComputedStyle(document.documentElement).colorScheme === "dark" || (boot.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches) ? "dark" : "light";
}

function sameLook(one: Look, other: Look): boolean {
  return (Object.keys(one) as (keyof Look)[]).every((name) => one[name] === other[name]);
}

/** North-west, north-east, south-east, south-west of what is in view. */
function corners(map: MapLibre): [Point, Point, Point, Point] {
  const [[west, south], [east, north]] = map.getBounds().toArray() as [Point, Point];
  return [[west, north], [east, north], [east, south], [west, south]];
}

export function mercator([lon, lat]: Point): Point {
  const up = Math.max(-85.05, Math.min(85.05, lat));
  return [(EARTH * lon * Math.PI) / 180, EARTH * Math.log(Math.tan(Math.PI / 4 + (up * Math.PI) / 360))];
}
