import { existsSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { catalogue } from "./tooling/catalogue";
import { fonts } from "./tooling/fonts";
import { icons } from "./tooling/icons";

/** Each entry is one folder with a main.ts; a template loads it by {% vite "name" %}. */
const entries = ["pages", "console", "studio", "wall", "playback"].filter((name) => existsSync(`${name}/main.ts`));

/** Lightning CSS writes a version as major << 16. */
const browsers = { chrome: 109 << 16, firefox: 115 << 16, safari: (15 << 16) | (6 << 8) };

export default defineConfig({
  base: "/static/",
  plugins: [svelte(), catalogue(), fonts(), icons()],
  css: {
    transformer: "lightningcss",
    lightningcss: { targets: browsers },
  },
  build: {
    target: ["chrome109", "firefox115", "safari15.6"],
    manifest: "manifest.json",
    outDir: "dist",
    emptyOutDir: true,
    // A data: URL in a style would need a hole in the content security policy.
    assetsInlineLimit: 0,
    cssMinify: "lightningcss",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // MapLibre is the one chunk above it; the console itself is under 100 KB gzipped.
    chunkSizeWarningLimit: 1100,
    rollupOptions: {
      // By itself, since it changes a few times a year and the console every week.
      output: { manualChunks: { maplibre: ["maplibre-gl"] } },
      input: {
        ...Object.fromEntries(entries.map((name) => [name, `${name}/main.ts`])),
        "pages-ja": "pages/ja.css",
      },
    },
  },
  test: { environment: "jsdom", include: ["**/*.test.ts"] },
});
