import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lookup, type Answer } from "./lookup.svelte";
import type { Hit } from "./things";

const hit = (id: string): Hit => ({ kind: "camera", id, title: id, subtitle: "", icon: "", lon: 127, lat: 37, metres: null, zoom: null });

/** A server whose answers come when the test says so, and which hears when a question is given up. */
function server() {
  const questions: { words: string; answer: (answer: Answer) => void; fail: () => void }[] = [];
  const ask = (words: string, signal: AbortSignal): Promise<Answer> =>
    new Promise((answer, fail) => {
      questions.push({ words, answer, fail: () => fail(new Error("away")) });
      signal.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    });
  const gone: string[] = [];
  return { questions, gone, lookup: new Lookup(ask, ({ id }) => void gone.push(id)) };
}

/** Let promises that are settled be heard. */
const heard = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a word is asked for when the fingers rest, not letter by letter", async () => {
  const { lookup, questions } = server();
  for (const words of ["8", "80", "808"]) lookup.type(words);
  await vi.advanceTimersByTimeAsync(100);
  expect(questions.map((one) => one.words)).toEqual(["808"]);
});

test("Enter before the answer goes to the first hit, though the question before it was given up", async () => {
  const { lookup, questions, gone } = server();
  lookup.type("808073");
  await vi.advanceTimersByTimeAsync(100);
  lookup.enter("808073", 0);
  await heard(); // the given up question is told so only now
  questions[1]!.answer({ hits: [hit("a"), hit("b")], failed: [] });
  await heard();
  expect(gone).toEqual(["a"]);
});

test("words that were typed after Enter take it back", async () => {
  const { lookup, questions, gone } = server();
  lookup.enter("1", 0);
  lookup.type("12");
  await vi.advanceTimersByTimeAsync(100);
  questions[1]!.answer({ hits: [hit("a")], failed: [] });
  await heard();
  expect([gone, lookup.phase]).toEqual([[], "done"]);
});

test("a question that fails says so, and Enter asks again", async () => {
  const { lookup, questions, gone } = server();
  lookup.enter("1", 0);
  questions[0]!.fail();
  await heard();
  expect([lookup.phase, gone]).toEqual(["failed", []]);
  lookup.enter("1", 0);
  questions[1]!.answer({ hits: [hit("a")], failed: [] });
  await heard();
  expect(gone).toEqual(["a"]);
});

test("an answer to other words is not gone to", async () => {
  const { lookup, questions, gone } = server();
  lookup.type("1");
  await vi.advanceTimersByTimeAsync(100);
  questions[0]!.answer({ hits: [hit("a")], failed: [] });
  await heard();
  lookup.type("2");
  lookup.enter("2", 0);
  expect(gone).toEqual([]);
});
