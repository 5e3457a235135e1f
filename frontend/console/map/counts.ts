/** The counts of clusters once more, for the canvas of what moves: on the map's own, vehicles would lie over them. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Layer } from "../boot";
import { numbers } from "../state/clock.svelte";
import type { Plane } from "../moving/plane";
import type { Sign } from "../moving/signs";
import type { Palette } from "./palette";
import { clustersName, DISCS, LABEL_SIZE } from "./points";

export class Counts {
  private signs: readonly Sign[] = [];
  private said = "";
  private places: readonly { at: [lon: number, lat: number]; radius: number }[] = [];

  constructor(
    private readonly map: MapLibre,
    private readonly plane: Plane,
    private readonly layers: readonly Layer[],
    private readonly palette: () => Palette,
  ) {}

  /** Those of the clusters that the map draws now; the same list as long as they are the same. */
  readonly drawn = (): readonly Sign[] => {
    const palette = this.palette();
    const signs = new Map<string, Sign>();
    const places = [];
    for (const layer of this.layers) {
      if (!this.map.getLayer(clustersName(layer.key))) continue;
      for (const { geometry, properties } of this.map.queryRenderedFeatures({ layers: [clustersName(layer.key)] })) {
        if (geometry.type !== "Point") continue;
        const [lon, lat] = geometry.coordinates as [number, number];
        const [x, y] = this.plane.fromDegrees(lon, lat);
        const count = Number(properties["point_count"]);
        places.push({ at: [lon, lat] as [number, number], radius: radius(count) });
        const key = `${palette.ground} ${layer.key} ${count}`;
        signs.set(`${properties["cluster_id"]} ${key}`, { x, y, key, paint: (pen) => disc(pen, layer, count, palette) });
      }
    }
    const said = [...signs.keys()].join();
    if (said !== this.said) [this.said, this.signs] = [said, [...signs.values()]];
    this.places = places;
    return this.signs;
  };

  /** Whether one of them lies under words of this size, in CSS pixels, around a point of the map. */
  under(x: number, y: number, width: number, height: number): boolean {
    return this.places.some(({ at, radius }) => {
      const count = this.map.project(at);
      return Math.abs(count.x - x) < radius + width / 2 && Math.abs(count.y - y) < radius + height / 2;
    });
  }
}

function disc(pen: CanvasRenderingContext2D, layer: Layer, count: number, palette: Palette): void {
  pen.beginPath();
  pen.arc(0, 0, radius(count), 0, 2 * Math.PI);
  pen.fillStyle = palette.halo;
  pen.fill();
  pen.strokeStyle = palette.things[layer.looks[0]!.colour];
  pen.lineWidth = 1.25;
  pen.stroke();
  pen.font = `${LABEL_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = palette.labelStrong;
  pen.fillText(numbers.format(count), 0, 0.5);
}

/** The radius of a disc, in CSS pixels: straight between the stops, as the map draws it. */
export function radius(count: number): number {
  const after = DISCS.findIndex(([stop]) => count < stop);
  if (after === 0) return DISCS[0]![1];
  if (after < 0) return DISCS.at(-1)![1];
  const [[fewer, small], [more, large]] = [DISCS[after - 1]!, DISCS[after]!];
  return small + ((count - fewer) / (more - fewer)) * (large - small);
}
