/** Letters of the map's labels. */
import type { Map as MapLibre } from "maplibre-gl";

const TOGETHER = 150; // ms in which pieces that come one after the other count as one

/**
 * Labels are drawn from the page's own font, whose pieces come when they are first asked for. What was
 * drawn before its piece had come stands there in another font, or as a box where the machine has none
 * with these letters; so it is drawn again.
 */
export function redrawLetters(map: MapLibre): void {
  let soon = 0;
  const draw = (): void => {
    if (map.isStyleLoaded()) map.setGlyphs(map.getGlyphs());
    else void map.once("idle", draw);
  };
  const later = (): void => {
    clearTimeout(soon);
    soon = window.setTimeout(draw, TOGETHER);
  };
  document.fonts.addEventListener("loadingdone", later);
  map.once("remove", () => {
    clearTimeout(soon);
    document.fonts.removeEventListener("loadingdone", later);
  });
}
