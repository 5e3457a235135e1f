/** What the server knows of things: found, described, near. */
import { ask } from "../api";
import type { Measure } from "../shell/words";

export interface Hit {
  kind: string;
  id: string;
  title: string;
  subtitle: string;
  icon: string;
  lon: number | null;
  lat: number | null;
  metres: number | null;
  zoom: number | null;
}

export interface Fact {
  title: string;
  text: string | null;
  time: string | null;
  measure: Measure | null;
  link: string;
}

export interface Section {
  title: string;
  facts: Fact[];
  url: string;
  chart: string;
}

export interface Thing {
  kind: string;
  id: string;
  title: string;
  subtitle: string;
  icon: string;
  lon: number | null;
  lat: number | null;
  facts: Fact[];
  sections: Section[];
  url: string;
  simulated: boolean;
  live: { kind: string; number: number } | null;
  /** pages that open from it, each in the window of its name */
  ways: { title: string; icon: string; url: string; window: string }[];
  /** ids of the districts that it is about */
  districts: string[];
}

export interface Group {
  key: string;
  title: string;
  icon: string;
  hits: Hit[];
}

export function search(q: string, signal?: AbortSignal): Promise<{ hits: Hit[]; failed: string[] }> {
  return ask("console/search", { words: { q, limit: 12 }, ...(signal ? { signal } : {}) });
}

export function describe(kind: string, id: string, signal: AbortSignal): Promise<Thing> {
  const path = id.split("/").map(encodeURIComponent).join("/");
  return ask(`console/things/${encodeURIComponent(kind)}/${path}`, { signal });
}

export function near(lon: number, lat: number, metres: number, limit: number, signal?: AbortSignal): Promise<Group[]> {
  return ask("console/near", { words: { lon, lat, metres, limit }, ...(signal ? { signal } : {}) });
}
