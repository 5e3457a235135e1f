/** What the API of cameras says. */
export interface Camera {
  id: string;
  key: string;
  address: string;
  purpose: string;
  kind: string;
  state: "planned" | "installed" | "repair" | "removed";
  lon: number;
  lat: number;
  bearing: number | null;
  streams: boolean;
  /** whether it can be steered, by who may */
  turns: boolean;
  opens: boolean;
  simulated: boolean;
}

export interface Caught extends Camera { metres: number; sees: boolean | null }

export interface View { id: string; name: string; layout: LayoutName; cameras: (string | null)[]; dwell: number | null }

export interface Reason {
  kind: string;
  words: string;
  incident_words: string;
  kinds: { key: number; kind: string; title: string }[];
}

export const LAYOUTS = ["1", "4", "9", "16", "25", "36", "64", "1+5", "1+7"] as const;
export type LayoutName = (typeof LAYOUTS)[number];

/** How many tiles a layout has, how many columns, and how many of these its first tile takes. */
export function shapeOf(layout: LayoutName): { count: number; columns: number; first: number } {
  if (layout === "1+5") return { count: 6, columns: 3, first: 2 };
  if (layout === "1+7") return { count: 8, columns: 4, first: 3 };
  const count = Number(layout);
  return { count, columns: Math.sqrt(count), first: 1 };
}

/** The least layout with room for so many. */
export const layoutFor = (count: number): LayoutName => LAYOUTS.slice(0, 7).find((one) => Number(one) >= count) ?? "64";

export type Which = "main" | "sub" | "still";
