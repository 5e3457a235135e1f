/** What the API of carbon and heat says. */
import type { Boot } from "../console/boot";
import { boot } from "../console/boot";
import type { Piece } from "./piece";

export type LayerName = "temperature" | "night" | "now" | "temperature_change" | "night_change" | "mitigation" | "carbon" | "carbon_change";
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

export type Unit = "cells" | "gu" | "dong" | "1000" | "500" | "250" | "parcels";
export type FigureName = "carbon" | "uptake" | "green" | "biotope" | "celsius" | "celsius_night" | "ndvi";

/** Indicators of one area; null is unknown. */
export interface Figures {
  key: string;
  name: string;
  hectares: number | null;
  carbon_t: number | null;
  carbon_low_t: number | null;
  carbon_high_t: number | null;
  uptake_t: number | null;
  green_share: number | null;
  biotope: number | null;
  celsius: number | null;
  celsius_from: number | null;
  celsius_to: number | null;
  celsius_night: number | null;
  ndvi: number | null;
}

export interface Areas { features: { type: "Feature"; geometry: GeoJSON.Geometry; properties: Figures }[] }

export type FeltName = "utci" | "radiant" | "sky" | "sun" | "utci_change";

/** Means over the ground where people walk; null where nobody can. */
export type FeltState = Record<"sun" | "sky" | "radiant" | "utci" | "strong" | "very_strong" | "extreme", number | null>;

/** How warm a square feels, as it is and with the plan. */
export interface Walked {
  corners: [Point, Point, Point, Point];
  before: FeltState;
  after: FeltState;
  air: { hour: number; humidity: number; wind: number; tree: number };
  heights: "outlines" | "cells";
  scales: Record<FeltName, Scale>;
}

export interface Total {
  version: number;
  carbon_t: number;
  carbon_low_t: number;
  carbon_high_t: number;
  co2_t: number;
  embodied_t: number;
  embodied_low_t: number;
  embodied_high_t: number;
  payback_year: number | null;
  people_degree_hours: number | null;
  people_degree_hours_low: number | null;
  people_degree_hours_high: number | null;
  energy_kwh: number | null;
  energy_kwh_low: number | null;
  energy_kwh_high: number | null;
  mean_celsius: number;
  mean_celsius_low: number;
  mean_celsius_high: number;
  mean_celsius_night: number | null;
  mean_celsius_night_low: number | null;
  mean_celsius_night_high: number | null;
  cost: number;
  cost_low: number;
  cost_high: number;
  unpriced: number;
  trees: number;
  edits: number;
  area_m2: Partial<Record<Kind, number>>;
  zones?: Zone[];
}

export interface Zone { key: string; names: Record<string, string>; carbon_t: number; celsius: number | null; celsius_night: number | null; people_degree_hours: number | null }

export interface Edit { id: string; number: number; kind: Kind; rings: Point[][]; code: number | null; what: Words; by: string }

export interface Drawn { kind: Kind; rings: Point[][]; code?: number | null; what: Words }

export interface PlanHead { id: string; name: string; version: number; premises: Words }

/** patch: what the newest act changed of the picture that was looked at meanwhile */
export interface Plan extends PlanHead { edits: Edit[]; total: Total | null; patch?: Mended | undefined }

/** A layer of a plan over a box in EPSG:3857, as somebody has it before them. */
export interface Look { layer: LayerName; west: number; south: number; east: number; north: number; width: number; height: number }

/** Pixels from the upper left that take the place of a look's; width 0: none changed. */
export interface Patch { left: number; top: number; width: number; height: number; png: string }

/** A look that lies on the map, by its address there. */
export interface Seen { address: string; look: Look }

/** What to put onto the picture of an address. */
export interface Mended { of: string; piece: Piece }

export interface Changed { version: number; edits: Edit[]; total: Total | null; picture?: Patch | null }

/** The heat model fitted to the city's weather stations. */
export interface Fit { id: string; reference: number; urban_heat: number; error: number; null_error: number; used: boolean; stations: { name: string }[] }

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
  fit: Fit | null;
}

export interface Site { key: string; name: string; rings: Point[][]; area_m2: number; height_m: number | null; why: string; said: string; chosen: boolean; gives: Record<string, number> | null }

export interface Spent { sites: Site[]; able: number; chosen: number; cost: number; gap: number; reasons: Record<string, number> }

/** The page says more of itself than the console's boot has: who may plan. */
export const mayPlan = (boot as Boot & { rights: { plan?: boolean } }).rights.plan ?? false;
export const signedIn = (boot as Boot & { signed_in?: boolean }).signed_in ?? false;
