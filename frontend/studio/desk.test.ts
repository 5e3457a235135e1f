import { beforeEach, expect, test, vi } from "vitest";

/** A server whose answers come when the test says so. */
const questions: { address: string; method: string; body: unknown; answer: (said: unknown) => void }[] = [];

vi.mock("../console/api", () => ({
  Problem: class extends Error {},
  Unreachable: class extends Error {},
  ask: (address: string, { method = "GET", body = null }: { method?: string; body?: unknown } = {}) =>
    new Promise((answer) => questions.push({ address, method, body, answer })),
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

test("an act says what is looked at and brings what changed of it; the next one begins anew", async () => {
  const look = { layer: "temperature" as const, west: 0, south: 0, east: 1, north: 1, width: 10, height: 10 };
  const picture = { left: 1, top: 2, width: 0, height: 0, png: "" };
  desk.open = [plan];
  desk.looks.set(0, () => ({ address: "view-1", look }));
  const drawn = desk.draw([{ kind: "trees", rings: [], what: {} }]);
  await vi.waitFor(() => expect(questions[0]?.body).toMatchObject({ seen: 1, look }));
  await answer("climate/plans/p/edits", "POST", { version: 2, edits: [tree], total: null, picture });
  await drawn;
  expect(desk.plan?.patch).toEqual({ of: "view-1", piece: { left: 1, top: 2, width: 0, height: 0, image: null } });

  desk.looks.set(0, () => null); // the whole picture is under way
  const undone = desk.undo();
  await vi.waitFor(() => expect(questions[0]?.body).toMatchObject({ seen: 2, look: null }));
  await answer("climate/plans/p/undo", "POST", { version: 3, edits: [], total: null, picture: null });
  await undone;
  expect(desk.plan?.patch).toBeUndefined();
  desk.looks.clear();
});

test("who undoes while a drawing is under way takes that drawing back", async () => {
  desk.open = [plan];
  const drawn = desk.draw([{ kind: "trees", rings: [], what: {} }]);
  const undone = desk.undo();
  await answer("climate/plans/p/edits", "POST", { version: 2, edits: [tree], total: null });
  await drawn;
  await vi.waitFor(() => expect(questions[0]?.body).toMatchObject({ seen: 2, edit: "e" }));
  await answer("climate/plans/p/undo", "POST", { version: 3, edits: [], total: null });
  expect(await undone).toBe(true);
  expect(desk.plan?.edits).toEqual([]);
});
