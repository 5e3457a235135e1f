/** The alarms of the last day: the marks on the time bar, and what waited at a moment of the past. */
import { ask } from "../api";
import { boot } from "../boot";
import { clock, REACH } from "../state/clock.svelte";
import { alarmsAt, type PastAlarm, type ShownAlarm } from "./alarm-signs";

const EVERY = 60_000;

class History {
  alarms = $state.raw<PastAlarm[]>([]);
  /** those of the past moment that is shown; none while it is now */
  readonly then = $derived<ShownAlarm[]>(clock.past === null ? [] : alarmsAt(this.alarms, clock.past * 1000));
  /** the same words as long as the same alarms stood the same way: the map is drawn anew only for others */
  readonly stood = $derived(this.then.map(({ id, state }) => `${id} ${state}`).join());

  find(id: string): PastAlarm | undefined {
    return this.alarms.find((one) => one.id === id);
  }

  open(): void {
    if (!boot.rights["alarms"]) return;
    void this.load();
    setInterval(() => void this.load(), EVERY);
    clock.onWaking(() => void this.load());
  }

  /** One that was raised just now. */
  add(alarm: PastAlarm): void {
    this.alarms = [alarm, ...this.alarms.filter((one) => one.id !== alarm.id)];
  }

  private async load(): Promise<void> {
    const since = new Date((clock.now() - REACH) * 1000).toISOString();
    try {
      this.alarms = await ask<PastAlarm[]>("console/alarms-since", { words: { since } });
    } catch {
      // The marks stay as they were; the connection's state is said elsewhere.
    }
  }
}

export const history = new History();
