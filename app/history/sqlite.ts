/** History in an SQLite file, through `node:sqlite`: one writer, WAL, times as whole milliseconds. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { EpochMs } from "../time.ts";
import { cappedLine, EMPTY_LOG, type LogSize } from "./log_cap.ts";
import { reasonText, type RunReason } from "./reason.ts";
import { isTerminal, type LogLevel, type LogLine, type Run } from "./run.ts";
import { findStatement, idFloor, type RunRow, toOutcome, toRow, toRun } from "./run_rows.ts";
import { HistoryFileError, openHistoryFile } from "./sqlite_file.ts";
import type { HistoryStore, OutcomeQuery, RunOutcome, RunQuery, TaskState, TaskStateStore } from "./store.ts";

export interface SqliteHistoryOptions {
  /** Default of {@link SqliteHistory.recent}. */
  readonly limit: number;
  /** Runs kept a task; the oldest finished ones go first. */
  readonly keep: number;
  /** Runs are kept so long, in milliseconds. */
  readonly keepMs: number;
  /** Logs are kept so long, in milliseconds. */
  readonly keepLogsMs: number;
}

const INTERRUPTED: RunReason = { key: "reason.interrupted", values: {} };

/** What a run said at its end is kept as one more line of this number, so that it is found like the others. */
const RESULT_NUMBER = -1;

/** Work of one step of {@link SqliteHistory.maintain}. */
const INDEXED_A_STEP = 50;
const REMOVED_A_STEP = 10;
const VACUUMED_A_STEP = 20;
/** So far the system clock may be set back without that unfinished runs are passed over. */
const UNFINISHED_MARGIN_MS = 86_400_000;
/** So many of the newest lines are read for a text that is too short for the index. */
const LINES_READ = 50_000;

export class SqliteHistory implements HistoryStore, TaskStateStore {
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** How many batches have begun and not ended; the outermost is the transaction. */
  #depth = 0;
  /** What is written so far of the log of each unfinished run. */
  readonly #logSizes = new Map<string, LogSize>();
  /** Runs that have ended and whose last words are not among the lines yet. */
  readonly #toIndex: string[] = [];
  /** When the unfinished runs were queued. */
  readonly #unfinished = new Map<string, EpochMs>();
  /** Tasks that may have more runs than are kept. */
  readonly #crowded = new Set<string>();
  #indexedTo: number;

  /**
   * Opens or creates the file; runs that were unfinished when it was last closed become `interrupted`.
   *
   * @param now when the unfinished runs are held to have ended
   * @throws HistoryFileError for a file that is damaged, of a newer version, held by another Carillon, or not writable
   */
  constructor(readonly file: string, readonly options: SqliteHistoryOptions, now: EpochMs) {
    const { db, lock } = openHistoryFile(file);
    this.#db = db;
    this.#lock = lock;
    const since = idFloor(this.#meta("unfinished_from") ?? 0);
    this.#run(
      `UPDATE runs SET status = 'interrupted', finished_at = ?, message = ?, reason = ?
       WHERE id >= ? AND status IN ('queued', 'running')`,
      now,
      reasonText(INTERRUPTED, "en"),
      JSON.stringify(INTERRUPTED),
      since,
    );
    this.#indexedTo = Number(this.#meta("indexed_to") ?? 0);
    // Those that a crash left without their last words.
    for (
      const { id } of this.#all(
        `SELECT id FROM runs WHERE id >= ? AND (message IS NOT NULL OR error IS NOT NULL)
         AND NOT EXISTS (SELECT 1 FROM lines WHERE run_id = runs.id AND number = ${RESULT_NUMBER})`,
        since,
      )
    ) this.#toIndex.push(String(id));
    for (const id of this.#taskIds()) this.#crowded.add(id);
  }

  /** Opens a file to look at it, also while a Carillon is at work on it. Throws a {@link HistoryFileError}. */
  static openToRead(file: string): Pick<SqliteHistory, "all" | "lines" | "close"> {
    let db: DatabaseSync;
    try {
      db = new DatabaseSync(file, { readOnly: true });
      db.prepare("SELECT runs.reason, lines.id FROM runs, lines");
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new HistoryFileError(`history file ${file} cannot be read: ${reason}`, "unavailable", { cause });
    }
    return {
      all: () => allRuns(db),
      lines: (runId) => linesOf(db.prepare(LINES).all(runId)),
      close: () => Promise.resolve(db.close()),
    };
  }

  save(run: Run): void {
    this.#run(
      `INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
         finished_at = excluded.finished_at, attempt = excluded.attempt, params = excluded.params,
         instants = excluded.instants, message = excluded.message, error = excluded.error, reason = excluded.reason
       WHERE runs.status = 'queued' OR (runs.status = 'running' AND excluded.status <> 'queued')
         OR (runs.status = excluded.status AND excluded.instants > runs.instants)`,
      ...toRow(run),
    );
    this.#crowded.add(run.taskId);
    if (!isTerminal(run.status)) {
      this.#unfinished.set(run.id, run.queuedAt);
      return;
    }
    this.#unfinished.delete(run.id);
    this.#logSizes.delete(run.id);
    if (run.error ?? run.message) this.#toIndex.push(run.id);
  }

  log(runId: string, line: LogLine): void {
    const before = this.#logSizes.get(runId) ?? EMPTY_LOG;
    const kept = cappedLine(before, line);
    if (!kept || !this.#one("SELECT 1 FROM runs WHERE id = ?", runId)) return;
    this.#logSizes.set(runId, kept.size);
    const { at, level, text } = kept.line;
    this.#writeLine(runId, before.lines, at, level, text);
  }

  recent(taskId: string, limit: number = this.options.limit): Run[] {
    return this.#runs("SELECT * FROM runs WHERE task_id = ? ORDER BY id DESC LIMIT ?", taskId, limit);
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    const runs = this.#runs(
      `SELECT runs.* FROM json_each(?) AS wanted JOIN runs ON runs.id =
         (SELECT id FROM runs WHERE task_id = wanted.value ORDER BY id DESC LIMIT 1)`,
      JSON.stringify(taskIds),
    );
    return new Map(runs.map((run) => [run.taskId, run]));
  }

  find(query: RunQuery): Run[] {
    // Whoever asks for a text wants what was said a moment ago too.
    if (query.text !== undefined) { while (this.batch(() => this.#addLastWords())) continue; }
    const newest = Number(this.#one("SELECT max(id) AS id FROM lines")?.id ?? 0);
    const { sql, values } = findStatement(query, {
      indexedTo: this.#indexedTo,
      readFrom: newest - LINES_READ,
    });
    return this.#runs(sql, ...values);
  }

  outcomes({ taskId, from, to, limit }: OutcomeQuery): RunOutcome[] {
    const ofTask = taskId === undefined ? "" : "task_id = ? AND";
    const rows = this.#all(
      `SELECT id, task_id, status, cause, scheduled_at, queued_at, started_at, finished_at FROM runs
       WHERE ${ofTask} id >= ? AND id < ? ORDER BY id DESC LIMIT ?`,
      ...(taskId === undefined ? [] : [taskId]),
      idFloor(from),
      idFloor(to),
      limit,
    );
    return rows.map((row) => toOutcome(row as unknown as RunRow));
  }

  durations(taskId: string, limit: number): number[] {
    return this.#all(
      `SELECT finished_at - started_at AS ms FROM runs
       WHERE task_id = ? AND status = 'succeeded' AND started_at IS NOT NULL ORDER BY id DESC LIMIT ?`,
      taskId,
      limit,
    ).map(({ ms }) => Number(ms));
  }

  get(runId: string): Run | undefined {
    return this.#runs("SELECT * FROM runs WHERE id = ?", runId)[0];
  }

  lines(runId: string): LogLine[] {
    return linesOf(this.#all(LINES, runId));
  }

  /** Writes a log anew: some of its lines may be there, and some may not. */
  saveLines(runId: string, lines: readonly LogLine[]): void {
    lines.forEach(({ at, level, text }, number) => this.#writeLine(runId, number, at, level, text));
  }

  /** All runs, the oldest first; a few are in memory at a time. */
  all(): Iterable<Run> {
    return allRuns(this.#db);
  }

  taskState(taskId: string): TaskState | undefined {
    const row = this.#one("SELECT * FROM task_states WHERE task_id = ?", taskId);
    return row && {
      firstSeen: Number(row.first_seen),
      trigger: String(row.trigger_identity),
      settledTo: Number(row.settled_to),
      paused: row.paused === 1,
    };
  }

  saveTaskState(taskId: string, { firstSeen, trigger, settledTo, paused }: TaskState): void {
    this.#run(
      `INSERT INTO task_states VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (task_id) DO UPDATE SET first_seen = excluded.first_seen, trigger_identity = excluded.trigger_identity,
         settled_to = excluded.settled_to, paused = excluded.paused`,
      taskId,
      firstSeen,
      trigger,
      settledTo,
      paused ? 1 : 0,
    );
  }

  lastAlive(): EpochMs | undefined {
    return this.#meta("alive");
  }

  saveAlive(now: EpochMs): void {
    this.#saveMeta("alive", now);
  }

  batch<T>(work: () => T): T {
    this.begin();
    try {
      return work();
    } finally {
      this.commit();
    }
  }

  /** What is written until {@link commit} is in the file as a whole or not at all. */
  begin(): void {
    if (this.#depth++ === 0) this.#db.exec("BEGIN");
  }

  commit(): void {
    if (--this.#depth === 0) this.#db.exec("COMMIT");
  }

  /**
   * Does a little of what can wait, some milliseconds of it: brings new lines into the index of texts, removes what is
   * older or more than is kept, gives free pages back. True where there is more to do.
   */
  maintain(now: EpochMs): boolean {
    this.#markUnfinished(now);
    return this.batch(() =>
      this.#addLastWords() || this.#index() || this.#removeOldLogs(now) || this.#removeOldRuns(now)
    ) ||
      this.#removeSurplus() || this.#vacuum();
  }

  close(): Promise<void> {
    this.#db.close();
    this.#lock.close();
    return Promise.resolve();
  }

  /** No unfinished run is older than this mark, so the next opening need not look at all there are. */
  #markUnfinished(now: EpochMs): void {
    const from = Math.min(now, ...this.#unfinished.values()) - UNFINISHED_MARGIN_MS;
    if (from - (this.#meta("unfinished_from") ?? -Infinity) > UNFINISHED_MARGIN_MS) {
      this.#saveMeta("unfinished_from", from);
    }
  }

  /** What a run said at its end becomes one more line, so that it is found like the others. */
  #addLastWords(): boolean {
    const ids = this.#toIndex.splice(0, INDEXED_A_STEP);
    for (const id of ids) {
      this.#run(
        `INSERT INTO lines (run_id, number, at, level, text)
         SELECT id, ${RESULT_NUMBER}, coalesce(finished_at, queued_at), 'info', coalesce(error ->> 'name' || ': ' || (error ->> 'message'), message)
         FROM runs WHERE id = ? AND status NOT IN ('queued', 'running', 'skipped', 'missed')
         ON CONFLICT DO NOTHING`,
        id,
      );
    }
    return ids.length > 0;
  }

  #index(): boolean {
    const rows = this.#all(
      "SELECT id FROM lines WHERE id > ? ORDER BY id LIMIT ?",
      this.#indexedTo,
      INDEXED_A_STEP,
    );
    const last = rows.at(-1)?.id;
    if (last === undefined) return false;
    this.#run(
      "INSERT INTO lines_fts (rowid, text) SELECT id, text FROM lines WHERE id > ? AND id <= ?",
      this.#indexedTo,
      Number(last),
    );
    this.#indexedTo = Number(last);
    this.#saveMeta("indexed_to", this.#indexedTo);
    return rows.length === INDEXED_A_STEP;
  }

  #removeOldLogs(now: EpochMs): boolean {
    const runs = this.#all(
      "SELECT DISTINCT run_id FROM lines WHERE run_id < ? LIMIT ?",
      idFloor(now - this.options.keepLogsMs),
      REMOVED_A_STEP,
    );
    for (const { run_id } of runs) this.#removeLines(String(run_id));
    return runs.length === REMOVED_A_STEP;
  }

  #removeOldRuns(now: EpochMs): boolean {
    const runs = this.#all(
      "SELECT id FROM runs WHERE id < ? AND status NOT IN ('queued', 'running') ORDER BY id LIMIT ?",
      idFloor(now - this.options.keepMs),
      REMOVED_A_STEP,
    );
    for (const { id } of runs) this.#removeRun(String(id));
    return runs.length === REMOVED_A_STEP;
  }

  /** Removes runs of one task beyond {@link SqliteHistoryOptions.keep}. */
  #removeSurplus(): boolean {
    const [taskId] = this.#crowded;
    if (taskId === undefined) return false;
    const first = this.#one(
      "SELECT id FROM runs WHERE task_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
      taskId,
      this.options.keep,
    );
    const runs = first === undefined ? [] : this.#all(
      `SELECT id FROM runs WHERE task_id = ? AND id <= ? AND status NOT IN ('queued', 'running')
       ORDER BY id LIMIT ?`,
      taskId,
      String(first.id),
      REMOVED_A_STEP,
    );
    this.batch(() => {
      for (const { id } of runs) this.#removeRun(String(id));
    });
    if (runs.length < REMOVED_A_STEP) this.#crowded.delete(taskId);
    return this.#crowded.size > 0;
  }

  #vacuum(): boolean {
    const free = Number(this.#one("PRAGMA freelist_count")?.freelist_count ?? 0);
    if (free === 0 || Number(this.#one("PRAGMA auto_vacuum")?.auto_vacuum) !== 2) return false;
    this.#db.exec(`PRAGMA incremental_vacuum(${VACUUMED_A_STEP})`);
    return free > VACUUMED_A_STEP;
  }

  #removeRun(id: string): void {
    this.#removeLines(id);
    this.#run("DELETE FROM runs WHERE id = ?", id);
  }

  #removeLines(runId: string): void {
    // An index without a copy of the text is told what it is to forget (SQLite, FTS5, "External Content Tables").
    this.#run(
      `INSERT INTO lines_fts (lines_fts, rowid, text)
       SELECT 'delete', id, text FROM lines WHERE run_id = ? AND id <= ?`,
      runId,
      this.#indexedTo,
    );
    this.#run("DELETE FROM lines WHERE run_id = ?", runId);
    // The number of the last line is given again once that line is gone; what gets it is not in the index yet.
    const last = Number(this.#one("SELECT max(id) AS id FROM lines")?.id ?? 0);
    if (last >= this.#indexedTo) return;
    this.#indexedTo = last;
    this.#saveMeta("indexed_to", last);
  }

  #writeLine(runId: string, number: number, at: EpochMs, level: LogLevel, text: string): void {
    this.#run(
      "INSERT INTO lines (run_id, number, at, level, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      runId,
      number,
      at,
      level,
      text,
    );
  }

  /** Ids of the tasks that have runs; one step down the index for each. */
  *#taskIds(): Iterable<string> {
    const next = this.#db.prepare("SELECT min(task_id) AS id FROM runs WHERE task_id > ?");
    for (let id = next.get("")?.id; typeof id === "string"; id = next.get(id)?.id) yield id;
  }

  #meta(key: string): number | undefined {
    const row = this.#one("SELECT value FROM meta WHERE key = ?", key);
    return row && Number(row.value);
  }

  #saveMeta(key: string, value: number): void {
    this.#run(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#prepared(sql).run(...values);
  }

  #one(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#prepared(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#prepared(sql).all(...values);
  }

  #runs(sql: string, ...values: (string | number)[]): Run[] {
    return this.#all(sql, ...values).map((row) => toRun(row as unknown as RunRow));
  }
}

const LINES = "SELECT at, level, text FROM lines WHERE run_id = ? AND number >= 0 ORDER BY number";

function linesOf(rows: readonly Record<string, unknown>[]): LogLine[] {
  return rows.map(({ at, level, text }) => ({
    at: Number(at),
    level: level as LogLevel,
    text: String(text),
  }));
}

function* allRuns(db: DatabaseSync): Iterable<Run> {
  const statement = db.prepare("SELECT * FROM runs WHERE id > ? ORDER BY id LIMIT 500");
  for (let rows = statement.all(""); rows.length > 0; rows = statement.all(String(rows.at(-1)?.id))) {
    for (const row of rows) yield toRun(row as unknown as RunRow);
  }
}
