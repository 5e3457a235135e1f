/** The ways of drawing a crowd that are compared: MapLibre's GeoJSON source, deck.gl, and ours. */
import { MapboxOverlay } from "@deck.gl/mapbox";
import { IconLayer } from "@deck.gl/layers";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import type { Layer } from "../../frontend/console/boot";
import { Crowd } from "../../frontend/console/moving/crowd";
import { Overlay } from "../../frontend/console/moving/overlay";
import { Plane } from "../../frontend/console/moving/plane";
import type { Walkers } from "./crowd";

export interface Player {
  update(): void;
  renders(): number;
}

export type Way = (map: MapLibre, walkers: Walkers) => Player;

const kinds = ["bus", "taxi", "truck", "ambulance"];
const colours = ["teal", "sand", "slate", "pink"] as const;
const shapes = ["square", "circle", "diamond", "triangle"] as const;
const layer: Layer = {
  key: "bench", title: "Things", group: "moving", source: { type: "live", kind: "bench", icons: {} },
  looks: kinds.map((key, i) => ({ key, title: key, colour: colours[i]!, shape: shapes[i]!, icon: "", quiet: false })),
  by: "kind", thing: "moving", icon: "car", columns: [], shown: true, clustered: false, from_zoom: 0, label: "", order: 60,
};
const KM = 1256.6; // Mercator metres in a kilometre at 37.27 degrees north
const plane = new Plane({
  lon: 127.01,
  lat: 37.27,
  east: [0, KM, 0, 0, 0, 0, 0, 0, 0, 0],
  north: [0, 0, KM, 0, 0, 0, 0, 0, 0, 0],
});

function counted(map: MapLibre): () => number {
  let renders = 0;
  map.on("render", () => renders++);
  return () => renders;
}

function degrees(walkers: Walkers, i: number): [number, number] {
  return plane.toDegrees((walkers.east[i]! * KM) / 1000, (walkers.north[i]! * KM) / 1000);
}

const geojson: Way = (map, walkers) => {
  const image = picture();
  map.addImage("dart", image);
  map.addSource("crowd", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "crowd",
    type: "symbol",
    source: "crowd",
    layout: {
      "icon-image": "dart",
      "icon-rotate": ["get", "heading"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  });
  const renders = counted(map);
  const feature = (i: number): GeoJSON.Feature => ({
    type: "Feature",
    id: i,
    properties: { heading: walkers.heading[i] },
    geometry: { type: "Point", coordinates: degrees(walkers, i) },
  });
  return {
    renders,
    update: () =>
      void (map.getSource("crowd") as GeoJSONSource).setData({
        type: "FeatureCollection",
        features: [...walkers.ids].map(feature),
      }),
  };
};

const deck: Way = (map, walkers) => {
  // deck.gl 9.4 reads the height of a transform that MapLibre 6 keeps in its camera.
  const { height } = map.getCanvas().getBoundingClientRect();
  if (!("transform" in map)) Object.defineProperty(map, "transform", { value: { height } });
  const overlay = new MapboxOverlay({ interleaved: true, layers: [] });
  map.addControl(overlay);
  const icon = document.createElement("canvas");
  const image = picture();
  icon.width = icon.height = image.width;
  icon.getContext("2d")!.putImageData(image, 0, 0);
  const atlas = icon.toDataURL();
  const renders = counted(map);
  const positions = new Float32Array(walkers.size * 2);
  return {
    renders,
    update: () => {
      for (let i = 0; i < walkers.size; i++) positions.set(degrees(walkers, i), i * 2);
      overlay.setProps({
        layers: [
          new IconLayer({
            id: "crowd",
            data: {
              length: walkers.size,
              attributes: {
                getPosition: { value: new Float32Array(positions), size: 2 },
                getAngle: { value: walkers.heading.map((h) => -h), size: 1 },
              },
            },
            iconAtlas: atlas,
            iconMapping: { dart: { x: 0, y: 0, width: image.width, height: image.height } },
            getIcon: () => "dart",
            getSize: 18,
          }),
        ],
      });
    },
  };
};

function picture(): ImageData {
  const size = 18;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = "#3fa7ff";
  pen.beginPath();
  pen.moveTo(9, 1);
  pen.lineTo(15, 16);
  pen.lineTo(3, 16);
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}

/** As the console does it: a layer of the registry, columns of the live socket, its own overlay. */
const ours: Way = (map, walkers) => {
  const now = (): number => Date.now() / 1000;
  const crowd = new Crowd(plane, [layer], now(), devicePixelRatio);
  crowd.dress(new Map(), "dark");
  for (const id of walkers.ids) crowd.name(id, { key: `${id}`, label: `${id}`, kind: kinds[walkers.kind[id]!]!, simulated: true });
  const overlay = new Overlay(map, crowd, { now, glides: () => true });
  map.addLayer(overlay.layer);
  return {
    renders: () => overlay.drawn,
    update: () => {
      const columns = { heading: walkers.heading };
      const times = new Float64Array(walkers.size).fill(now());
      const batch = { kind: "bench", numbers: walkers.ids, east: walkers.east, north: walkers.north, times, columns };
      overlay.moved(crowd.take(batch, now(), false));
    },
  };
};

export const ways: Record<string, Way> = { geojson, deck, ours };
