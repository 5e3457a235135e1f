/** Frames of moving things and of their names, read where they lie. */
import { floats, type Head, ints } from "./frames";
import type { Name, Rows } from "./told";

/** The columns of a frame, where the server's layout puts them; one it does not have is all unknown. */
export function columns(
  kind: string,
  layout: readonly string[],
  head: { rows: number; gone: number; time: number },
  body: Uint8Array,
): Rows {
  const n = head.rows;
  const column = (name: string) => {
    const place = layout.indexOf(name);
    return place < 0 ? new Float32Array(n).fill(NaN) : floats(body, place * n, n);
  };
  return {
    kind,
    time: head.time,
    gone: ints(body, layout.length * n, head.gone),
    numbers: ints(body, layout.indexOf("id") * n, n),
    x: column("x"),
    y: column("y"),
    age: column("age"),
    heading: column("heading"),
    speed: column("speed"),
    state: column("state"),
  };
}

const NONE = new Float32Array(0);

/** Rows that only say what is gone. */
export function nothingBut(kind: string, gone: Int32Array, time: number): Rows {
  const numbers = new Int32Array(0);
  return {
    kind, time, gone, numbers,
    x: NONE, y: NONE, age: NONE, heading: NONE, speed: NONE, state: NONE,
  };
}

/** The names that a frame tells. */
export function namesOf(head: Head & { t: "names" }, body: Uint8Array): Name[] {
  const numbers = ints(body, 0, head.rows);
  const kinds = ints(body, head.rows, head.rows);
  const simulated = new Set(head.simulated);
  return head.keys.map((key, at) => ({
    number: numbers[at]!,
    key,
    label: head.labels[at]!,
    device: head.kinds[kinds[at]!]!,
    simulated: simulated.has(numbers[at]!),
  }));
}

/** When the newest of the rows was so, epoch ms; null when none of them says. */
export function newestOf(rows: Rows): number | null {
  let least = Infinity;
  for (let i = 0; i < rows.age.length; i++) if (rows.age[i]! < least) least = rows.age[i]!;
  return least === Infinity ? null : rows.time - least * 1000;
}
