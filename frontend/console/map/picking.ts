/** What lies under the pointer, in the order in which it is drawn, the uppermost first. */
import type { Map as MapLibre, MapMouseEvent, PointLike } from "maplibre-gl";
import { boot, type Layer } from "../boot";
import type { Crowd } from "../moving/crowd";
import { clock } from "../state/clock.svelte";
import { desk } from "../state/desk.svelte";
import { scene } from "../state/scene.svelte";
import { lineNames } from "./lines";
import { clustersName, pointsName, sourceName, valuesName } from "./points";

/** What was found under the pointer. */
export type Found =
  | { what: "moving"; number: number; crowd: Crowd }
  | { what: "feature"; layer: Layer; feature: GeoJSON.Feature }
  | { what: "ground"; kind: string; id: string; name: string }
  | { what: "alarm"; id: string }
  | { what: "cluster"; layer: Layer; id: number; at: [number, number] };

export const fixed = boot?.layers.filter((layer) => layer.source.type === "features") ?? [];
export const moving = boot?.layers.filter((layer) => layer.source.type === "live") ?? [];
export const tiled = boot?.layers.filter((layer) => layer.source.type === "tiles") ?? [];
export const ALARMS = "alarms";
/** further out a click cannot mean one road */
const ROADS_FROM = 13;

export function findAt(map: MapLibre, event: MapMouseEvent): Found | null {
  return (
    alarmAt(map, event) ??
    movingAt(map, event, true) ??
    clusterAt(map, event) ??
    movingAt(map, event) ??
    featureAt(map, event) ??
    groundAt(map, event)
  );
}

function alarmAt(map: MapLibre, { point }: MapMouseEvent): Found | null {
  const [found] = map.queryRenderedFeatures(around(point.x, point.y, 4), { layers: [ALARMS] });
  return found ? { what: "alarm", id: String(found.properties["id"]) } : null;
}

function movingAt(map: MapLibre, { lngLat }: MapMouseEvent, over = false): Found | null {
  const crowd = scene.now;
  if (!crowd) return null;
  const [x, y] = crowd.plane.fromDegrees(lngLat.lng, lngLat.lat);
  const perPixel = 40_075_016.7 / (512 * 2 ** map.getZoom());
  const slot = crowd.pick(x, y, perPixel, map.getZoom(), clock.moment(), over);
  return slot === null ? null : { what: "moving", number: Number(crowd.things.name(slot)), crowd };
}

function clusterAt(map: MapLibre, { point }: MapMouseEvent): Found | null {
  const found = drawnAt(map, around(point.x, point.y, 1), clustersName);
  if (!found || found.feature.geometry.type !== "Point") return null;
  const at = found.feature.geometry.coordinates as [number, number];
  return { what: "cluster", layer: found.layer, id: Number(found.feature.properties?.["cluster_id"]), at };
}

function featureAt(map: MapLibre, { point }: MapMouseEvent): Found | null {
  const box = around(point.x, point.y, 5);
  const found =
    drawnAt(map, box, pointsName) ??
    drawnAt(map, around(point.x, point.y, 1), valuesName) ??
    drawnAt(map, box, (_, layer) => (layer.lines ? lineNames(layer) : []));
  return found && { what: "feature", ...found };
}

/** What is drawn within a box of the layers that are shown, by those drawings of them that named tells. */
function drawnAt(
  map: MapLibre,
  box: [PointLike, PointLike],
  named: (key: string, layer: Layer) => string | string[],
): { layer: Layer; feature: GeoJSON.Feature } | null {
  const layers = fixed
    .filter((layer) => desk.shown.includes(layer.key))
    .flatMap((layer) => named(layer.key, layer))
    .filter((id) => map.getLayer(id));
  const [feature] = layers.length ? map.queryRenderedFeatures(box, { layers }) : [];
  const layer = feature && fixed.find((one) => sourceName(one.key) === feature.source);
  return layer ? { layer, feature } : null;
}

/** A district by its name, or what tiles draw and an inspector knows: a road by itself or its name. */
function groundAt(map: MapLibre, { point }: MapMouseEvent): Found | null {
  const [district] = map.queryRenderedFeatures(point, { layers: ["names-gu", "names-dong"] });
  if (district) return { what: "ground", kind: "district", id: String(district.properties["id"]), name: String(district.properties["name"]) };
  return map.getZoom() < ROADS_FROM ? null : tiledAt(map, around(point.x, point.y, 3));
}

function tiledAt(map: MapLibre, box: [PointLike, PointLike]): Found | null {
  for (const { key, source, thing } of tiled) {
    if (source.type !== "tiles" || !source.id || !desk.isShown(key)) continue;
    const all = map.queryRenderedFeatures(box);
    const found = all.find((one) => one.sourceLayer === source.layer && one.properties[source.id]);
    const id = String(found?.properties[source.id] ?? "");
    if (found) return { what: "ground", kind: thing, id, name: id };
  }
  return null;
}

function around(x: number, y: number, reach: number): [PointLike, PointLike] {
  return [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ];
}
