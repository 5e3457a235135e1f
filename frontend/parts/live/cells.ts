/** Which cells of the map a screen must follow to see everything in a box. */

/** Metres east and north of the city's origin. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** So many cells at most: with more, the next size is taken, and in the end the whole city. */
export const MOST_CELLS = 40;

/**
 * The cells that cover box, as the ends of topic names ("/2048/-3/5"); [""] is the whole city.
 * The smallest size of which MOST_CELLS are enough is taken.
 */
export function cells(box: Box | null, sizes: readonly number[]): string[] {
  if (box === null) return [""];
  const sides = [box.west, box.south, box.east, box.north];
  if (!sides.every(Number.isFinite) || box.east < box.west || box.north < box.south) return [];
  for (const size of [...sizes].sort((a, b) => a - b)) {
    const [west, south, east, north] = sides.map((side) => Math.floor(side / size)) as [
      number,
      number,
      number,
      number,
    ];
    if ((east - west + 1) * (north - south + 1) <= MOST_CELLS) {
      return inside(size, west, south, east, north);
    }
  }
  return [""];
}

function inside(size: number, west: number, south: number, east: number, north: number): string[] {
  const found: string[] = [];
  for (let column = west; column <= east; column++) {
    for (let row = south; row <= north; row++) found.push(`/${size}/${column}/${row}`);
  }
  return found;
}
