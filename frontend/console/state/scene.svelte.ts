/** The moving things of now and of the past, and which of the two is looked at. */
import { boot } from "../boot";
import { iconPaths } from "../map/icons";
import type { Theme } from "../map/palette";
import { Crowd } from "../moving/crowd";
import { Plane, type PlaneFit } from "../moving/plane";
import { clock } from "./clock.svelte";
import { desk } from "./desk.svelte";

class Scene {
  readonly live: Crowd | null;
  readonly past: Crowd | null;
  /** who draws: each is told when something moved, with the seconds it glides */
  private readonly drawers = new Set<(glide: number) => void>();

  constructor(fit: PlaneFit | null) {
    const make = (): Crowd | null =>
      fit && new Crowd(new Plane(fit), boot.layers, clock.now(), devicePixelRatio);
    this.live = make();
    this.past = make();
  }

  get now(): Crowd | null {
    return clock.live ? this.live : this.past;
  }

  draws(drawer: (glide: number) => void): () => void {
    this.drawers.add(drawer);
    return () => void this.drawers.delete(drawer);
  }

  moved(glide: number): void {
    for (const drawer of this.drawers) drawer(glide);
  }

  async dress(theme: Theme): Promise<void> {
    const icons = await iconPaths();
    for (const crowd of [this.live, this.past]) crowd?.dress(icons, theme);
    this.moved(0);
  }

  /** Draw those layers and looks that the desk shows. */
  filter(): void {
    for (const crowd of [this.live, this.past]) {
      crowd?.show(
        (layer) => desk.shown.includes(layer.key),
        (layer, look) => desk.hides(layer.key, look),
      );
    }
    this.moved(0);
  }
}

export const scene = new Scene(boot?.city.plane ?? null);
