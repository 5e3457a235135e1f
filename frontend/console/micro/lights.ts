/** What a lane's light shows at a second of the day, by the plan that SUMO runs. */
export interface Signal {
  offset: number;
  /** seconds into the cycle until which each row of `shows` holds */
  ends: number[];
  /** a letter a column, SUMO's */
  shows: string[];
}

export type Light = "go" | "clears" | "stop";

export function lightOf(signal: Signal, columns: readonly number[], second: number): Light {
  const cycle = signal.ends.at(-1) ?? 1;
  const into = (((second - signal.offset) % cycle) + cycle) % cycle;
  const row = signal.shows[signal.ends.findIndex((end) => into < end)] ?? signal.shows.at(-1) ?? "";
  const letters = columns.map((column) => row[column] ?? "r");
  if (letters.some((letter) => "GgoOs".includes(letter))) return "go";
  return letters.some((letter) => "yY".includes(letter)) ? "clears" : "stop";
}
