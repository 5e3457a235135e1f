/** What the server says when the page opens: the city, the person, and all that is registered. */
import type { PlaneFit } from "./moving/plane";

export type Colour =
  | "blue" | "cyan" | "teal" | "green" | "lime" | "violet" | "pink" | "sand" | "slate" | "grey";
export type ShapeName =
  | "circle" | "square" | "diamond" | "triangle" | "hexagon" | "cross" | "shield" | "drop";

export interface Look {
  key: string;
  title: string;
  colour: Colour;
  shape: ShapeName;
  icon: string;
  quiet: boolean;
  /** of a line, in pixels; 0 is none */
  width: number;
  /** of a line: drawn and left out in turn, in widths; empty is unbroken */
  dash: number[];
}

export interface Column {
  key: string;
  title: string;
  unit: string;
}

export type Source =
  | { type: "tiles"; layer: string; items: string; id: string; csv: string }
  | { type: "features"; items: string; refresh: number; csv: string }
  | { type: "live"; kind: string; icons: Record<string, string> };

export interface Layer {
  key: string;
  title: string;
  group: string;
  source: Source;
  looks: Look[];
  by: string;
  thing: string;
  icon: string;
  columns: Column[];
  shown: boolean;
  clustered: boolean;
  /** its features are lines */
  lines: boolean;
  from_zoom: number;
  /** the property that is written beside each thing; "" is none */
  label: string;
  /** the property that says how many stand there; "" is one each */
  amount: string;
  order: number;
}

export interface Label {
  id: string;
  key: string;
  level: string;
  name: string;
  lon: number;
  lat: number;
}

export interface Boot {
  screen: "desk" | "board";
  city: {
    key: string;
    name: string;
    zone: string;
    box: [west: number, south: number, east: number, north: number] | null;
    simulated: boolean;
    attribution: string[];
    labels: Label[];
    /** version of the tiles: changes whenever the city's data do */
    tiles: string;
    plane: PlaneFit | null;
  };
  person: { name: string; id: string } | null;
  guest: boolean;
  language: string;
  theme: "system" | "light" | "dark";
  csrf: string;
  rights: Record<string, boolean>;
  addresses: Record<string, string>;
  alarm_kinds: Record<string, string>;
  layers: Layer[];
  panels: { key: string; title: string; icon: string; refresh: number }[];
  near: { key: string; title: string; icon: string }[];
  shortcuts: { key: string; title: string; panel: string; layer: string; page: string }[];
  /** what this script can do with a point of the map, and this person may */
  tools: { key: string; title: string; icon: string }[];
}

export const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "null") as Boot;
