import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchAccount } from "./account";

class Channel {
  onmessage: ((event: MessageEvent<string>) => void) | null = null;
  postMessage = vi.fn();

  hear(account: string): void {
    this.onmessage?.({ data: account } as MessageEvent<string>);
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test.each([
  ["a", "", 1],
  ["a", "b", 1],
  ["a", "a", 0],
  ["", "a", 0],
])("a page of %j goes when another window is of %j: %i", (account, other, times) => {
  const channel = new Channel();
  const reload = vi.fn();
  watchAccount({ account, idle: "7200" }, channel, reload);
  expect(channel.postMessage).toHaveBeenCalledWith(account);
  channel.hear(other);
  expect(reload).toHaveBeenCalledTimes(times);
});

test("a page that nobody used goes when its session has ended", () => {
  const channel = new Channel();
  const reload = vi.fn();
  watchAccount({ account: "a", idle: "7200" }, channel, reload);
  vi.advanceTimersByTime(3_600_000);
  channel.hear("a"); // used in another window
  vi.advanceTimersByTime(7_200_000);
  expect(reload).not.toHaveBeenCalled();
  vi.advanceTimersByTime(180_000);
  expect(reload).toHaveBeenCalled();
});
