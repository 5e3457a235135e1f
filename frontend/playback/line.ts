/** What every timeline of recordings has: its spans to choose from, its marks, why something is missing. */
import { t } from "../parts/words";
import { local } from "./said";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const WIDTHS: [number, string][] = [[10 * MINUTE, t("10 min")], [HOUR, t("1 h")], [6 * HOUR, t("6 h")], [24 * HOUR, t("1 day")], [7 * 24 * HOUR, t("7 days")]];
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];
export const REASONS: Record<string, string> = {
  began: t("Recording began"), camera: t("The camera was lost"), stalled: t("The camera sent nothing"), changed: t("The camera was connected anew"), disk: t("The disk was full"), "": t("Not there any more"),
};
export const REFUSALS: Record<number, () => string> = {
  4401: () => t("You are signed out. Sign in again to go on."),
  4403: () => t("Your right to these recordings has ended. The picture is closed."),
  4409: () => t("Choose first why you look. Load this page again."),
};

/** Ticks of the city's clock between two moments, at most ten. */
export function marks(from: number, to: number): { at: number; words: string }[] {
  const step = [MINUTE, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR].find((one) => (to - from) / one <= 10) ?? 24 * HOUR;
  const shift = Date.parse(`${local(from)}Z`) - Math.floor(from / 1000) * 1000; // steps of the city's clock
  const found = [];
  for (let tick = Math.ceil((from + shift) / step) * step - shift; tick < to; tick += step) {
    const words = local(tick);
    found.push({ at: tick, words: step >= 24 * HOUR || words.endsWith("T00:00:00") ? words.slice(5, 10) : words.slice(11, 16) });
  }
  return found;
}
