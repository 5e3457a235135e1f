/**
 * The city's live socket, as a screen uses it: say what is to be seen, and be told of every change.
 *
 * The connection is kept by itself: lost, it is made again with growing pauses, and takes up where it was.
 * What a screen shows of it is in `state`: whether the server hears the city, how old the newest fact of
 * each kind is, and when the next try is.
 */
import { encode } from "@msgpack/msgpack";
import { type Box, cells } from "./cells";
import {
  floats,
  frames,
  type Head,
  ints,
  type Item,
  type KindSaid,
  type PlaneSaid,
} from "./frames";
import { Homes } from "./homes";

/**
 * Rows of moving things. The columns are views of the message and are gone after the call; times are
 * epoch seconds by the server's clock, heading degrees clockwise from north, speed m/s, state a place in
 * the kind's states; NaN is unknown. Take out `gone` first, then take in the rows.
 */
export interface Rows {
  kind: string;
  time: number;
  gone: Int32Array;
  numbers: Int32Array;
  x: Float32Array;
  y: Float32Array;
  age: Float32Array;
  heading: Float32Array;
  speed: Float32Array;
  state: Float32Array;
}

/** What numbers of moving things stand for; device is the kind of device. */
export interface Name {
  number: number;
  key: string;
  label: string;
  device: string;
  simulated: boolean;
}

export type Phase =
  | "connecting"
  | "open"
  /** lost; the next try is at retryAt */
  | "waiting"
  /** the session has ended: nothing comes before somebody signs in again */
  | "signed_out"
  | "closed";

export interface State {
  phase: Phase;
  /** whether the server hears the city's devices; false: everything on the screen is getting old */
  fed: boolean;
  /** when the phase began, and when the next try is, by this machine's clock (ms) */
  since: number;
  retryAt: number | null;
  /** why the connection was lost, in the server's words */
  reason: string;
  /** the server's clock less this machine's, ms */
  offset: number;
  /** frames that this screen was spared because it was slow */
  shed: number;
}

/** What a screen wants to be told; each is called in the order things were said. */
export interface Listener {
  kinds?(kinds: Record<string, KindSaid>): void;
  plane?(plane: PlaneSaid): void;
  names?(kind: string, names: Name[]): void;
  rows?(rows: Rows): void;
  /** everything there is of a kind of records, in place of what was known */
  records?(kind: string, items: Item[]): void;
  /** one record as it is now; over: as it ended */
  record?(kind: string, item: Item, over: boolean): void;
  state?(state: State): void;
  /** topics that cannot be seen, with why: "no_right", "unknown_city", … */
  refused?(topics: Record<string, string>): void;
}

export interface Options {
  url: string;
  city: string;
  listener: Listener;
  connect?: (url: string) => WebSocket;
  now?: () => number;
  random?: () => number;
}

interface Topic {
  name: string;
  kind: string;
  /** our own number for it, the same across connections */
  own: number;
  seq: number | null;
}

/** A topic no longer followed, whose things stay until those that take its place have been heard. */
interface Leaving {
  topic: Topic;
  until: Set<Topic>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** A connection that lasted so long was a good one: the pauses begin anew. */
const GOOD_AFTER = 10_000;
const SILENT_BEATS = 2.5;
const SIGNED_OUT = 4401;
const SIZES = [512, 2048, 8192];

export class Live {
  readonly state: State;
  private socket: WebSocket | null = null;
  private topics = new Map<string, Topic>();
  private byNumber = new Map<number, Topic>();
  private homes = new Map<string, Homes>();
  private leaving: Leaving[] = [];
  /** topics that the server refused on this connection */
  private denied = new Set<string>();
  private layouts = new Map<string, readonly string[]>();
  private newest = new Map<string, number>();
  private views = new Map<string, Box | null>();
  private followed = new Set<string>();
  private sizes: readonly number[] = SIZES;
  private epoch = "";
  private owns = 0;
  private messages = 0;
  private failures = 0;
  private beat = 15;
  private heard = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: Options) {
    this.state = {
      phase: "connecting",
      fed: false,
      since: this.now(),
      retryAt: null,
      reason: "",
      offset: 0,
      shed: 0,
    };
    globalThis.addEventListener?.("online", this.retry);
    this.open();
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
    return this.now() + this.state.offset;
  }

  /** Try at once instead of when the pause is over. */
  readonly retry = (): void => {
    if (this.state.phase !== "waiting") return;
    this.failures = 0;
    this.open();
  };

  /** End it for good. */
  close(): void {
    globalThis.removeEventListener?.("online", this.retry);
    this.change({ phase: "closed", retryAt: null });
    this.drop();
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  private open(): void {
    this.drop();
    this.change({ phase: "connecting", retryAt: null });
    const socket = (this.options.connect ?? ((url) => new WebSocket(url)))(this.options.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.messages = 0;
    this.heard = this.now();
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.take(event.data);
    socket.onclose = (event: CloseEvent) => this.lost(event.code, event.reason);
    this.watch = setInterval(() => this.listen(), 1000);
  }

  /** Let go of the socket without waiting for its goodbye. */
  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    const socket = this.socket;
    this.socket = null;
    this.byNumber.clear();
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** A server that is silent, or a laptop that slept: the connection is not to be trusted. */
  private listen(): void {
    if (this.now() - this.heard > this.beat * SILENT_BEATS * 1000) this.lost(0, "silent");
  }

  private lost(code: number, reason: string): void {
    const lasted = this.state.phase === "open" && this.now() - this.state.since > GOOD_AFTER;
    this.failures = lasted ? 0 : this.failures + 1;
    this.drop();
    if (code === SIGNED_OUT) {
      this.change({ phase: "signed_out", fed: false, reason, retryAt: null });
      return;
    }
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures);
    const pause = longest * (0.5 + (this.options.random ?? Math.random)() / 2);
    this.change({ phase: "waiting", fed: false, reason, retryAt: this.now() + pause });
    this.timer = setTimeout(() => this.open(), pause);
  }

  private change(news: Partial<State>): void {
    if (news.phase !== undefined && news.phase !== this.state.phase) this.state.since = this.now();
    Object.assign(this.state, news);
    this.options.listener.state?.(this.state);
  }

  private say(word: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(word));
  }

  private take(message: ArrayBuffer): void {
    this.heard = this.now();
    this.messages++;
    try {
      for (const { head, body } of frames(message)) this.read(head, body);
    } finally {
      this.say({ t: "ack", n: this.messages });
    }
  }

  private read(head: Head, body: Uint8Array): void {
    const { listener } = this.options;
    switch (head.t) {
      case "hello":
        return this.greet(head);
      case "city":
        return listener.plane?.(head);
      case "subscribed":
        return this.subscribed(head.topics);
      case "refused":
        return this.refused(head.topics);
      case "ended":
        return this.refused(Object.fromEntries(head.topics.map((name) => [name, head.why])));
      case "beat":
        return this.change({ shed: head.shed, offset: head.time - this.now() });
      case "feed":
        return this.change({ fed: head.up });
      case "names":
        return this.names(head, body);
      case "full":
      case "change":
        return this.rows(head, body);
      case "records":
      case "record":
        return this.records(head);
    }
  }

  private greet(head: Head & { t: "hello" }): void {
    this.beat = head.beat;
    this.sizes = head.cells;
    this.change({ phase: "open", fed: head.fed, reason: "", offset: head.time - this.now() });
    for (const [kind, said] of Object.entries(head.kinds)) {
      if (said.moving) this.layouts.set(kind, said.columns);
    }
    this.options.listener.kinds?.(head.kinds);
    this.denied.clear();
    this.reconcile(false);
    const topics = [...this.topics.values()];
    const seq: Record<string, number> = {};
    for (const topic of topics) if (topic.seq !== null) seq[topic.name] = topic.seq;
    const resume = this.epoch === head.epoch ? { epoch: this.epoch, seq } : null;
    this.epoch = head.epoch;
    this.say({ t: "subscribe", topics: topics.map((topic) => topic.name), resume });
  }

  /** Bring the topics in line with what is to be seen; tell the server unless all of it is told anyway. */
  private reconcile(tell = this.state.phase === "open"): void {
    const wanted = this.wanted();
    const added: Topic[] = [];
    for (const [name, kind] of wanted) {
      if (this.topics.has(name)) continue;
      const topic = { name, kind, own: ++this.owns, seq: null };
      this.topics.set(name, topic);
      added.push(topic);
    }
    const dropped = [...this.topics.values()].filter((topic) => !wanted.has(topic.name));
    if (tell && added.length) {
      this.say({ t: "subscribe", topics: added.map((topic) => topic.name), resume: null });
    }
    if (tell && dropped.length) {
      this.say({ t: "unsubscribe", topics: dropped.map((topic) => topic.name) });
    }
    for (const topic of dropped) this.leave(topic, added);
  }

  private wanted(): Map<string, string> {
    const wanted = new Map<string, string>();
    for (const kind of this.followed) wanted.set(`${this.options.city}/${kind}`, kind);
    for (const [kind, box] of this.views) {
      for (const cell of cells(box, this.sizes)) {
        wanted.set(`${this.options.city}/${kind}${cell}`, kind);
      }
    }
    for (const name of this.denied) wanted.delete(name);
    return wanted;
  }

  private leave(topic: Topic, added: readonly Topic[]): void {
    this.topics.delete(topic.name);
    for (const [number, known] of this.byNumber) {
      if (known === topic) this.byNumber.delete(number);
    }
    const until = new Set(added.filter((other) => other.kind === topic.kind));
    this.leaving.push({ topic, until });
    this.clearOut();
  }

  /** Take off the screen what nobody follows and no topic that is awaited may show again. */
  private clearOut(): void {
    const ready = this.leaving.filter(({ until }) => until.size === 0);
    this.leaving = this.leaving.filter(({ until }) => until.size > 0);
    for (const { topic } of ready) {
      const gone = this.homes.get(topic.kind)?.empty(topic.own);
      if (gone?.length) this.options.listener.rows?.(nothingBut(topic.kind, gone, this.serverNow()));
    }
  }

  private arrived(topic: Topic): void {
    if (!this.leaving.length) return;
    for (const { until } of this.leaving) until.delete(topic);
    this.clearOut();
  }

  private subscribed(topics: Record<string, number>): void {
    for (const [name, number] of Object.entries(topics)) {
      const topic = this.topics.get(name);
      if (topic) this.byNumber.set(number, topic);
    }
  }

  private refused(topics: Record<string, string>): void {
    for (const name of Object.keys(topics)) {
      this.denied.add(name);
      const topic = this.topics.get(name);
      if (!topic) continue;
      this.leave(topic, []);
      this.arrived(topic);
    }
    this.options.listener.refused?.(topics);
  }

  private names(head: Head & { t: "names" }, body: Uint8Array): void {
    const numbers = ints(body, 0, head.rows);
    const kinds = ints(body, head.rows, head.rows);
    const simulated = new Set(head.simulated);
    const names = head.keys.map((key, at) => ({
      number: numbers[at]!,
      key,
      label: head.labels[at]!,
      device: head.kinds[kinds[at]!]!,
      simulated: simulated.has(numbers[at]!),
    }));
    this.options.listener.names?.(head.kind, names);
  }

  private rows(head: Head & { t: "full" | "change" }, body: Uint8Array): void {
    const topic = this.byNumber.get(head.topic);
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
    this.note(topic.kind, head.time, rows.age);
    if (rows.numbers.length || rows.gone.length) this.options.listener.rows?.(rows);
    this.arrived(topic);
  }

  private note(kind: string, time: number, ages: Float32Array): void {
    let least = Infinity;
    for (let i = 0; i < ages.length; i++) if (ages[i]! < least) least = ages[i]!;
    if (least === Infinity) return;
    this.newest.set(kind, Math.max(this.newest.get(kind) ?? 0, time - least * 1000));
  }

  private records(head: Head & { t: "records" | "record" }): void {
    const topic = this.byNumber.get(head.topic);
    if (!topic) return;
    topic.seq = head.seq;
    this.newest.set(topic.kind, head.time);
    const { listener } = this.options;
    if (head.t === "records") listener.records?.(topic.kind, head.items);
    else listener.record?.(topic.kind, head.item, head.over);
  }
}

/** The columns of a frame, where the server's layout puts them; one it does not have is all unknown. */
function columns(
  kind: string,
  layout: readonly string[],
  head: { rows: number; gone: number; time: number },
  body: Uint8Array,
): Rows {
  const n = head.rows;
  const column = (name: string) => {
    const place = layout.indexOf(name);
    return place < 0 ? new Float32Array(n).fill(NaN) : floats(body, place * n, n);
  };
  return {
    kind,
    time: head.time,
    gone: ints(body, layout.length * n, head.gone),
    numbers: ints(body, layout.indexOf("id") * n, n),
    x: column("x"),
    y: column("y"),
    age: column("age"),
    heading: column("heading"),
    speed: column("speed"),
    state: column("state"),
  };
}

const NONE = new Float32Array(0);

function nothingBut(kind: string, gone: Int32Array, time: number): Rows {
  const numbers = new Int32Array(0);
  return {
    kind, time, gone, numbers,
    x: NONE, y: NONE, age: NONE, heading: NONE, speed: NONE, state: NONE,
  };
}
