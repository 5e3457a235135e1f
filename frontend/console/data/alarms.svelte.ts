/** The alarms that wait for somebody: as the live socket tells them, acknowledged through the API. */
import { SvelteMap } from "svelte/reactivity";
import { t } from "../../parts/words";
import { ask, Problem } from "../api";
import { boot } from "../boot";
import { alarmFeatures } from "./alarm-signs";
import { history } from "./history.svelte";
import { desk } from "../state/desk.svelte";
import { ring } from "../shell/bell";

/** One alarm, as the server says it; times are epoch milliseconds. */
export interface Alarm {
  id: string;
  kind: string;
  severity: number;
  state: "open" | "acknowledged" | "closed";
  subject: string;
  place: string;
  district: string;
  lon: number | null;
  lat: number | null;
  simulated: boolean;
  raised: number;
  repeats: number;
  last_happened: number;
  cleared: number | null;
  acknowledged: number | null;
  acknowledged_by: string;
}

interface Acknowledged {
  acknowledged: string | null;
  acknowledged_by: string;
}

class Alarms {
  private readonly byId = new SvelteMap<string, Alarm>();
  readonly mayAcknowledge = boot?.rights["acknowledge"] ?? false;
  sounds = $state(localStorage.getItem("console.sounds") === "on");
  /** ids on their way to the server */
  busy = $state<string[]>([]);
  /** ids of alarms that were raised while this screen was open and that nobody here has looked at */
  news = $state<string[]>([]);
  private known = false;

  /** What nobody has taken, gravest first, then what has waited longest. */
  readonly sorted = $derived(
    [...this.byId.values()].sort(
      (a, b) =>
        Number(a.state !== "open") - Number(b.state !== "open") ||
        b.severity - a.severity ||
        a.raised - b.raised,
    ),
  );
  readonly open = $derived(this.sorted.filter((alarm) => alarm.state === "open"));
  readonly gravest = $derived(this.open[0]?.severity ?? 0);

  find(id: string): Alarm | undefined {
    return this.byId.get(id);
  }

  title(alarm: { kind: string }): string {
    return boot.alarm_kinds[alarm.kind] ?? alarm.kind;
  }

  /** An alarm as it is now; one that is closed leaves the inbox. fresh: it happened now, not before. */
  take(alarm: Alarm, fresh: boolean): void {
    const before = this.byId.get(alarm.id);
    if (alarm.state === "closed") this.drop(alarm.id);
    else this.byId.set(alarm.id, alarm);
    if (alarm.state !== "open") this.look(alarm.id);
    else if (fresh && before?.state !== "open") this.announce(alarm);
  }

  /** All there are now: what is not among them is over. What was missed meanwhile is news as well. */
  takeAll(alarms: Alarm[]): void {
    const kept = new Set(alarms.map((alarm) => alarm.id));
    for (const id of [...this.byId.keys()]) if (!kept.has(id)) this.drop(id);
    for (const alarm of alarms) this.take(alarm, this.known);
    this.known = true;
  }

  /** Somebody here has seen it: it is no news any more. */
  look(id: string): void {
    if (this.news.includes(id)) this.news = this.news.filter((one) => one !== id);
  }

  private announce(alarm: Alarm): void {
    this.news = [...this.news.filter((one) => one !== alarm.id), alarm.id];
    history.add({ ...alarm, closed: null });
    if (this.sounds) ring(alarm.severity);
  }

  private drop(id: string): void {
    this.byId.delete(id);
    this.look(id);
  }

  async acknowledge(id: string): Promise<void> {
    if (!this.mayAcknowledge || this.busy.includes(id)) return;
    this.busy = [...this.busy, id];
    try {
      const said = await ask<Acknowledged>(`alarms/${id}/acknowledge`, { method: "POST", body: {} });
      this.taken(id, said);
    } catch (error) {
      const why = error instanceof Problem ? error.message : t("The server does not answer.");
      desk.say(t("Not acknowledged: {why}", { why }), "wrong");
    } finally {
      this.busy = this.busy.filter((one) => one !== id);
    }
  }

  /** The server's answer counts at once: the socket may be away and tell it later. */
  private taken(id: string, said: Acknowledged): void {
    const known = this.byId.get(id);
    if (!known || said.acknowledged === null) return;
    const when = Date.parse(said.acknowledged);
    this.take({ ...known, state: "acknowledged", acknowledged: when, acknowledged_by: said.acknowledged_by }, false);
  }

  hear(on: boolean): void {
    this.sounds = on;
    localStorage.setItem("console.sounds", on ? "on" : "off");
    if (on) ring(1);
  }

  /** What the map draws of them. */
  features(): GeoJSON.FeatureCollection {
    return alarmFeatures(this.sorted);
  }
}

export const alarms = new Alarms();
