/** What can be read of a file that was set aside, or that has lost its name, goes into the new one, some pages at a time. */
import { isTerminal } from "../../../model/run.ts";
import { interrupted } from "../../interrupted.ts";
import { recordsOf } from "./cells.ts";
import { Pages } from "./pages.ts";
import { type Found, recognise } from "./shapes.ts";

/** Where what is found goes. */
export interface Salvager {
  batch<T>(work: () => T): T;
  /** Takes what it has not got already, or has less of. */
  take(found: Found): void;
}

export interface Salvaged {
  readonly runs: number;
  readonly lines: number;
}

/** Pages that are read in one step: some milliseconds. */
const PAGES_A_STEP = 24;

export class Salvage {
  readonly #pages: Pages;
  #runs = 0;
  #lines = 0;

  /**
   * @param source path of a file that was set aside, or a descriptor, which is closed with this
   * @param position page to begin with, as {@link Salvage.position} had it
   */
  constructor(readonly source: string | number, public position = 0) {
    this.#pages = typeof source === "string" ? new Pages(source, `${source}-wal`) : new Pages(source);
  }

  get found(): Salvaged {
    return { runs: this.#runs, lines: this.#lines };
  }

  /**
   * Takes over what some pages hold. True where there are more.
   *
   * @param now when runs that nobody ended are held to have ended
   * @param isActive true for a run that is going on: its record is kept by those who run it
   */
  step(into: Salvager, now: number, isActive: (runId: string) => boolean): boolean {
    const end = Math.min(this.position + PAGES_A_STEP, this.#pages.count);
    let runs = 0;
    let lines = 0;
    // Where it cannot be written, these pages are read again.
    into.batch(() => {
      for (let position = this.position; position < end; position++) {
        for (const found of this.#foundAt(position)) {
          if (found.kind === "run") runs++;
          if (found.kind === "line") lines++;
          const kept = asEnded(found, now, isActive);
          if (kept) into.take(kept);
        }
      }
    });
    this.position = end;
    this.#runs += runs;
    this.#lines += lines;
    return end < this.#pages.count;
  }

  /** Takes over what is known of tasks, from all pages at once: nothing can begin without. */
  takeStates(into: Salvager): void {
    into.batch(() => {
      for (let position = 0; position < this.#pages.count; position++) {
        for (const found of this.#foundAt(position)) {
          if (found.kind === "state" || found.kind === "mark" || found.kind === "alive") into.take(found);
        }
      }
    });
  }

  close(): void {
    this.#pages.close();
  }

  *#foundAt(position: number): Iterable<Found> {
    for (const record of recordsOf(this.#pages, position)) {
      const found = recognise(record);
      if (found) yield found;
    }
  }
}

/** A run that nobody ended was interrupted; the record of one that is going on is kept by those who run it. */
function asEnded(found: Found, now: number, isActive: (runId: string) => boolean): Found | undefined {
  if (found.kind !== "run" || isTerminal(found.run.status)) return found;
  if (isActive(found.run.id)) return undefined;
  return { kind: "run", run: { ...found.run, ...interrupted(now) } };
}
