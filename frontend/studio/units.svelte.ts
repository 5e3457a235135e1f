/** Which areas the map shows its figures by, and which figure: cells, districts, squares of a grid, parcels. */
import { ask } from "../console/api";
import type { Areas, Figures, FigureName, Unit } from "./said";

/** Lowest and highest of what is shown, the few outermost left out, so that one odd place tells no colour. */
const OUTER = 0.02;

class Units {
  unit = $state<Unit>("cells");
  of = $state<FigureName>("carbon");
  /** what is shown of the plan that is drawn on: for the colours and the table */
  found = $state.raw<Areas | null>(null);
  chosen = $state.raw<Figures | null>(null);
  fault = $state("");

  get range(): [number, number] | null {
    const values = (this.found?.features ?? []).map(({ properties }) => valueOf(properties, this.of)).filter((value) => value !== null).sort((a, b) => a - b);
    if (!values.length) return null;
    const skipped = Math.floor(values.length * OUTER);
    const [low, high] = [values[skipped]!, values[values.length - 1 - skipped]!];
    return [low, high > low ? high : low + 1];
  }

  take(unit: Unit): void {
    this.unit = unit;
    this.chosen = null;
    this.fault = "";
    if (unit === "cells") this.found = null;
  }
}

/** The areas of a unit as a plan has them; parcels of what is in view (west, south, east, north). */
export function areasOf(unit: Unit, plan: string | undefined, box: [number, number, number, number]): Promise<Areas> {
  if (unit !== "parcels") return ask<Areas>(`climate/areas/${unit}`, { words: { plan } });
  const [west, south, east, north] = box;
  return ask<Areas>("climate/parcels", { words: { west, south, east, north, plan } });
}

/** A figure of an area, by its hectare where it is an amount. */
export function valueOf(figures: Figures, of: FigureName): number | null {
  const by = (value: number | null): number | null => (value === null || !figures.hectares ? null : value / figures.hectares);
  switch (of) {
    case "carbon":
      return by(figures.carbon_t);
    case "uptake":
      return by(figures.uptake_t);
    case "green":
      return figures.green_share === null ? null : figures.green_share * 100;
    case "biotope":
      return figures.biotope === null ? null : figures.biotope * 100;
    default:
      return figures[of];
  }
}

/** From low to high; heat is the other way round than what is good. */
export const RAMPS: Record<FigureName, string[]> = {
  carbon: ["#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c"],
  uptake: ["#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c"],
  green: ["#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c"],
  biotope: ["#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c"],
  ndvi: ["#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c"],
  celsius_night: ["#2c5aa0", "#5fa8c8", "#d9e6c3", "#f6c667", "#e3703b", "#a8203a"],
  celsius: ["#2c5aa0", "#5fa8c8", "#d9e6c3", "#f6c667", "#e3703b", "#a8203a"],
};

/** The colour of a value between the lowest and the highest. */
export function colourAt(of: FigureName, value: number | null, range: [number, number] | null): string {
  const ramp = RAMPS[of];
  if (value === null || !range) return ramp[0]!;
  const at = Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0]))) * (ramp.length - 1);
  const [from, to] = [Math.floor(at), Math.ceil(at)].map((stop) => parts(ramp[stop]!));
  return `rgb(${from!.map((part, index) => Math.round(part + (to![index]! - part) * (at - Math.floor(at)))).join(",")})`;
}

function parts(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

export const units = new Units();
