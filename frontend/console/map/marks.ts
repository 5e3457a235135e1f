/** What the desk itself draws on the map: the net around a point, a measured way, the ring of a search. */
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { FONT } from "./base";
import type { Palette } from "./palette";

export type Marks = GeoJSON.FeatureCollection;

export function addMarks(map: MapLibre, palette: Palette): void {
  map.addSource("marks", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "marks-area",
    type: "fill",
    source: "marks",
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": palette.accent, "fill-opacity": 0.07, "fill-outline-color": palette.accent },
  });
  map.addLayer({
    id: "marks-line",
    type: "line",
    source: "marks",
    filter: ["!=", ["geometry-type"], "Point"],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": palette.accent, "line-width": 1.5, "line-dasharray": [2, 1.5] },
  });
  map.addLayer({
    id: "marks-point",
    type: "circle",
    source: "marks",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 4,
      "circle-color": palette.halo,
      "circle-stroke-color": palette.accent,
      "circle-stroke-width": 2,
    },
  });
  map.addLayer({
    id: "marks-text",
    type: "symbol",
    source: "marks",
    filter: ["has", "text"],
    layout: {
      "text-field": ["get", "text"],
      "text-font": FONT,
      "text-size": 12,
      "text-offset": [0, -1.1],
      "text-allow-overlap": true,
      "text-ignore-placement": true,
    },
    paint: { "text-color": palette.accent, "text-halo-color": palette.halo, "text-halo-width": 1.6 },
  });
}

export function setMarks(map: MapLibre, marks: Marks): void {
  void map.getSource<GeoJSONSource>("marks")?.setData(marks);
}

export function dressMarks(map: MapLibre, palette: Palette): void {
  map.setPaintProperty("marks-area", "fill-color", palette.accent);
  map.setPaintProperty("marks-area", "fill-outline-color", palette.accent);
  map.setPaintProperty("marks-line", "line-color", palette.accent);
  map.setPaintProperty("marks-point", "circle-color", palette.halo);
  map.setPaintProperty("marks-point", "circle-stroke-color", palette.accent);
  map.setPaintProperty("marks-text", "text-color", palette.accent);
  map.setPaintProperty("marks-text", "text-halo-color", palette.halo);
}

const EARTH = 6_371_008.8;

/** Metres between two points in degrees, along the great circle. */
export function distance(a: [number, number], b: [number, number]): number {
  const rad = Math.PI / 180;
  const dLat = (b[1] - a[1]) * rad;
  const dLon = (b[0] - a[0]) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Square metres within a ring of points in degrees, on the plane that touches its first point. */
export function areaOf(ring: [number, number][]): number {
  const [lon0, lat0] = ring[0] ?? [0, 0];
  const rad = Math.PI / 180;
  const flat = ring.map(([lon, lat]) => [
    (lon - lon0) * rad * EARTH * Math.cos(lat0 * rad),
    (lat - lat0) * rad * EARTH,
  ]);
  let twice = 0;
  flat.forEach(([x, y], i) => {
    const [nextX, nextY] = flat[(i + 1) % flat.length]!;
    twice += x! * nextY! - nextX! * y!;
  });
  return Math.abs(twice) / 2;
}

/** A circle on the map, as a polygon of 64 corners. */
export function circle(centre: [number, number], metres: number): GeoJSON.Feature {
  const [lon, lat] = centre;
  const rad = Math.PI / 180;
  const ring = Array.from({ length: 65 }, (_, i) => {
    const angle = (i * 2 * Math.PI) / 64;
    return [
      lon + (metres * Math.sin(angle)) / (EARTH * Math.cos(lat * rad)) / rad,
      lat + (metres * Math.cos(angle)) / EARTH / rad,
    ];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
