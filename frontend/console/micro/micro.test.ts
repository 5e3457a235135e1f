import { describe, expect, test } from "vitest";
import { palettes } from "../map/palette";
import { Plane } from "../moving/plane";
import { lightOf, type Signal } from "./lights";
import { Player, type Picture } from "./player";
import { Shapes } from "./shapes";

const K = 1256.6;
const plane = new Plane({ lon: 127, lat: 37.25, east: [0, K, 0, 0, 0, 0, 0, 0, 0, 0], north: [0, 0, K, 0, 0, 0, 0, 0, 0, 0] });

function picture(at: number, cars: [id: number, x: number, heading: number, speed: number][]): Picture {
  return { at, ids: cars.map((c) => c[0]), x: cars.map((c) => c[1]), y: cars.map(() => 0), heading: cars.map((c) => c[2]), speed: cars.map((c) => c[3]) };
}

describe("what SUMO said, played back", () => {
  test("vehicles glide between two pictures, a moment behind the newest", () => {
    const player = new Player();
    player.take([picture(100, [[1, 0, 350, 10]]), picture(100.5, [[1, 5, 10, 10]]), picture(103, [[1, 30, 10, 10]])], 50);
    expect(player.moment(50)).toBeCloseTo(101.4);
    const [car] = player.cars(48.85);
    expect(player.moment(48.85)).toBeCloseTo(100.25);
    expect(car!.x).toBeCloseTo(2.5);
    expect((car!.heading + 360) % 360).toBeCloseTo(0); // the short way round
  });

  test("nothing is played beyond what was said, and nothing said twice counts twice", () => {
    const player = new Player();
    const two = [picture(100, [[1, 0, 0, 5]]), picture(101, [[1, 5, 0, 0]])];
    player.take(two, 10);
    player.take(two, 10.4);
    expect(player.moment(99)).toBe(101);
    expect(player.cars(99)).toMatchObject([{ id: 1, x: 5, waits: true }]);
    expect(new Player().cars(5)).toEqual([]);
  });

  test("who comes is where it came, who is gone is gone, who was lifted out of a jam does not fly", () => {
    const player = new Player();
    player.take([picture(100, [[1, 0, 0, 5], [2, 0, 0, 5]]), picture(101, [[2, 90, 0, 5], [3, 7, 0, 5]])], 10);
    expect(player.cars(11.1).map((car) => [car.id, car.x])).toEqual([[2, 90], [3, 7]]);
  });
});

describe("lights by the plan", () => {
  const signal: Signal = { offset: 10, ends: [30, 33, 60], shows: ["Gr", "yr", "rg"] };

  test("a lane may go when one of its columns may", () => {
    expect(lightOf(signal, [0], 15)).toBe("go");
    expect(lightOf(signal, [0], 41)).toBe("clears");
    expect(lightOf(signal, [0], 50)).toBe("stop");
    expect(lightOf(signal, [0, 1], 50)).toBe("go");
    expect(lightOf(signal, [0], 75)).toBe("go"); // the next cycle
    expect(lightOf(signal, [0], 5)).toBe("stop"); // before the first
  });
});

describe("shapes", () => {
  test("a vehicle is drawn behind its front, pointed while it drives and hollow while it stands", () => {
    const shapes = new Shapes(plane);
    shapes.car({ id: 1, x: 0, y: 0, heading: 90, waits: false }, 0.05, palettes.dark);
    const moving = shapes.vertices.length / 5;
    expect(moving).toBe(2 * 9);
    const east = [...shapes.vertices].filter((_, i) => i % 5 === 0);
    expect(Math.max(...east) / 1.2566).toBeLessThan(1.3);
    expect(Math.min(...east) / 1.2566).toBeGreaterThan(-6.5);
    shapes.clear();
    shapes.car({ id: 1, x: 0, y: 0, heading: 90, waits: true }, 0.05, palettes.dark);
    expect(shapes.vertices.length / 5).toBe(3 * 6);
  });

  test("lights differ by shape, not by colour alone", () => {
    const counts = (["go", "clears", "stop"] as const).map((shows) => {
      const shapes = new Shapes(plane);
      shapes.light({ x: 0, y: 0, heading: 0, signal: 0, columns: [] }, shows, 0.1, palettes.light);
      return shapes.vertices.length / 5;
    });
    expect(counts).toEqual([3, 12, 6]);
  });
});
