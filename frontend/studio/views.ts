/** Maps side by side look at the same place. */
import type { Map as MapLibre } from "maplibre-gl";

const maps = new Set<MapLibre>();
let following = false;

export const views = {
  join(map: MapLibre): void {
    const [other] = maps;
    if (other) map.jumpTo({ center: other.getCenter(), zoom: other.getZoom(), bearing: other.getBearing() });
    maps.add(map);
  },
  leave(map: MapLibre): void {
    maps.delete(map);
  },
  moved(map: MapLibre): void {
    if (following) return;
    following = true;
    for (const other of maps) {
      if (other !== map) other.jumpTo({ center: map.getCenter(), zoom: map.getZoom(), bearing: map.getBearing() });
    }
    following = false;
  },
};
