/**
 * The bytes of the live socket. A message is frames back to back; a frame is a MessagePack array of head,
 * pad and body, where the body is columns of four-byte numbers that begin at a multiple of four. So the
 * columns are read where they lie: nothing here makes an object for each thing.
 */
import { decodeMulti } from "@msgpack/msgpack";

/** What a kind is like, as the server says when the connection opens. */
export type KindSaid =
  | {
      moving: true;
      columns: string[];
      states: string[];
      stale_after: number;
      forget_after: number;
    }
  | { moving: false };

/** The plane of a city: its origin, and two cubic polynomials from kilometres to Web Mercator metres. */
export interface PlaneSaid {
  x0: number;
  y0: number;
  lon: number;
  lat: number;
  east: number[];
  north: number[];
  error: number;
}

/** A record as it is now; key tells which. */
export type Item = { key: string } & Record<string, unknown>;

export type Head =
  | {
      t: "hello";
      v: number;
      epoch: string;
      beat: number;
      fed: boolean;
      time: number;
      topics: number;
      cells: number[];
      kinds: Record<string, KindSaid>;
    }
  | ({ t: "city"; city: string } & PlaneSaid)
  | { t: "subscribed"; topics: Record<string, number> }
  | { t: "refused"; topics: Record<string, string> }
  | { t: "ended"; topics: string[]; why: string }
  | { t: "beat"; time: number; shed: number }
  | { t: "feed"; up: boolean; time: number }
  | {
      t: "names";
      topic: number;
      seq: number;
      city: string;
      kind: string;
      rows: number;
      keys: string[];
      labels: string[];
      kinds: string[];
      simulated: number[];
    }
  | { t: "full" | "change"; topic: number; seq: number; time: number; rows: number; gone: number }
  | { t: "records"; topic: number; seq: number; time: number; items: Item[] }
  | { t: "record"; topic: number; seq: number; time: number; item: Item; over: boolean };

export interface Frame {
  head: Head;
  body: Uint8Array;
}

/** The frames of a message. Heads of a kind not known here come through: who reads them passes them over. */
export function* frames(message: ArrayBuffer): Generator<Frame> {
  for (const frame of decodeMulti(message)) {
    const [head, , body] = frame as [Head, Uint8Array, Uint8Array];
    yield { head, body };
  }
}

/** A column of whole numbers: views of the message, gone when the message is. */
export function ints(body: Uint8Array, first: number, count: number): Int32Array {
  return new Int32Array(body.buffer, body.byteOffset + 4 * first, count);
}

/** A column of measured numbers; NaN is unknown. */
export function floats(body: Uint8Array, first: number, count: number): Float32Array {
  return new Float32Array(body.buffer, body.byteOffset + 4 * first, count);
}
