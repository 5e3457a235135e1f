/** The wall's WebSocket: what it shows one way, words and pictures the other. */
import type { Which } from "./said";

const AGAIN = [300, 1000, 2000, 5000, 10000]; // milliseconds until a lost connection is tried again

export interface Word { t: "door" | "begin" | "trouble" | "shut"; camera: string; mime?: string; why?: string; code?: number; mark?: string; stream?: Which; masked?: boolean }

/** Where one camera's words and pictures go. */
export interface Sink {
  word(word: Word): void;
  picture(data: ArrayBuffer, still: boolean): void;
  lost(): void;
}

class Wire {
  private socket: WebSocket | undefined;
  private readonly sinks = new Map<string, Sink>();
  private wanted = "";
  private tries = 0;
  private timer = 0;
  /** the connection was closed for good: the code says why */
  refused: (code: number) => void = () => undefined;
  connected: (is: boolean) => void = () => undefined;

  join(camera: string, sink: Sink): () => void {
    this.sinks.set(camera, sink);
    return () => {
      if (this.sinks.get(camera) === sink) this.sinks.delete(camera);
    };
  }

  show(tiles: Record<string, Which>, patrol: string[]): void {
    const wanted = JSON.stringify({ tiles, patrol });
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(wanted);
    else if (!this.socket) this.open();
  }

  /** Begin anew with what is wanted: after a reason was chosen, or a sign-in. */
  open(): void {
    window.clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live/cameras/wall`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.connected(true);
      if (this.wanted) socket.send(this.wanted);
    };
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      if (typeof data === "string") {
        const word = JSON.parse(data) as Word;
        this.sinks.get(word.camera)?.word(word);
      } else this.picture(data as ArrayBuffer);
    };
    socket.onclose = ({ code }) => this.closed(socket, code);
    this.socket = socket;
  }

  private picture(data: ArrayBuffer): void {
    const head = new Uint8Array(data, 0, 17);
    this.sinks.get(named(head))?.picture(data.slice(17), head[16] === 1);
  }

  private closed(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.connected(false);
    for (const sink of this.sinks.values()) sink.lost();
    if (code >= 4400) this.refused(code);
    else this.timer = window.setTimeout(() => this.open(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }
}

/** The id that sixteen bytes are. */
export function named(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const wire = new Wire();
