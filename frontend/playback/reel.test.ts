import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Reel, type Heard } from "./reel";

const MIME = 'video/mp4; codecs="avc1.42C01E"';
const ZERO = 1_736_913_600_000;
const AGAIN = ZERO + 50_000;
let buffered: [number, number][] = [];

class Socket {
  static readonly OPEN = 1;
  static made: Socket[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: { n: number; at: number }[] = [];

  constructor() {
    Socket.made.push(this);
  }
  send(words: string): void {
    this.sent.push(JSON.parse(words) as { n: number; at: number });
  }
  close(): void {
    this.readyState = 3;
  }
  hear(words: object): void {
    this.onmessage?.({ data: JSON.stringify(words) });
  }
  /** A recording from its beginning to its end, in answer to what was asked last. */
  take(begins: number, ends: number): void {
    this.hear({ t: "take", n: this.sent.at(-1)!.n, mime: MIME, zero: begins, begins, ends, fps: 15 });
    this.onmessage?.({ data: new ArrayBuffer(8) });
  }
  hole(): void {
    this.hear({ t: "hole", n: this.sent.at(-1)!.n, next: AGAIN, gap: "", why: "" });
  }
}

class Buffer extends EventTarget {
  static made: Buffer[] = [];
  updating = false;
  timestampOffset = 0;
  appendBuffer(): void {
    this.updating = true;
  }
  /** What was given is in memory now. */
  done(until: number): void {
    this.updating = false;
    buffered = [[0, until]];
    this.dispatchEvent(new Event("updateend"));
  }
}

class Source extends EventTarget {
  static made: Source[] = [];
  static isTypeSupported = () => true;

  constructor() {
    super();
    Source.made.push(this);
  }
  addSourceBuffer(): Buffer {
    Buffer.made.push(new Buffer());
    return Buffer.made.at(-1)!;
  }
}

let video: HTMLVideoElement;
let readyState = 4;
const holes = vi.fn();

/** A reel that plays what was recorded from ZERO for twenty seconds, which is in memory. */
function playing(): Socket {
  const silent = () => undefined;
  const heard: Heard = { mark: silent, hole: holes, sought: silent, shown: silent, refused: silent, lost: silent, unsupported: silent };
  const reel = new Reel(video, "one", heard);
  reel.play();
  reel.open(ZERO);
  const socket = Socket.made.at(-1)!;
  socket.onopen?.();
  socket.take(ZERO, ZERO + 20_000);
  Source.made.at(-1)!.dispatchEvent(new Event("sourceopen"));
  return socket;
}

beforeEach(() => {
  [Socket.made, Source.made, Buffer.made, buffered, readyState] = [[], [], [], [], 4];
  holes.mockClear();
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("MediaSource", Source);
  Object.assign(URL, { createObjectURL: () => "blob:one", revokeObjectURL: () => undefined }); // jsdom has neither
  video = document.createElement("video");
  Object.assign(video, { load: () => undefined, pause: () => undefined, play: () => Promise.resolve() });
  const ranges = () => ({ length: buffered.length, start: (at: number) => buffered[at]![0], end: (at: number) => buffered[at]![1] });
  Object.defineProperty(video, "buffered", { get: ranges });
  Object.defineProperty(video, "readyState", { get: () => readyState });
  Object.defineProperty(video, "seeking", { value: false });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What is shown came to that second and the browser has nothing to go on with. */
function stands(at: number): void {
  video.currentTime = at;
  readyState = 2;
  video.dispatchEvent(new Event("waiting"));
}

function ask(at: number): void {
  video.currentTime = at;
  video.dispatchEvent(new Event("timeupdate"));
}

test("it jumps over a hole that is known when what is before it ends", () => {
  const socket = playing();
  Buffer.made[0]!.done(20);
  ask(15);
  socket.hole();
  expect(holes).not.toHaveBeenCalled();
  stands(19.95);
  expect(holes).toHaveBeenCalledOnce();
  expect(socket.sent.at(-1)!.at).toBe(AGAIN);
});

test("a hole that is told of when the picture stands at its end already is jumped over", () => {
  const socket = playing();
  Buffer.made[0]!.done(20);
  ask(15);
  stands(19.95);
  socket.hole();
  expect(socket.sent.at(-1)!.at).toBe(AGAIN);
});

test("a browser that stands still some pictures before the end has shown what it can", () => {
  const socket = playing();
  Buffer.made[0]!.done(20);
  ask(15);
  socket.hole();
  stands(19.8);
  expect(socket.sent.at(-1)!.at).toBe(AGAIN);
});

test("what is being put into memory is shown before a hole is jumped over", () => {
  const socket = playing();
  Buffer.made[0]!.dispatchEvent(new Event("updateend")); // asks for what comes next
  Buffer.made[0]!.updating = true;
  socket.hole();
  expect(holes).not.toHaveBeenCalled();
  Buffer.made[0]!.done(20);
  expect(holes).not.toHaveBeenCalled();
});
