/** Layers of fixed things on the map: clusters far out, small shapes nearer, bodies with icons near. */
import type {
  ExpressionSpecification,
  GeoJSONSource,
  Map as MapLibre,
} from "maplibre-gl";
import type { Layer } from "../boot";
import { BELOW_NAMES, FONT } from "./base";
import type { Palette } from "./palette";
import { pictureName } from "./pictures";

const NEAR = 14.5;
const APART = 13.5;
/** further out, values of many stations would be a cloud of figures */
const SAID_FROM = 12.2;
/** of the count in a cluster, in CSS pixels */
export const LABEL_SIZE = 11;
/** of a value, and how far from the middle of its sign it begins */
export const VALUE_SIZE = 11.5;
export const VALUE_BESIDE = 10;
/** from one line of a value to the next, in CSS pixels, and how long a line may get, in ems */
export const VALUE_LINE = 13.5;
const VALUE_LONG = 7.8;
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export const sourceName = (layer: string): string => `features:${layer}`;
export const pointsName = (layer: string): string => `points:${layer}`;
export const clustersName = (layer: string): string => `clusters:${layer}`;
export const valuesName = (layer: string): string => `values:${layer}`;

/** Put a layer's source and drawing on the map: things below the districts' names, clusters below `before`. */
export function addPoints(map: MapLibre, layer: Layer, palette: Palette, before: string): void {
  map.addSource(sourceName(layer.key), {
    type: "geojson",
    data: EMPTY,
    attribution: "",
    ...(layer.clustered
      ? { cluster: true, clusterRadius: 44, clusterMaxZoom: Math.floor(APART), clusterMinPoints: 4 }
      : {}),
  });
  if (layer.clustered) addClusters(map, layer, palette, before);
  map.addLayer(
    {
      id: pointsName(layer.key),
      type: "symbol",
      source: sourceName(layer.key),
      minzoom: layer.from_zoom,
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": picture(layer),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.75, NEAR - 0.01, 1.05, NEAR, 0.85, 17, 1],
      },
    },
    BELOW_NAMES,
  );
  if (layer.label) addValues(map, layer, layer.label, palette);
}

/** A value beside the sign, left out where it would cover another: apart, so that what is drawn can be told. */
function addValues(map: MapLibre, layer: Layer, property: string, palette: Palette): void {
  map.addLayer(
    {
      id: valuesName(layer.key),
      type: "symbol",
      source: sourceName(layer.key),
      minzoom: Math.max(SAID_FROM, layer.from_zoom),
      filter: ["all", ["!", ["has", "point_count"]], ["has", property]],
      layout: {
        "text-field": ["coalesce", ["get", property], ""],
        "text-font": FONT,
        "text-size": VALUE_SIZE,
        "text-anchor": "left",
        "text-offset": [VALUE_BESIDE / VALUE_SIZE, 0],
        "text-justify": "left",
        "text-line-height": VALUE_LINE / VALUE_SIZE,
        "text-max-width": 100, // its lines are broken already
      },
      paint: labelPaint(palette),
    },
    BELOW_NAMES,
  );
}

function labelPaint(palette: Palette): Record<string, string | number> {
  return { "text-color": palette.labelStrong, "text-halo-color": palette.halo, "text-halo-width": 1.5 };
}

function picture(layer: Layer): ExpressionSpecification {
  return ["step", ["zoom"], named(layer, false), NEAR, named(layer, true)] as ExpressionSpecification;
}

function named(layer: Layer, near: boolean): ExpressionSpecification | string {
  const first = pictureName(layer.key, layer.looks[0]!.key, near);
  if (!layer.by || layer.looks.length < 2) return first;
  const pairs = layer.looks.flatMap((look) => [look.key, pictureName(layer.key, look.key, near)]);
  const last = pictureName(layer.key, layer.looks.at(-1)!.key, near);
  return ["match", ["to-string", ["get", layer.by]], ...pairs, last] as unknown as ExpressionSpecification;
}

function addClusters(map: MapLibre, layer: Layer, palette: Palette, before: string): void {
  map.addLayer(
    {
      id: clustersName(layer.key),
      type: "circle",
      source: sourceName(layer.key),
      filter: ["has", "point_count"],
      paint: clusterPaint(layer, palette),
    },
    before,
  );
  map.addLayer(
    {
      id: `${clustersName(layer.key)}:count`,
      type: "symbol",
      source: sourceName(layer.key),
      filter: ["has", "point_count"],
      layout: {
        "text-field": ["number-format", ["get", "point_count"], {}],
        "text-font": FONT,
        "text-size": LABEL_SIZE,
        "text-padding": 10,
        "text-allow-overlap": true,
      },
      paint: { "text-color": palette.labelStrong },
    },
    before,
  );
}

/** Discs of so many things, by their number: the stops of a straight line. */
export const DISCS: [count: number, radius: number][] = [[4, 10], [50, 14], [500, 20]];

function clusterPaint(layer: Layer, palette: Palette): Record<string, unknown> {
  const colour = palette.things[layer.looks[0]!.colour];
  return {
    "circle-color": palette.halo,
    "circle-opacity": 0.86,
    "circle-stroke-color": colour,
    "circle-stroke-opacity": 0.75,
    "circle-stroke-width": 1.25,
    "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], ...DISCS.flat()],
  };
}

/** Draw a layer's clusters and labels in other colours. */
export function dressPoints(map: MapLibre, layer: Layer, palette: Palette): void {
  for (const [name, value] of Object.entries(labelPaint(palette))) {
    if (layer.label) map.setPaintProperty(valuesName(layer.key), name as "text-color", value as string);
  }
  if (!map.getLayer(clustersName(layer.key))) return;
  for (const [name, value] of Object.entries(clusterPaint(layer, palette))) {
    map.setPaintProperty(clustersName(layer.key), name as "circle-color", value as string);
  }
  map.setPaintProperty(`${clustersName(layer.key)}:count`, "text-color", palette.labelStrong);
}

export function setFeatures(map: MapLibre, layer: Layer, data: GeoJSON.FeatureCollection): void {
  void map.getSource<GeoJSONSource>(sourceName(layer.key))?.setData(layer.label && !layer.lines ? broken(data, layer.label) : data);
}

function broken(data: GeoJSON.FeatureCollection, label: string): GeoJSON.FeatureCollection {
  const features = data.features.map((feature) => {
    const words: unknown = feature.properties?.[label];
    return typeof words === "string" ? { ...feature, properties: { ...feature.properties, [label]: inLines(words) } } : feature;
  });
  return { ...data, features };
}

/** A value of several figures in two lines where one would be long: the map and the canvas over it write it alike. */
export function inLines(words: string): string {
  const last = words.lastIndexOf(" · ");
  return last < 0 || ems(words) <= VALUE_LONG ? words : `${words.slice(0, last)}\n${words.slice(last + 3)}`;
}

/** About how long words are: a Korean or Japanese letter is nearly square. */
function ems(words: string): number {
  return [...words].reduce((sum, letter) => sum + (letter > "\u1100" ? 0.9 : 0.54), 0);
}

/** The features of which the look is not hidden: clusters then count only those, too. */
export function unhidden(
  data: GeoJSON.FeatureCollection,
  layer: Layer,
  hidden: readonly string[],
): GeoJSON.FeatureCollection {
  if (!hidden.length || !layer.by) return data;
  const kept = data.features.filter(
    (feature) => !hidden.includes(String(feature.properties?.[layer.by] ?? "")),
  );
  return { ...data, features: kept };
}

/** Show a layer or not; its values are those of now, and are not shown beside the past. */
export function showPoints(map: MapLibre, layer: string, on: boolean, live: boolean): void {
  const show = (id: string, shown: boolean): void => {
    if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
  };
  for (const id of [pointsName(layer), clustersName(layer), `${clustersName(layer)}:count`]) show(id, on);
  show(valuesName(layer), on && live);
}

/** The layers of the base style that draw a source layer of the tiles. */
export function showTiles(map: MapLibre, sourceLayer: string, on: boolean): void {
  for (const { id } of map.getStyle().layers) {
    const drawn = map.getLayer(id);
    if (drawn?.source !== "base" || drawn.sourceLayer !== sourceLayer) continue;
    map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }
  if (sourceLayer !== "districts") return;
  for (const id of ["names-dong", "names-gu"]) {
    map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }
}
