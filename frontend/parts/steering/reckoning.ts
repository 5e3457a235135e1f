/** What of steering is reckoned: velocities of several wishes, places on a picture, places of a head. */
const DEAD = 0.14; // of a joystick's way, within which it stands still

export interface Velocity { x: number; y: number; z: number }
export const STILL: Velocity = { x: 0, y: 0, z: 0 };

/** What a joystick wishes: its first stick turns, its second stick or a twist of the first zooms. */
export function stick(axes: readonly number[]): Velocity {
  const way = (at: number | undefined): number => {
    const size = Math.abs(at ?? 0);
    return size < DEAD ? 0 : Math.sign(at ?? 0) * Math.min(1, ((size - DEAD) / (1 - DEAD)) ** 2);
  };
  const zoom = axes.length > 3 ? axes[3] : axes[2];
  return { x: way(axes[0]), y: -way(axes[1]) || 0, z: -way(zoom) || 0 };
}

/** Several wishes at once: no axis faster than full speed. */
export function together(wishes: Iterable<Partial<Velocity>>, share = 1): Velocity {
  const sum = { x: 0, y: 0, z: 0 };
  for (const one of wishes) {
    sum.x += one.x ?? 0;
    sum.y += one.y ?? 0;
    sum.z += one.z ?? 0;
  }
  const within = (value: number): number => Math.max(-1, Math.min(1, value)) * share;
  return { x: within(sum.x), y: within(sum.y), z: within(sum.z) };
}

/** Where a press on a video lies in its picture, from -1 to 1 across and up; null beside the picture. */
export function placeOf(video: HTMLVideoElement, clientX: number, clientY: number): { x: number; y: number } | null {
  const box = video.getBoundingClientRect();
  if (!video.videoWidth || !box.width) return null;
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const x = (clientX - box.left - box.width / 2) / ((video.videoWidth * scale) / 2);
  const y = -(clientY - box.top - box.height / 2) / ((video.videoHeight * scale) / 2);
  return Math.abs(x) <= 1 && Math.abs(y) <= 1 ? { x, y } : null;
}

/** Where a head stands, as people read it. */
export function inWords([pan, tilt, zoom]: readonly [number, number, number]): { pan: string; tilt: string; zoom: string } {
  const share = (value: number): string => `${(Math.abs(value) * 100).toFixed(1)}%`;
  const signed = (value: number): string => `${value < 0 ? "−" : "+"}${share(value)}`;
  return { pan: signed(pan), tilt: signed(tilt), zoom: share(zoom) };
}

/** The same as it is written into a field: hundredths, as exact as the camera says it. */
export function asWritten(at: readonly number[]): string {
  return at.map((one) => Number((one * 100).toFixed(4))).join(" ");
}

/** A place that the camera knows by name; open: within its edges. */
export interface Preset { token: string; name: string; open: boolean; at?: [number, number, number] | null }

/** Where a head stands, null while it moves or does not say; what the camera calls the place; all that it
 *  knows by name. */
export interface Stands { at: number[] | null; preset: string; presets: Preset[] }

/** Whether two places of a head show the same picture (domain/heads.py reckons likewise). */
export function isNear(one: readonly number[], other: readonly number[]): boolean {
  const [a, b] = [one[2] ?? 0, other[2] ?? 0];
  const closer = 1 + 24 * Math.max(a, b);
  const turned = Math.max(Math.abs((one[0] ?? 0) - (other[0] ?? 0)), Math.abs((one[1] ?? 0) - (other[1] ?? 0)));
  return turned <= 0.002 / closer && Math.abs(a - b) <= 0.0008 * closer;
}

