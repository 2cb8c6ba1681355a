/** Reads all that is in the file, a little at a time: damage is found before somebody needs what is damaged. */
import type { EpochMs } from "../../base/time.ts";
import type { Run } from "../../model/run.ts";
import { DamagedRowError } from "./errors.ts";
import { toLine } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** Runs and lines that one step reads at the most. */
const RUNS_A_STEP = 50;
const LINES_A_STEP = 500;
/** So long after a round another one begins. */
const PAUSE_MS = 6 * 3_600_000;

export class Check {
  /** The run that was read last, as a whole; undefined while no round is going on. */
  #after: string | undefined = "";
  /** How many lines of the run after it have been read. */
  #linesRead = 0;
  #endedAt: EpochMs = 0;
  #counted = new Map<string, number>();
  #bytes: ReadonlyMap<string, number> | undefined;

  constructor(readonly sql: Statements) {}

  /** Characters that the runs of each task take, with their logs, as the last whole round has counted them. */
  get bytes(): ReadonlyMap<string, number> | undefined {
    return this.#bytes;
  }

  /** Reads some runs and their lines; throws where they are damaged. True where the round goes on. */
  step(now: EpochMs): boolean {
    if (this.#after === undefined) {
      if (Math.abs(now - this.#endedAt) < PAUSE_MS) return false;
      this.#after = "";
    }
    const runs = this.sql.runs(
      `SELECT * FROM runs WHERE id > ? ORDER BY id LIMIT ${RUNS_A_STEP}`,
      this.#after,
    );
    let left = LINES_A_STEP;
    for (const run of runs) {
      if (run.id <= this.#after) throw new DamagedRowError("runs are not in their order");
      const read = this.#readLines(run.id, left);
      const own = this.#linesRead === 0 ? textLength(run) : 0;
      this.#counted.set(run.taskId, (this.#counted.get(run.taskId) ?? 0) + own + read.characters);
      this.#linesRead += read.lines;
      left -= read.lines;
      if (left <= 0) return true;
      this.#after = run.id;
      this.#linesRead = 0;
    }
    if (runs.length === RUNS_A_STEP) return true;
    this.#end(now);
    return false;
  }

  #end(now: EpochMs): void {
    this.#after = undefined;
    this.#endedAt = now;
    this.#bytes = this.#counted;
    this.#counted = new Map();
  }

  #readLines(runId: string, limit: number): { readonly lines: number; readonly characters: number } {
    const lines = this.sql.all(
      "SELECT at, level, text FROM lines WHERE run_id = ? AND number >= 0 ORDER BY number LIMIT ? OFFSET ?",
      runId,
      limit,
      this.#linesRead,
    ).map(toLine);
    return { lines: lines.length, characters: lines.reduce((sum, { text }) => sum + text.length, 0) };
  }
}

function textLength({ params, message, error, result }: Run): number {
  return JSON.stringify([params, message, error, result]).length;
}
