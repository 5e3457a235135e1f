import { expect, test } from "vitest";
import type { Layer } from "../boot";
import { sumOf } from "./figures";

const layer = { by: "purpose", amount: "cameras", looks: [{ key: "crime" }, { key: "park" }, { key: "waste" }] } as Layer;
const site = (purpose: string, cameras: number | null): GeoJSON.Feature => ({
  type: "Feature", properties: { purpose, cameras }, geometry: { type: "Point", coordinates: [127, 37] },
});

test("places and what stands there are counted apart, most first", () => {
  const sum = sumOf(layer, [site("park", 1), site("crime", 4), site("crime", 2), site("park", null)]);
  expect([sum.places, sum.things]).toEqual([4, 7]);
  expect(sum.shares.map(({ look, places, things }) => [look.key, places, things])).toEqual([["crime", 2, 6], ["park", 2, 1]]);
});
