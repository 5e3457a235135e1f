/** Layers of lines on the map: width and dashes say the same as the colour, and near the word does, too. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Layer, Look } from "../boot";
import { BELOW_NAMES, FONT } from "./base";
import type { Palette } from "./palette";
import { pointsName, sourceName } from "./points";

const SAID_FROM = 13.2;
const NEAR = 15;
/** metres of road lie on the screen at the same place for both directions: each is drawn on its right */
const ASIDE = 0.5;

/** MapLibre breaks lines by layer, not by feature: each look has one of its own. */
export const lineName = (layer: string, look: Look): string => `${pointsName(layer)}:${look.key || "-"}`;
export const lineNames = (layer: Layer): string[] => layer.looks.map((look) => lineName(layer.key, look));
const wordName = (layer: string): string => `${pointsName(layer)}:said`;

export function addLines(map: MapLibre, layer: Layer, palette: Palette): void {
  map.addSource(sourceName(layer.key), { type: "geojson", data: { type: "FeatureCollection", features: [] }, tolerance: 0.2 });
  for (const look of [...layer.looks].reverse()) {
    map.addLayer(
      {
        id: lineName(layer.key, look),
        type: "line",
        source: sourceName(layer.key),
        minzoom: layer.from_zoom,
        filter: ["==", ["to-string", ["get", layer.by]], look.key],
        layout: { "line-cap": look.dash.length ? "butt" : "round", "line-join": "round" },
        paint: {
          "line-color": palette.things[look.colour],
          "line-width": widths(look.width),
          "line-offset": widths(look.width * ASIDE + 0.8),
          ...(look.dash.length ? { "line-dasharray": look.dash } : {}),
        },
      },
      BELOW_NAMES,
    );
  }
  if (layer.label) addWords(map, layer, palette);
}

function widths(near: number): ["interpolate", ["linear"], ["zoom"], ...number[]] {
  return ["interpolate", ["linear"], ["zoom"], 10, near * 0.35, 13, near * 0.75, NEAR, near, 18, near * 1.6];
}

function addWords(map: MapLibre, layer: Layer, palette: Palette): void {
  map.addLayer(
    {
      id: wordName(layer.key),
      type: "symbol",
      source: sourceName(layer.key),
      minzoom: SAID_FROM,
      layout: {
        "symbol-placement": "line-center",
        "text-field": ["coalesce", ["get", layer.label], ""],
        "text-font": FONT,
        "text-size": 12,
        "text-offset": [0, 0.9],
        "text-rotation-alignment": "viewport",
        "text-padding": 4,
      },
      paint: wordPaint(palette),
    },
    BELOW_NAMES,
  );
}

function wordPaint(palette: Palette): Record<string, string | number> {
  return { "text-color": palette.labelStrong, "text-halo-color": palette.halo, "text-halo-width": 2 };
}

export function dressLines(map: MapLibre, layer: Layer, palette: Palette): void {
  for (const look of layer.looks) {
    const name = lineName(layer.key, look);
    if (map.getLayer(name)) map.setPaintProperty(name, "line-color", palette.things[look.colour]);
  }
  if (!map.getLayer(wordName(layer.key))) return;
  for (const [name, value] of Object.entries(wordPaint(palette))) {
    map.setPaintProperty(wordName(layer.key), name as "text-color", value as string);
  }
}

export function showLines(map: MapLibre, layer: Layer, on: boolean): void {
  for (const id of [...lineNames(layer), wordName(layer.key)]) {
    if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }
}

/** A point halfway along a line, for what wants one place of it: by its corners, not its metres. */
export function halfway(geometry: GeoJSON.Geometry): [lon: number, lat: number] | null {
  if (geometry.type === "Point") return geometry.coordinates.slice(0, 2) as [number, number];
  if (geometry.type !== "LineString") return null;
  const { coordinates } = geometry;
  const at = coordinates[Math.floor(coordinates.length / 2)];
  return at ? ([at[0]!, at[1]!] as [number, number]) : null;
}
