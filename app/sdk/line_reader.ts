/** Cuts a program's output into lines as a log takes them; all they hold, with what ended them, is the output as it was. */

/** A line that is longer is cut: so many characters are as long as a log's line. */
const MAX_LENGTH = 16_000;

export interface OutputLine {
  readonly text: string;
  /** What ended it: `\n`, `\r\n` or `\r`; empty where it was cut, or where the output is over. */
  readonly ending: string;
  /** It ended in `\r` alone, as a progress bar's do: the next one is written over it. */
  readonly overwritten: boolean;
}

export class LineReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(readonly onLine: (line: OutputLine) => void) {}

  add(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    let from = 0;
    // A "\r" at the end of what is there may be the first half of "\r\n".
    for (const { index, 0: ending } of this.#rest.matchAll(/\r\n|\n|\r(?!$)/g)) {
      this.#say(this.#rest.slice(from, index), ending, ending === "\r");
      from = index + ending.length;
    }
    this.#rest = this.#sayLong(this.#rest.slice(from));
  }

  /** What has no line end is a line, and nothing is written over it any more. */
  end(): void {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    if (rest === "") return;
    const [ending = ""] = /\r$/.exec(rest) ?? [];
    const text = rest.slice(0, rest.length - ending.length);
    this.#say(text, ending, text === "");
  }

  #say(text: string, ending: string, overwritten: boolean): void {
    this.onLine({ text: this.#sayLong(text), ending, overwritten });
  }

  /** Says what is too much for one line in pieces; the last of them is left. */
  #sayLong(text: string): string {
    let left = text;
    while (left.length > MAX_LENGTH) {
      const at = isPair(left, MAX_LENGTH) ? MAX_LENGTH - 1 : MAX_LENGTH;
      this.onLine({ text: left.slice(0, at), ending: "", overwritten: false });
      left = left.slice(at);
    }
    return left;
  }
}

/** True where a cut would part the two halves of one character. */
function isPair(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
}

/** Gives each line of an output, to its end. */
export async function readLines(
  output: AsyncIterable<Uint8Array>,
  onLine: (line: OutputLine) => void,
): Promise<void> {
  const lines = new LineReader(onLine);
  for await (const bytes of output) lines.add(bytes);
  lines.end();
}
