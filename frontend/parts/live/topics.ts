/** Which topics a screen follows, under which numbers the server says them, and which it is leaving. */

export interface Topic {
  name: string;
  kind: string;
  /** our own number for it, the same across connections */
  own: number;
  seq: number | null;
}

/** A topic no longer followed, whose things stay until those that take its place have been heard. */
interface Leaving {
  topic: Topic;
  until: Set<Topic>;
}

/** A city that was made, or was given its outline, a moment ago is known to the server a little later. */
const PASSING = new Set(["unknown_city"]);

export class Topics {
  private followed = new Map<string, Topic>();
  private byNumber = new Map<number, Topic>();
  private leaving: Leaving[] = [];
  /** topics that the server refused on this connection, with why */
  private denied = new Map<string, string>();
  private owns = 0;

  /** cleared is called for a topic that is left, once nothing that is awaited may show its things again */
  constructor(private readonly cleared: (topic: Topic) => void) {}

  get names(): string[] {
    return [...this.followed.keys()];
  }

  /** The last number heard of each topic, to take up from there. */
  get heard(): Record<string, number> {
    const seq: Record<string, number> = {};
    for (const topic of this.followed.values()) if (topic.seq !== null) seq[topic.name] = topic.seq;
    return seq;
  }

  /** Follow exactly what is wanted, kinds by name, but for what was refused; tell says so to the server. */
  settle(
    wanted: ReadonlyMap<string, string>,
    tell: (added: string[], dropped: string[]) => void,
  ): void {
    const allowed = new Map([...wanted].filter(([name]) => !this.denied.has(name)));
    const added: Topic[] = [];
    for (const [name, kind] of allowed) {
      if (this.followed.has(name)) continue;
      const topic = { name, kind, own: ++this.owns, seq: null };
      this.followed.set(name, topic);
      added.push(topic);
    }
    const dropped = [...this.followed.values()].filter((topic) => !allowed.has(topic.name));
    tell(added.map((topic) => topic.name), dropped.map((topic) => topic.name));
    for (const topic of dropped) this.leave(topic, added);
  }

  /** The topic that the server calls by this number. */
  at(number: number): Topic | undefined {
    return this.byNumber.get(number);
  }

  numbered(numbers: Record<string, number>): void {
    for (const [name, number] of Object.entries(numbers)) {
      const topic = this.followed.get(name);
      if (topic) this.byNumber.set(number, topic);
    }
  }

  /** The connection is another one: its numbers mean nothing any more. */
  unnumber(): void {
    this.byNumber.clear();
  }

  /** A new connection: what was refused may be asked for again. */
  forgive(): void {
    this.denied.clear();
  }

  /** Some of what was refused for what may pass by itself may be asked for again: whether there is any. */
  forgivePassing(): boolean {
    const passing = [...this.denied].filter(([, why]) => PASSING.has(why));
    for (const [name] of passing) this.denied.delete(name);
    return passing.length > 0;
  }

  refuse(topics: Readonly<Record<string, string>>): void {
    for (const [name, why] of Object.entries(topics)) {
      this.denied.set(name, why);
      const topic = this.followed.get(name);
      if (!topic) continue;
      this.leave(topic, []);
      this.arrived(topic);
    }
  }

  /** Something was heard of topic: whoever waited for it may go. */
  arrived(topic: Topic): void {
    if (!this.leaving.length) return;
    for (const { until } of this.leaving) until.delete(topic);
    this.clearOut();
  }

  private leave(topic: Topic, added: readonly Topic[]): void {
    this.followed.delete(topic.name);
    for (const [number, known] of this.byNumber) {
      if (known === topic) this.byNumber.delete(number);
    }
    const until = new Set(added.filter((other) => other.kind === topic.kind));
    this.leaving.push({ topic, until });
    this.clearOut();
  }

  private clearOut(): void {
    const ready = this.leaving.filter(({ until }) => until.size === 0);
    this.leaving = this.leaving.filter(({ until }) => until.size > 0);
    for (const { topic } of ready) this.cleared(topic);
  }
}
