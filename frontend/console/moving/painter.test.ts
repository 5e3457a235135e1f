import { expect, test, vi } from "vitest";
import type { Atlas, PassLook } from "./atlas";
import { Painter, type Frame } from "./painter";
import type { Sign } from "./signs";
import type { Things } from "./things";

/** A card that tells how many points each draw has; everything else it takes. */
function card(drawn: number[]): WebGL2RenderingContext {
  const made = { drawArrays: (_mode: number, _first: number, count: number) => drawn.push(count), getProgramParameter: () => true };
  return new Proxy(made, { get: (all, name) => all[name as keyof typeof all] ?? (() => ({})) }) as unknown as WebGL2RenderingContext;
}

function look(over: boolean): PassLook {
  return { kinds: 1, column: 0, part: 1, size: 36, turned: false, headedOnly: false, states: "all", over };
}

function signs(count: number): Sign[] {
  return Array.from({ length: count }, (_, at) => ({ x: at, y: 0, key: "a", paint: () => undefined }));
}

test("a figure lies over every vehicle, and an alarm over a figure", () => {
  const pen = new Proxy({}, { get: () => () => undefined, set: () => true });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pen as never);
  const drawn: number[] = [];
  const things = { version: 0, count: 20, floats: new Float32Array(0), clock: () => 0 } as unknown as Things;
  const atlas = { ratio: 1, layers: () => [look(false), look(true)], quiet: new Uint32Array(0) } as unknown as Atlas;
  const painter = new Painter(card(drawn), things, atlas);
  painter.put(signs(1), signs(2), signs(3));
  painter.draw({ matrix: new Float32Array(16), zoom: 15, bearing: 0, now: 0, shown: 1, stale: new Float32Array(0) } satisfies Frame);
  expect(drawn).toEqual([20, 1, 20, 2, 3]); // darts, counts, vehicles, figures, alarms
  vi.restoreAllMocks();
});
