import { expect, test } from "vitest";
import { boxAt, placed, readTracks, within, writeTracks } from "./moving";

test("somebody is hidden evenly between two moments and not beyond them", () => {
  const [track] = readTracks("0 10 10 10 20\n10 50 30 10 20");
  expect(boxAt(track!, 5)).toEqual({ left: 30, top: 20, width: 10, height: 20 });
  expect(boxAt(track!, 0)?.left).toBe(10);
  expect(boxAt(track!, 10)?.left).toBe(50);
  expect(boxAt(track!, 10.1)).toBeNull();
  expect(boxAt([], 1)).toBeNull();
  expect(boxAt([{ second: 4, left: 1, top: 1, width: 5, height: 5 }], 4)?.left).toBe(1);
});

test("a moment is placed once, in its order, within the picture", () => {
  let track = placed([], 4.04, { left: 95, top: -3, width: 20, height: 10 });
  expect(track).toEqual([{ second: 4, left: 95, top: 0, width: 5, height: 10 }]);
  track = placed(track, 1, { left: 0, top: 0, width: 10, height: 10 });
  track = placed(track, 4, { left: 1, top: 1, width: 10, height: 10 });
  expect(track.map((one) => one.second)).toEqual([1, 4]);
  expect(track[1]?.left).toBe(1);
  expect(within({ left: 300, top: 300, width: 0, height: 0 })).toEqual({ left: 99, top: 99, width: 1, height: 1 });
});

test("tracks are read as they were written", () => {
  const words = "0 10 20 8 25\n4.5 40 22 8 25\n\n1 0 0 100 100";
  expect(writeTracks(readTracks(words))).toBe(words);
  expect(readTracks("nonsense\n1 2 3")).toEqual([]);
});
