/** Third persons hidden by hand: rectangles that go evenly from one placed moment to the next
 *  (giving/moving.py reckons likewise). Places are in hundredths of the picture. */
export interface Box { left: number; top: number; width: number; height: number }
export interface Key extends Box { second: number }
export type Track = Key[];

const LEAST = 1; // hundredths: a rectangle is no smaller

/** Where somebody is hidden at that second; null before the first and after the last moment. */
export function boxAt(track: Track, second: number): Box | null {
  const first = track[0];
  const last = track[track.length - 1];
  if (!first || !last || second < first.second || second > last.second) return null;
  const after = Math.max(1, track.findIndex((one) => one.second >= second));
  const before = track[after - 1]!;
  const next = track[after] ?? before;
  const share = next.second > before.second ? (second - before.second) / (next.second - before.second) : 0;
  const way = (name: keyof Box): number => before[name] + (next[name] - before[name]) * share;
  return { left: way("left"), top: way("top"), width: way("width"), height: way("height") };
}

/** The track with somebody placed there at that second; a moment that was placed already is moved. */
export function placed(track: Track, second: number, box: Box): Track {
  const at = tenth(second);
  const kept = track.filter((one) => one.second !== at);
  return [...kept, { second: at, ...within(box) }].sort((a, b) => a.second - b.second);
}

/** A rectangle of which every side lies in the picture. */
export function within(box: Box): Box {
  const clip = (value: number): number => Math.min(100, Math.max(0, value));
  const [left, top] = [Math.min(clip(box.left), 100 - LEAST), Math.min(clip(box.top), 100 - LEAST)];
  const side = (value: number, from: number): number => tenth(Math.max(LEAST, Math.min(value, 100 - from)));
  return { left: tenth(left), top: tenth(top), width: side(box.width, left), height: side(box.height, top) };
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Tracks as the form has them: a line a moment, an empty line between two persons. */
export function readTracks(words: string): Track[] {
  const tracks: Track[] = [[]];
  for (const line of words.split("\n")) {
    const found = line.trim().replaceAll(",", " ").split(/\s+/).map(Number);
    if (!line.trim()) tracks.push([]);
    else if (found.length === 5 && found.every(Number.isFinite)) {
      const [second, left, top, width, height] = found as [number, number, number, number, number];
      tracks[tracks.length - 1]!.push({ second, left, top, width, height });
    }
  }
  return tracks.filter((one) => one.length).map((one) => one.sort((a, b) => a.second - b.second));
}

export function writeTracks(tracks: Track[]): string {
  const line = (one: Key): string => [one.second, one.left, one.top, one.width, one.height].join(" ");
  return tracks.filter((one) => one.length).map((one) => one.map(line).join("\n")).join("\n\n");
}
