/**
 * Windows on several monitors, kept in step: what is selected, shown and hidden, and which moment.
 *
 * Each window keeps its own cameras, unless its maps are linked: then those of linked windows move together.
 */
import { boot } from "../boot";
import { clock } from "./clock.svelte";
import { desk } from "./desk.svelte";
import type { Camera, Past, Selection } from "./view";

export interface Step {
  from: string;
  selection?: Selection | null;
  shown?: string[];
  hidden?: Record<string, string[]>;
  past?: Past | null;
  camera?: Camera;
  /** a window that has just opened asks the others how things stand */
  hello?: true;
}

type Channel = Pick<BroadcastChannel, "postMessage" | "close"> & { onmessage: ((event: MessageEvent<Step>) => void) | null };

export class Windows {
  /** other windows of this console that were heard of */
  readonly others = new Set<string>();
  private readonly me = crypto.randomUUID();
  private last = "";

  constructor(private readonly channel: Channel) {
    channel.onmessage = (event) => this.take(event.data);
    this.say({ hello: true });
  }

  /** Tell the others what changed here; what came from them is not sent back. */
  tell(step: Omit<Step, "from">): void {
    const said = JSON.stringify(step);
    if (said === this.last) return;
    this.last = said;
    this.say(step);
  }

  private say(step: Omit<Step, "from">): void {
    this.channel.postMessage({ ...step, from: this.me });
  }

  private take(step: Step): void {
    if (step.from === this.me) return;
    this.others.add(step.from);
    if (step.hello) {
      this.say(standing());
      return;
    }
    if (step.selection !== undefined) desk.selection = step.selection;
    if (step.shown) desk.shown = step.shown;
    if (step.hidden) desk.hidden = step.hidden;
    if (step.past !== undefined) clock.take(step.past);
    if (step.camera && desk.linked) desk.panes = desk.panes.map(() => ({ ...step.camera! }));
    this.last = JSON.stringify(standing());
  }

  close(): void {
    this.channel.close();
  }
}

/** How things stand here, less the past's running second: a window that plays tells its beginning once. */
export function standing(): Omit<Step, "from"> {
  const camera = desk.linked ? desk.panes[desk.active] : undefined;
  return $state.snapshot({
    selection: desk.selection,
    shown: desk.shown,
    hidden: desk.hidden,
    past: clock.mark,
    ...(camera ? { camera } : {}),
  });
}

/** Keep this window in step with the others; returns how to stop. */
export function keepInStep(): () => void {
  if (typeof BroadcastChannel === "undefined") return () => undefined;
  const whose = boot.guest ? "guest" : boot.person?.id ?? "visitor";
  const windows = new Windows(new BroadcastChannel(`console ${boot.city.key} ${whose}`) as Channel);
  const stop = $effect.root(() => {
    $effect(() => windows.tell(standing()));
  });
  return () => {
    stop();
    windows.close();
  };
}

export function openWindow(): void {
  window.open(location.pathname, "_blank", `popup,width=${screen.availWidth},height=${screen.availHeight}`);
}
