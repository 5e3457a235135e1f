/** `virtual:messages/ko` and `/ja`: only those translations that the front end's sources ask for. */
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";
import { catalogues, languages, translations, type Language } from "./po";

const root = resolve(import.meta.dirname, "..");
const rooms = ["pages", "parts", "console", "studio", "wall", "playback"];
const prefix = "virtual:messages/";
const call = /\bt[n]?\(\s*("(?:[^"\\]|\\.)*")/g;

export function catalogue(): Plugin {
  return {
    name: "madang-catalogue",
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const language = id.slice(prefix.length + 1) as Language;
      if (!languages.includes(language)) return "export default {};";
      for (const path of catalogues(language)) this.addWatchFile(path);
      return `export default ${JSON.stringify(wanted(language))};`;
    },
  };
}

function wanted(language: Language): Record<string, string[]> {
  const known = translations(language);
  const texts: Record<string, string[]> = {};
  for (const id of [...used()].sort()) {
    const forms = known.get(id);
    if (forms) texts[id] = forms;
  }
  return texts;
}

/** Every msgid in a t("…") or tn("…") of the sources. */
function used(): Set<string> {
  const found = new Set<string>();
  for (const path of rooms.flatMap(files)) {
    for (const match of readFileSync(path, "utf8").matchAll(call)) {
      found.add(JSON.parse(match[1]!) as string);
    }
  }
  return found;
}

function files(room: string): string[] {
  try {
    return readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith(".test.ts"))
      .map((name) => join(root, room, name));
  } catch {
    return [];
  }
}
