/** A map of Suwon's size to draw on: three thousand roads with casings, parks, and eight thousand buildings. */
import type { StyleSpecification } from "maplibre-gl";

const LON = 127.01;
const LAT = 37.27;
const EAST = 1 / 88_800;
const NORTH = 1 / 111_000;

export function base(): StyleSpecification {
  return {
    version: 8,
    sources: {
      roads: { type: "geojson", data: roads() },
      buildings: { type: "geojson", data: buildings() },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#15181c" } },
      { id: "buildings", type: "fill", source: "buildings", paint: { "fill-color": "#1d2126" } },
      { id: "casing", type: "line", source: "roads", paint: { "line-color": "#0e1013", "line-width": 5 } },
      { id: "roads", type: "line", source: "roads", paint: { "line-color": "#30363d", "line-width": 3 } },
    ],
  };
}

function at(x: number, y: number): [number, number] {
  return [LON + x * EAST, LAT + y * NORTH];
}

function roads(): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  for (let i = 0; i < 1500; i++) {
    const row = (i % 50) * 200 - 5000;
    const start = Math.floor(i / 50) * 333 - 5000;
    const bend = (x: number): number => row + 60 * Math.sin(x / 400 + i % 50);
    const xs = Array.from({ length: 12 }, (_, k) => start + k * 30.3);
    features.push(line(xs.map((x) => at(x, bend(x)))), line(xs.map((x) => at(bend(x), x))));
  }
  return { type: "FeatureCollection", features };
}

function line(coordinates: [number, number][]): GeoJSON.Feature {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } };
}

function buildings(): GeoJSON.FeatureCollection {
  const features = Array.from({ length: 8000 }, (_, i): GeoJSON.Feature => {
    const x = (i % 90) * 111 - 5000;
    const y = Math.floor(i / 90) * 111 - 5000;
    const w = 20 + (i % 7) * 8;
    const ring = [at(x, y), at(x + w, y), at(x + w, y + w), at(x, y + w), at(x, y)];
    return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
  });
  return { type: "FeatureCollection", features };
}
