/**
 * Text on its way to a reader that may be slow, or not read at all: a pipe, a terminal that was stopped, the socket of a
 * journal. Writing never waits for it: what it does not take is kept for a while, and beyond that dropped and counted.
 */

export interface OutletTarget {
  /** Writes some of the bytes, and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

export interface OutletOptions {
  /** Called when all has been written, with how many lines were dropped before: it may write a line about them. */
  readonly onDropped: (lines: number) => void;
  /** Characters that wait at the most. */
  readonly most?: number;
}

const MOST_WAITING = 1_000_000;
/** Characters that are written at once. */
const AT_ONCE = 16_000;

export class Outlet {
  #waiting: string[] = [];
  #characters = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(readonly target: OutletTarget, readonly options: OutletOptions) {}

  /** Characters that wait to be written. */
  get waiting(): number {
    return this.#characters;
  }

  /** Adds a line, with its end. Once some were dropped, all are until what waits has been written: no gap is without its word. */
  write(line: string): void {
    if (this.#dropped > 0 || this.#characters + line.length > (this.options.most ?? MOST_WAITING)) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#characters += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all has been written, or after a time in milliseconds: nobody may ever read it. */
  async flush(ms: number): Promise<void> {
    if (!this.#writing) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ms);
    await Promise.race([this.#writing, late.promise]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    const encoder = new TextEncoder();
    while (this.#waiting.length > 0) {
      const text = this.#some();
      try {
        let bytes = encoder.encode(text);
        while (bytes.length > 0) bytes = bytes.subarray(await this.target.write(bytes));
      } catch {
        // The reader has gone, or a disk is full: there is nowhere left to say so, and no line must end what is being logged.
      }
      this.#characters -= text.length;
      if (this.#waiting.length === 0 && this.#dropped > 0) {
        const dropped = this.#dropped;
        this.#dropped = 0;
        this.options.onDropped(dropped);
      }
    }
    this.#writing = undefined;
  }

  #some(): string {
    let [count, characters] = [0, 0];
    do characters += this.#waiting[count++]?.length ?? 0; while (
      count < this.#waiting.length && characters < AT_ONCE
    );
    return this.#waiting.splice(0, count).join("");
  }
}
