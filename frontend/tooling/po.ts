/** The translation catalogues of all rooms, read where Python reads them. */
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { po } from "gettext-parser";

export const sources = resolve(import.meta.dirname, "../../src");
export const languages = ["ko", "ja"] as const;
export type Language = (typeof languages)[number];

/** Every django.po of language, in a stable order. */
export function catalogues(language: Language): string[] {
  const tail = join("locale", language, "LC_MESSAGES", "django.po");
  return readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(tail))
    .sort()
    .map((path) => join(sources, path));
}

/** msgid → its translations (one, or one for each plural form), of all rooms together. */
export function translations(language: Language): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of catalogues(language)) {
    const parsed = po.parse(readFileSync(path));
    for (const message of Object.values(parsed.translations[""] ?? {})) {
      if (message.msgid && message.msgstr.every(Boolean)) found.set(message.msgid, message.msgstr);
    }
  }
  return found;
}
