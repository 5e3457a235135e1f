import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MediaPicture } from "./picture";

/** A media source as browsers have it: it opens a while after an element took its address. */
class Source extends EventTarget {
  static made: Source[] = [];
  static isTypeSupported = () => true;
  readyState = "closed";
  buffers: { mime: string; given: ArrayBuffer[] }[] = [];

  constructor() {
    super();
    Source.made.push(this);
  }

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("sourceopen"));
  }

  addSourceBuffer(mime: string): EventTarget {
    const given: ArrayBuffer[] = [];
    this.buffers.push({ mime, given });
    return Object.assign(new EventTarget(), {
      updating: false,
      buffered: { length: 0 },
      appendBuffer: (data: ArrayBuffer) => given.push(data),
    });
  }
}

const MIME = 'video/mp4; codecs="avc1.42C01E"';
const PICTURE = new ArrayBuffer(8);
let video: HTMLVideoElement;
let media: MediaPicture;

beforeEach(() => {
  Source.made = [];
  vi.stubGlobal("MediaSource", Source);
  Object.assign(URL, { createObjectURL: () => "blob:one", revokeObjectURL: () => undefined }); // jsdom has neither
  video = document.createElement("video");
  video.load = () => undefined;
  Object.defineProperty(video, "buffered", { value: { length: 0 } });
  media = new MediaPicture(video, () => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a source that opened while the stream was asked for is filled at once", () => {
  media.prepare();
  media.prepare();
  expect(Source.made).toHaveLength(1);
  Source.made[0]!.open();
  media.begin(MIME);
  media.take(PICTURE);
  expect(Source.made).toHaveLength(1);
  expect(Source.made[0]!.buffers).toEqual([{ mime: MIME, given: [PICTURE] }]);
});

test("a stream that is there before its source opens is kept until then", () => {
  media.begin(MIME);
  media.take(PICTURE);
  expect(Source.made[0]!.buffers).toEqual([]);
  Source.made[0]!.open();
  expect(Source.made[0]!.buffers).toEqual([{ mime: MIME, given: [PICTURE] }]);
});

test("every stream has a source of its own, and none is left of a picture that was cleared", () => {
  media.prepare();
  Source.made[0]!.open();
  media.begin(MIME);
  media.begin(MIME);
  expect(Source.made).toHaveLength(2);
  media.clear();
  media.prepare();
  expect(Source.made).toHaveLength(3);
});
