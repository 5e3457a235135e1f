import { defineConfig } from "vite";
export default defineConfig({ root: import.meta.dirname, build: { outDir: "/tmp/bench-dist", emptyOutDir: true, target: "esnext" }, base: "./" });
