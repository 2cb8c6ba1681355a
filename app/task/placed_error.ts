/** What is wrong at one line of a task file, found as it is read. */
import type { SentenceValue } from "../base/sentence.ts";
import { SentenceError } from "../locale/sentence.ts";

export class PlacedError extends SentenceError {
  /** @param line from 1; @param column so too */
  constructor(said: SentenceValue, readonly line: number, readonly column = 1) {
    super(said);
  }
}
