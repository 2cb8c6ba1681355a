/** The memory in front of a history file, as the file sees it, and who hears what becomes of it. */
import type { SqliteLedger } from "./sqlite/store.ts";

/** Called with a sentence once for each kind of trouble, then with its error, and without one when something is good again. */
export type OnTrouble = (sentence: string, error?: unknown) => void;

/** The memory in front, as the file sees it. */
export interface Front {
  /** What the file has is not known any more: it needs all that is in memory. */
  missAll(): void;
  /** Writes what the file has not got. */
  give(file: SqliteLedger): void;
  /** The file is good and has all of it: what memory does not know yet is read from it. */
  onOpened(file: SqliteLedger): void;
  /** Runs were brought over from another file. */
  onSalvaged(): void;
  /** True for a run that is queued or running. */
  isActive(runId: string): boolean;
}
