/**
 * On which topic each moving thing of one kind was last seen, so that a thing that goes from one cell to
 * the next does not vanish, and one whose cell is no longer followed does.
 */
export class Homes {
  /** by number; 0 is nowhere */
  private home = new Int32Array(1024);
  private highest = 0;
  private marked = new Uint8Array(1024);

  /** The things are on topic now. */
  settle(topic: number, numbers: Int32Array): void {
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (number >= this.home.length) this.grow(number);
      if (number > this.highest) this.highest = number;
      this.home[number] = topic;
    }
  }

  /** Of the things that left topic, those that have not turned up on another. */
  leave(topic: number, numbers: Int32Array): Int32Array {
    return this.takeOut((number) => number <= this.highest && this.home[number] === topic, numbers);
  }

  /** The things known on topic that are not among numbers: what a full frame leaves out is gone. */
  missing(topic: number, numbers: Int32Array): Int32Array {
    for (let i = 0; i < numbers.length; i++) {
      if (numbers[i]! < this.marked.length) this.marked[numbers[i]!] = 1;
    }
    const gone = this.all(topic, (number) => this.marked[number] === 0);
    for (let i = 0; i < numbers.length; i++) {
      if (numbers[i]! < this.marked.length) this.marked[numbers[i]!] = 0;
    }
    return gone;
  }

  /** Everything known on topic. */
  empty(topic: number): Int32Array {
    return this.all(topic, () => true);
  }

  private all(topic: number, wanted: (number: number) => boolean): Int32Array {
    let count = 0;
    for (let number = 1; number <= this.highest; number++) {
      if (this.home[number] === topic && wanted(number)) count++;
    }
    const found = new Int32Array(count);
    for (let number = 1, at = 0; at < count; number++) {
      if (this.home[number] === topic && wanted(number)) {
        found[at++] = number;
        this.home[number] = 0;
      }
    }
    return found;
  }

  private takeOut(wanted: (number: number) => boolean, numbers: Int32Array): Int32Array {
    const found = new Int32Array(numbers.length);
    let count = 0;
    for (let i = 0; i < numbers.length; i++) {
      if (!wanted(numbers[i]!)) continue;
      this.home[numbers[i]!] = 0;
      found[count++] = numbers[i]!;
    }
    return found.subarray(0, count);
  }

  private grow(number: number): void {
    let room = this.home.length;
    while (room <= number) room *= 2;
    const wider = new Int32Array(room);
    wider.set(this.home);
    this.home = wider;
    this.marked = new Uint8Array(room);
  }
}
