/** What this window shows: one object that every part of the console reads and writes. */
import { boot } from "../boot";
import type { Camera, Selection, View } from "./view";

export type Tool = "none" | "measure" | "net" | "window";
export type Note = { id: number; text: string; tone: "plain" | "wrong" };

const WORLD: Camera = { lon: 127.5, lat: 36.5, zoom: 6, bearing: 0, pitch: 0 };

class Desk {
  panes = $state<Camera[]>([home()]);
  active = $state(0);
  linked = $state(false);
  shown = $state<string[]>(boot.layers.filter((layer) => layer.shown).map((layer) => layer.key));
  hidden = $state<Record<string, string[]>>({});
  selection = $state.raw<Selection | null>(null);
  panel = $state<string | null>(innerWidth > 900 && boot.screen === "desk" ? (boot.guest ? "figures" : "layers") : null);
  /** the layer whose table is open */
  table = $state<string | null>(null);
  mode = $state<"map" | "table">("map");
  tool = $state<Tool>("none");
  help = $state(false);
  notes = $state<Note[]>([]);
  private numbers = 0;

  isShown(layer: string): boolean {
    return this.shown.includes(layer);
  }

  show(layer: string, on = true): void {
    const others = this.shown.filter((key) => key !== layer);
    this.shown = on ? [...others, layer] : others;
  }

  hides(layer: string, look: string): boolean {
    return this.hidden[layer]?.includes(look) ?? false;
  }

  hide(layer: string, look: string, on = true): void {
    const others = (this.hidden[layer] ?? []).filter((key) => key !== look);
    this.hidden = { ...this.hidden, [layer]: on ? [...others, look] : others };
  }

  select(selection: Selection | null): void {
    this.selection = selection;
  }

  openPanel(panel: string): void {
    this.panel = this.panel === panel ? null : panel;
  }

  split(count: number): void {
    const camera = this.panes[this.active] ?? home();
    this.panes = Array.from({ length: count }, (_, i) => this.panes[i] ?? { ...camera });
    this.active = Math.min(this.active, count - 1);
  }

  /** Say something that passes; wrong stays longer. */
  say(text: string, tone: Note["tone"] = "plain"): void {
    const id = ++this.numbers;
    this.notes = [...this.notes.slice(-3), { id, text, tone }];
    setTimeout(() => this.unsay(id), tone === "wrong" ? 12_000 : 4000);
  }

  unsay(id: number): void {
    this.notes = this.notes.filter((note) => note.id !== id);
  }

  /** All of it that a view keeps; past comes from the clock. */
  view(past: View["past"]): View {
    return $state.snapshot({
      panes: this.panes,
      linked: this.linked,
      layers: this.shown,
      hidden: this.hidden,
      selection: this.selection,
      past,
      mode: this.mode,
    });
  }

  /** Show a view, but of it only the layers that are there for this person. */
  take(view: View): void {
    const known = new Set(boot.layers.map((layer) => layer.key));
    this.panes = view.panes;
    this.active = Math.min(this.active, view.panes.length - 1);
    this.linked = view.linked;
    this.shown = view.layers.filter((key) => known.has(key));
    this.hidden = view.hidden;
    this.selection = view.selection;
    this.mode = view.mode;
  }
}

/** The whole city, as far out as the window needs. */
export function home(): Camera {
  const box = boot.city.box;
  if (!box) return { ...WORLD };
  const [west, south, east, north] = box;
  const width = Math.max(innerWidth - (innerWidth > 900 ? 620 : 0), 300);
  const height = Math.max(innerHeight - 120, 300);
  const wide = Math.log2((width / 512) * (360 / (east - west)));
  const high = Math.log2((height / 512) * (360 / (mercator(north) - mercator(south))));
  return {
    lon: (west + east) / 2,
    lat: (south + north) / 2,
    zoom: Math.min(wide, high, 16) - 0.1,
    bearing: 0,
    pitch: 0,
  };
}

/** Latitude on the map's own scale, in degrees as wide as those of longitude. */
function mercator(lat: number): number {
  return (Math.asinh(Math.tan((lat * Math.PI) / 180)) * 180) / Math.PI;
}

export const desk = new Desk();
