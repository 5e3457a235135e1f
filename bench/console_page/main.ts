/** One way of drawing a crowd, named in the address; counts what it draws and leaves it in window.figures. */
import "maplibre-gl/dist/maplibre-gl.css";
import { Map as MapLibre, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { base } from "./base";
import { Walkers } from "./crowd";
import { ways } from "./ways";

declare global {
  interface Window {
    figures?: { renders: number; updates: number; seconds: number };
    /** updates fed so far, where they are fed as fast as the machine goes */
    fed?: number;
  }
}

setWorkerUrl(workerUrl);
const words = new URLSearchParams(location.search);
const way = ways[words.get("way") ?? "ours"]!;
const walkers = new Walkers(Number(words.get("size") ?? 20_000), 5000);
const seconds = Number(words.get("seconds") ?? 20);

const map = new MapLibre({
  container: "map",
  style: base(),
  center: [127.01, 37.27],
  zoom: Number(words.get("zoom") ?? 12.5),
  attributionControl: false,
  fadeDuration: 0,
});
const hurried = Number(words.get("updates") ?? 0);
map.once("idle", () => {
  const player = way(map, walkers);
  if (hurried) return void hurry(player, hurried);
  setTimeout(() => measure(player), 2000);
  setInterval(() => {
    walkers.step(0.2);
    player.update();
    updates++;
  }, 200);
});
let updates = 0;

/** Feed so many updates without waiting for their time; between slices the page draws. */
async function hurry(player: { update: () => void }, most: number): Promise<void> {
  for (window.fed = 0; window.fed < most; window.fed++) {
    walkers.step(0.2);
    player.update();
    if (window.fed % 100 === 0) await new Promise((done) => setTimeout(done));
  }
}

function measure(player: { renders: () => number }): void {
  const [renders, began, fed] = [player.renders(), performance.now(), updates];
  setTimeout(() => {
    const passed = (performance.now() - began) / 1000;
    window.figures = {
      renders: (player.renders() - renders) / passed,
      updates: (updates - fed) / passed,
      seconds: passed,
    };
  }, seconds * 1000);
}
