import type { Map as MapLibre } from "maplibre-gl";
import { expect, test } from "vitest";
import { dragsOnlyWhatMoves } from "./press";

function board(): { sheet: HTMLElement; begun: () => number } {
  const place = document.createElement("div");
  const sheet = place.appendChild(document.createElement("canvas"));
  document.body.append(place);
  let enabled = true;
  let drags = 0;
  const map = { dragPan: { enable: () => (enabled = true), disable: () => (enabled = false) }, getCanvasContainer: () => place, once: () => undefined };
  dragsOnlyWhatMoves(map as unknown as MapLibre);
  place.addEventListener("mousedown", () => (drags += enabled ? 1 : 0)); // as the map's own hears it
  return { sheet, begun: () => drags };
}

const at = (kind: string, clientX: number, words: MouseEventInit = {}): MouseEvent => new MouseEvent(kind, { bubbles: true, clientX, clientY: 0, ...words });

test("a press that stays where it is begins no drag, one that moves begins it once", () => {
  const { sheet, begun } = board();
  sheet.dispatchEvent(at("mousedown", 10));
  window.dispatchEvent(at("mousemove", 11));
  window.dispatchEvent(at("mouseup", 11));
  window.dispatchEvent(at("mousemove", 40));
  expect(begun()).toBe(0);
  sheet.dispatchEvent(at("mousedown", 10));
  for (const x of [12, 20, 30]) window.dispatchEvent(at("mousemove", x));
  expect(begun()).toBe(1);
});

test("other buttons are the map's own", () => {
  const { sheet, begun } = board();
  sheet.dispatchEvent(at("mousedown", 10, { button: 2 }));
  expect(begun()).toBe(1);
});
