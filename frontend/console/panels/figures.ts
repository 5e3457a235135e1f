/** How many things a layer holds, and of which kinds: counted from the very features that the map draws. */
import type { Layer, Look } from "../boot";

export interface Share {
  look: Look;
  places: number;
  things: number;
}

export interface Sum {
  places: number;
  /** more than places where several stand at one (the cameras of a site) */
  things: number;
  /** most first; those with none are left out */
  shares: Share[];
}

export function sumOf(layer: Layer, features: readonly GeoJSON.Feature[]): Sum {
  const byLook = new Map<string, { places: number; things: number }>();
  const sum: Sum = { places: 0, things: 0, shares: [] };
  for (const { properties } of features) {
    const key = String(properties?.[layer.by] ?? "");
    const things = layer.amount ? Number(properties?.[layer.amount] ?? 0) : 1;
    const share = byLook.get(key) ?? { places: 0, things: 0 };
    byLook.set(key, { places: share.places + 1, things: share.things + things });
    sum.places += 1;
    sum.things += things;
  }
  sum.shares = layer.looks
    .flatMap((look) => {
      const share = byLook.get(look.key);
      return share ? [{ look, ...share }] : [];
    })
    .sort((a, b) => b.things - a.things);
  return sum;
}
