/** The index of all texts, which follows behind: what a run logs is found before it is indexed, by reading the newest lines. */
import type { Run } from "../../model/run.ts";
import { DamagedRowError } from "./errors.ts";
import { sqlList, UNFINISHED, whole } from "./rows.ts";
import type { IndexState } from "./search.ts";
import type { Statements } from "./statements.ts";

/** What a run said at its end is kept as one more line of this number, so that it is found like the others. */
export const RESULT_NUMBER = -1;
/** The note of a run, and what was said to its approval, are kept as lines of these numbers. */
const NOTE_NUMBER = -2;
const APPROVAL_NUMBER = -3;
/** Lines that one step brings into the index. */
const INDEXED_A_STEP = 50;
/** Lines of one log that are removed in one step. */
const REMOVED_A_STEP = 200;
/** So many of the newest lines are read for a text that is too short for the index. */
const LINES_READ = 50_000;

const INSERT_NOTE =
  "INSERT INTO lines (run_id, number, at, level, text) VALUES (?, ?, ?, 'info', ?) ON CONFLICT DO NOTHING";

export class TextIndex {
  /** Runs that have ended and whose last words are not among the lines yet. */
  readonly #ended: string[] = [];
  #indexedTo: number;

  /** @param since id from which on runs may lack their last words: a crash came between */
  constructor(readonly sql: Statements, since: string) {
    this.#indexedTo = sql.meta("indexed_to") ?? 0;
    const rows = sql.all(
      `SELECT id FROM runs WHERE id >= ? AND (message IS NOT NULL OR error IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM lines WHERE run_id = runs.id AND number = ${RESULT_NUMBER})`,
      since,
    );
    this.#ended.push(...rows.map(({ id }) => String(id)));
  }

  /** A run has ended and said something. */
  addEnded(runId: string): void {
    this.#ended.push(runId);
  }

  /** What people said to a run is found like its log. */
  addNotes({ id, note, approval, queuedAt }: Run): void {
    if (note !== undefined) this.sql.run(INSERT_NOTE, id, NOTE_NUMBER, queuedAt, note);
    if (approval?.note !== undefined) {
      this.sql.run(INSERT_NOTE, id, APPROVAL_NUMBER, approval.decidedAt ?? queuedAt, approval.note);
    }
  }

  /** What a question for a text needs to know. Whoever asks wants what was said a moment ago too. */
  upToDate(): IndexState {
    while (this.sql.batch(() => this.addLastWords())) continue;
    const newest = Number(this.sql.one("SELECT max(id) AS id FROM lines")?.id ?? 0);
    return { indexedTo: this.#indexedTo, readFrom: newest - LINES_READ };
  }

  /** What a run said at its end becomes one more line. True where something was done. */
  addLastWords(): boolean {
    const ids = this.#ended.splice(0, INDEXED_A_STEP);
    for (const id of ids) {
      this.sql.run(
        `INSERT INTO lines (run_id, number, at, level, text)
         SELECT id, ${RESULT_NUMBER}, coalesce(finished_at, queued_at), 'info', coalesce(error ->> 'name' || ': ' || (error ->> 'message'), message)
         FROM runs WHERE id = ? AND status NOT IN (${sqlList([...UNFINISHED, "skipped", "missed"])})
         ON CONFLICT DO NOTHING`,
        id,
      );
    }
    return ids.length > 0;
  }

  /** Brings some lines into the index. True where there may be more. */
  advance(): boolean {
    const rows = this.sql.all(
      "SELECT id FROM lines WHERE id > ? ORDER BY id LIMIT ?",
      this.#indexedTo,
      INDEXED_A_STEP,
    );
    if (rows.length === 0) return false;
    let last = this.#indexedTo;
    for (const { id } of rows) {
      if (whole(id) <= last) throw new DamagedRowError("lines are not in their order");
      last = whole(id);
    }
    this.sql.run(
      "INSERT INTO lines_fts (rowid, text) SELECT id, text FROM lines WHERE id > ? AND id <= ?",
      this.#indexedTo,
      last,
    );
    this.#moveTo(last);
    return rows.length === INDEXED_A_STEP;
  }

  /** Removes the log of a run. */
  removeLines(runId: string): void {
    this.#remove("run_id = ?", runId);
  }

  /** Removes some lines from one number to another that are neither warnings nor errors. True where there may be more. */
  removeBetween(runId: string, from: number, to: number): boolean {
    const rows = this.sql.all(
      `SELECT number FROM lines WHERE run_id = ? AND number >= ? AND number < ? AND level NOT IN ('warn', 'error')
       ORDER BY number LIMIT ${REMOVED_A_STEP}`,
      runId,
      from,
      to,
    );
    const last = rows.at(-1)?.number;
    if (last === undefined) return false;
    this.#remove(
      "run_id = ? AND number >= ? AND number <= ? AND level NOT IN ('warn', 'error')",
      runId,
      from,
      whole(last),
    );
    return rows.length === REMOVED_A_STEP;
  }

  #remove(condition: string, ...values: (string | number)[]): void {
    // An index without a copy of the text must be given what it is to forget (SQLite, FTS5, "External Content Tables").
    this.sql.run(
      `INSERT INTO lines_fts (lines_fts, rowid, text)
       SELECT 'delete', id, text FROM lines WHERE ${condition} AND id <= ?`,
      ...values,
      this.#indexedTo,
    );
    this.sql.run(`DELETE FROM lines WHERE ${condition}`, ...values);
    // The number of the last line is given again once that line is gone; what gets it is not in the index yet.
    const last = Number(this.sql.one("SELECT max(id) AS id FROM lines")?.id ?? 0);
    if (last < this.#indexedTo) this.#moveTo(last);
  }

  #moveTo(id: number): void {
    this.#indexedTo = id;
    this.sql.saveMeta("indexed_to", id);
  }
}
