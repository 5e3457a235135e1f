/** A video element fed with fragmented MP4 as it comes. */

const BEHIND = 1.5; // seconds behind the newest picture after which the player jumps to it
const CLOSE = 0.3; // … while somebody steers by it
const KEPT = 20; // seconds of what was shown that stay in memory

export function isSupported(mime: string): boolean {
  return "MediaSource" in window && MediaSource.isTypeSupported(mime);
}

export class MediaPicture {
  private buffer: SourceBuffer | undefined;
  private queue: ArrayBuffer[] = [];
  private source: MediaSource | undefined; // for the stream that is awaited
  /** somebody steers by this picture: it must be as new as it can be */
  hurry = false;

  /** lost: what was given cannot be shown; the stream must begin again. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly lost: () => void,
  ) {
    video.addEventListener("error", () => video.error && lost());
  }

  /** A stream is asked for: the element gets ready for it meanwhile. */
  prepare(): void {
    if (this.source || !("MediaSource" in window)) return;
    const source = (this.source = new MediaSource());
    const url = (this.video.src = URL.createObjectURL(source));
    source.addEventListener("sourceopen", () => URL.revokeObjectURL(url), { once: true });
  }

  /** A stream of this type begins: what comes next is its initialisation segment. */
  begin(mime: string): void {
    this.queue = [];
    this.buffer = undefined;
    this.prepare();
    const source = this.source as MediaSource;
    this.source = undefined;
    if (source.readyState === "open") this.fill(source, mime);
    else source.addEventListener("sourceopen", () => this.fill(source, mime), { once: true });
  }

  private fill(source: MediaSource, mime: string): void {
    this.buffer = source.addSourceBuffer(mime);
    this.buffer.addEventListener("updateend", () => this.feed());
    this.feed();
  }

  take(data: ArrayBuffer): void {
    this.queue.push(data);
    this.feed();
  }

  /** Nothing is left of the picture: the element is black. */
  clear(): void {
    this.queue = [];
    this.buffer = this.source = undefined;
    this.video.removeAttribute("src");
    this.video.load();
  }

  private feed(): void {
    const buffer = this.buffer;
    if (!buffer || buffer.updating || this.video.error) return;
    const next = this.queue.shift();
    try {
      if (next) buffer.appendBuffer(next);
      else this.tidy(buffer);
    } catch {
      this.lost();
    }
    this.catchUp();
  }

  /** Forget what was shown a while ago, so that a picture may stay open all night. */
  private tidy(buffer: SourceBuffer): void {
    if (!buffer.buffered.length) return;
    const begin = buffer.buffered.start(0);
    if (this.video.currentTime - begin > 2 * KEPT) buffer.remove(begin, this.video.currentTime - KEPT);
  }

  private catchUp(): void {
    const { buffered } = this.video;
    if (!buffered.length) return;
    const newest = buffered.end(buffered.length - 1);
    const behind = this.hurry ? CLOSE : BEHIND;
    if (newest - this.video.currentTime > behind || this.video.currentTime < buffered.start(0)) {
      this.video.currentTime = Math.max(buffered.start(buffered.length - 1), newest - (this.hurry ? 0.05 : 0.2));
    }
    if (this.video.paused) void this.video.play().catch(() => undefined);
  }
}
