import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { expect, test } from "vitest";
import type { Boot } from "../boot";
import { baseStyle } from "./base";
import { areaOf, circle, distance } from "./marks";
import { palettes } from "./palette";
import { inLines } from "./points";

const boot = {
  language: "ko",
  addresses: { api: "/api/v1/cities/suwon/" },
  city: { box: [126.9, 37.2, 127.1, 37.35], labels: [{ level: "gu", name: "팔달구", lon: 127, lat: 37.27 }], tiles: "1" },
} as unknown as Boot;

test.each(["dark", "light"] as const)("the %s style is one that MapLibre accepts, without a glyph server", (theme) => {
  const style = baseStyle(boot, theme, "http://localhost");
  expect(validateStyleMin(style)).toEqual([]);
  expect(style.glyphs).toBeUndefined();
});

test("English and Japanese ask for their own names first", () => {
  const style = JSON.stringify(baseStyle({ ...boot, language: "ja" }, "dark", ""));
  expect(style).toContain('"name_ja"');
});

/** WCAG's contrast of two colours written #rrggbb. */
function contrast(a: string, b: string): number {
  const light = (colour: string): number => {
    const [r, g, blue] = [1, 3, 5].map((at) => {
      const value = parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [x, y] = [light(a) + 0.05, light(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

test.each(["dark", "light"] as const)("signs, labels and alarms stand out from the %s ground", (theme) => {
  const palette = palettes[theme];
  for (const ground of [palette.ground, palette.park, palette.water, palette.building]) {
    for (const colour of [...Object.values(palette.things), ...palette.alarms]) {
      expect(contrast(colour, ground)).toBeGreaterThan(3);
    }
    expect(contrast(palette.label, ground)).toBeGreaterThan(4.5);
  }
});

test("a degree of latitude is 111 km, and a square of 100 m has a hectare", () => {
  expect(distance([127, 37], [127, 38])).toBeCloseTo(111_195, -1);
  const east = 100 / 88_800;
  const north = 100 / 111_195;
  const ring: [number, number][] = [[127, 37.2], [127 + east, 37.2], [127 + east, 37.2 + north], [127, 37.2 + north]];
  expect(areaOf(ring)).toBeGreaterThan(9900);
  expect(areaOf(ring)).toBeLessThan(10_100);
});

test("every point of a circle is as far from its middle", () => {
  const { geometry } = circle([127, 37.27], 500);
  if (geometry.type !== "Polygon") throw new Error("no polygon");
  for (const point of geometry.coordinates[0]!) {
    expect(distance([127, 37.27], point as [number, number])).toBeCloseTo(500, 0);
  }
});

test("a value of several figures that would be long is broken before the last of them", () => {
  expect(inLines("25.2 °C")).toBe("25.2 °C");
  expect(inLines("32 km/h")).toBe("32 km/h");
  expect(inLines("1200 · 45 km/h · 23초 전")).toBe("1200 · 45 km/h\n23초 전");
  expect(inLines("강수량과 풍속과 습도와 기압")).not.toContain("\n");
});
