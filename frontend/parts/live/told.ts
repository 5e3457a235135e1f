/** What a screen gives the live socket and is told by it. */
import type { Item, KindSaid, PlaneSaid } from "./frames";

/**
 * Rows of moving things. The columns are views of the message and are gone after the call; times are
 * epoch seconds by the server's clock, heading degrees clockwise from north, speed m/s, state a place in
 * the kind's states; NaN is unknown. Take out `gone` first, then take in the rows.
 */
export interface Rows {
  kind: string;
  time: number;
  gone: Int32Array;
  numbers: Int32Array;
  x: Float32Array;
  y: Float32Array;
  age: Float32Array;
  heading: Float32Array;
  speed: Float32Array;
  state: Float32Array;
}

/** What numbers of moving things stand for; device is the kind of device. */
export interface Name {
  number: number;
  key: string;
  label: string;
  device: string;
  simulated: boolean;
}

export type Phase =
  | "connecting"
  | "open"
  /** lost; the next try is at retryAt */
  | "waiting"
  /** lost, and being tried again */
  | "retrying"
  /** the session has ended: nothing comes before somebody signs in again */
  | "signed_out"
  | "closed";

export interface State {
  phase: Phase;
  /** whether the server hears the city's devices; false: everything on the screen is getting old */
  fed: boolean;
  /** when the phase began, and when the next try is, by this machine's clock (ms) */
  since: number;
  retryAt: number | null;
  /** why the connection was lost, in the server's words */
  reason: string;
  /** the server's clock less this machine's, ms */
  offset: number;
  /** frames that this screen was spared because it was slow */
  shed: number;
}

/** What a screen wants to be told; each is called in the order things were said. */
export interface Listener {
  kinds?(kinds: Record<string, KindSaid>): void;
  plane?(plane: PlaneSaid): void;
  names?(kind: string, names: Name[]): void;
  rows?(rows: Rows): void;
  /** everything there is of a kind of records, in place of what was known */
  records?(kind: string, items: Item[]): void;
  /** one record as it is now; over: as it ended */
  record?(kind: string, item: Item, over: boolean): void;
  state?(state: State): void;
  /** topics that cannot be seen, with why: "no_right", "unknown_city", … */
  refused?(topics: Record<string, string>): void;
}

export interface Options {
  url: string;
  city: string;
  listener: Listener;
  connect?: (url: string) => WebSocket;
  now?: () => number;
  random?: () => number;
}
