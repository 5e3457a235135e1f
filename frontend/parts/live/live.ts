/**
 * The city's live socket, as a screen uses it: say what is to be seen, and be told of every change.
 *
 * The connection is kept by itself: lost, it is made again with growing pauses, and takes up where it was.
 * What a screen shows of it is in `state`: whether the server hears the city, how old the newest fact of
 * each kind is, and when the next try is.
 */
import { type Box, cells } from "./cells";
import { frames, type Head } from "./frames";
import { Homes } from "./homes";
import { Line } from "./line";
import { columns, namesOf, newestOf, nothingBut } from "./rows";
import type { Options, State } from "./told";
import { type Topic, Topics } from "./topics";

export type { Listener, Name, Options, Phase, Rows, State } from "./told";

const SIZES = [512, 2048, 8192];

export class Live {
  private readonly line: Line;
  private readonly topics = new Topics((topic) => this.clear(topic));
  private homes = new Map<string, Homes>();
  private layouts = new Map<string, readonly string[]>();
  private newest = new Map<string, number>();
  private views = new Map<string, Box | null>();
  private followed = new Set<string>();
  private sizes: readonly number[] = SIZES;
  private epoch = "";

  constructor(private readonly options: Options) {
    this.line = new Line(options, {
      take: (message) => this.take(message),
      fresh: () => this.topics.unnumber(),
    });
    this.line.open();
  }

  get state(): State {
    return this.line.state;
  }

  /** See the moving things of these kinds inside box (metres from the city's origin; null: everywhere). */
  look(kinds: readonly string[], box: Box | null): void {
    this.views = new Map(kinds.map((kind) => [kind, box]));
    this.reconcile();
  }

  /** Be told every record of these kinds. */
  follow(kinds: readonly string[]): void {
    this.followed = new Set(kinds);
    this.reconcile();
  }

  /** How many seconds ago the newest fact of a kind was so; null before any. */
  age(kind: string): number | null {
    const newest = this.newest.get(kind);
    return newest === undefined ? null : Math.max(0, (this.serverNow() - newest) / 1000);
  }

  /** The server's clock now, ms since 1970 UTC. */
  serverNow(): number {
    return this.line.now() + this.state.offset;
  }

  /** Try at once instead of when the pause is over. */
  readonly retry = (): void => this.line.retry();

  /** End it for good. */
  close(): void {
    this.line.close();
  }

  private take(message: ArrayBuffer): void {
    for (const { head, body } of frames(message)) this.read(head, body);
  }

  private read(head: Head, body: Uint8Array): void {
    const { listener } = this.options;
    switch (head.t) {
      case "hello":
        return this.greet(head);
      case "city":
        return listener.plane?.(head);
      case "subscribed":
        return this.topics.numbered(head.topics);
      case "refused":
        return this.refused(head.topics);
      case "ended":
        return this.refused(Object.fromEntries(head.topics.map((name) => [name, head.why])));
      case "beat":
        return this.beat(head);
      case "feed":
        return this.line.change({ fed: head.up });
      case "names":
        return listener.names?.(head.kind, namesOf(head, body));
      case "full":
      case "change":
        return this.rows(head, body);
      case "records":
      case "record":
        return this.records(head);
    }
  }

  private greet(head: Head & { t: "hello" }): void {
    this.line.beat = head.beat;
    this.sizes = head.cells;
    const offset = head.time - this.line.now();
    this.line.change({ phase: "open", fed: head.fed, reason: "", offset });
    for (const [kind, said] of Object.entries(head.kinds)) {
      if (said.moving) this.layouts.set(kind, said.columns);
    }
    this.options.listener.kinds?.(head.kinds);
    this.topics.forgive();
    this.reconcile(false);
    const resume =
      this.epoch === head.epoch ? { epoch: this.epoch, seq: this.topics.heard } : null;
    this.epoch = head.epoch;
    this.line.say({ t: "subscribe", topics: this.topics.names, resume });
  }

  private beat(head: Head & { t: "beat" }): void {
    this.line.change({ shed: head.shed, offset: head.time - this.line.now() });
    if (this.topics.forgivePassing()) this.reconcile();
  }

  /** Bring the topics in line with what is to be seen; tell the server unless all of it is told anyway. */
  private reconcile(tell = this.state.phase === "open"): void {
    this.topics.settle(this.wanted(), (added, dropped) => {
      if (tell && added.length) this.line.say({ t: "subscribe", topics: added, resume: null });
      if (tell && dropped.length) this.line.say({ t: "unsubscribe", topics: dropped });
    });
  }

  private wanted(): Map<string, string> {
    const wanted = new Map<string, string>();
    for (const kind of this.followed) wanted.set(`${this.options.city}/${kind}`, kind);
    for (const [kind, box] of this.views) {
      for (const cell of cells(box, this.sizes)) {
        wanted.set(`${this.options.city}/${kind}${cell}`, kind);
      }
    }
    return wanted;
  }

  /** Take off the screen what only this topic showed. */
  private clear(topic: Topic): void {
    const gone = this.homes.get(topic.kind)?.empty(topic.own);
    if (gone?.length) this.options.listener.rows?.(nothingBut(topic.kind, gone, this.serverNow()));
  }

  private refused(topics: Record<string, string>): void {
    this.topics.refuse(topics);
    this.options.listener.refused?.(topics);
  }

  private rows(head: Head & { t: "full" | "change" }, body: Uint8Array): void {
    const topic = this.topics.at(head.topic);
    if (!topic) return;
    topic.seq = head.seq;
    const rows = columns(topic.kind, this.layouts.get(topic.kind) ?? [], head, body);
    let homes = this.homes.get(topic.kind);
    if (!homes) this.homes.set(topic.kind, (homes = new Homes()));
    rows.gone =
      head.t === "full"
        ? homes.missing(topic.own, rows.numbers)
        : homes.leave(topic.own, rows.gone);
    homes.settle(topic.own, rows.numbers);
    const newest = newestOf(rows);
    if (newest !== null) {
      this.newest.set(topic.kind, Math.max(this.newest.get(topic.kind) ?? 0, newest));
    }
    if (rows.numbers.length || rows.gone.length) this.options.listener.rows?.(rows);
    this.topics.arrived(topic);
  }

  private records(head: Head & { t: "records" | "record" }): void {
    const topic = this.topics.at(head.topic);
    if (!topic) return;
    topic.seq = head.seq;
    this.newest.set(topic.kind, head.time);
    const { listener } = this.options;
    if (head.t === "records") listener.records?.(topic.kind, head.items);
    else listener.record?.(topic.kind, head.item, head.over);
  }
}
