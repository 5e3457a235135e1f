/** The wall's map: where cameras stand, which of them are on the wall and where they look. */
import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { boot } from "../console/boot";
import { baseStyle } from "../console/map/base";
import { redrawLetters } from "../console/map/letters";
import { palettes, type Theme } from "../console/map/palette";
import type { Camera } from "./said";

setWorkerUrl(workerUrl);

export type Point = [lon: number, lat: number];
export interface Hooks {
  pressed(at: Point): void;
  /** a site was pressed, or dragged to the tile of that number */
  site(site: string, tile: number | null): void;
}

const LOOKS = 55; // metres that a wedge reaches
const HALF = 30; // degrees to either side

export class WallMap {
  private readonly map: MapLibre;
  private ready = false;
  private wish: (() => void) | null = null;

  constructor(container: HTMLElement, private readonly hooks: Hooks, title: string) {
    const theme = themeOf();
    const [west, south, east, north] = boot.city.box ?? [126.5, 37, 127.5, 38];
    this.map = new MapLibre({
      container, style: baseStyle(boot, theme, location.origin), bounds: [west, south, east, north],
      fitBoundsOptions: { padding: 8 }, attributionControl: false, fadeDuration: 0, maxZoom: 20,
      renderWorldCopies: false, pixelRatio: Math.min(devicePixelRatio, 2), validateStyle: false, locale: { "Map.Title": title },
    });
    redrawLetters(this.map);
    this.map.once("styledata", () => this.furnish(theme));
    this.map.on("idle", () => (container.dataset["idle"] = "true"));
  }

  private furnish(theme: Theme): void {
    const { map } = this;
    const palette = palettes[theme];
    const tiles = `${location.origin}${boot.addresses["api"]}tiles/cameras/{z}/{x}/{y}.mvt?v=${boot.city.tiles}`;
    map.addSource("sites", { type: "vector", tiles: [tiles], minzoom: 11, maxzoom: 16 });
    map.addSource("wall", { type: "geojson", data: collection([]) });
    map.addLayer({ id: "looks", type: "fill", source: "wall", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": palette.accent, "fill-opacity": 0.3 } });
    map.addLayer({ id: "sites", type: "circle", source: "sites", "source-layer": "cameras", paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 1.6, 14, 3.5, 17, 6], "circle-color": palette.things.blue, "circle-stroke-color": palette.ground, "circle-stroke-width": 1 } });
    map.addLayer({ id: "wall", type: "circle", source: "wall", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": ["case", ["get", "chosen"], 7, 5], "circle-color": ["case", ["get", "place"], palette.alarms[2], palette.accent], "circle-stroke-color": palette.ink, "circle-stroke-width": 1.5 } });
    map.on("click", (event) => this.pressed(event));
    map.on("mousedown", (event) => this.grabbed(event));
    for (const [name, cursor] of [["mouseenter", "grab"], ["mouseleave", ""]] as const) map.on(name, "sites", () => (map.getCanvas().style.cursor = cursor));
    this.ready = true;
    this.wish?.();
  }

  private at(event: MapMouseEvent): string | null {
    const { x, y } = event.point;
    const found = this.map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: ["sites"] })[0];
    const site: unknown = found?.properties["site"];
    return typeof site === "string" ? site : null;
  }

  private pressed(event: MapMouseEvent): void {
    const site = this.at(event);
    if (site) this.hooks.site(site, null);
    else this.hooks.pressed(event.lngLat.toArray() as Point);
  }

  /** A camera is dragged off the map to a tile. */
  private grabbed(event: MapMouseEvent): void {
    const site = this.at(event);
    if (!site) return;
    event.preventDefault();
    document.body.classList.add("dragging");
    addEventListener("mouseup", (up) => {
      document.body.classList.remove("dragging");
      const tile = document.elementFromPoint(up.clientX, up.clientY)?.closest<HTMLElement>("[data-tile]");
      if (tile) this.hooks.site(site, Number(tile.dataset["tile"]));
    }, { once: true });
  }

  show(cameras: Camera[], chosen: string | null, place: Point | null): void {
    if (!this.ready) {
      this.wish = () => this.show(cameras, chosen, place);
      return;
    }
    const wedges = cameras.filter((one) => one.bearing !== null).map((one) => feature({ type: "Polygon", coordinates: [wedge(one)] }, {}));
    const dots = cameras.map((one) => feature({ type: "Point", coordinates: [one.lon, one.lat] }, { chosen: one.id === chosen, place: false }));
    const middle = place ? [feature({ type: "Point", coordinates: place }, { chosen: true, place: true })] : [];
    this.map.getSource<GeoJSONSource>("wall")!.setData(collection([...wedges, ...dots, ...middle]));
  }

  go([lon, lat]: Point): void {
    if (!this.map.getBounds().contains([lon, lat]) || this.map.getZoom() < 14) this.map.jumpTo({ center: [lon, lat], zoom: Math.max(15.5, this.map.getZoom()) });
  }

  close(): void {
    this.map.remove();
  }
}

/** What a camera looks at: a wedge from where it stands. */
function wedge({ lon, lat, bearing }: Camera): Point[] {
  const tips = Array.from({ length: 7 }, (_, step) => ((bearing! - HALF + (step * HALF) / 3) * Math.PI) / 180);
  const north = LOOKS / 111_320;
  const east = north / Math.cos((lat * Math.PI) / 180);
  return [[lon, lat], ...tips.map((turn): Point => [lon + east * Math.sin(turn), lat + north * Math.cos(turn)]), [lon, lat]];
}

const feature = (geometry: GeoJSON.Geometry, properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature => ({ type: "Feature", properties, geometry });
const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: "FeatureCollection", features });

function themeOf(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches) ? "dark" : "light";
}
