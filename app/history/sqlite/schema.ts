/** The tables of the history file, version by version. */
import type { DatabaseSync } from "node:sqlite";
import { DamagedRowError } from "./errors.ts";

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
  // A value is JSON: a number or a text.
  `
  CREATE TABLE watermarks (
    task_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (task_id, name)
  ) STRICT, WITHOUT ROWID;`,
  `
  ALTER TABLE runs ADD COLUMN result TEXT;
  ALTER TABLE runs ADD COLUMN code_version TEXT;
  ALTER TABLE runs ADD COLUMN host TEXT;
  ALTER TABLE runs ADD COLUMN carillon_version TEXT;
  CREATE TABLE artifacts (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE code (version TEXT PRIMARY KEY, text TEXT NOT NULL, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE salvages (file TEXT PRIMARY KEY, page INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  // JSON: until when, why and by whom a trigger is paused.
  `
  ALTER TABLE task_states ADD COLUMN pause TEXT;`,
  // A run by hand has a note and may need the word of another person.
  `
  ALTER TABLE runs ADD COLUMN note TEXT;
  ALTER TABLE runs ADD COLUMN approval TEXT;
  CREATE INDEX runs_awaiting ON runs (id) WHERE status = 'awaiting_approval';`,
  // The run that another one was started after: whoever repeats it is told of it, too.
  `
  ALTER TABLE runs ADD COLUMN after_run TEXT;`,
];

/** Version this Carillon writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The file was written by a newer Carillon. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/** The file belongs to another program. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** A version so much greater than ours was not written by a Carillon at all. */
const FARTHEST = 1_000;

/** The version of a file, before anything of it is touched; it throws where the file is not one to be written. */
export function versionOf(db: DatabaseSync): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (version < 0 || version > SCHEMA_VERSION + FARTHEST) {
    throw new DamagedRowError(`its version cannot be ${version}`);
  }
  if (version > SCHEMA_VERSION) {
    throw new NewerSchemaError(
      `it was written by a newer Carillon (version ${version}, this one knows ${SCHEMA_VERSION})`,
    );
  }
  if (version === 0) refuseForeign(db);
  return version;
}

/** Brings a file to {@link SCHEMA_VERSION}, each step whole or not at all. */
export function migrate(db: DatabaseSync, version: number): void {
  MIGRATIONS.slice(version).forEach((step, i) => {
    db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${version + i + 1}; COMMIT`);
  });
}

function refuseForeign(db: DatabaseSync): void {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) =>
    name
  );
  if (names.length === 0) return;
  if (names.includes("runs") && names.includes("task_states")) {
    throw new DamagedRowError("its version is 0, though it has tables");
  }
  throw new ForeignFileError(`it is a database of another program (it has a table "${names[0]}")`);
}
