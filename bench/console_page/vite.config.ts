import { defineConfig } from "vite";
export default defineConfig({ root: import.meta.dirname, build: { outDir: "../../build/bench-console", emptyOutDir: true, target: "esnext" }, base: "./" });
