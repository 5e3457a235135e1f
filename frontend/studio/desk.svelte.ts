/** The plans on the desk, up to four side by side, and what is done to them. */
import { ask, Problem, Unreachable } from "../console/api";
import { t } from "../parts/words";
import { ready } from "./piece";
import type { Changed, Drawn, Edit, LayerName, Plan, PlanHead, Present, Scale, Seen, Spent, State, Total, Words } from "./said";

export const MOST = 4;
const LOOK_EVERY = 4000;
const HEAR_EVERY = 60_000;
const HERE = "climate/";

class Desk {
  state = $state.raw<State | null>(null);
  scales = $state.raw<Record<LayerName, Scale> | null>(null);
  /** what weather stations say, while the map shows it */
  present = $state.raw<Present | null>(null);
  heads = $state.raw<PlanHead[]>([]);
  open = $state<Plan[]>([]);
  active = $state(0);
  layer = $state<LayerName>("temperature");
  tried = $state.raw<Total | null>(null);
  fault = $state("");
  failed = $state(false);
  busy = $state(0);
  /** a sentence for whoever does not see the map */
  said = $state("");
  /** what each pane has before whoever looks at it */
  readonly looks = new Map<number, () => Seen | null>();
  private trying = 0;
  private hearing = 0;
  /** what is drawn and undone: one after the other, each on what the one before it made */
  private turn: Promise<unknown> = Promise.resolve();

  get plan(): Plan | null {
    return this.open[this.active] ?? null;
  }

  async begin(): Promise<void> {
    await this.doing(async () => {
      this.state = await ask<State>(`${HERE}state`);
      if (this.state.missing.length) return;
      this.scales = await ask<Record<LayerName, Scale>>(`${HERE}scales`);
      this.heads = await ask<PlanHead[]>(`${HERE}plans`);
      const wanted = new URLSearchParams(location.search).getAll("plan");
      const newest = this.open.length ? [] : this.heads.slice(0, 1).map((head) => head.id);
      const first = wanted.length ? wanted : newest;
      for (const id of first.slice(0, MOST)) await this.show(id);
    });
    this.failed = this.state === null;
    setInterval(() => void this.look(), LOOK_EVERY);
    setInterval(() => document.hidden || this.layer !== "now" || void this.hear(), HEAR_EVERY);
  }

  /** Another layer; what stations say is asked anew. */
  showLayer(layer: LayerName): void {
    this.layer = layer;
    if (layer === "now") void this.hear();
  }

  /** What weather stations say just now: the newest question wins. */
  private async hear(): Promise<void> {
    const mine = ++this.hearing;
    const found = await ask<Present>(`${HERE}now`).catch(() => null);
    if (mine === this.hearing) this.present = found;
  }

  get scale(): Scale | null {
    if (this.layer === "now") return this.present?.method ? this.present.scale : null;
    return this.scales?.[this.layer] ?? null;
  }

  /** What the picture of the layer stands on beside the plan; null: there is nothing to show. */
  get moment(): string | null {
    if (this.layer !== "now") return "";
    return this.present?.method ? `-${this.present.newest}` : null;
  }

  /** What others drew meanwhile. */
  private async look(): Promise<void> {
    if (document.hidden || this.busy || this.failed || this.state?.missing.length) return;
    const heads = await ask<PlanHead[]>(`${HERE}plans`).catch(() => null);
    if (!heads) return;
    this.heads = heads;
    for (const plan of this.open) {
      const head = heads.find((one) => one.id === plan.id);
      if (head && head.version !== plan.version && !this.busy) await this.reload(plan.id);
    }
  }

  async show(id: string): Promise<void> {
    await this.doing(async () => {
      const laid = this.open.find((plan) => plan.id === id);
      if (laid || this.open.length < MOST) this.lay(laid ?? (await ask<Plan>(`${HERE}plans/${id}`)));
    });
  }

  /** Put a plan on the desk, once: another question may have brought it while this answer was under way. */
  private lay(plan: Plan): void {
    const at = this.open.findIndex((one) => one.id === plan.id);
    this.active = at >= 0 ? at : Math.min(this.open.length, MOST - 1);
    if (at < 0) this.open[this.active] = plan;
    this.keepAddress();
  }

  hide(id: string): void {
    this.open = this.open.filter((plan) => plan.id !== id);
    this.active = Math.max(0, Math.min(this.active, this.open.length - 1));
    this.keepAddress();
  }

  private keepAddress(): void {
    const words = new URLSearchParams(this.open.map((plan) => ["plan", plan.id]));
    history.replaceState(null, "", this.open.length ? `?${words}` : location.pathname);
  }

  private async reload(id: string): Promise<void> {
    const found = await ask<Plan>(`${HERE}plans/${id}`);
    // What was drawn while the answer was under way is newer than the answer.
    this.open = this.open.map((plan) => (plan.id === id && found.version >= plan.version ? found : plan));
  }

  async make(name: string, premises: Words): Promise<boolean> {
    return this.doing(async () => {
      const made = await ask<Plan>(`${HERE}plans`, { method: "POST", body: { name, premises } });
      this.heads = [made, ...this.heads.filter((head) => head.id !== made.id)];
      this.lay(made);
    });
  }

  async draw(edits: Drawn[]): Promise<boolean> {
    performance.mark("studio-drawn");
    this.trying += 1; // what was tried last is drawn now: its answer says nothing new
    return this.inTurn(this.plan?.id, async (plan) => {
      const before = this.before;
      const changed = await ask<Changed>(`${HERE}plans/${plan.id}/edits`, { method: "POST", body: { seen: plan.version, edits, look: before?.look ?? null } });
      await this.changed(plan.id, changed, changed.edits, before);
    });
  }

  async undo(edit: Edit | null = null): Promise<boolean> {
    return this.inTurn(this.plan?.id, async (plan) => {
      const taken = edit ?? plan.edits.at(-1);
      if (!taken) return;
      const before = this.before;
      const changed = await ask<Changed>(`${HERE}plans/${plan.id}/undo`, { method: "POST", body: { seen: plan.version, edit: taken.id, look: before?.look ?? null } });
      await this.changed(plan.id, changed, [], before, taken.id);
    });
  }

  /** Do it to that plan as the act before left it: who undoes at once means what was just drawn. */
  private async inTurn(id: string | undefined, act: (plan: Plan) => Promise<void>): Promise<boolean> {
    const mine = this.turn.then(async () => {
      const plan = this.open.find((one) => one.id === id);
      return plan !== undefined && this.doing(() => act(plan));
    });
    this.turn = mine;
    return mine;
  }

  /** What the active pane shows. */
  private get before(): Seen | null {
    return this.looks.get(this.active)?.() ?? null;
  }

  private async changed(id: string, { version, total, picture }: Changed, added: Edit[], before: Seen | null, gone = ""): Promise<void> {
    // Made ready first: numbers and picture change in one frame.
    const piece = before && picture ? await ready(picture) : null;
    const patch = before && piece ? { of: before.address, piece } : undefined;
    this.tried = null;
    const ids = new Set([gone, ...added.map((edit) => edit.id)]); // a look at the plan may have brought them before
    this.open = this.open.map((plan) =>
      plan.id === id ? { ...plan, version, total, patch, edits: [...plan.edits.filter((edit) => !ids.has(edit.id)), ...added] } : plan,
    );
    if (total) this.said = t("Carbon {carbon} t, people-degree-hours {people}.", { carbon: total.carbon_t.toFixed(2), people: total.people_degree_hours?.toFixed(0) ?? t("unknown") });
  }

  /** What the plan would come to with this in it: the newest question wins. */
  async attempt(drawn: Drawn | null): Promise<void> {
    const mine = ++this.trying;
    if (!drawn || !this.plan) {
      this.tried = null;
      return;
    }
    const found = await ask<Total>(`${HERE}plans/${this.plan.id}/preview`, { method: "POST", body: drawn }).catch(() => null);
    if (mine === this.trying) this.tried = found;
  }

  async choose(words: Record<string, unknown>): Promise<Spent | null> {
    let found: Spent | null = null;
    const plan = this.plan;
    if (plan) await this.doing(async () => void (found = await ask<Spent>(`${HERE}plans/${plan.id}/choice`, { method: "POST", body: words })));
    return found;
  }

  async zones(): Promise<void> {
    const plan = this.plan;
    if (!plan) return;
    await this.doing(async () => {
      const total = await ask<Total>(`${HERE}plans/${plan.id}/total`, { words: { zones: true } });
      this.open = this.open.map((one) => (one.id === plan.id ? { ...one, total } : one));
    });
  }

  /** Do it; what went wrong is said, and a plan that moved on is read again. */
  private async doing(act: () => Promise<void>): Promise<boolean> {
    this.busy += 1;
    try {
      await act();
      this.fault = "";
      return true;
    } catch (error) {
      this.fault = faultOf(error);
      if (error instanceof Problem && error.status === 409 && this.plan) await this.reload(this.plan.id).catch(() => undefined);
      return false;
    } finally {
      this.busy -= 1;
    }
  }
}

export function faultOf(error: unknown): string {
  if (error instanceof Problem) return [error.message, error.status >= 500 ? error.remedy : ""].filter(Boolean).join(" ");
  if (error instanceof Unreachable) return t("The server cannot be reached. What was drawn before is kept; try again.");
  throw error;
}

export const desk = new Desk();
