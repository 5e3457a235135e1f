/** What the API of carbon and heat says. */
import type { Boot } from "../console/boot";
import { boot } from "../console/boot";

export type LayerName = "temperature" | "now" | "temperature_change" | "mitigation" | "carbon" | "carbon_change";
export type Kind = "trees" | "roof" | "cool" | "land";
export type Point = [lon: number, lat: number];
export type Words = Record<string, number | string | null>;

export interface Scale { unit: string; low: number; high: number; colours: string[]; bent: boolean }

/** The air of this moment; method null: no station speaks. */
export interface Present {
  method: string | null;
  half_width: number | null;
  helps: boolean | null;
  newest: string | null;
  stations: { name: string; celsius: number; age_s: number; used: boolean }[];
  scale: Scale;
}

export interface Total {
  version: number;
  carbon_t: number;
  carbon_low_t: number;
  carbon_high_t: number;
  co2_t: number;
  embodied_t: number;
  people_degree_hours: number | null;
  energy_kwh: number | null;
  mean_celsius: number;
  cost: number;
  unpriced: number;
  trees: number;
  edits: number;
  area_m2: Partial<Record<Kind, number>>;
  zones?: Zone[];
}

export interface Zone { key: string; names: Record<string, string>; carbon_t: number; celsius: number | null; people_degree_hours: number | null }

export interface Edit { id: string; number: number; kind: Kind; rings: Point[][]; code: number | null; what: Words; by: string }

export interface Drawn { kind: Kind; rings: Point[][]; code?: number | null; what: Words }

export interface PlanHead { id: string; name: string; version: number; premises: Words }

export interface Plan extends PlanHead { edits: Edit[]; total: Total | null }

export interface Changed { version: number; edits: Edit[]; total: Total | null }

export interface Figure { value: number; unit: string; source: string; as_of: string }

export interface Choice { key: string; title: string; figures: Record<string, Figure> }

export interface State {
  missing: string[];
  simulated: boolean;
  cell: number | null;
  box: [number, number, number, number] | null;
  classes: { code: number; name: string }[];
  roofs: Choice[];
  species: Choice[];
  layers: LayerName[];
}

export interface Site { key: string; name: string; rings: Point[][]; area_m2: number; height_m: number | null; why: string; said: string; chosen: boolean; gives: Record<string, number> | null }

export interface Spent { sites: Site[]; able: number; chosen: number; cost: number; gap: number; reasons: Record<string, number> }

/** The page says more of itself than the console's boot has: who may plan. */
export const mayPlan = (boot as Boot & { rights: { plan?: boolean } }).rights.plan ?? false;
export const signedIn = (boot as Boot & { signed_in?: boolean }).signed_in ?? false;
