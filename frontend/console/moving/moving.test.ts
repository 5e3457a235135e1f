import { describe, expect, test } from "vitest";
import type { Layer } from "../boot";
import { outlineOf } from "./atlas";
import { Crowd } from "./crowd";
import { Plane } from "./plane";
import { Things, turn } from "./things";

const K = 1256.6;
const plane = new Plane({ lon: 127, lat: 37.25, east: [0, K, 2, 0.1, 0, 0, 0, 0, 0, 0], north: [0, -2, K, 0, 0.1, 0, 0, 0, 0, 0] });

function things(): Things {
  return new Things(plane, 1000, 2);
}

function sighting(ids: number[], east: number[], times: number[], heading?: number[]): Parameters<Things["take"]>[0] {
  const none = ids.map(() => 0);
  return { ids, east, north: none, times, kinds: none, states: none, heading };
}

describe("the plane", () => {
  test("degrees go to the plane and back", () => {
    const [lon, lat] = plane.toDegrees(...plane.fromDegrees(127.1, 37.3));
    expect(lon).toBeCloseTo(127.1, 9);
    expect(lat).toBeCloseTo(37.3, 9);
  });

  test("degrees go to the city's metres and these to the same place", () => {
    const metres = plane.toMetres(127.08, 37.21);
    const [lon, lat] = plane.toDegrees(...plane.fromMetres(...metres));
    expect(lon).toBeCloseTo(127.08, 8);
    expect(lat).toBeCloseTo(37.21, 8);
  });

  test("its matrix draws a point where MapLibre's would", () => {
    const mercator = Array.from({ length: 16 }, (_, i) => Math.sin(i + 1) * 3);
    const [x, y] = plane.fromDegrees(127.05, 37.27);
    const ours = plane.matrix(mercator);
    const mx = plane.originX + x / 40_075_016.68557849;
    const my = plane.originY - y / 40_075_016.68557849;
    for (let row = 0; row < 4; row++) {
      const theirs = mercator[row]! * mx + mercator[4 + row]! * my + mercator[12 + row]!;
      expect(ours[row]! * x + ours[4 + row]! * y + ours[12 + row]!).toBeCloseTo(theirs, 4);
    }
  });
});

describe("things", () => {
  test("a thing glides in as long as it took to speak again", () => {
    const all = things();
    all.take(sighting([7], [0], [1000]), 1000, false);
    all.take(sighting([7], [10], [1001]), 1001, false);
    const [x1] = plane.fromMetres(10, 0);
    const middle = all.where(0, 1001.575).x;
    expect(middle).toBeGreaterThan(x1 * 0.4);
    expect(middle).toBeLessThan(x1 * 0.6);
    expect(all.where(0, 1003).x).toBeCloseTo(x1, 3);
  });

  test("after a long silence, or with less motion, it jumps", () => {
    for (const [time, jumps] of [[1030, false], [1001, true]] as const) {
      const all = things();
      all.take(sighting([7], [0], [1000]), 1000, jumps);
      all.take(sighting([7], [40], [time]), time, jumps);
      expect(all.where(0, time + 0.01).x).toBeCloseTo(plane.fromMetres(40, 0)[0], 3);
    }
  });

  test("a heading that was not said is that of the way; the shorter way round is turned", () => {
    const all = things();
    all.take(sighting([1], [0], [1000]), 1000, true);
    expect(all.heading(0, 1000)).toBeNull();
    all.take(sighting([1], [50], [1001]), 1001, true);
    expect(all.heading(0, 1002)).toBeCloseTo(90, 0);
    expect(turn(350, 10)).toBe(20);
    expect(turn(10, 350)).toBe(-20);
  });

  test("columns grow, and what is forgotten leaves no hole", () => {
    const all = things();
    const ids = Array.from({ length: 50 }, (_, i) => i);
    all.take(sighting(ids, ids.map((id) => id * 100), ids.map(() => 1000)), 1000, true);
    for (const id of ids) if (id % 2) all.forget(id);
    expect(all.count).toBe(25);
    for (let slot = 0; slot < all.count; slot++) {
      const east = Number(all.name(slot)) * 100;
      expect(all.where(slot, 1000).x).toBeCloseTo(plane.fromMetres(east, 0)[0], 1);
      expect(all.slot(all.name(slot))).toBe(slot);
    }
  });

  test("the nearest that is wanted and not hidden is found", () => {
    const all = things();
    all.take({ ...sighting([1, 2], [0, 30], [1000, 1000]), kinds: [0, 1] }, 1000, true);
    const at = plane.fromMetres(20, 0);
    expect(all.nearest(at[0], at[1], 100, 1000, () => true)).toBe(1);
    expect(all.nearest(at[0], at[1], 100, 1000, (kind) => kind === 0)).toBe(0);
    all.hide((kind) => kind === 1);
    expect(all.nearest(at[0], at[1], 100, 1000, () => true)).toBe(0);
    expect(all.nearest(at[0], at[1], 1, 1000, () => true)).toBeNull();
  });

  test("hours later milliseconds still count", () => {
    const all = things();
    all.take(sighting([1], [0], [1000]), 1000, false);
    const late = 1000 + 8 * 3600;
    all.take(sighting([1], [0], [late]), late, false);
    all.take(sighting([1], [10], [late + 1]), late + 1, false);
    expect(all.seen(0)).toBeCloseTo(late + 1, 2);
    expect(all.where(0, late + 1.2).x).toBeGreaterThan(0);
    expect(all.where(0, late + 1.2).x).toBeLessThan(plane.fromMetres(10, 0)[0]);
  });
});

test("every shape but the circle has corners, within reach of the finger", () => {
  const shapes: Layer["looks"][number]["shape"][] = ["square", "diamond", "triangle", "hexagon", "cross", "shield", "drop"];
  for (const name of shapes) {
    const reach = outlineOf(name, 10)!.map(([x, y]) => Math.hypot(x, y));
    expect(Math.max(...reach)).toBeLessThan(16);
  }
  expect(outlineOf("circle", 10)).toBeNull();
});

describe("the crowd", () => {
  const looks = [
    { key: "bus", title: "Bus", colour: "teal", shape: "square", icon: "bus" },
    { key: "taxi", title: "Taxi", colour: "sand", shape: "circle", icon: "car" },
  ] as Layer["looks"];
  const layer = {
    key: "vehicles", order: 60, from_zoom: 0, by: "kind", icon: "car", looks,
    source: { type: "live", kind: "vehicles", icons: {} },
  } as unknown as Layer;
  const batch = (number: number) => ({ kind: "vehicles", numbers: [number], east: [0], north: [0], times: [1000], columns: {} });

  function crowd(): Crowd {
    const made = new Crowd(plane, [layer], 1000, 1);
    made.atlas.draw = () => undefined; // jsdom has no canvas
    made.name(1, { key: "b1", label: "Bus 1", kind: "bus", simulated: true });
    made.name(2, { key: "t1", label: "Taxi 1", kind: "taxi", simulated: true });
    return made;
  }

  test("what was chosen before anything came holds for what comes later", () => {
    const all = crowd();
    all.show(() => true, (_layer, look) => look === "taxi");
    all.take(batch(1), 1000, true);
    all.take(batch(2), 1000, true);
    expect(all.shown).toBe(0b11);
    expect(all.pick(0, 0, 1, 15, 1000)).toBe(0);
    all.show(() => true, (_layer, look) => look === "bus");
    expect(all.pick(0, 0, 1, 15, 1000)).toBe(1);
    all.show(() => false, () => false);
    expect(all.pick(0, 0, 1, 15, 1000)).toBeNull();
  });

  test("a kind of device has the look that is called like it", () => {
    const all = crowd();
    all.take(batch(2), 1000, true);
    expect(all.look(0)?.title).toBe("Taxi");
  });

  test("what was not heard for longer than the server says of its kind is stale", () => {
    const all = crowd();
    all.describe("vehicles", 15, []);
    all.take(batch(1), 1000, true);
    expect(all.isStale(0, 1014)).toBe(false);
    expect(all.isStale(0, 1016)).toBe(true);
  });
});
