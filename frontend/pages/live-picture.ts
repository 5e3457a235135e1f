/** A camera's live picture: fragmented MP4 from a WebSocket into the browser's media source. */
import { isSupported, MediaPicture } from "../parts/picture";
import { Steering } from "../parts/steering/steering";
import { t } from "../parts/words";

const STILL = "image/jpeg";
const H265 = 'video/mp4; codecs="hvc1.1.6.L120.B0"';
const CHANGED = 4300; // other parts are hidden now: nothing of before stays, and the new is asked for at once
const AGAIN = [500, 1000, 2000, 5000, 10000]; // milliseconds until a lost picture is asked for again

/** Codes after which asking again would not help, and what is said instead. */
const REFUSALS: Record<number, () => string> = {
  4401: () => t("You are signed out. Sign in again to go on."),
  4403: () => t("Your right to this camera has ended. The picture is closed."),
  4404: () => t("No address of this stream is recorded."),
  4409: () => t("Choose first why you look. Load this page again."),
};

/** A part of the way to the first picture is over; bench/cameras.py reads how long each took. */
function reached(part: "asked" | "door" | "begin" | "decoded"): void {
  performance.mark(`picture-${part}`);
}

/** What stands across the picture: the mark again and again, so that no part of it can be cut out without. */
export function markWords(mark: string): string {
  return Array.from({ length: 12 }, () => mark).join("      ");
}

export class LivePicture {
  private readonly video: HTMLVideoElement;
  private readonly word: HTMLElement;
  private readonly mark: HTMLElement;
  private readonly tag: HTMLElement;
  private image: HTMLImageElement | undefined; // where the server has a picture a second only
  private socket: WebSocket | undefined;
  private readonly media: MediaPicture;
  private tries = 0;
  private streams: string[] = [];
  private ended = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly camera: string,
    private stream: string,
  ) {
    this.video = place.querySelector("video") as HTMLVideoElement;
    this.word = place.querySelector(".picture-word") as HTMLElement;
    this.mark = place.querySelector(".picture-mark") as HTMLElement;
    this.tag = document.createElement("p");
    this.tag.className = "picture-tag";
    this.tag.hidden = true;
    place.append(this.tag);
    this.video.addEventListener("playing", () => this.say(""));
    this.video.addEventListener("loadeddata", () => reached("decoded"));
    this.media = new MediaPicture(this.video, () => this.socket?.close());
    window.addEventListener("pagehide", () => this.end());
  }

  open(): void {
    this.say(t("Connecting to the camera …"));
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/live/cameras/${this.camera}/${this.stream}`;
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.hear(event.data as string | ArrayBuffer);
    socket.onclose = (event) => this.closed(event.code);
    this.socket = socket;
    reached("asked");
    this.media.prepare();
  }

  end(): void {
    this.ended = true;
    this.socket?.close();
  }

  /** Show what comes at once, at the price of a picture that may stand still for a moment. */
  hurry(is: boolean): void {
    this.media.hurry = is;
  }

  private hear(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      if (this.image) this.show(this.image, data);
      else this.media.take(data);
      return;
    }
    const word = JSON.parse(data) as { t: string; mime?: string; why?: string; mark?: string; streams?: string[]; masked?: boolean };
    if (word.t === "door") {
      reached("door");
      this.streams = word.streams ?? [];
      this.mark.textContent = markWords(word.mark ?? "");
      this.tag.textContent = word.masked ? t("Parts are hidden") : t("Made smaller: this browser has no H.265");
      this.tag.hidden = !word.masked && this.stream !== "coded";
    } else if (word.t === "begin") {
      this.begin(word.mime ?? "");
    } else if (word.t === "trouble") {
      this.say(t("The camera gives no picture: {why}").replace("{why}", word.why ?? ""));
    }
  }

  private begin(mime: string): void {
    reached("begin");
    if (mime === STILL) {
      this.tries = 0;
      this.media.clear();
      this.image ??= this.place.insertBefore(document.createElement("img"), this.mark);
      this.image.alt = t("Picture of the camera, once a second");
      return;
    }
    this.forget();
    if (!isSupported(mime)) {
      this.unsupported(mime);
      return;
    }
    this.tries = 0;
    this.media.begin(mime);
  }

  private show(image: HTMLImageElement, data: ArrayBuffer): void {
    const before = image.src;
    image.src = URL.createObjectURL(new Blob([data], { type: STILL }));
    if (before) URL.revokeObjectURL(before);
    this.say("");
  }

  private forget(): void {
    if (this.image?.src) URL.revokeObjectURL(this.image.src);
    this.image?.remove();
    this.image = undefined;
  }

  /** H.265 where the browser has none: the sub stream is tried, which is often H.264, then the server encodes
   * it anew. */
  private unsupported(mime: string): void {
    if (this.stream !== "coded") {
      this.stream = instead(this.stream, this.streams.includes("sub"));
      this.again();
      return;
    }
    this.ended = true;
    this.socket?.close();
    const codec = /codecs="([^"]*)"/.exec(mime)?.[1] ?? mime;
    this.say(
      t("This browser shows neither H.265 nor what this server makes of it ({codec}). Use another browser.").replace("{codec}", codec),
    );
  }

  /** Ask anew, at once: what was asked for before is not waited for. */
  private again(): void {
    if (this.socket) this.socket.onclose = this.socket.onmessage = null;
    this.socket?.close();
    this.media.clear();
    this.open();
  }

  private closed(code: number): void {
    this.media.clear();
    this.forget();
    const refusal = REFUSALS[code];
    if (refusal) {
      this.ended = true;
      this.say(refusal());
      return;
    }
    if (this.ended) return;
    if (code === CHANGED) {
      this.open();
      return;
    }
    this.say(t("The picture was lost. Asking for it again …"));
    window.setTimeout(() => this.open(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }

  private say(words: string): void {
    this.word.textContent = words;
    this.word.hidden = words === "";
    this.place.dataset["state"] = words === "" ? "live" : "waiting";
  }
}

/** What is asked for where this browser cannot show a stream. */
function instead(stream: string, sub: boolean): string {
  return stream === "main" && sub ? "sub" : "coded";
}

/** The stream to begin with: of a camera that is known to send H.265, one that this browser shows. */
export function firstStream({ stream = "main", codec, sub }: DOMStringMap): string {
  const shows = stream !== "main" || codec !== "hevc" || isSupported(H265);
  return shows ? stream : instead(stream, sub !== undefined);
}

export function showPictures(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-live-picture]")) {
    const camera = place.dataset["livePicture"] ?? "";
    const picture = new LivePicture(place, camera, firstStream(place.dataset));
    picture.open();
    const bar = document.querySelector<HTMLElement>(`[data-steer="${camera}"]`);
    if (bar) new Steering(place, bar, camera, (mine) => picture.hurry(mine)).open();
  }
}
