/** What the search box looks up: one question at a time, and an Enter that may come before its answer. */
import type { Hit } from "./things";

/** A word is asked for once the fingers rest so long (ms). */
const REST = 90;

export interface Answer {
  hits: Hit[];
  /** systems that could not be asked */
  failed: string[];
}

export class Lookup {
  hits = $state.raw<Hit[]>([]);
  failed = $state.raw<string[]>([]);
  phase = $state<"idle" | "asking" | "done" | "failed">("idle");
  private asking: AbortController | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;
  /** Enter was pressed before the answer was here: go to its first hit when it comes. */
  private eager = false;

  constructor(
    private readonly ask: (words: string, signal: AbortSignal) => Promise<Answer>,
    private readonly go: (hit: Hit) => void,
  ) {}

  /** Other words: what was found for the ones before is not to be gone to, and is asked no more. */
  type(words: string): void {
    this.forget();
    this.phase = words.trim() ? "asking" : "idle";
    if (this.phase === "idle") this.hits = [];
    else this.resting = setTimeout(() => void this.find(words.trim()), REST);
  }

  /** Go to a hit, or to the first one as soon as it is known. */
  enter(words: string, chosen: number): void {
    const hit = this.phase === "done" ? this.hits[chosen] : undefined;
    if (hit) this.go(hit);
    else if (words.trim()) {
      this.forget();
      this.eager = true;
      void this.find(words.trim());
    }
  }

  /** Show what is found, but go nowhere by yourself. */
  stay(): void {
    this.eager = false;
  }

  private forget(): void {
    clearTimeout(this.resting);
    this.asking?.abort();
    this.stay();
  }

  private async find(words: string): Promise<void> {
    const asking = (this.asking = new AbortController());
    this.phase = "asking";
    try {
      const answer = await this.ask(words, asking.signal);
      if (asking.signal.aborted) return;
      [this.hits, this.failed, this.phase] = [answer.hits, answer.failed, "done"];
    } catch {
      // A question that was given up must not touch what the one after it waits for.
      if (asking.signal.aborted) return;
      [this.hits, this.phase] = [[], "failed"];
    }
    const first = this.eager ? this.hits[0] : undefined;
    this.eager = false;
    if (first) this.go(first);
  }
}
