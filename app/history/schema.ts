/** The tables of the history file, version by version. */
import type { DatabaseSync } from "node:sqlite";

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
  // Lines get a number of their own, so that the index of their text can follow behind.
  `
  ALTER TABLE lines RENAME TO lines_before;
  CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (run_id, number)
  ) STRICT;
  INSERT INTO lines (run_id, number, at, level, text)
    SELECT run_id, number, at, level, text FROM lines_before ORDER BY run_id, number;
  DROP TABLE lines_before;
  CREATE VIRTUAL TABLE lines_fts USING fts5(text, content = 'lines', content_rowid = 'id', tokenize = 'trigram');
  CREATE INDEX runs_unwell ON runs (id)
    WHERE status IN ('failed', 'timed_out', 'cancelled', 'interrupted', 'skipped', 'missed');
  ALTER TABLE task_states ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;`,
];

/** Version this Carillon writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The file was written by a newer Carillon. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/** Brings a file to {@link SCHEMA_VERSION}, each step whole or not at all. */
export function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (version > SCHEMA_VERSION) {
    throw new NewerSchemaError(
      `it was written by a newer Carillon (version ${version}, this one knows ${SCHEMA_VERSION})`,
    );
  }
  MIGRATIONS.slice(version).forEach((step, i) => {
    db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${version + i + 1}; COMMIT`);
  });
}
