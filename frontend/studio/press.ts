/** A press that does not move is no drag: MapLibre draws the whole map anew when one ends, moved or not. */
import type { Map as MapLibre } from "maplibre-gl";

/** pixels: what a hand that presses may shake */
const SHAKE = 3;

/** Let presses of the main button begin a drag once they move. */
export function dragsOnlyWhatMoves(map: MapLibre): void {
  const ended = new AbortController();
  const listening = { capture: true, signal: ended.signal };
  let pressed: MouseEvent | null = null;
  let begins = false; // a drag, by the press that was held back
  const release = (): MouseEvent | null => {
    const was = pressed;
    if (was) map.dragPan.enable();
    pressed = null;
    return was;
  };
  map.getCanvasContainer().addEventListener("mousedown", (event) => {
    if (begins || event.button !== 0 || event.ctrlKey) return;
    pressed = event;
    map.dragPan.disable();
  }, listening);
  addEventListener("mousemove", (event) => {
    if (!pressed || Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < SHAKE) return;
    const first = release()!;
    begins = true;
    first.target!.dispatchEvent(new MouseEvent("mousedown", first));
    begins = false;
  }, listening);
  addEventListener("mouseup", release, listening);
  addEventListener("blur", release, listening);
  map.once("remove", () => ended.abort());
}
