/** One map on the screen: MapLibre beneath, moving things above, and what a click on it means. */
import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from "maplibre-gl";
import { tick } from "svelte";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { boot, type Layer } from "../boot";
import { features } from "../data/features.svelte";
import { Overlay } from "../moving/overlay";
import type { Plane } from "../moving/plane";
import { Cars } from "../micro/cars";
import { micro } from "../micro/window.svelte";
import { clock } from "../state/clock.svelte";
import { desk } from "../state/desk.svelte";
import { faults } from "../state/faults.svelte";
import { scene } from "../state/scene.svelte";
import { look } from "../state/theme.svelte";
import type { Camera, Selection } from "../state/view";
import { baseStyle } from "./base";
import { iconPaths } from "./icons";
import { Counts } from "./counts";
import { redrawLetters } from "./letters";
import { addLines, dressLines, showLines } from "./lines";
import { addMarks, dressMarks, setMarks, type Marks } from "./marks";
import { palettes } from "./palette";
import { ALARMS, findAt, fixed, moving as movingLayers, tiled, type Found } from "./picking";
import { addAlarmPictures, addPictures } from "./pictures";
import { raised } from "./raised";
import {
  addPoints,
  dressPoints,
  setFeatures,
  showPoints,
  showTiles,
  sourceName,
  unhidden,
} from "./points";
import { Values } from "./values";

setWorkerUrl(workerUrl);

export interface Hooks {
  moved(camera: Camera): void;
  pressed(found: Found | null, at: [lon: number, lat: number]): void;
  asked(at: [lon: number, lat: number]): void;
  hovered(found: Found | null, x: number, y: number): void;
  /** after every frame, for what is laid over the map */
  drawn(): void;
  failed(why: string): void;
}

export class Screen {
  readonly map: MapLibre;
  private overlay: Overlay | null = null;
  private cars: Cars | null = null;
  private counts: Counts | null = null;
  private readonly stops: (() => void)[] = [];
  private ready = false;
  /** what was asked of the map before it was furnished, and is done again then */
  private readonly wishes = new Map<string, () => void>();
  /** the alarms that are drawn */
  private waiting: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
  /** a camera set from outside must not be told back */
  private told = false;

  constructor(
    container: HTMLElement,
    camera: Camera,
    private readonly hooks: Hooks,
    title: string,
  ) {
    this.map = new MapLibre({
      container,
      style: baseStyle(boot, look.theme, location.origin),
      center: [camera.lon, camera.lat],
      zoom: camera.zoom,
      bearing: camera.bearing,
      pitch: camera.pitch,
      attributionControl: false,
      fadeDuration: 0,
      maxZoom: 20,
      minZoom: 5,
      maxPitch: 60,
      pixelRatio: Math.min(devicePixelRatio, 2),
      renderWorldCopies: false,
      reduceMotion: look.still,
      validateStyle: false,
      locale: { "Map.Title": title },
    });
    redrawLetters(this.map);
    this.listen();
    this.map.once("styledata", () => void this.furnish());
  }

  private listen(): void {
    const map = this.map;
    map.on("moveend", () => this.tellCamera());
    map.on("click", (event) => this.hooks.pressed(this.find(event), event.lngLat.toArray() as [number, number]));
    map.on("contextmenu", (event) => this.hooks.asked(event.lngLat.toArray() as [number, number]));
    map.on("mousemove", (event) => this.hooks.hovered(this.find(event), event.point.x, event.point.y));
    map.on("mouseout", () => this.hooks.hovered(null, 0, 0));
    map.on("render", () => this.hooks.drawn());
    map.on("error", ({ error }) => this.hooks.failed(error.message));
    map.on("webglcontextrestored", () => void this.furnish());
  }

  private tellCamera(): void {
    if (this.told) this.told = false;
    else this.hooks.moved(this.camera());
  }

  camera(): Camera {
    const { lng, lat } = this.map.getCenter();
    const [zoom, bearing, pitch] = [this.map.getZoom(), this.map.getBearing(), this.map.getPitch()];
    return { lon: lng, lat, zoom, bearing, pitch };
  }

  /** Look where camera says, without telling anybody. */
  look(camera: Camera): void {
    const now = this.camera();
    const near = Math.abs(now.lon - camera.lon) + Math.abs(now.lat - camera.lat) < 1e-7;
    if (near && Math.abs(now.zoom - camera.zoom) < 1e-4 && now.bearing === camera.bearing && now.pitch === camera.pitch) return;
    this.told = true;
    this.map.jumpTo({ center: [camera.lon, camera.lat], zoom: camera.zoom, bearing: camera.bearing, pitch: camera.pitch });
  }

  /** Go there, in one move that shows the way; in the middle of what an opening panel leaves of the map. */
  async fly(lon: number, lat: number, zoom?: number): Promise<void> {
    const target = Math.max(zoom ?? 16, zoom ? 0 : this.map.getZoom());
    await tick();
    this.map.resize();
    const offset: [number, number] = [0, -covered(this.map.getContainer()) / 2];
    this.map.easeTo({ center: [lon, lat], zoom: target, offset, duration: look.still ? 0 : 450 });
  }

  private async furnish(): Promise<void> {
    const icons = await iconPaths();
    const palette = palettes[look.theme];
    const map = this.map;
    if (map.getSource("marks")) return;
    addMarks(map, palette);
    addAlarmPictures(map, icons, palette);
    addAlarms(map);
    const upwards = [...fixed].reverse();
    for (const layer of [...upwards.filter((one) => one.lines), ...upwards.filter((one) => !one.lines)]) {
      attempt(layer, () => {
        if (layer.lines) addLines(map, layer, palette);
        else {
          addPictures(map, layer, icons, palette);
          addPoints(map, layer, palette, "marks-area");
        }
        const known = features.of(layer.key);
        if (known) this.setFeatures(layer, known);
      });
    }
    this.stops.push(features.listen((layer, data) => attempt(layer, () => this.setFeatures(layer, data))));
    this.addMoving();
    this.ready = true;
    this.refresh();
    for (const act of this.wishes.values()) act();
  }

  private addMoving(): void {
    const crowd = scene.now;
    if (!crowd || this.overlay) return;
    const counts = (this.counts = new Counts(this.map, crowd.plane, fixed, () => palettes[look.theme]));
    const values = new Values(this.map, crowd.plane, fixed, () => palettes[look.theme]);
    const pace = { now: () => clock.moment(), glides: () => !look.still, counts: counts.drawn, values: values.drawn };
    const failed = (why: string): void => movingLayers.forEach(({ key }) => faults.layerFailed(key, why));
    this.overlay = new Overlay(this.map, crowd, pace, () => this.hooks.drawn(), failed);
    this.map.addLayer(this.overlay.layer);
    this.stops.push(scene.draws((glide) => this.overlay?.moved(glide)));
    this.addCars(crowd.plane);
  }

  /** The vehicles of a microscopic window, where the person may open one. */
  private addCars(plane: Plane): void {
    if (!boot.tools.some((tool) => tool.key === "window")) return;
    this.cars = new Cars(this.map, plane, micro, () => palettes[look.theme], () => look.still, (why) => desk.say(why, "wrong"));
    this.map.addLayer(this.cars.layer);
  }

  /** The microscopic window came, went or looks otherwise. */
  microscope(): void {
    this.wish("microscope", () => this.cars?.refresh());
  }

  private setFeatures(layer: Layer, data: GeoJSON.FeatureCollection): void {
    setFeatures(this.map, layer, unhidden(data, layer, desk.hidden[layer.key] ?? []));
  }

  /** Show what the desk shows: layers, looks, and the crowd of now or of the past. */
  refresh(): void {
    if (!this.ready) return;
    for (const layer of fixed) attempt(layer, () => this.showFixed(layer));
    for (const layer of tiled) {
      const on = desk.shown.includes(layer.key);
      if (layer.source.type === "tiles") showTiles(this.map, layer.source.layer, on);
    }
    if (scene.now) this.overlay?.follow(scene.now);
  }

  private showFixed(layer: Layer): void {
    const on = desk.shown.includes(layer.key);
    if (on) features.want(layer);
    if (layer.lines) showLines(this.map, layer, on && clock.live);
    else showPoints(this.map, layer.key, on, clock.live);
    const known = features.of(layer.key);
    if (on && known) this.setFeatures(layer, known);
  }

  /** Do it now, or as soon as the map is furnished; only the last of a name. */
  private wish(name: string, act: () => void): void {
    this.wishes.set(name, act);
    if (this.ready) act();
  }

  marks(marks: Marks): void {
    this.wish("marks", () => setMarks(this.map, marks));
  }

  alarms(data: GeoJSON.FeatureCollection): void {
    this.wish("alarms", () => {
      void this.map.getSource<GeoJSONSource>(ALARMS)?.setData(data);
      this.waiting = data;
      void this.raise();
    });
  }

  /** Over what moves, too: the map's own signs lie under it, and serve where nothing that moves is drawn. */
  private async raise(): Promise<void> {
    const icons = await iconPaths();
    const crowd = scene.now;
    if (crowd) this.overlay?.alarm(raised(this.waiting, crowd.plane, icons.get("bell"), palettes[look.theme]));
  }

  /** Other colours, the same map. */
  async dress(): Promise<void> {
    if (!this.ready) return;
    const palette = palettes[look.theme];
    for (const layer of baseStyle(boot, look.theme, location.origin).layers) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as "line-color", value as string);
      }
    }
    dressMarks(this.map, palette);
    const icons = await iconPaths();
    addAlarmPictures(this.map, icons, palette);
    for (const layer of fixed) {
      if (layer.lines) {
        dressLines(this.map, layer, palette);
        continue;
      }
      addPictures(this.map, layer, icons, palette);
      dressPoints(this.map, layer, palette);
    }
    await this.raise();
  }

  /** Where a point of the map is on this screen, in CSS pixels. */
  /** Whether a cluster's count lies under words of this size around a point of the map. */
  counted(x: number, y: number, width: number, height: number): boolean {
    return this.counts?.under(x, y, width, height) ?? false;
  }

  project(lon: number, lat: number): { x: number; y: number } {
    return this.map.project([lon, lat]);
  }

  private find(event: MapMouseEvent): Found | null {
    return this.ready ? findAt(this.map, event) : null;
  }

  /** Draw the selected road or district over the others, and the districts that an alarm is about. */
  choose(selection: Selection | null, about: readonly string[]): void {
    const road = selection?.kind === "road" ? selection.id : "";
    const ids = selection?.kind === "district" ? [selection.id] : about;
    const keys = boot.city.labels.filter((one) => ids.includes(one.id)).map((one) => one.key);
    this.wish("chosen", () => {
      this.map.setFilter("chosen-road", ["==", ["get", "name"], road]);
      this.map.setFilter("chosen-district", ["in", ["get", "key"], ["literal", keys]]);
      this.map.setFilter("chosen-ground", ["in", ["get", "key"], ["literal", selection?.kind === "district" ? [] : keys]]);
    });
  }

  /** Zoom in until a cluster falls apart. */
  async open(found: Extract<Found, { what: "cluster" }>): Promise<void> {
    const source = this.map.getSource<GeoJSONSource>(sourceName(found.layer.key));
    const zoom = (await source?.getClusterExpansionZoom(found.id)) ?? this.map.getZoom() + 2;
    await this.fly(found.at[0], found.at[1], zoom + 0.2);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.overlay?.close();
    this.cars?.close();
    this.map.remove();
  }
}

/** How much of a map, from below and in CSS pixels, lies under a sheet: on a narrow screen panels lie over it. */
function covered(container: HTMLElement): number {
  const { top, bottom, height } = container.getBoundingClientRect();
  const sheets = [...document.querySelectorAll(".inspector, .side-panel")].filter((one) => getComputedStyle(one).position === "absolute");
  const least = Math.min(...sheets.map((one) => one.getBoundingClientRect().top), bottom);
  return Math.min(Math.max(bottom - Math.max(least, top), 0), height);
}

/** A layer that fails is named in what the screen knows; the others go on. */
function attempt(layer: Layer, act: () => void): void {
  try {
    act();
  } catch (error) {
    faults.layerFailed(layer.key, error instanceof Error ? error.message : String(error));
  }
}

function addAlarms(map: MapLibre): void {
  map.addSource(ALARMS, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: ALARMS,
    type: "symbol",
    source: ALARMS,
    layout: {
      "icon-image": ["get", "picture"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "symbol-sort-key": ["get", "severity"],
    },
  });
}
