/** Small texts that several parts of the console say: distances, ages, measures. */
import { t, tn } from "../../parts/words";
import { numbers } from "../state/clock.svelte";

export function metres(value: number): string {
  if (value < 1000) return `${Math.round(value)} m`;
  return `${numbers.format(Math.round(value / (value < 10_000 ? 10 : 100)) / (value < 10_000 ? 100 : 10))} km`;
}

export function squareMetres(value: number): string {
  return value < 100_000 ? `${numbers.format(Math.round(value))} m²` : `${numbers.format(Math.round(value / 10_000) / 100)} km²`;
}

/** How long ago, in the largest unit that fits. */
export function age(seconds: number): string {
  if (!Number.isFinite(seconds)) return t("Unknown");
  if (seconds < 2) return t("now");
  if (seconds < 90) return t("{count} s ago", { count: Math.round(seconds) });
  if (seconds < 5400) return t("{count} min ago", { count: Math.round(seconds / 60) });
  if (seconds < 129_600) return t("{count} h ago", { count: Math.round(seconds / 3600) });
  return tn("{count} day ago", "{count} days ago", Math.round(seconds / 86_400));
}

export interface Measure {
  value: number | null;
  unit: string;
  time: string | null;
  method: string;
  uncertainty: number | null;
  provenance: string;
  source: string;
}

/** UCUM's codes as people write them. */
const UNITS: Record<string, string> = {
  d: t("days"), MP: "MP", km2: "㎢",
  Cel: "℃", "%": "%", "m/s": "m/s", "km/h": "km/h", m: "m", cm: "cm", mm: "mm", "mm/h": "mm/h",
  "ug/m3": "㎍/㎥", "ug/m^3": "㎍/㎥", hPa: "hPa", deg: "°", V: "V", "1": "", "{count}": "", s: t("s"),
  "W/m2": "W/㎡", m2: "㎡", ha: "ha", t: "t", "/h": t("/h"),
};

export const unitText = (unit: string): string => UNITS[unit] ?? unit;

export function measureText(measure: Measure): string {
  if (measure.value === null) return t("Unknown");
  const places = Math.abs(measure.value) >= 100 || Number.isInteger(measure.value) ? 0 : 1;
  const shown = numbers.format(Number(measure.value.toFixed(places)));
  const doubt = measure.uncertainty ? ` ± ${numbers.format(measure.uncertainty)}` : "";
  const unit = unitText(measure.unit);
  return `${shown}${doubt}${unit ? ` ${unit}` : ""}`;
}
