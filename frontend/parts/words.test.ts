import { expect, test } from "vitest";
import { t, tn } from "./words";

test("a message without a translation stays English and is filled", () => {
  expect(t("Camera {name}", { name: "A-1" })).toBe("Camera A-1");
  expect(tn("{count} camera", "{count} cameras", 1)).toBe("1 camera");
  expect(tn("{count} camera", "{count} cameras", 3)).toBe("3 cameras");
});
