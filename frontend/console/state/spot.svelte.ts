/** Where the selected thing is: a fixed place, or wherever it moves. */
import { scene } from "./scene.svelte";
import { clock } from "./clock.svelte";

class Spot {
  private place: [lon: number, lat: number] | null = null;
  private number: number | null = null;
  /** the camera keeps the thing in the middle */
  follows = $state(false);
  /** ids of the districts that the thing is about */
  districts = $state.raw<string[]>([]);

  /** A thing that stands. */
  put(lon: number | null, lat: number | null): void {
    this.place = lon === null || lat === null ? null : [lon, lat];
  }

  /** A thing that moves, by its number; its place while it is not seen is the last one put. */
  track(number: number | null): void {
    this.number = number;
    this.follows = false;
  }

  clear(): void {
    this.place = null;
    this.number = null;
    this.follows = false;
    this.districts = [];
  }

  /** Where it is at the moment that is shown; null where that is not known. */
  now(): [lon: number, lat: number] | null {
    const crowd = scene.now;
    const slot = this.number === null ? undefined : crowd?.things.slot(this.number);
    if (!crowd || slot === undefined) return this.number === null || clock.live ? this.place : null;
    const { x, y } = crowd.things.where(slot, clock.moment());
    return crowd.plane.toDegrees(x, y);
  }
}

export const spot = new Spot();
