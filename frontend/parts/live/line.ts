/** One line to the server: made, watched, lost, and made again with growing pauses. */
import { encode } from "@msgpack/msgpack";
import type { Options, State } from "./told";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** A connection that lasted so long was a good one: the pauses begin anew. */
const GOOD_AFTER = 10_000;
const SILENT_BEATS = 2.5;
const SIGNED_OUT = 4401;

/** take is called with each message, fresh before each connection. */
export interface Ends {
  take(message: ArrayBuffer): void;
  fresh(): void;
}

export class Line {
  readonly state: State;
  /** seconds between two signs of life of the server */
  beat = 15;
  private socket: WebSocket | null = null;
  private messages = 0;
  private failures = 0;
  private heard = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly options: Options,
    private readonly ends: Ends,
  ) {
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
  }

  open(): void {
    this.drop();
    this.change({ phase: this.state.phase === "waiting" ? "retrying" : "connecting", retryAt: null });
    const socket = (this.options.connect ?? ((url) => new WebSocket(url)))(this.options.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.messages = 0;
    this.heard = this.now();
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.take(event.data);
    socket.onclose = (event: CloseEvent) => this.lost(event.code, event.reason);
    this.watch = setInterval(() => this.listen(), 1000);
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

  say(word: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(word));
  }

  change(news: Partial<State>): void {
    const opens = news.phase === "open";
    // Lost is what it was since it was last heard: a laptop that slept, or tried in vain, finds out late.
    if (news.phase && opens !== (this.state.phase === "open")) this.state.since = opens ? this.now() : this.heard;
    Object.assign(this.state, news);
    this.options.listener.state?.(this.state);
  }

  now(): number {
    return this.options.now?.() ?? Date.now();
  }

  private take(message: ArrayBuffer): void {
    this.heard = this.now();
    this.messages++;
    try {
      this.ends.take(message);
    } finally {
      this.say({ t: "ack", n: this.messages });
    }
  }

  /** Let go of the socket without waiting for its goodbye. */
  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    const socket = this.socket;
    this.socket = null;
    this.ends.fresh();
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
}
