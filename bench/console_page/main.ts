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
map.once("idle", () => {
  const player = way(map, walkers);
  setTimeout(() => measure(player), 2000);
  setInterval(() => {
    walkers.step(0.2);
    player.update();
    updates++;
  }, 200);
});
let updates = 0;

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
