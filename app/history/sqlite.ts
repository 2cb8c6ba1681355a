/** History in an SQLite file, through `node:sqlite`: one writer, WAL, times as whole milliseconds. */
import type { EpochMs } from "../time.ts";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { cappedLine, EMPTY_LOG, type LogSize } from "./log_cap.ts";
import {
  type LogLevel,
  type LogLine,
  mayFollow,
  type Run,
  type RunCause,
  type RunError,
  type RunStatus,
} from "./run.ts";
import { reasonText, type RunReason } from "./reason.ts";
import type { HistoryStore, TaskState, TaskStateStore } from "./store.ts";

/** Each step takes a file one version further; a new file takes them all. The version is kept in `PRAGMA user_version`. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL,
    status TEXT NOT NULL,
    cause TEXT NOT NULL,
    asked_by TEXT,
    scheduled_at INTEGER,
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    attempt INTEGER NOT NULL,
    instants INTEGER NOT NULL,
    params TEXT NOT NULL,
    message TEXT,
    error TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX runs_by_task ON runs (task_id, id);
  CREATE TABLE lines (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE task_states (
    task_id TEXT PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    trigger_identity TEXT NOT NULL,
    settled_to INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
  `
  ALTER TABLE runs ADD COLUMN reason TEXT;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
];

/** Version this Carillon writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The history file cannot be used; the message says which file, why, and what to do. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";
}

const INTERRUPTED: RunReason = { key: "reason.interrupted", values: {} };

export class SqliteHistory implements HistoryStore, TaskStateStore {
  readonly #db: DatabaseSync;
  readonly #save: StatementSync;
  readonly #status: StatementSync;
  readonly #recent: StatementSync;
  readonly #get: StatementSync;
  readonly #log: StatementSync;
  readonly #lines: StatementSync;
  readonly #state: StatementSync;
  readonly #saveState: StatementSync;
  readonly #alive: StatementSync;
  readonly #saveAlive: StatementSync;
  /** How many batches have begun and not ended; the outermost is the transaction. */
  #depth = 0;
  /** What is written so far of the log of each unfinished run. */
  readonly #logSizes = new Map<string, LogSize>();

  /**
   * Opens or creates the file; runs that were unfinished when it was last closed become `interrupted`.
   *
   * @param limit default of {@link recent}
   * @param now when the unfinished runs are held to have ended
   * @throws HistoryFileError for a file that is damaged, of a newer version, or cannot be written
   */
  constructor(readonly file: string, readonly limit: number, now: EpochMs) {
    this.#db = openFile(file);
    this.#db.prepare(
      `UPDATE runs SET status = 'interrupted', finished_at = ?, message = ?, reason = ?
       WHERE status IN ('queued', 'running')`,
    ).run(now, reasonText(INTERRUPTED, "en"), JSON.stringify(INTERRUPTED));
    this.#save = this.#db.prepare(
      `INSERT INTO runs VALUES (:id, :task_id, :status, :cause, :asked_by, :scheduled_at, :queued_at, :started_at,
         :finished_at, :attempt, :instants, :params, :message, :error, :reason)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
         finished_at = excluded.finished_at, attempt = excluded.attempt, params = excluded.params,
         instants = excluded.instants, message = excluded.message, error = excluded.error, reason = excluded.reason`,
    );
    this.#status = this.#db.prepare("SELECT status, instants FROM runs WHERE id = ?");
    this.#recent = this.#db.prepare("SELECT * FROM runs WHERE task_id = ? ORDER BY id DESC LIMIT ?");
    this.#get = this.#db.prepare("SELECT * FROM runs WHERE id = ?");
    this.#log = this.#db.prepare("INSERT INTO lines VALUES (?, ?, ?, ?, ?)");
    this.#lines = this.#db.prepare("SELECT at, level, text FROM lines WHERE run_id = ? ORDER BY number");
    this.#state = this.#db.prepare(
      "SELECT first_seen, trigger_identity, settled_to FROM task_states WHERE task_id = ?",
    );
    this.#saveState = this.#db.prepare(
      `INSERT INTO task_states VALUES (?, ?, ?, ?)
       ON CONFLICT (task_id) DO UPDATE SET first_seen = excluded.first_seen, trigger_identity = excluded.trigger_identity,
         settled_to = excluded.settled_to`,
    );
    this.#alive = this.#db.prepare("SELECT value FROM meta WHERE key = 'alive'");
    this.#saveAlive = this.#db.prepare(
      "INSERT INTO meta VALUES ('alive', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
  }

  save(run: Run): void {
    const before = this.#status.get(run.id) as unknown as Pick<Run, "status" | "instants"> | undefined;
    if (before && !mayFollow(before, run)) return;
    this.#save.run({
      id: run.id,
      task_id: run.taskId,
      status: run.status,
      cause: run.cause,
      asked_by: run.by ?? null,
      scheduled_at: run.scheduledAt ?? null,
      queued_at: run.queuedAt,
      started_at: run.startedAt ?? null,
      finished_at: run.finishedAt ?? null,
      attempt: run.attempt,
      instants: run.instants,
      params: JSON.stringify(run.params),
      message: run.message ?? null,
      error: run.error ? JSON.stringify(run.error) : null,
      reason: run.reason ? JSON.stringify(run.reason) : null,
    });
    if (run.finishedAt) this.#logSizes.delete(run.id);
  }

  log(runId: string, line: LogLine): void {
    const before = this.#logSizes.get(runId) ?? EMPTY_LOG;
    const kept = cappedLine(before, line);
    if (!kept || !this.#status.get(runId)) return;
    this.#logSizes.set(runId, kept.size);
    const { at, level, text } = kept.line;
    this.#log.run(runId, before.lines, at, level, text);
  }

  recent(taskId: string, limit: number = this.limit): Run[] {
    return this.#recent.all(taskId, limit).map((row) => toRun(row as unknown as RunRow));
  }

  get(runId: string): Run | undefined {
    const row = this.#get.get(runId);
    return row && toRun(row as unknown as RunRow);
  }

  lines(runId: string): LogLine[] {
    return this.#lines.all(runId).map((row) => ({
      at: Number(row.at),
      level: row.level as LogLevel,
      text: String(row.text),
    }));
  }

  taskState(taskId: string): TaskState | undefined {
    const row = this.#state.get(taskId);
    if (!row) return undefined;
    return {
      firstSeen: Number(row.first_seen),
      trigger: String(row.trigger_identity),
      settledTo: Number(row.settled_to),
    };
  }

  saveTaskState(taskId: string, state: TaskState): void {
    this.#saveState.run(
      taskId,
      state.firstSeen,
      state.trigger,
      state.settledTo,
    );
  }

  lastAlive(): EpochMs | undefined {
    const row = this.#alive.get();
    return row && Number(row.value);
  }

  saveAlive(now: EpochMs): void {
    this.#saveAlive.run(now);
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

  close(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }
}

function openFile(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec(
      "PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON",
    );
    const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
    if (version > SCHEMA_VERSION) {
      throw new HistoryFileError(
        `it was written by a newer Carillon (version ${version}, this one knows ${SCHEMA_VERSION})`,
      );
    }
    MIGRATIONS.slice(version).forEach((step, i) => {
      db?.exec(`BEGIN; ${step} PRAGMA user_version = ${version + i + 1}; COMMIT`);
    });
    return db;
  } catch (cause) {
    db?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryFileError(
      `history file ${file} cannot be used: ${reason}; move it away, or set [history] file to another one or to nothing`,
      { cause },
    );
  }
}

/** A row of `runs` as SQLite gives it. */
interface RunRow {
  readonly id: string;
  readonly task_id: string;
  readonly status: string;
  readonly cause: string;
  readonly asked_by: string | null;
  readonly scheduled_at: number | null;
  readonly queued_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly attempt: number;
  readonly instants: number;
  readonly params: string;
  readonly message: string | null;
  readonly error: string | null;
  readonly reason: string | null;
}

function toRun(row: RunRow): Run {
  return {
    id: row.id,
    taskId: row.task_id,
    status: row.status as RunStatus,
    cause: row.cause as RunCause,
    queuedAt: row.queued_at,
    attempt: row.attempt,
    instants: row.instants,
    params: JSON.parse(row.params) as Record<string, unknown>,
    ...(row.asked_by === null ? {} : { by: row.asked_by }),
    ...(row.scheduled_at === null ? {} : { scheduledAt: row.scheduled_at }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as RunError }),
    ...(row.reason === null ? {} : { reason: JSON.parse(row.reason) as RunReason }),
  };
}
