/** Descriptors kept in reserve: where the process has used up all others, the history can still be opened and written. */
import { closeSync, openSync } from "node:fs";
import { codeOf } from "../base/errors.ts";

/** What opening the history file takes at the most: the file, its WAL, its lock, one to read from. */
const KEPT = 6;

export class DescriptorReserve {
  readonly #kept: number[] = [];

  constructor() {
    this.#fill();
  }

  /** Runs `work` with the reserve at its disposal, and takes back what it can afterwards. */
  use<T>(work: () => T): T {
    for (const descriptor of this.#kept.splice(0)) closeSync(descriptor);
    try {
      return work();
    } finally {
      this.#fill();
    }
  }

  close(): void {
    for (const descriptor of this.#kept.splice(0)) closeSync(descriptor);
  }

  #fill(): void {
    try {
      while (this.#kept.length < KEPT) this.#kept.push(openSync("/dev/null", "r"));
    } catch (error) {
      // There are none left just now; the next time there may be.
      if (codeOf(error) !== "EMFILE" && codeOf(error) !== "ENFILE") throw error;
    }
  }
}
