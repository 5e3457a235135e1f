/** Built by the front end's own Vite; what is ours comes from its packages, deck.gl from those beside this file. */
import { createRequire } from "node:module";
import { resolve } from "node:path";

const frontend = resolve(import.meta.dirname, "../../frontend");
const { svelte } = createRequire(`${frontend}/package.json`)("@sveltejs/vite-plugin-svelte") as { svelte: () => unknown };

export default {
  root: import.meta.dirname,
  base: "./",
  plugins: [
    svelte(),
    {
      name: "packages-of-the-front-end",
      enforce: "pre",
      async resolveId(this: { resolve: (id: string, from: string, how: object) => unknown }, id: string, from = "") {
        const bare = !/^[./\0]|^virtual:/.test(id);
        if (!bare || from.startsWith(frontend) || id.startsWith("@deck.gl") || from.includes("node_modules")) return null;
        return this.resolve(id, `${frontend}/console/main.ts`, { skipSelf: true });
      },
    },
  ],
  build: { outDir: "../../build/bench-console", emptyOutDir: true, target: "esnext", chunkSizeWarningLimit: 5000 },
};
