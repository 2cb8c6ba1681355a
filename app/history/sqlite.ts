/** History in an SQLite file, through `node:sqlite`: one writer, WAL, times as whole milliseconds. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { cappedLine } from "./memory.ts";
import {
  type LogLevel,
  type LogLine,
  mayFollow,
  type Run,
  type RunCause,
  type RunError,
  type RunStatus,
} from "./run.ts";
import type { HistoryStore, TaskState, TaskStateStore } from "./store.ts";

/** Version of the tables below, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;

const SCHEMA = `
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
  ) STRICT, WITHOUT ROWID;
`;

/** The history file cannot be used; the message says which file, why, and what to do. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";
}

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
  /** Lines written so far of each unfinished run. */
  readonly #lineCounts = new Map<string, number>();

  /**
   * Opens or creates the file; runs that were unfinished when it was last closed become `interrupted`.
   *
   * @param limit default of {@link recent}
   * @param now when the unfinished runs are held to have ended
   * @throws HistoryFileError for a file that is damaged, of a newer version, or cannot be written
   */
  constructor(readonly file: string, readonly limit: number, now: Temporal.Instant) {
    this.#db = openFile(file);
    this.#db.prepare(
      `UPDATE runs SET status = 'interrupted', finished_at = ?, message = 'Carillon stopped while this was going on'
       WHERE status IN ('queued', 'running')`,
    ).run(now.epochMilliseconds);
    this.#save = this.#db.prepare(
      `INSERT INTO runs VALUES (:id, :task_id, :status, :cause, :asked_by, :scheduled_at, :queued_at, :started_at,
         :finished_at, :attempt, :instants, :params, :message, :error)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
         finished_at = excluded.finished_at, attempt = excluded.attempt, params = excluded.params,
         message = excluded.message, error = excluded.error`,
    );
    this.#status = this.#db.prepare("SELECT status FROM runs WHERE id = ?");
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
  }

  save(run: Run): void {
    const before = this.#status.get(run.id)?.status as RunStatus | undefined;
    if (before !== undefined && !mayFollow(before, run.status)) return;
    this.#save.run({
      id: run.id,
      task_id: run.taskId,
      status: run.status,
      cause: run.cause,
      asked_by: run.by ?? null,
      scheduled_at: run.scheduledAt?.epochMilliseconds ?? null,
      queued_at: run.queuedAt.epochMilliseconds,
      started_at: run.startedAt?.epochMilliseconds ?? null,
      finished_at: run.finishedAt?.epochMilliseconds ?? null,
      attempt: run.attempt,
      instants: run.instants,
      params: JSON.stringify(run.params),
      message: run.message ?? null,
      error: run.error ? JSON.stringify(run.error) : null,
    });
    if (run.finishedAt) this.#lineCounts.delete(run.id);
  }

  log(runId: string, line: LogLine): void {
    const count = this.#lineCounts.get(runId) ?? 0;
    const kept = cappedLine(count, line);
    if (!kept || !this.#status.get(runId)) return;
    this.#lineCounts.set(runId, count + 1);
    this.#log.run(runId, count, kept.at.epochMilliseconds, kept.level, kept.text);
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
      at: instant(Number(row.at)),
      level: row.level as LogLevel,
      text: String(row.text),
    }));
  }

  taskState(taskId: string): TaskState | undefined {
    const row = this.#state.get(taskId);
    if (!row) return undefined;
    return {
      firstSeen: instant(Number(row.first_seen)),
      trigger: String(row.trigger_identity),
      settledTo: instant(Number(row.settled_to)),
    };
  }

  saveTaskState(taskId: string, state: TaskState): void {
    this.#saveState.run(
      taskId,
      state.firstSeen.epochMilliseconds,
      state.trigger,
      state.settledTo.epochMilliseconds,
    );
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
    if (version === 0) db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
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
}

function toRun(row: RunRow): Run {
  return {
    id: row.id,
    taskId: row.task_id,
    status: row.status as RunStatus,
    cause: row.cause as RunCause,
    queuedAt: instant(row.queued_at),
    attempt: row.attempt,
    instants: row.instants,
    params: JSON.parse(row.params) as Record<string, unknown>,
    ...(row.asked_by === null ? {} : { by: row.asked_by }),
    ...(row.scheduled_at === null ? {} : { scheduledAt: instant(row.scheduled_at) }),
    ...(row.started_at === null ? {} : { startedAt: instant(row.started_at) }),
    ...(row.finished_at === null ? {} : { finishedAt: instant(row.finished_at) }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as RunError }),
  };
}

function instant(ms: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(ms);
}
