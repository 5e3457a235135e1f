import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { firstStream, LivePicture } from "./live-picture";

/** A socket that says when somebody asks for a stream. */
class Socket {
  static asked: string[] = [];
  static last: Socket;
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(url: string) {
    Socket.asked.push(url.split("/").at(-1) ?? "");
    Socket.last = this;
  }

  close(): void {
    this.onclose?.({ code: 1005 });
  }

  say(word: object): void {
    this.onmessage?.({ data: JSON.stringify(word) });
  }
}

const H265 = 'video/mp4; codecs="hvc1.1.6.L120.B0"';

beforeEach(() => {
  Socket.asked = [];
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("MediaSource", Object.assign(class extends EventTarget {}, { isTypeSupported: (mime: string) => mime.includes("avc1") }));
  Object.assign(URL, { createObjectURL: () => "blob:one", revokeObjectURL: () => undefined });
  HTMLMediaElement.prototype.load = () => undefined;
  performance.mark ??= () => ({}) as PerformanceMark;
});

afterEach(() => vi.unstubAllGlobals());

function opened(stream: string): void {
  document.body.innerHTML = '<div><video></video><p class="picture-mark"></p><p class="picture-word"></p></div>';
  new LivePicture(document.querySelector("div") as HTMLElement, "one", stream).open();
}

test("what the browser cannot show is asked for otherwise at once: as the sub stream, then encoded anew", () => {
  opened("main");
  for (let time = 0; time < 2; time++) {
    Socket.last.say({ t: "door", streams: ["main", "sub"], mark: "" });
    Socket.last.say({ t: "begin", mime: H265 });
  }
  expect(Socket.asked).toEqual(["main", "sub", "coded"]);
});

test("a camera of H.265 without a sub stream is encoded anew at once", () => {
  opened("main");
  Socket.last.say({ t: "door", streams: ["main"], mark: "" });
  Socket.last.say({ t: "begin", mime: H265 });
  expect(Socket.asked).toEqual(["main", "coded"]);
});

test("of a camera that the register knows to send H.265 nothing is tried that this browser cannot show", () => {
  expect(firstStream({ stream: "main", codec: "hevc", sub: "" })).toBe("sub");
  expect(firstStream({ stream: "main", codec: "hevc" })).toBe("coded");
  expect(firstStream({ stream: "main", codec: "h264", sub: "" })).toBe("main");
  expect(firstStream({ stream: "main", codec: "" })).toBe("main");
  expect(firstStream({ stream: "sub", codec: "hevc", sub: "" })).toBe("sub");
});
