/** Our own map style, made from the city's vector tiles: quiet ground for what is laid on it. */
import type {
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import { boot, type Boot } from "../boot";
import { palettes, type Palette, type Theme } from "./palette";

/** the page's own: kana and kanji are in no piece of Pretendard */
export const FONT = boot?.language === "ja" ? ["Pretendard Latin", "Noto Sans JP Variable", "Pretendard"] : ["Pretendard"];
/** what lies on the ground goes below this layer: the names of districts stay readable */
export const BELOW_NAMES = "names-dong";
/** further in the names of the smaller districts say where one is */
export const LARGE_NAMES_TO = 12.6;
const DEEPEST_TILES = 16;
const WIDE = ["motorway", "expressway"];
const MAIN = ["national", "metropolitan"];
const MIDDLE = ["provincial", "city", "ramp"];
const SMALL = ["local", "service"];

/** The whole style; origin is that of the page, since MapLibre's worker has none of its own. */
export function baseStyle(boot: Boot, theme: Theme, origin: string): StyleSpecification {
  const palette = palettes[theme];
  return {
    version: 8,
    sources: {
      base: {
        type: "vector",
        tiles: [`${origin}${boot.addresses["api"]}tiles/base/{z}/{x}/{y}.mvt?v=${boot.city.tiles}`],
        maxzoom: DEEPEST_TILES,
        ...(boot.city.box ? { bounds: widened(boot.city.box) } : {}),
      },
      districts: { type: "geojson", data: districtLabels(boot) },
    },
    layers: [...ground(palette), ...roads(palette), ...borders(palette), ...chosen(palette), ...names(palette, boot)],
  };
}

function widened([west, south, east, north]: [number, number, number, number]): [number, number, number, number] {
  const margin = 0.05;
  return [west - margin, south - margin, east + margin, north + margin];
}

/** Names of districts at a point inside each: a tile would repeat them at its edges. */
function districtLabels(boot: Boot): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: boot.city.labels.map(({ id, level, name, lon, lat }) => ({
      type: "Feature",
      properties: { id, level, name },
      geometry: { type: "Point", coordinates: [lon, lat] },
    })),
  };
}

function ground(p: Palette): LayerSpecification[] {
  return [
    { id: "ground", type: "background", paint: { "background-color": p.ground } },
    area("hills", "hills", p.hill),
    area("parks", "parks", p.park),
    {
      ...area("water", "water", p.water),
      paint: { "fill-color": p.water, "fill-outline-color": p.waterEdge },
      filter: ["==", ["geometry-type"], "Polygon"],
    } as LayerSpecification,
    {
      id: "streams",
      type: "line",
      source: "base",
      "source-layer": "water",
      filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": p.waterEdge, "line-width": zoomed([[10, 0.6], [14, 2], [17, 8]]) },
    },
    {
      id: "buildings",
      type: "fill",
      source: "base",
      "source-layer": "buildings",
      minzoom: 14,
      paint: {
        "fill-color": p.building,
        "fill-outline-color": p.buildingEdge,
        "fill-opacity": zoomed([[14, 0], [14.6, 1]]),
      },
    },
  ];
}

function area(id: string, source: string, colour: string): LayerSpecification {
  return {
    id,
    type: "fill",
    source: "base",
    "source-layer": source,
    paint: { "fill-color": colour, "fill-antialias": false },
  };
}

interface Rank {
  id: string;
  ranks: string[];
  from: number;
  width: [number, number][];
}

const RANKS: Rank[] = [
  { id: "small", ranks: SMALL, from: 13, width: [[13, 0.5], [15, 2.2], [18, 12]] },
  { id: "middle", ranks: MIDDLE, from: 10.5, width: [[11, 0.7], [14, 3], [18, 22]] },
  { id: "main", ranks: MAIN, from: 8, width: [[9, 0.7], [12, 1.8], [14, 4.5], [18, 30]] },
  { id: "wide", ranks: WIDE, from: 6, width: [[8, 0.9], [12, 2.4], [14, 5.5], [18, 36]] },
];

function roads(p: Palette): LayerSpecification[] {
  const colours = [p.roads[3], p.roads[2], p.roads[1], p.roads[0]];
  const below: ExpressionSpecification = ["match", ["get", "structure"], ["tunnel", "underpass"], true, false];
  const casings = RANKS.map((rank) => road(`${rank.id}-casing`, rank, p.casing, 1.6, ["!", below]));
  const fills = RANKS.map((rank, i) => road(rank.id, rank, colours[i]!, 0, ["!", below]));
  const tunnels = RANKS.map((rank, i) => {
    const dashed = road(`${rank.id}-below`, rank, colours[i]!, 0, below);
    return { ...dashed, paint: { ...dashed.paint, "line-dasharray": [1.2, 0.8], "line-opacity": 0.7 } } as LayerSpecification;
  });
  const rail: LayerSpecification = {
    id: "rails",
    type: "line",
    source: "base",
    "source-layer": "rails",
    minzoom: 9,
    paint: { "line-color": p.rail, "line-width": zoomed([[9, 0.6], [14, 1.6], [18, 4]]), "line-dasharray": [4, 1.4] },
  };
  return [...tunnels, ...casings, rail, ...fills];
}

function road(
  id: string,
  rank: Rank,
  colour: string,
  more: number,
  filter: ExpressionSpecification,
): Extract<LayerSpecification, { type: "line" }> {
  return {
    id: `road-${id}`,
    type: "line",
    source: "base",
    "source-layer": "roads",
    minzoom: rank.from,
    filter: ["all", ["in", ["get", "rank"], ["literal", rank.ranks]], filter],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": zoomed(rank.width.map(([z, w]) => [z, w + more])) },
  };
}

function borders(p: Palette): LayerSpecification[] {
  const line = (id: string, levels: string[], width: number, dash: number[], minzoom: number): LayerSpecification => ({
    id,
    type: "line",
    source: "base",
    "source-layer": "districts",
    minzoom,
    filter: ["in", ["get", "level"], ["literal", levels]],
    paint: { "line-color": p.border, "line-width": width, "line-opacity": 0.55, "line-dasharray": dash },
  });
  return [line("borders-dong", ["dong"], 0.7, [2, 2.5], 11.5), line("borders-gu", ["gu", "si"], 1.3, [4, 2], 0)];
}

/** The selected road or district, drawn again over the others, and districts that an alarm is about; nothing until one is chosen. */
function chosen(p: Palette): LayerSpecification[] {
  const line = (id: string, layer: string, width: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "line",
    source: "base",
    "source-layer": layer,
    filter: ["==", ["get", "name"], ""],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": p.accent, "line-width": width },
  });
  const ground: LayerSpecification = {
    id: "chosen-ground",
    type: "fill",
    source: "base",
    "source-layer": "districts",
    filter: ["==", ["get", "key"], ""],
    paint: { "fill-color": p.accent, "fill-opacity": 0.16 },
  };
  return [
    ground,
    line("chosen-road", "roads", zoomed([[10, 2], [14, 3.5], [18, 8]])),
    line("chosen-district", "districts", zoomed([[9, 1.5], [14, 2.5]])),
  ];
}

function names(p: Palette, boot: Boot): LayerSpecification[] {
  const tongue = boot.language === "ko" ? "name" : `name_${boot.language}`;
  const named: ExpressionSpecification = ["coalesce", ["get", tongue], ["get", "name"]];
  const halo = { "text-halo-color": p.halo, "text-halo-width": 1.4 };
  return [
    {
      id: "names-roads",
      type: "symbol",
      source: "base",
      "source-layer": "roads",
      minzoom: 13.5,
      filter: ["all", ["has", "name"], ["!", ["in", ["get", "rank"], ["literal", ["ramp", "service"]]]]],
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 420,
        "text-field": named,
        "text-font": FONT,
        "text-size": zoomed([[13, 10.5], [17, 12.5]]),
        "text-max-angle": 30,
        "text-padding": 12,
      },
      paint: { "text-color": p.label, ...halo },
    },
    areaNames("names-water", "water", named, p.waterLabel, halo, 13),
    areaNames("names-parks", "parks", named, p.parkLabel, halo, 14),
    areaNames("names-hills", "hills", named, p.parkLabel, halo, 12.5),
    districtNames("names-dong", "dong", p.label, halo, 12, 15.5, [[12, 11], [15, 13]]),
    largeNames(),
  ];
}

function areaNames(
  id: string,
  layer: string,
  named: ExpressionSpecification,
  colour: string,
  halo: object,
  from: number,
): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: "base",
    "source-layer": layer,
    minzoom: from,
    filter: ["has", "name"],
    layout: { "text-field": named, "text-font": FONT, "text-size": 11, "text-max-width": 7, "text-padding": 24 },
    paint: { "text-color": colour, ...halo },
  };
}

function districtNames(
  id: string,
  level: string,
  colour: string,
  halo: object,
  from: number,
  to: number,
  size: [number, number][],
): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: "districts",
    minzoom: from,
    maxzoom: to,
    filter: ["==", ["get", "level"], level],
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": zoomed(size),
      "text-letter-spacing": 0.02,
      "text-max-width": 8,
      "text-padding": 4,
      "text-variable-anchor": ["center", "bottom", "top", "left", "right"],
      "text-radial-offset": 1.3,
      "text-justify": "auto",
    },
    paint: { "text-color": colour, ...halo },
  };
}

/** Names of the largest districts stand above what moves, as text of the page; here they can be clicked. */
function largeNames(): LayerSpecification {
  return {
    id: "names-gu",
    type: "symbol",
    source: "districts",
    maxzoom: LARGE_NAMES_TO,
    filter: ["==", ["get", "level"], "gu"],
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 14, "text-allow-overlap": true, "text-ignore-placement": true },
    paint: { "text-opacity": 0 },
  };
}

/** Straight from stop to stop on a scale that doubles with each zoom. */
function zoomed(stops: [zoom: number, value: number][]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.flat()] as ExpressionSpecification;
}
