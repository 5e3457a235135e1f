/** The values that gauges say once more, for the canvas of what moves: a vehicle must not cover a figure. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Layer } from "../boot";
import type { Plane } from "../moving/plane";
import type { Sign } from "../moving/signs";
import type { Palette } from "./palette";
import { VALUE_BESIDE, VALUE_LINE, VALUE_SIZE, valuesName } from "./points";

export class Values {
  private signs: readonly Sign[] = [];
  private said = "";
  private readonly layers: readonly Layer[];

  constructor(
    private readonly map: MapLibre,
    private readonly plane: Plane,
    layers: readonly Layer[],
    private readonly palette: () => Palette,
  ) {
    this.layers = layers.filter((layer) => layer.label);
  }

  /** Those that the map draws now; the same list as long as they are the same. */
  readonly drawn = (): readonly Sign[] => {
    const palette = this.palette();
    const signs = new Map<string, Sign>();
    for (const { key, label } of this.layers) {
      if (!this.map.getLayer(valuesName(key))) continue;
      for (const { geometry, properties } of this.map.queryRenderedFeatures({ layers: [valuesName(key)] })) {
        if (geometry.type !== "Point") continue;
        const words = String(properties[label]);
        const [x, y] = this.plane.fromDegrees(geometry.coordinates[0]!, geometry.coordinates[1]!);
        const sign = { x, y, key: `${palette.ground} ${words}`, paint: (pen: CanvasRenderingContext2D) => write(pen, words, palette) };
        signs.set(`${properties["id"]} ${sign.key}`, sign);
      }
    }
    const said = [...signs.keys()].join();
    if (said !== this.said) [this.said, this.signs] = [said, [...signs.values()]];
    return this.signs;
  };
}

/** Words beside the sign, with a rim in the ground's colour: where and how the map itself writes them. */
function write(pen: CanvasRenderingContext2D, words: string, palette: Palette): void {
  pen.font = `${VALUE_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4.5; // wider than the map's: it is read over vehicles, too
  pen.strokeStyle = palette.halo;
  pen.fillStyle = palette.labelStrong;
  const lines = words.split("\n");
  const top = 0.5 - ((lines.length - 1) * VALUE_LINE) / 2;
  lines.forEach((line, at) => pen.strokeText(line, VALUE_BESIDE, top + at * VALUE_LINE));
  lines.forEach((line, at) => pen.fillText(line, VALUE_BESIDE, top + at * VALUE_LINE));
}
