/** The ways of drawing a crowd that are compared: MapLibre's GeoJSON source, deck.gl, and ours. */
import { MapboxOverlay } from "@deck.gl/mapbox";
import { IconLayer } from "@deck.gl/layers";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { Atlas } from "../../frontend/console/moving/atlas";
import { Overlay } from "../../frontend/console/moving/overlay";
import { Painter } from "../../frontend/console/moving/painter";
import { Plane } from "../../frontend/console/moving/plane";
import { Things } from "../../frontend/console/moving/things";
import type { Crowd } from "./crowd";

export interface Player {
  update(): void;
  renders(): number;
}

export type Way = (map: MapLibre, crowd: Crowd) => Player;

const colours = ["#3fa7ff", "#ffb454", "#7bd88f", "#ff6b6b"];
const shapes = ["circle", "square", "diamond", "triangle"] as const;
const states = colours.map((colour, i) => ({ colour, shape: shapes[i]! }));
const KM = 1.2566; // Mercator metres in a metre at 37.27 degrees
const plane = new Plane({
  origin: { lon: 127.01, lat: 37.27 },
  east: [0, 1000 * KM, 0, 0, 0, 0, 0, 0, 0, 0],
  north: [0, 0, 1000 * KM, 0, 0, 0, 0, 0, 0, 0],
});

function counted(map: MapLibre): () => number {
  let renders = 0;
  map.on("render", () => renders++);
  return () => renders;
}

function degrees(crowd: Crowd, i: number): [number, number] {
  return plane.toDegrees(crowd.east[i]! * KM, crowd.north[i]! * KM);
}

const geojson: Way = (map, crowd) => {
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
    properties: { heading: crowd.heading[i], state: crowd.state[i] },
    geometry: { type: "Point", coordinates: degrees(crowd, i) },
  });
  return {
    renders,
    update: () =>
      void (map.getSource("crowd") as GeoJSONSource).setData({
        type: "FeatureCollection",
        features: [...crowd.ids].map(feature),
      }),
  };
};

const circles: Way = (map, crowd) => {
  const player = geojson(map, crowd);
  map.removeLayer("crowd");
  map.addLayer({
    id: "crowd",
    type: "circle",
    source: "crowd",
    paint: { "circle-radius": 4, "circle-color": ["match", ["get", "state"], 0, colours[0]!, 1, colours[1]!, 2, colours[2]!, colours[3]!] },
  });
  return player;
};

const deck: Way = (map, crowd) => {
  const overlay = new MapboxOverlay({ interleaved: true, layers: [] });
  map.addControl(overlay);
  const icon = document.createElement("canvas");
  const image = picture();
  icon.width = icon.height = image.width;
  icon.getContext("2d")!.putImageData(image, 0, 0);
  const renders = counted(map);
  const positions = new Float32Array(crowd.size * 2);
  return {
    renders,
    update: () => {
      for (let i = 0; i < crowd.size; i++) positions.set(degrees(crowd, i), i * 2);
      overlay.setProps({
        layers: [
          new IconLayer({
            id: "crowd",
            data: {
              length: crowd.size,
              attributes: {
                getPosition: { value: new Float32Array(positions), size: 2 },
                getAngle: { value: crowd.heading.map((h) => -h), size: 1 },
              },
            },
            iconAtlas: icon as unknown as string,
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
  pen.fillStyle = colours[0]!;
  pen.beginPath();
  pen.moveTo(9, 1);
  pen.lineTo(15, 16);
  pen.lineTo(3, 16);
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}

function dressed(): Atlas {
  const atlas = new Atlas(devicePixelRatio);
  atlas.draw([{ states, nearFrom: 14 }, { states, nearFrom: 10 }], "#101214");
  return atlas;
}

const ours: Way = (map, crowd) => {
  const now = (): number => Date.now() / 1000;
  const things = new Things(plane, now(), 32_768);
  const overlay = new Overlay(map, plane, things, dressed(), { now, glides: () => true });
  map.addLayer(overlay.layer);
  return {
    renders: () => overlay.drawn,
    update: () => {
      for (const kind of [0, 1]) things.take(crowd.of(kind, now()), now(), 0.22);
      overlay.moved(0.22);
    },
  };
};

/** The same drawing inside MapLibre's own canvas: every frame draws the whole map. */
const inside: Way = (map, crowd) => {
  const now = (): number => Date.now() / 1000;
  const things = new Things(plane, now(), 32_768);
  let painter: Painter;
  map.addLayer({
    id: "crowd",
    type: "custom",
    onAdd: (_map, gl) => {
      painter = new Painter(gl as WebGL2RenderingContext, things, dressed());
    },
    render: (_gl, input) => {
      const matrix = plane.matrix(input.defaultProjectionData.mainMatrix as ArrayLike<number>);
      const stale = new Float32Array(32).fill(30);
      painter.draw({ matrix, zoom: map.getZoom(), bearing: 0, now: now(), shown: ~0, stale });
      map.triggerRepaint();
    },
  });
  return {
    renders: counted(map),
    update: () => {
      for (const kind of [0, 1]) things.take(crowd.of(kind, now()), now(), 0.22);
      map.triggerRepaint();
    },
  };
};

export const ways: Record<string, Way> = { geojson, circles, deck, ours, inside };
