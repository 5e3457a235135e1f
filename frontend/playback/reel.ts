/** One camera's recording in a video element: asked for piece by piece, a little ahead of what is shown. */
import { isSupported } from "../parts/picture";

const AHEAD = 8; // seconds of what is shown that are fetched before they are
const BEHIND = 60; // seconds of what was shown that stay in memory
const AGAIN = [500, 1000, 2000, 5000]; // milliseconds until a lost connection is tried again
const LAST = 1; // seconds before the end of what is fetched in which a browser may stand still for want of more
const EDGE = 2000; // milliseconds until the end of what is recorded is looked at again
const KEYS_FROM = 8; // from this speed on key frames alone are shown

export interface Take { t: "take"; n: number; mime: string; zero: number; begins: number; ends: number; fps: number }
export interface Hole { t: "hole"; n: number; next: number | null; gap: string; why: string }
interface Thumb { t: "thumb"; n: number; at: number | null }
type Word = Take | Hole | Thumb | { t: "door"; mark: string; masked?: boolean };

/** A key frame as a small picture. */
export interface Small { at: number; picture: Blob }

/** What the reel tells its page. */
export interface Heard {
  /** masked: parts of the picture are hidden from this viewer */
  mark(mark: string, masked: boolean): void;
  /** nothing is recorded from there on until next (null: nothing at all) */
  hole(at: number, hole: Hole): void;
  /** another moment is wanted: what is seen until shown is that of before */
  sought(): void;
  shown(): void;
  /** closed for good: the code says why */
  refused(code: number): void;
  lost(): void;
  unsupported(mime: string): void;
}

export class Reel {
  speed = 1;
  private playing = false;
  private socket: WebSocket | undefined;
  private source: MediaSource | undefined;
  private buffer: SourceBuffer | undefined;
  private mime = "";
  private origin = 0; // the moment that the element's time 0 stands for
  private aim: number | null = 0; // where to be once it is there
  private next = 0; // from where to ask
  private n = 0;
  private valid = -1; // the question whose answer is still wanted
  private asking = false;
  private take: Take | Thumb | undefined; // whose pictures come next
  private readonly small = new Map<number, (found: Small | null) => void>();
  private queue: { take: Take; data: ArrayBuffer }[] = [];
  private hole: Hole | undefined; // where what is fetched ends
  private edge = 0;
  private fps = 15;
  private tries = 0;
  private ended = false;
  private coded = false; // this browser has no H.265: it is asked for as H.264

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly camera: string,
    private readonly heard: Heard,
    /** in step with others: it stays in a hole until somebody seeks on */
    private readonly waits = false,
  ) {
    for (const event of ["timeupdate", "waiting", "stalled"]) video.addEventListener(event, () => this.go());
    video.addEventListener("seeked", () => this.heard.shown());
    // What begins at the element's time 0 seeks nowhere.
    video.addEventListener("loadeddata", () => video.seeking || this.heard.shown());
    video.addEventListener("error", () => video.error && this.seek(this.at));
  }

  /** The moment that is shown. */
  get at(): number {
    return this.aim ?? this.origin + this.video.currentTime * 1000;
  }

  open(at: number): void {
    this.aim = this.next = at;
    this.connect();
  }

  play(): void {
    this.playing = true;
    if (this.hole?.next === null) this.fetch(this.at);
    void this.video.play().catch(() => undefined);
    this.go();
  }

  pause(): void {
    this.playing = false;
    this.video.pause();
  }

  /** Show that moment, at once where it is in memory. */
  seek(at: number): void {
    this.heard.sought();
    const seconds = (at - this.origin) / 1000;
    if (this.buffer && !this.video.error && this.aim === null && this.holds(seconds)) this.video.currentTime = seconds;
    else this.fetch(at);
  }

  /** One picture on, or back. */
  step(by: 1 | -1): void {
    this.pause();
    const shown = Math.floor(((this.at - this.origin) * this.fps) / 1000 + 0.01);
    this.seek(this.origin + ((shown + by + 0.5) * 1000) / this.fps); // the middle of a picture, not its edge
  }

  hurry(speed: number): void {
    const other = this.speed >= KEYS_FROM !== speed >= KEYS_FROM;
    this.speed = speed;
    this.video.playbackRate = this.video.defaultPlaybackRate = speed;
    if (other) this.fetch(this.at);
  }

  /** Faster or slower than its speed for a moment, to keep in step; 0 holds it. */
  pace(rate: number): void {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }

  /** The key frame at or before a moment; null where nothing is recorded, or nobody answers. */
  thumb(at: number): Promise<Small | null> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    const n = ++this.n;
    return new Promise((found) => {
      this.small.set(n, found);
      socket.send(JSON.stringify({ n, at: Math.round(at), thumb: true }));
    });
  }

  private answer(n: number, found: Small | null): void {
    this.small.get(n)?.(found);
    this.small.delete(n);
  }

  end(): void {
    this.ended = true;
    window.clearTimeout(this.edge);
    this.socket?.close();
    this.clear();
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live/cameras/${this.camera}/play`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.fetch(this.at);
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      if (typeof data === "string") this.hear(JSON.parse(data) as Word);
      else this.pictures(data as ArrayBuffer);
    };
    socket.onclose = ({ code }) => this.closed(code);
    this.socket = socket;
  }

  private closed(code: number): void {
    const at = this.at;
    this.socket = undefined;
    this.asking = false;
    this.take = undefined;
    for (const n of this.small.keys()) this.answer(n, null);
    this.clear();
    this.aim = at;
    if (this.ended) return;
    if (code >= 4400) {
      this.ended = true;
      this.heard.refused(code);
      return;
    }
    this.heard.lost();
    window.setTimeout(() => this.ended || this.connect(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }

  /** Begin anew from there: what was asked before is not wanted any more. */
  private fetch(at: number): void {
    this.heard.sought();
    window.clearTimeout(this.edge);
    this.aim = this.next = Math.round(at);
    this.valid = -1;
    this.hole = undefined;
    this.queue = [];
    this.ask();
  }

  private ask(): void {
    if (this.asking || this.socket?.readyState !== WebSocket.OPEN) return;
    this.asking = true;
    this.valid = ++this.n;
    this.socket.send(JSON.stringify({ n: this.n, at: Math.round(this.next), keys: this.speed >= KEYS_FROM, coded: this.coded }));
  }

  private hear(word: Word): void {
    if (word.t === "door") {
      this.heard.mark(word.mark, word.masked ?? false);
    } else if (word.t === "take" || (word.t === "thumb" && word.at !== null)) {
      this.take = word;
    } else if (word.t === "thumb") {
      this.answer(word.n, null);
    } else {
      this.asking = false;
      if (word.n === this.valid) this.meet(word);
      else this.ask();
    }
  }

  private pictures(data: ArrayBuffer): void {
    const take = this.take;
    this.take = undefined;
    if (take?.t === "thumb") {
      this.answer(take.n, { at: take.at!, picture: new Blob([data], { type: "image/jpeg" }) });
      return;
    }
    this.asking = false;
    if (!take || take.n !== this.valid) {
      this.ask();
      return;
    }
    this.next = take.ends;
    this.fps = take.fps;
    this.queue.push({ take, data });
    this.feed();
  }

  /** Nothing is recorded where it was asked for. */
  private meet(hole: Hole): void {
    this.hole = hole;
    if (this.aim !== null) {
      this.heard.hole(this.next, hole);
      if (hole.next !== null && !this.waits) this.fetch(hole.next);
      else this.clear();
    } else if (hole.next === null && this.playing && !this.waits) {
      this.edge = window.setTimeout(() => {
        this.hole = undefined;
        this.go();
      }, EDGE);
    } else {
      this.go(); // what is shown may stand at its end already, and then says nothing more
    }
  }

  private feed(): void {
    const first = this.queue[0];
    if (!first) return this.go();
    if (this.aim !== null || first.take.mime !== this.mime) {
      if (this.aim === null) this.aim = first.take.begins;
      this.begin(first.take);
      return;
    }
    const buffer = this.buffer;
    if (!buffer || buffer.updating) return;
    this.queue.shift();
    try {
      buffer.timestampOffset = (first.take.zero - this.origin) / 1000;
      buffer.appendBuffer(first.data);
    } catch {
      this.fetch(this.at);
    }
  }

  /** A media source of its own for what begins with this piece. */
  private begin(take: Take): void {
    if (!isSupported(take.mime) && !this.coded) {
      this.coded = true;
      this.fetch(this.aim ?? take.begins);
      return;
    }
    if (!isSupported(take.mime)) {
      this.ended = true;
      this.socket?.close();
      this.heard.unsupported(take.mime);
      return;
    }
    const at = Math.max(this.aim ?? take.begins, take.begins);
    const source = new MediaSource();
    this.source = source;
    this.buffer = undefined;
    this.mime = take.mime;
    this.origin = take.begins;
    this.aim = null;
    this.video.src = URL.createObjectURL(source);
    this.video.playbackRate = this.speed;
    source.addEventListener(
      "sourceopen",
      () => {
        URL.revokeObjectURL(this.video.src);
        if (this.source !== source) return;
        const buffer = source.addSourceBuffer(take.mime);
        buffer.addEventListener("updateend", () => this.source === source && this.feed());
        this.buffer = buffer;
        this.video.currentTime = (at - this.origin) / 1000;
        if (this.playing) void this.video.play().catch(() => undefined);
        this.feed();
      },
      { once: true },
    );
  }

  /** Fetch what is due, jump over what was never recorded, forget what was long ago. */
  private go(): void {
    const buffer = this.buffer;
    if (!buffer || this.ended || this.aim !== null) return;
    const now = this.video.currentTime;
    const left = this.until(now) - now;
    if (!this.hole && !this.queue.length && left < AHEAD * Math.max(1, this.speed)) this.ask();
    const over = this.playing && this.isOver(left);
    if (this.hole && this.waits && over) {
      this.aim = this.next;
      this.heard.hole(this.next, this.hole);
      this.clear();
    } else if (this.hole?.next && over) {
      this.heard.hole(this.next, this.hole);
      this.fetch(this.hole.next);
    } else if (!buffer.updating && !this.queue.length && now > 2 * BEHIND && buffer.buffered.length && buffer.buffered.start(0) < now - 2 * BEHIND) {
      buffer.remove(0, now - BEHIND);
    }
  }

  /** Whether all that was fetched is shown: a browser may stand still some pictures before its end. */
  private isOver(left: number): boolean {
    const { video, buffer } = this;
    if (this.queue.length || buffer?.updating || video.seeking) return false;
    return left < 0.1 || (left < LAST && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
  }

  /** The end of what is in memory from there on without a seam that would be seen. */
  private until(seconds: number): number {
    const { buffered } = this.video;
    let end = seconds;
    for (let at = 0; at < buffered.length; at++) {
      if (buffered.start(at) <= end + 0.15 && buffered.end(at) > end) end = buffered.end(at);
    }
    return end;
  }

  private holds(seconds: number): boolean {
    return seconds >= 0 && this.until(seconds) > seconds + 0.01;
  }

  private clear(): void {
    this.queue = [];
    this.source = this.buffer = undefined;
    this.mime = "";
    this.video.removeAttribute("src");
    this.video.load();
  }
}
