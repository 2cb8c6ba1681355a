/** A priority queue of tasks by due instant: a binary heap with the place of every key known. */

interface Entry {
  readonly key: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  due: number;
}

const OUT = -1;

export class DueQueue {
  readonly #heap: Entry[] = [];
  /** Place of each key in the heap; {@link OUT} for one that was taken out and is likely to come back. */
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest due instant in milliseconds, or undefined for an empty queue. */
  get earliest(): number | undefined {
    return this.#heap[0]?.due;
  }

  /** Adds a key, or moves it to another due instant. */
  set(key: string, due: number): void {
    const place = this.#places.get(key) ?? OUT;
    const entry = this.#heap[place];
    if (entry) {
      entry.due = due;
      this.#down(this.#up(place));
      return;
    }
    this.#heap.push({ key, due });
    this.#places.set(key, this.#heap.length - 1);
    this.#up(this.#heap.length - 1);
  }

  delete(key: string): void {
    this.#takeOut(key);
    this.#places.delete(key);
  }

  #takeOut(key: string): void {
    const place = this.#places.get(key) ?? OUT;
    if (place === OUT) return;
    this.#places.set(key, OUT);
    const last = this.#heap.pop();
    if (!last || place === this.#heap.length) return;
    this.#heap[place] = last;
    this.#places.set(last.key, place);
    this.#down(this.#up(place));
  }

  /** Takes out all keys that are due at `now`, the earliest first. */
  takeDue(now: number): { key: string; due: number }[] {
    const taken: Entry[] = [];
    for (let first = this.#heap[0]; first && first.due <= now; first = this.#heap[0]) {
      taken.push(first);
      this.#takeOut(first.key);
    }
    return taken;
  }

  #up(from: number): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#swapIfEarlier(place, parent)) break;
      place = parent;
    }
    return place;
  }

  #down(from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (!this.#swapIfEarlier(child, place)) return;
      place = child;
    }
  }

  #dueAt(place: number): number {
    return this.#heap[place]?.due ?? Infinity;
  }

  /** Exchanges the entries where the one at `lower` is due before the one at `upper`. */
  #swapIfEarlier(lower: number, upper: number): boolean {
    const a = this.#heap[lower];
    const b = this.#heap[upper];
    if (!a || !b || a.due >= b.due) return false;
    this.#heap[lower] = b;
    this.#heap[upper] = a;
    this.#places.set(a.key, upper);
    this.#places.set(b.key, lower);
    return true;
  }
}
