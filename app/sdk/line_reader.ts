/** Cuts a program's output into lines. */

/** A line that never ends is cut: so many characters are as long as a log's line. */
const MAX_LENGTH = 16_000;

export class LineReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** @param onLine is given each line, and whether it ended in `\r` alone: then the next one is written over it */
  constructor(readonly onLine: (text: string, overwritten: boolean) => void) {}

  add(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    let from = 0;
    // A "\r" at the end of what is there may be the first half of "\r\n".
    for (const { index, 0: ending } of this.#rest.matchAll(/\r\n|\n|\r(?!$)/g)) {
      this.#say(this.#rest.slice(from, index), ending === "\r");
      from = index + ending.length;
    }
    this.#rest = this.#rest.slice(from);
    while (this.#rest.length > MAX_LENGTH) {
      this.#say(this.#rest.slice(0, MAX_LENGTH), false);
      this.#rest = this.#rest.slice(MAX_LENGTH);
    }
  }

  /** What has no line end is a line. */
  end(): void {
    const rest = (this.#rest + this.#decoder.decode()).replace(/\r$/, "");
    this.#rest = "";
    if (rest !== "") this.#say(rest, false);
  }

  #say(text: string, overwritten: boolean): void {
    if (!overwritten || text !== "") this.onLine(text, overwritten);
  }
}
