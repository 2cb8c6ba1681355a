/** Lines of an output as wholes, put together again from the pieces that a log takes. */
import type { OutputLine } from "./line_reader.ts";

/** Characters of one line that are held; of a longer one these are the first, or a few more. */
export const MOST_OF_LINE = 1_000_000;

export class WholeLines {
  #text = "";
  #length = 0;

  /** @param onLine is given each line, as far as it is held, and how many characters it has; none that is written over */
  constructor(readonly onLine: (text: string, length: number) => void) {}

  add({ text, ending, overwritten }: OutputLine): void {
    this.#length += text.length;
    if (this.#text.length < MOST_OF_LINE) this.#text += text;
    if (overwritten) this.#begin();
    else if (ending !== "") this.end();
  }

  /** What has no line end is a line. */
  end(): void {
    const [text, length] = [this.#text, this.#length];
    this.#begin();
    if (length > 0) this.onLine(text, length);
  }

  #begin(): void {
    this.#text = "";
    this.#length = 0;
  }
}
