/** What is in memory and not in the file. */
import type { EpochMs } from "../base/time.ts";
import type { Run } from "../model/run.ts";

/** Code that the file has not got, by its key. */
export class UnsavedCode {
  readonly #texts = new Map<string, { readonly text: string; readonly at: EpochMs }>();
  #characters = 0;

  get(version: string): string | undefined {
    return this.#texts.get(version)?.text;
  }

  /** Beyond the limit nothing is kept: runs count for more than what they were made with. */
  add(version: string, text: string, at: EpochMs): void {
    if (this.#texts.has(version) || this.#characters + text.length > MAX_CODE_CHARACTERS) return;
    this.#texts.set(version, { text, at });
    this.#characters += text.length;
  }

  /** All of it, which is then not kept here any more. */
  *take(): Iterable<readonly [string, string, EpochMs]> {
    const texts = [...this.#texts];
    this.#texts.clear();
    this.#characters = 0;
    for (const [version, { text, at }] of texts) yield [version, text, at];
  }
}

const MAX_CODE_CHARACTERS = 20_000_000;

/** By id: how it is when it is written is looked up then. */
export interface Unsaved {
  readonly runs: Set<string>;
  /** Tasks whose state is unsaved. */
  readonly states: Set<string>;
  /** Tasks whose watermarks are unsaved. */
  readonly marks: Set<string>;
}

export function nothingUnsaved(): Unsaved {
  return { runs: new Set(), states: new Set(), marks: new Set() };
}

/** What is written when a batch ends. Its runs are kept with it: memory may let go of some before. */
export interface Batch {
  readonly runs: Map<string, Run>;
  readonly states: Set<string>;
  readonly marks: Set<string>;
}

export function emptyBatch(): Batch {
  return { runs: new Map(), states: new Set(), marks: new Set() };
}

export function addTo(all: Unsaved, batch: Batch): void {
  for (const id of batch.runs.keys()) all.runs.add(id);
  for (const id of batch.states) all.states.add(id);
  for (const id of batch.marks) all.marks.add(id);
}
