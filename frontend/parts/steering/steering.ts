/** A hand on a turning camera, and whose hand it is: the conversation with the server. */
import { language, t } from "../words";
import { Panel } from "./panel";
import { isNear, type Preset, type Stands } from "./reckoning";
import { Wishes } from "./wishes";

const AGAIN = [500, 1000, 2000, 5000, 10000]; // milliseconds until a lost connection is tried again

interface Word {
  t: "may" | "hand" | "mine" | "lost" | "at" | "presets" | "said";
  steer?: boolean;
  why?: string;
  session?: string;
  who?: string;
  since?: string;
  before?: string;
  position?: [number, number, number] | null;
  moving?: boolean;
  edge?: boolean;
  said?: string;
  presets?: Preset[];
}

export class Steering {
  private socket: WebSocket | undefined;
  private tries = 0;
  private ended = false;
  private may = false;
  private session = "";
  private last = ""; // the session one had last: how it ended may be told before or after it is gone
  private held: Word | undefined;
  private presets: Preset[] = [];
  private readonly wishes: Wishes;
  private readonly panel: Panel;

  /** place: the picture; bar: where the controls go. steers: told whenever one's own hand comes or goes. */
  constructor(
    private readonly place: HTMLElement,
    private readonly bar: HTMLElement,
    private readonly camera: string,
    private readonly steers: (mine: boolean) => void = () => undefined,
  ) {
    const steering = this;
    this.wishes = new Wishes(place, {
      get mine() {
        return steering.mine;
      },
      move: (wanted) => this.say({ do: "move", ...wanted }),
      stop: () => this.say({ do: "stop" }),
      centre: (at) => this.say({ do: "centre", ...at }),
      goTo: (number) => this.goTo(number),
      home: () => this.say({ do: "home" }),
      turn: () => this.turn(),
      end: () => this.end(),
    });
    this.panel = new Panel(bar, {
      turn: () => this.turn(),
      home: () => this.say({ do: "home" }),
      goTo: (number) => this.goTo(number),
      hold: (key, way) => this.wishes.hold(key, way),
      release: (key) => this.wishes.release(key),
    });
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live/cameras/${this.camera}/steer`);
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      this.hear(JSON.parse(data as string) as Word);
    };
    socket.onclose = ({ code }) => this.closed(socket, code);
    this.socket = socket;
    this.show();
  }

  end(): void {
    this.ended = true;
    this.wishes.end();
    this.socket?.close();
    this.bar.replaceChildren();
    this.own("");
  }

  get mine(): boolean {
    return this.session !== "";
  }

  /** Take the camera, or let it go. */
  turn(): void {
    this.tell("");
    this.say(this.mine ? { do: "free" } : { do: "take" });
    if (this.mine) this.own("");
    this.show();
  }

  private hear(word: Word): void {
    if (word.t === "may") {
      this.may = word.steer ?? false;
      this.tell(this.may ? "" : (word.why ?? ""));
    } else if (word.t === "mine") {
      this.own(word.session ?? "");
      this.tell("");
    } else if (word.t === "lost" && word.session === this.session) {
      this.own("");
    } else if (word.t === "hand") this.hand(word);
    else if (word.t === "at") this.at(word);
    else if (word.t === "presets") {
      this.presets = word.presets ?? [];
      this.stand();
    }
    else if (word.t === "said") this.tell(word.why ?? "");
    this.show();
  }

  private hand(word: Word): void {
    this.held = word.session ? word : undefined;
    if (!word.before || word.before !== this.last) return;
    this.last = "";
    this.own("");
    this.tell(word.why === "taken" ? t("{who} has taken the camera over.", { who: word.who ?? "" }) : ended(word.why ?? ""));
  }

  private at(word: Word): void {
    if (word.said) this.tell(word.said);
    this.place.dataset["edge"] = String(word.edge ?? false);
    this.panel.edge(word.edge ?? false, this.mine);
    this.panel.stand(word.position ?? null, word.moving ?? false);
    this.stand();
  }

  /** Tell the page where the head stands, and what the camera calls that place. */
  private stand(): void {
    const at = this.bar.dataset["at"]?.split(" ").map(Number);
    const moving = this.bar.dataset["moving"] === "true";
    const preset = at && this.presets.find((one) => one.at && isNear(one.at, at));
    const detail: Stands = { at: moving || !at ? null : at, preset: preset?.name ?? "", presets: this.presets };
    this.place.dispatchEvent(new CustomEvent("madang:stands", { detail }));
  }

  private own(session: string): void {
    const before = this.mine;
    this.session = session;
    if (session) this.last = session;
    if (!session) this.wishes.rest();
    if (before !== this.mine) this.steers(this.mine);
  }

  private closed(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    const was = this.mine;
    this.own("");
    this.held = undefined;
    if (this.ended) return;
    if (code >= 4400) {
      this.may = false;
      if (was) this.tell(t("Your right to steer has ended."));
    } else {
      if (was) this.tell(t("The connection was lost: the camera was let go."));
      window.setTimeout(() => !this.ended && this.open(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
    }
    this.show();
  }

  private say(word: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(word));
  }

  private tell(words: string): void {
    this.panel.tell(words);
  }

  private goTo(number: number): void {
    const preset = this.presets[number];
    if (preset?.open) this.say({ do: "preset", word: preset.token });
  }

  private show(): void {
    const state = this.mine ? "mine" : this.held ? "held" : "free";
    this.place.dataset["steering"] = String(this.mine);
    this.panel.show({ state, may: this.may, whose: this.words(), presets: this.presets });
  }

  private words(): string {
    if (this.mine && matchMedia("(pointer: coarse)").matches) return t("You steer. Hold an arrow to turn, + and − to zoom; a press on the picture centres.");
    if (this.mine) return t("You steer. Arrows turn, + and − zoom, a press on the picture centres, Esc lets go.");
    if (!this.held) return t("Nobody steers this camera.");
    const since = new Date(this.held.since ?? "").toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
    return t("{who} steers it since {time}.", { who: this.held.who ?? "", time: since });
  }
}

function ended(why: string): string {
  if (why === "idle") return t("Nothing was steered for a while: the camera was let go.");
  if (why === "right") return t("Your right to steer has ended.");
  if (why === "lost") return t("The connection was lost: the camera was let go.");
  return "";
}
