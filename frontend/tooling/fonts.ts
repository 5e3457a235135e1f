/**
 * `virtual:pretendard.css`: Pretendard cut into pieces that a page loads as it needs them.
 *
 * The first piece holds every letter of our own texts (Latin, digits, the Hangul of the catalogues), so a
 * page drawn from them needs one file a weight. The rest of Hangul follows in pieces for people's data.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import subset from "subset-font";
import type { Plugin } from "vite";
import { catalogues } from "./po";

const root = resolve(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache", "madang", "fonts");
const weights = [400, 600] as const;
const pieceSize = 320;
const common = range(0x20, 0x7e) + range(0xa0, 0xff) + "–—‘’“”†•…‰′″‹›€₩→←↑↓↔⇄△▽○●◎□■◇◆☆★※℃㎍㎥㎡㎢㎞·「」『』〈〉《》【】、。×÷±≤≥≈−∞";

export function fonts(): Plugin {
  return {
    name: "madang-fonts",
    async resolveId(id) {
      return id === "virtual:pretendard.css" ? write(pieces()) : null;
    },
  };
}

/** The letters of each piece: those of our texts, frequent Hangul (KS X 1001), other Hangul. */
function pieces(): string[] {
  const texts = catalogues("ko").map((path) => readFileSync(path, "utf8")).join("");
  const first = new Set(common + [...texts].filter(isHangul).join(""));
  const frequent = new Set(wansung().filter((letter) => !first.has(letter)));
  const rare = [...range(0xac00, 0xd7a3)].filter((c) => !first.has(c) && !frequent.has(c));
  return [[...first], ...split([...frequent]), rare].map((letters) => letters.sort().join(""));
}

/** Cut the fonts unless it was done before, and write the style sheet that names them; its path. */
async function write(all: string[]): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const kind = (letters: string) => (letters === all[0] ? "own" : "more"); // pages ask for their own early
  const faces = await Promise.all(
    weights.flatMap((weight) => all.map(async (letters) => face(weight, letters, await cut(weight, letters, kind(letters))))),
  );
  const latin = await Promise.all(
    weights.map(async (weight) => face(weight, common, await cut(weight, all[0]!, "own"), "Pretendard Latin")),
  );
  const path = join(cache, "pretendard.css");
  writeFileSync(path, [...faces, ...latin].join("\n"));
  return path;
}

async function cut(weight: number, letters: string, kind: "own" | "more"): Promise<string> {
  const name = `pretendard-${weight}-${kind}-${createHash("sha256").update(letters).digest("hex").slice(0, 8)}.woff2`;
  const path = join(cache, name);
  if (!existsSync(path)) {
    const whole = join(root, `node_modules/@fontsource/pretendard/files/pretendard-latin-${weight}-normal.woff2`);
    writeFileSync(path, await subset(readFileSync(whole), letters, { targetFormat: "woff2" }));
  }
  return name;
}

function face(weight: number, letters: string, file: string, family = "Pretendard"): string {
  return (
    `@font-face{font-family:"${family}";font-style:normal;font-weight:${weight};font-display:swap;` +
    `src:url(./${file}) format("woff2");unicode-range:${unicodeRange(letters)}}`
  );
}

export function unicodeRange(letters: string): string {
  const points = [...letters].map((letter) => letter.codePointAt(0)!).sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const point of points) {
    const last = runs.at(-1);
    if (last && point === last[1] + 1) last[1] = point;
    else runs.push([point, point]);
  }
  const hex = (n: number) => n.toString(16);
  return runs.map(([a, b]) => (a === b ? `U+${hex(a)}` : `U+${hex(a)}-${hex(b)}`)).join(",");
}

function range(first: number, last: number): string {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

function isHangul(letter: string): boolean {
  return letter >= "가" && letter <= "힣";
}

/** The 2,350 syllables of KS X 1001, which nearly all Korean text is written with. */
function wansung(): string[] {
  const decoder = new TextDecoder("euc-kr");
  const letters: string[] = [];
  for (let row = 0xb0; row <= 0xc8; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) letters.push(decoder.decode(Uint8Array.of(row, cell)));
  }
  return letters.filter(isHangul);
}

function split(letters: string[]): string[][] {
  const count = Math.ceil(letters.length / pieceSize);
  return Array.from({ length: count }, (_, i) => letters.slice(i * pieceSize, (i + 1) * pieceSize));
}
