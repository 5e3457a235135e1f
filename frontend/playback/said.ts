/** What the API and the page say of a camera's footage. Moments are milliseconds since 1970. */
import { boot } from "../console/boot";

export interface Opening { camera: { id: string; key: string }; at: number | null; oldest: number; newest: number }
export const opening = boot as unknown as Opening;

export interface Shown { id: string; key: string; address: string }
/** What the page of several cameras knows when it opens. */
export interface Together { cameras: Shown[]; around: (Shown & { metres: number })[]; page: string; at: number | null; oldest: number; newest: number }
export const together = boot as unknown as Together;

/** A moment that this person named. */
export interface Mark { id: string; at: string; name: string; note: string }

export interface Footage {
  recording: "" | "on" | "waiting" | "full";
  spans: { begins: string; ends: string; gap: string; words: string }[];
  /** what a recorder of the city says that it holds */
  held: { begins: string; ends: string }[];
  locks: { begins: string; ends: string; why: string; until: string }[];
  alarms: { id: string; at: string; title: string; subject: string; severity: number; metres: number }[];
  bookmarks: Mark[];
}

const zone = boot?.city.zone ?? "UTC";
const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

/** A moment on the city's clock, as an input of a date and time has it: 2026-11-23T09:00:05. */
export function local(at: number, formatter = parts): string {
  const word = Object.fromEntries(formatter.formatToParts(at).map((part) => [part.type, part.value]));
  return `${word["year"]}-${word["month"]}-${word["day"]}T${word["hour"]}:${word["minute"]}:${word["second"]}`;
}

/** The moment that the city's clock shows as this; where a clock is set back the later one. */
export function moment(words: string, formatter = parts): number {
  const meant = Date.parse(`${words}Z`);
  let at = meant;
  for (let turn = 0; turn < 2; turn++) at += meant - Date.parse(`${local(at, formatter)}Z`);
  return at;
}
