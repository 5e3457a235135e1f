import { beforeEach, expect, test, vi } from "vitest";

/** A server whose answers come when the test says so. */
const questions: { address: string; method: string; answer: (said: unknown) => void }[] = [];

vi.mock("../console/api", () => ({
  Problem: class extends Error {},
  Unreachable: class extends Error {},
  ask: (address: string, { method = "GET" }: { method?: string } = {}) =>
    new Promise((answer) => questions.push({ address, method, answer })),
}));

const { desk } = await import("./desk.svelte");

const plan = { id: "p", name: "행궁동", version: 1, premises: {}, edits: [], total: null };
const tree = { id: "e", number: 1, kind: "trees" as const, rings: [], code: null, what: {}, by: "" };

async function answer(address: string, method: string, said: unknown): Promise<void> {
  await vi.waitFor(() => expect(questions.some((one) => one.address === address && one.method === method)).toBe(true));
  const at = questions.findIndex((one) => one.address === address && one.method === method);
  questions.splice(at, 1)[0]!.answer(said);
  await vi.waitFor(() => undefined);
}

beforeEach(() => {
  questions.length = 0;
  desk.open = [];
  desk.heads = [];
});

test("a plan begun while the desk is still being laid lies there once", async () => {
  void desk.begin();
  void desk.make("행궁동", {});
  await answer("climate/state", "GET", { missing: [] });
  await answer("climate/scales", "GET", {});
  await answer("climate/plans", "GET", [plan]);
  await vi.waitFor(() => expect(questions.some(({ address }) => address === "climate/plans/p")).toBe(true));
  await answer("climate/plans", "POST", plan);
  await answer("climate/plans/p", "GET", plan);
  await vi.waitFor(() => expect(desk.busy).toBe(0));
  expect(desk.open.map(({ id }) => id)).toEqual(["p"]);
  expect(desk.heads.map(({ id }) => id)).toEqual(["p"]);
});

test("a drawing that a look at the plan has brought already stands there once", async () => {
  desk.open = [{ ...plan, version: 2, edits: [tree] }];
  const drawn = desk.draw([{ kind: "trees", rings: [], what: {} }]);
  await answer("climate/plans/p/edits", "POST", { version: 2, edits: [tree], total: null });
  await drawn;
  expect(desk.plan?.edits).toEqual([tree]);
});
