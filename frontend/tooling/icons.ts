/** `virtual:icons`: the address of one SVG sprite made of the icons that icons.json names. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

const root = resolve(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache", "madang");
const folder = join(root, "node_modules", "lucide-static", "icons");

export function icons(): Plugin {
  return {
    name: "madang-icons",
    resolveId(id) {
      if (id !== "virtual:icons") return null;
      mkdirSync(cache, { recursive: true });
      const path = join(cache, "icons.svg");
      writeFileSync(path, sprite(JSON.parse(readFileSync(join(root, "icons.json"), "utf8")) as string[]));
      return `${path}?url`;
    },
  };
}

export function sprite(names: string[]): string {
  const symbols = names.map((name) => {
    const shapes = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(readFileSync(join(folder, `${name}.svg`), "utf8"));
    const drawn = shapes![1]!.replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${drawn}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}
