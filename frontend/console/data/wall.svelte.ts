/** What is on the situation board: asked every second, so that a wall on another machine follows, too. */
import { ask } from "../api";
import { clock } from "../state/clock.svelte";
import { desk } from "../state/desk.svelte";
import type { View } from "../state/view";

interface Said {
  version: number;
  title: string;
  state: View | null;
  pushed: string | null;
  pushed_by_name: string;
}

const EVERY = 1000;
/** So many answers must fail before the board says so: one lost packet is no fault. */
const PATIENCE = 4;

class Wall {
  version = $state(0);
  title = $state("");
  by = $state("");
  pushed = $state<number | null>(null);
  /** since when (epoch seconds) the server has not answered */
  lost = $state<number | null>(null);
  private failures = 0;
  private heard = 0;

  open(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const turn = async (): Promise<void> => {
      await this.look();
      timer = setTimeout(() => void turn(), EVERY);
    };
    void turn();
    return () => clearTimeout(timer);
  }

  private async look(): Promise<void> {
    try {
      this.take(await ask<Said>("console/boards/wall", { words: { after: this.version } }));
      this.failures = 0;
      this.lost = null;
      this.heard = clock.now();
    } catch {
      if (++this.failures >= PATIENCE) this.lost ??= this.heard || clock.now();
    }
  }

  private take(said: Said): void {
    if (said.version === this.version || !said.state) return;
    [this.version, this.title, this.by] = [said.version, said.title, said.pushed_by_name];
    this.pushed = said.pushed ? Date.parse(said.pushed) / 1000 : null;
    desk.take({ ...said.state, mode: "map" });
    clock.take(said.state.past);
  }
}

export const wall = new Wall();
