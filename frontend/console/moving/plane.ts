/**
 * The plane on which moving things are drawn: Web Mercator metres from the city's origin.
 *
 * A float32 there is good to a millimetre across the whole city, where one in degrees is good to 0.7 m.
 * The city's own metres (its CRS) go over by a polynomial that the server fits; it is good to a
 * millimetre inside the city's box.
 */
export const WORLD_METRES = 40_075_016.685_578_49;

/** Two cubic polynomials in kilometres east and north, ten coefficients each, lowest degree first. */
export interface PlaneFit {
  /** the origin, in degrees */
  lon: number;
  lat: number;
  east: readonly number[];
  north: readonly number[];
}

export class Plane {
  /** The origin in MapLibre's Mercator coordinates, 0 to 1. */
  readonly originX: number;
  readonly originY: number;

  constructor(private readonly fit: PlaneFit) {
    this.originX = mercatorX(fit.lon);
    this.originY = mercatorY(fit.lat);
  }

  /** The plane's x and y of a point in metres of the city, written into out at index. */
  write(east: number, north: number, out: Float32Array, index: number): void {
    const e = east / 1000;
    const n = north / 1000;
    out[index] = cubic(this.fit.east, e, n);
    out[index + 1] = cubic(this.fit.north, e, n);
  }

  fromMetres(east: number, north: number): [x: number, y: number] {
    return [cubic(this.fit.east, east / 1000, north / 1000), cubic(this.fit.north, east / 1000, north / 1000)];
  }

  /** Metres of the city of a point in degrees: the polynomials turned round by Newton's method. */
  toMetres(lon: number, lat: number): [east: number, north: number] {
    const [x, y] = this.fromDegrees(lon, lat);
    let east = 0;
    let north = 0;
    for (let turn = 0; turn < 6; turn++) {
      const [atX, atY] = this.fromMetres(east, north);
      const [eX, eY] = this.fromMetres(east + 1, north);
      const [nX, nY] = this.fromMetres(east, north + 1);
      const [a, b, c, d] = [eX - atX, nX - atX, eY - atY, nY - atY];
      const size = a * d - b * c;
      east += (d * (x - atX) - b * (y - atY)) / size;
      north += (a * (y - atY) - c * (x - atX)) / size;
    }
    return [east, north];
  }

  fromDegrees(lon: number, lat: number): [x: number, y: number] {
    return [
      (mercatorX(lon) - this.originX) * WORLD_METRES,
      (this.originY - mercatorY(lat)) * WORLD_METRES,
    ];
  }

  toDegrees(x: number, y: number): [lon: number, lat: number] {
    const mx = this.originX + x / WORLD_METRES;
    const my = this.originY - y / WORLD_METRES;
    return [mx * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * my))) * 180) / Math.PI];
  }

  /**
   * A matrix from the plane to clip space, made in double precision from one of MapLibre's that starts
   * at Mercator 0 to 1 (column-major, 16 numbers).
   */
  matrix(mercator: ArrayLike<number>): Float32Array {
    const m = Array.from(mercator);
    const scale = 1 / WORLD_METRES;
    const out = new Float32Array(16);
    for (let row = 0; row < 4; row++) {
      const [x, y, z, w] = [m[row]!, m[4 + row]!, m[8 + row]!, m[12 + row]!];
      out[row] = x * scale;
      out[4 + row] = -y * scale;
      out[8 + row] = z;
      out[12 + row] = x * this.originX + y * this.originY + w;
    }
    return out;
  }
}

function mercatorX(lon: number): number {
  return (lon + 180) / 360;
}

function mercatorY(lat: number): number {
  const radians = (lat * Math.PI) / 180;
  return (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2;
}

function cubic(c: readonly number[], e: number, n: number): number {
  return (
    c[0]! +
    e * (c[1]! + e * (c[3]! + e * c[6]! + n * c[7]!) + n * (c[4]! + n * c[8]!)) +
    n * (c[2]! + n * (c[5]! + n * c[9]!))
  );
}
