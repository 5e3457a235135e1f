// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What the console takes over from the pages, and means to. */
const SHARED = ["button", "icon", "note", "plain", "quiet"];
const ROOT = new URL("..", import.meta.url).pathname;

/** All that is written in the files of a folder with this ending. */
function read(folder: string, ending: string): string {
  const names = readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(ending));
  return files.map((name) => readFileSync(`${ROOT}${folder}/${name}`, "utf8")).join("\n");
}

/** Classes that a rule of the pages dresses wherever they stand. */
function dressed(): Set<string> {
  const rules = read("pages/styles", ".css").replace(/\/\*.*?\*\//gs, "").match(/[^{}]+(?=\{)/g) ?? [];
  const alone = rules.flatMap((rule) => rule.split(",")).map((one) => /^\s*\.([\w-]+)\s*$/.exec(one)?.[1]);
  return new Set(alone.filter((name) => name !== undefined));
}

test("no rule of the pages dresses what the console or the studio calls by the same name", () => {
  const files = read("console", ".svelte") + read("studio", ".svelte");
  const words = [...files.matchAll(/class="([^"]*)"|class:([\w-]+)/g)].flatMap((found) => (found[1] ?? found[2]!).split(/[\s{}?:']+/));
  const pages = dressed();
  expect(pages.size).toBeGreaterThan(50);
  const both = [...new Set(words)].filter((word) => pages.has(word) && !SHARED.includes(word));
  expect(both).toEqual([]);
});
