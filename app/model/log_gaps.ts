/** Lines of a log that are kept nowhere: the disk was full, or the log longer than it may be. */
import type { NumberedLine } from "./run.ts";

export class LogGaps {
  #next: number;

  /** @param from number of the first line that is looked at */
  constructor(from = 0) {
    this.#next = from;
  }

  /** How many lines are missing before a line; all lines are handed to it in their order. */
  before({ number }: NumberedLine): number {
    const missing = Math.max(0, number - this.#next);
    this.#next = number + 1;
    return missing;
  }
}
