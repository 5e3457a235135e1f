// @vitest-environment node
import { readFileSync } from "node:fs";
import { decode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cells, MOST_CELLS } from "./cells";
import { frames } from "./frames";
import { Homes } from "./homes";
import { Live, type Listener, type Name, type Rows, type State } from "./live";

/** What the server said when its own tests recorded it. */
function recorded(name: string): ArrayBuffer {
  const file = readFileSync(new URL(`./recorded/${name}.msgpack`, import.meta.url));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  binaryType = "";
  readyState = 1;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  sent: Record<string, unknown>[] = [];

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  send(data: Uint8Array): void {
    this.sent.push(decode(data) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  hear(name: string): void {
    this.onmessage?.({ data: recorded(name) });
  }
  break(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  words(t: string): Record<string, unknown>[] {
    return this.sent.filter((word) => word["t"] === t);
  }
  static get last(): FakeSocket {
    return FakeSocket.made.at(-1)!;
  }
}

/** A screen: keeps what it was told, as plain values. */
class Screen implements Listener {
  places = new Map<number, [number, number]>();
  states = new Map<number, number>();
  ages: number[] = [];
  known = new Map<string, unknown>();
  ended: string[] = [];
  called: Name[] = [];
  why: Record<string, string> = {};
  phases: string[] = [];
  fed = false;

  rows({ gone, numbers, x, y, age, state }: Rows): void {
    for (const number of gone) this.places.delete(number);
    numbers.forEach((number, at) => {
      this.places.set(number, [x[at]!, y[at]!]);
      this.states.set(number, state[at]!);
    });
    this.ages.push(...age);
  }
  names(_: string, names: Name[]): void {
    this.called.push(...names);
  }
  records(_: string, items: { key: string }[]): void {
    this.known = new Map(items.map((item) => [item.key, item]));
  }
  record(_: string, item: { key: string }, over: boolean): void {
    if (over) {
      this.known.delete(item.key);
      this.ended.push(item.key);
    } else this.known.set(item.key, item);
  }
  refused(topics: Record<string, string>): void {
    Object.assign(this.why, topics);
  }
  state(state: State): void {
    if (this.phases.at(-1) !== state.phase) this.phases.push(state.phase);
    this.fed = state.fed;
  }
}

const BOX = { west: 0, south: -100, east: 600, north: 100 };
const NOON = 1_782_874_800_000;
let screen: Screen;
let live: Live;

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
  screen = new Screen();
  live = new Live({ url: "/live", city: "demo", listener: screen, random: () => 1 });
});

afterEach(() => {
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function opened(): FakeSocket {
  live.look(["buses"], BOX);
  live.follow(["alarms"]);
  FakeSocket.last.hear("hello");
  FakeSocket.last.hear("subscribed");
  return FakeSocket.last;
}

describe("what the server recorded", () => {
  test("every frame ends and every body begins at a multiple of four", () => {
    for (const name of ["hello", "subscribed", "moved", "records", "gone"]) {
      for (const { body } of frames(recorded(name))) expect(body.byteOffset % 4).toBe(0);
    }
  });

  test("is shown: places, names, records, and what is refused", () => {
    opened();
    expect(Object.fromEntries(screen.places)).toEqual({ 7: [100.5, -20.25], 900: [600, 0] });
    expect(screen.ages).toEqual([1.5, 1.5]);
    expect(screen.called).toEqual([
      { number: 7, key: "b-7", label: "7번 버스", device: "bus", simulated: true },
      { number: 900, key: "t-1", label: "1호 트램", device: "tram", simulated: false },
    ]);
    expect(screen.known.get("a1")).toEqual({ key: "a1", severity: 4, subject: "장안지하차도" });
    expect(screen.why).toEqual({ "demo/secrets": "no_right", "demo/x": "unknown_kind" });
  });

  test("a thing that goes from one cell to the next does not vanish on the way", () => {
    const socket = opened();
    const seen: number[] = [];
    screen.rows = ({ gone }) => void seen.push(...gone);
    socket.hear("moved");
    expect(seen).toEqual([]);
  });

  test("a state is told beside the place; unknown is no number", () => {
    const socket = opened();
    expect(screen.states.get(7)).toBeNaN();
    socket.hear("moved");
    socket.hear("marked");
    expect(screen.states.get(7)).toBe(1);
  });

  test("records come one by one, and go when they are over", () => {
    const socket = opened();
    socket.hear("records");
    expect([...screen.known.keys()]).toEqual(["a2"]);
    expect(screen.ended).toEqual(["a1"]);
  });

  test("what was not heard of for long is gone", () => {
    const socket = opened();
    socket.hear("moved");
    socket.hear("gone");
    expect(screen.places.size).toBe(0);
  });

  test("the screen knows how old everything is, and that the city is not heard", () => {
    const socket = opened();
    expect(live.age("buses")).toBe(1.5);
    vi.advanceTimersByTime(10_000);
    expect(live.age("buses")).toBe(11.5);
    expect(live.age("trams")).toBeNull();
    vi.setSystemTime(NOON + 3_000);
    socket.hear("beat");
    expect(live.state.offset).toBe(12_000);
    expect(screen.fed).toBe(false);
  });
});

describe("what is asked for", () => {
  test("every message is acknowledged", () => {
    expect(opened().words("ack").map((word) => word["n"])).toEqual([1, 2]);
  });

  test("the cells of the view, and the kinds of records", () => {
    const [word] = opened().words("subscribe");
    expect(word!["topics"]).toEqual([
      "demo/buses/512/0/-1",
      "demo/buses/512/0/0",
      "demo/buses/512/1/-1",
      "demo/buses/512/1/0",
      "demo/alarms",
    ]);
  });

  test("a view that moves asks for what is new and lets go of what is left", () => {
    const socket = opened();
    live.look(["buses"], { west: 520, south: 0, east: 600, north: 100 });
    expect(socket.words("unsubscribe")[0]!["topics"]).toEqual([
      "demo/buses/512/0/-1",
      "demo/buses/512/0/0",
      "demo/buses/512/1/-1",
    ]);
    expect(socket.words("subscribe")).toHaveLength(1);
    expect([...screen.places.keys()]).toEqual([900]);
  });

  test("things stay on the screen until those of the new cells have come", () => {
    opened();
    live.look(["buses"], null);
    expect(screen.places.size).toBe(2);
  });

  test("what was refused is not asked for again on the same connection", () => {
    const socket = opened();
    live.follow(["alarms", "secrets"]);
    expect(socket.words("subscribe")).toHaveLength(1);
    socket.break();
    vi.advanceTimersByTime(2_000);
    FakeSocket.last.hear("hello");
    expect(FakeSocket.last.words("subscribe")[0]!["topics"]).toContain("demo/secrets");
  });
});

test("a city that the server does not know yet is asked for again with each of its signs of life", () => {
  const early = new Live({ url: "/live", city: "nowhere", listener: screen, random: () => 1 });
  early.follow(["alarms"]);
  const socket = FakeSocket.last;
  for (const word of ["hello", "unknown", "beat", "unknown", "beat"]) socket.hear(word);
  early.close();
  expect(screen.why).toEqual({ "nowhere/alarms": "unknown_city" });
  expect(socket.words("subscribe").map((word) => word["topics"])).toEqual(Array(3).fill(["nowhere/alarms"]));
});

describe("a connection that breaks", () => {
  test("is made again and takes up where it was", () => {
    opened().break(1006);
    expect(live.state.phase).toBe("waiting");
    expect(screen.places.size).toBe(2);
    vi.advanceTimersByTime(2_000);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.hear("hello");
    const [word] = FakeSocket.last.words("subscribe");
    const resume = word!["resume"] as { epoch: string; seq: Record<string, number> };
    expect(resume.epoch).toBe("recorded");
    expect(resume.seq).toEqual({
      "demo/alarms": 0,
      "demo/buses/512/0/-1": 0,
      "demo/buses/512/1/0": 0,
    });
  });

  test("is tried again with growing pauses, up to a quarter of a minute", () => {
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      FakeSocket.last.break();
      pauses.push(live.state.retryAt! - Date.now());
      vi.advanceTimersByTime(pauses.at(-1)!);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);
  });

  test("is tried at once when somebody asks, and with short pauses after a good one", () => {
    FakeSocket.last.break();
    live.retry();
    expect(FakeSocket.made).toHaveLength(2);
    opened();
    vi.advanceTimersByTime(11_000);
    FakeSocket.last.break();
    expect(live.state.retryAt! - Date.now()).toBe(500);
  });

  test("is noticed when the server falls silent or the laptop slept", () => {
    opened();
    vi.advanceTimersByTime(38_000);
    expect(live.state.phase).toBe("waiting");
    expect(live.state.reason).toBe("silent");
  });

  test("is still said to be lost while it is tried again", () => {
    opened().break();
    live.retry();
    expect(screen.phases).toEqual(["connecting", "open", "waiting", "retrying"]);
    FakeSocket.made.at(-1)!.break();
    expect(live.state.phase).toBe("waiting");
  });

  test("is not tried again when the session has ended", () => {
    opened().break(4401, "signed out; sign in again");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
    expect(live.state).toMatchObject({ phase: "signed_out", reason: "signed out; sign in again" });
  });

  test("ends when the screen ends", () => {
    opened();
    live.close();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
    expect(screen.phases).toEqual(["connecting", "open", "closed"]);
  });
});

describe("cells", () => {
  test("a small view takes small cells, a large one larger, the widest the whole city", () => {
    const sizes = [512, 2048, 8192];
    const view = (side: number) => ({ west: 0, south: 0, east: side, north: side });
    expect(cells(view(100), sizes)).toEqual(["/512/0/0"]);
    expect(cells(view(8000), sizes)[0]).toBe("/2048/0/0");
    expect(cells(view(30_000), sizes)[0]).toBe("/8192/0/0");
    expect(cells(view(500_000), sizes)).toEqual([""]);
    expect(cells(null, sizes)).toEqual([""]);
    for (const side of [1, 3000, 12_000, 50_000]) {
      expect(cells(view(side), sizes).length).toBeLessThanOrEqual(MOST_CELLS);
    }
  });

  test("a box that is none has no cells", () => {
    expect(cells({ west: NaN, south: 0, east: 1, north: 1 }, [512])).toEqual([]);
    expect(cells({ west: 2, south: 0, east: 1, north: 1 }, [512])).toEqual([]);
  });
});

test("homes keep twenty thousand things, each in one place", () => {
  const homes = new Homes();
  const numbers = Int32Array.from({ length: 20_000 }, (_, at) => at + 1);
  homes.settle(1, numbers);
  homes.settle(2, numbers.subarray(0, 5_000));
  expect(homes.leave(1, Int32Array.of(1, 6_000))).toEqual(Int32Array.of(6_000));
  expect(homes.missing(1, numbers.subarray(10_000)).length).toBe(4_999);
  expect(homes.empty(2).length).toBe(5_000);
  expect(homes.empty(2).length).toBe(0);
});
