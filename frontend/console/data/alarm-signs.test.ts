import { expect, test } from "vitest";
import { about, alarmFeatures, alarmsAt, type PastAlarm } from "./alarm-signs";

function alarm(id: string, words: Partial<PastAlarm>): PastAlarm {
  return { id, kind: "silent", severity: 2, subject: id, place: "", district: "", lon: 127, lat: 37.2, raised: 1000, acknowledged: null, closed: null, ...words };
}

const all = [
  alarm("later", { raised: 5000 }),
  alarm("over", { closed: 2000 }),
  alarm("taken", { severity: 4, acknowledged: 2500, closed: 9000 }),
  alarm("grave", { severity: 3 }),
  alarm("nowhere", { lon: null, lat: null }),
];

test("an alarm stands from when it was raised until it was closed, and is taken from when somebody took it", () => {
  const states = (moment: number): string[] => alarmsAt(all, moment).map(({ id, state }) => `${id} ${state}`);
  expect(states(999)).toEqual([]);
  expect(states(1000)).toEqual(["taken open", "grave open", "over open", "nowhere open"]);
  expect(states(2000)).toEqual(["taken open", "grave open", "nowhere open"]);
  expect(states(2500)).toEqual(["grave open", "nowhere open", "taken acknowledged"]);
  expect(states(9000)).toEqual(["grave open", "nowhere open", "later open"]);
});

test("what has no place is listed and not drawn", () => {
  const { features } = alarmFeatures(alarmsAt(all, 2500));
  expect(features.map(({ properties }) => properties?.["picture"])).toEqual(["alarm:major:open", "alarm:critical:taken"]);
});

test("a place that an alarm's words name is not said twice", () => {
  expect(about({ subject: "UPLEVEL-001", place: "평동" })).toBe("UPLEVEL-001 · 평동");
  expect(about({ subject: "파장동 · 녹지면적 감소", place: "파장동" })).toBe("파장동 · 녹지면적 감소");
  expect(about({ subject: "마당시", place: "" })).toBe("마당시");
});
