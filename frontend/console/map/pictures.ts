/** Pictures of fixed things for MapLibre: the same shapes and colours as the moving ones have. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Layer, Look } from "../boot";
import { inkOn, shape } from "../moving/atlas";
import type { Palette } from "./palette";
import { SEVERITIES, SEVERITY_SHAPES } from "./severities";

const SIZE = 26;
const DOT = 14;

/** What a point of a layer is drawn with: `cameras:crime:dot`, `cameras:crime:body`. */
export function pictureName(layer: string, look: string, near: boolean): string {
  return `${layer}:${look}:${near ? "body" : "dot"}`;
}

/** Draw a layer's looks into the map's own atlas, again when the colours change. */
export function addPictures(
  map: MapLibre,
  layer: Layer,
  icons: Map<string, Path2D>,
  palette: Palette,
): void {
  for (const look of layer.looks) {
    const icon = icons.get(look.icon || layer.icon);
    put(map, pictureName(layer.key, look.key, false), DOT, (pen) => dot(pen, look, palette));
    put(map, pictureName(layer.key, look.key, true), SIZE, (pen) => body(pen, look, icon, palette));
  }
}

export function put(
  map: MapLibre,
  name: string,
  size: number,
  paint: (pen: CanvasRenderingContext2D) => void,
): void {
  const ratio = Math.min(Math.max(devicePixelRatio, 1), 2);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(size * ratio);
  const pen = canvas.getContext("2d")!;
  pen.scale(canvas.width / size, canvas.height / size);
  pen.translate(size / 2, size / 2);
  paint(pen);
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  if (map.hasImage(name)) map.updateImage(name, image);
  else map.addImage(name, image, { pixelRatio: canvas.width / size });
}

function dot(pen: CanvasRenderingContext2D, look: Look, palette: Palette): void {
  const outline = shape(look.shape, 3.9);
  pen.strokeStyle = palette.halo;
  pen.lineWidth = 2.4;
  pen.lineJoin = "round";
  pen.stroke(outline);
  pen.fillStyle = palette.things[look.colour];
  pen.fill(outline);
}

function body(
  pen: CanvasRenderingContext2D,
  look: Look,
  icon: Path2D | undefined,
  palette: Palette,
): void {
  const outline = shape(look.shape, 9);
  const colour = palette.things[look.colour];
  pen.strokeStyle = palette.halo;
  pen.lineWidth = 3;
  pen.lineJoin = pen.lineCap = "round";
  pen.stroke(outline);
  pen.fillStyle = colour;
  pen.fill(outline);
  if (!icon) return;
  pen.scale(12 / 24, 12 / 24);
  pen.translate(-12, -12);
  pen.strokeStyle = inkOn(colour);
  pen.lineWidth = 2.3;
  pen.stroke(icon);
}

/** Alarms: shape and colour both say how grave; a hollow one has been acknowledged. */
export function addAlarmPictures(map: MapLibre, icons: Map<string, Path2D>, palette: Palette): void {
  SEVERITIES.forEach((severity, at) => {
    for (const taken of [false, true]) {
      put(map, `alarm:${severity}:${taken ? "taken" : "open"}`, 34, (pen) =>
        alarm(pen, at, taken, icons.get("bell"), palette),
      );
    }
  });
}

export function alarm(
  pen: CanvasRenderingContext2D,
  severity: number,
  taken: boolean,
  icon: Path2D | undefined,
  palette: Palette,
): void {
  const colour = palette.alarms[severity]!;
  const outline = shape(SEVERITY_SHAPES[severity]!, 11);
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = palette.halo;
  pen.lineWidth = 5;
  pen.stroke(outline);
  pen.fillStyle = taken ? palette.halo : colour;
  pen.fill(outline);
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.stroke(outline);
  if (!icon) return;
  pen.scale(13 / 24, 13 / 24);
  pen.translate(-12, -12);
  pen.strokeStyle = taken ? colour : inkOn(colour);
  pen.lineWidth = 2.4;
  pen.stroke(icon);
}
