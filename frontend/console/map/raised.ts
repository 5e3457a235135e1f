/** Alarms once more, for the canvas of what moves: no vehicle may lie over one. */
import type { Plane } from "../moving/plane";
import type { Sign } from "../moving/signs";
import type { Palette } from "./palette";
import { alarm } from "./pictures";
import { SEVERITIES } from "./severities";

/** A sign for each alarm that has a place, the gravest last, so that it lies on top. */
export function raised(
  alarms: GeoJSON.FeatureCollection,
  plane: Plane,
  bell: Path2D | undefined,
  palette: Palette,
): Sign[] {
  const graver = [...alarms.features].sort((a, b) => Number(a.properties?.["severity"]) - Number(b.properties?.["severity"]));
  return graver.flatMap(({ geometry, properties }): Sign[] => {
    if (geometry.type !== "Point") return [];
    const [x, y] = plane.fromDegrees(geometry.coordinates[0]!, geometry.coordinates[1]!);
    const picture = String(properties?.["picture"]);
    const [, severity, state] = picture.split(":");
    const at = SEVERITIES.findIndex((one) => one === severity);
    return [{ x, y, key: `${palette.ground} ${picture}`, paint: (pen) => alarm(pen, at, state === "taken", bell, palette) }];
  });
}
