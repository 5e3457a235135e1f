import { expect, test } from "vitest";
import { free } from "./naming";

const mark = (name: string, thing_id: string) => ({ name, thing_kind: thing_id && "camera", thing_id });

test("a second thing of the same title gets a number and the first keeps its mark", () => {
  const all = [mark("Bridge", "a"), mark("Bridge (2)", "b")];
  expect(free("Bridge", mark("", "c"), all)).toBe("Bridge (3)");
  expect(free("Bridge", mark("", "a"), all)).toBe("Bridge");
  expect(free("Tunnel", mark("", "c"), all)).toBe("Tunnel");
});

test("two places without a thing keep apart too", () => {
  expect(free("Here", mark("", ""), [mark("Here", "")])).toBe("Here (2)");
});
