/** The features of fixed layers: fetched when a layer is first shown, again as often as it asks for. */
import { SvelteMap } from "svelte/reactivity";
import { ask, Problem } from "../api";
import type { Layer } from "../boot";
import { boot } from "../boot";
import { clock } from "../state/clock.svelte";

export interface LayerState {
  state: "loading" | "ok" | "failed";
  count: number;
  /** epoch seconds of the last whole answer */
  heard: number | null;
  why: string;
}

type Collection = GeoJSON.FeatureCollection;
type Listener = (layer: Layer, data: Collection) => void;

const RETRY = 10_000;

class Features {
  constructor() {
    clock.onWaking(() => this.refresh());
  }

  readonly states = new SvelteMap<string, LayerState>();
  private readonly data = new Map<string, Collection>();
  private readonly listeners = new Set<Listener>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** Hear of every new answer; returns how to stop. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  of(layer: string): Collection | null {
    return this.data.get(layer) ?? null;
  }

  /** Have a layer's features, now and from now on. */
  want(layer: Layer): void {
    if (layer.source.type !== "live" && !this.states.has(layer.key)) void this.load(layer);
  }

  /** Ask again at once, for those layers that were asked for. */
  refresh(): void {
    for (const layer of boot.layers) if (this.states.has(layer.key)) void this.load(layer);
  }

  private async load(layer: Layer): Promise<void> {
    if (layer.source.type === "live") return;
    const before = this.states.get(layer.key);
    this.states.set(layer.key, { count: 0, heard: null, why: "", ...before, state: before?.heard ? "ok" : "loading" });
    clearTimeout(this.timers.get(layer.key));
    try {
      const data = await ask<Collection>(layer.source.items);
      this.data.set(layer.key, data);
      const count = data.features.length;
      this.states.set(layer.key, { state: "ok", count, heard: clock.now(), why: "" });
      for (const listener of this.listeners) listener(layer, data);
      if (layer.source.type === "features" && layer.source.refresh) this.later(layer, layer.source.refresh * 1000);
    } catch (error) {
      const why = error instanceof Problem ? `${error.message} ${error.remedy}` : "";
      this.states.set(layer.key, { count: 0, heard: null, ...before, state: "failed", why });
      this.later(layer, RETRY);
    }
  }

  private later(layer: Layer, wait: number): void {
    this.timers.set(layer.key, setTimeout(() => void this.load(layer), wait));
  }
}

export const features = new Features();
