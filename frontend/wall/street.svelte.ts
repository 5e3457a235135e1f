/** What moves and what happens in the city, as the wall hears it: the vehicle that it follows, and alarms
 * around which the net opens by itself. */
import { ask } from "../console/api";
import { boot } from "../console/boot";
import { Plane } from "../console/moving/plane";
import { Live, type Rows } from "../parts/live/live";
import type { Item } from "../parts/live/frames";
import { t } from "../parts/words";
import { desk, type Shape } from "./desk.svelte";
import type { Caught } from "./said";

const ALARMS = "alarms";
const KEPT = `madang-wall-alarms:${boot?.city.key ?? ""}`;
const AROUND = 1500; // metres around the vehicle that are heard of
const STEP = 25; // metres after which the cameras along its way are asked for again
const LOST = 15_000; // milliseconds without a word after which it is said to be lost

interface Followed { number: number; label: string; kind: string; at: [number, number] | null; heard: number }
interface Alarm { id: string; title: string; place: string; severity: number }
type Place = [east: number, north: number];

class Street {
  followed = $state.raw<Followed | null>(null);
  /** no word of the vehicle for a while */
  lost = $state(false);
  /** the alarm around which the wall looks, and what it showed before */
  alarm = $state.raw<Alarm | null>(null);
  /** how grave an alarm must be for the net to open by itself; 0: none does */
  from = $state(Number(localStorage.getItem(KEPT) ?? 0) || 0);
  readonly mayFollow = (boot as { moving?: string[] } | null)?.moving ?? [];
  private before: Shape | null = null;
  private live: Live | null = null;
  private readonly plane = boot?.city.plane ? new Plane(boot.city.plane) : null;
  private readonly known = new Set<string>();
  private told = false; // which alarms there were before
  private middle: Place | null = null; // of what is heard of
  private asked: Place | null = null;
  private asking = false;
  private timer = 0;

  begin(words: URLSearchParams): void {
    desk.taken = () => this.end();
    if (this.from && boot.rights["alarms"]) this.open().follow([ALARMS]);
    const number = Number(words.get("follow"));
    if (Number.isInteger(number) && number > 0) this.follow(number);
  }

  /** Open the net from now on at alarms of this severity or graver; 0: at none. */
  choose(from: number): void {
    this.from = from;
    localStorage.setItem(KEPT, String(from));
    this.told = false;
    this.open().follow(from ? [ALARMS] : []);
  }

  /** Show the cameras along the way of what moves under that number. */
  follow(number: number): void {
    if (!this.plane || !this.mayFollow.length) {
      desk.fault = t("You may not follow vehicles.");
      return;
    }
    desk.stop();
    desk.turn("1+5");
    this.followed = { number, label: `${number}`, kind: "", at: null, heard: Date.now() };
    [this.middle, this.asked, this.lost] = [null, null, false];
    this.open().look(this.mayFollow, null);
    this.timer = window.setInterval(() => (this.lost = Date.now() - (this.followed?.heard ?? 0) > LOST), 1000);
  }

  /** Follow nothing any more; the pictures stay. */
  end(): void {
    window.clearInterval(this.timer);
    if (!this.followed) return;
    this.followed = null;
    this.live?.look([], null);
  }

  /** What the wall showed before the alarm. */
  back(): void {
    if (this.before) desk.restoreTo(this.before);
    [this.before, this.alarm] = [null, null];
  }

  /** The alarm is not what the wall looks at any more; what it shows stays. */
  keep(): void {
    [this.before, this.alarm] = [null, null];
  }

  private open(): Live {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.live ??= new Live({
      url: `${scheme}://${location.host}${boot.addresses["live"]}`,
      city: boot.city.key,
      listener: {
        names: (_kind, names) => {
          const found = names.find((one) => one.number === this.followed?.number);
          if (found && this.followed) this.followed = { ...this.followed, label: found.label || found.key };
        },
        rows: (rows) => this.rows(rows),
        records: (kind, items) => kind === ALARMS && this.all(items),
        record: (kind, item, over) => kind === ALARMS && !over && this.happened(item),
      },
    });
    return this.live;
  }

  private all(items: Item[]): void {
    for (const item of items) {
      if (this.told) this.happened(item);
      else this.known.add(item.key);
    }
    this.told = true;
  }

  /** An alarm as it is now: the first time that one is heard of, the net opens around it. */
  private happened(item: Item): void {
    const alarm = item as unknown as { key: string; kind: string; severity: number; state: string; subject: string; place: string; lon: number | null; lat: number | null };
    if (this.known.has(alarm.key)) return;
    this.known.add(alarm.key);
    if (alarm.state !== "open" || alarm.lon === null || alarm.lat === null || alarm.severity < this.from || this.from === 0) return;
    const title = boot.alarm_kinds[alarm.kind] ?? alarm.kind;
    // Of several at once the gravest is shown, the first of two alike: the wall is no flicker.
    if (this.followed || desk.asking || (this.alarm && this.alarm.severity >= alarm.severity)) {
      desk.said = desk.fault = t("Alarm: {title}, {subject}.", { title, subject: alarm.subject });
      return;
    }
    this.before ??= desk.shape_();
    this.alarm = { id: alarm.key, title, place: alarm.place || alarm.subject, severity: alarm.severity };
    void desk.cast([alarm.lon, alarm.lat]);
  }

  private rows(rows: Rows): void {
    const followed = this.followed;
    if (!followed || !this.plane) return;
    const at = rows.numbers.indexOf(followed.number);
    if (at < 0) return;
    const place: Place = [rows.x[at]!, rows.y[at]!];
    const point = this.plane.toDegrees(...this.plane.fromMetres(...place));
    this.followed = { ...followed, kind: rows.kind, at: point, heard: Date.now() - Math.min(60_000, (rows.age[at] ?? 0) * 1000) };
    if (!this.middle || apart(this.middle, place) > AROUND / 2) {
      this.middle = place;
      const [east, north] = place;
      const box = { west: east - AROUND, east: east + AROUND, south: north - AROUND, north: north + AROUND };
      // Not from within what tells of it: topics are being read.
      window.setTimeout(() => this.followed && this.live?.look([rows.kind], box));
    }
    desk.point = point;
    const heading = rows.heading[at]!;
    if (!this.asked || apart(this.asked, place) > STEP) void this.along(followed.number, place, point, heading);
  }

  /** Ask for the cameras along its way, one question at a time. */
  private async along(number: number, place: Place, [lon, lat]: [number, number], heading: number): Promise<void> {
    if (this.asking || desk.asking) return;
    this.asking = true;
    this.asked = place;
    try {
      const words = { lon, lat, limit: 16, heading: Number.isFinite(heading) ? ((heading % 360) + 360) % 360 : undefined };
      const caught = await ask<Caught[]>("cameras/along", { words });
      if (this.followed?.number === number) desk.handOver(caught);
    } catch {
      this.asked = null; // asked again with its next word
    } finally {
      this.asking = false;
    }
  }
}

const apart = (one: Place, other: Place): number => Math.hypot(one[0] - other[0], one[1] - other[1]);

export const street = new Street();
