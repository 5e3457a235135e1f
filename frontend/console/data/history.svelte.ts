/** The alarms of the last day, for the marks on the time bar. */
import { ask } from "../api";
import { boot } from "../boot";
import { clock, REACH } from "../state/clock.svelte";

export interface PastAlarm {
  id: string;
  severity: number;
  /** epoch milliseconds */
  raised: number;
}

const EVERY = 60_000;

class History {
  alarms = $state.raw<PastAlarm[]>([]);

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
