/** The embedded database: `node:sqlite` behind the interface of all drivers. */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Database, Row } from "./database.ts";
import type { SqliteSettings } from "./settings.ts";
import { type SqlParams, valuesFor } from "./sql.ts";

/** How long a statement waits for another connection's lock. */
const BUSY_TIMEOUT_MS = 5_000;

export function openSqlite(settings: SqliteSettings): Database {
  createSqliteFile(settings);
  const db = connect(settings.file);
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  };
  return {
    query: (sql, params) =>
      run(settings, () => withParams(prepare(sql), sql, params, "all") as Row[]).map(readRow),
    execute: (sql, params) =>
      run(
        settings,
        () => Number((withParams(prepare(sql), sql, params, "run") as { changes: bigint | number }).changes),
      ),
    close: () => db.close(),
  };
}

/**
 * Makes the file, with its schema, if it is not there yet. It appears under its name complete or not at all, also when
 * several threads do this at once.
 */
export function createSqliteFile({ file, schema, name }: SqliteSettings): void {
  if (file === ":memory:" || existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  if (schema === undefined) return;
  const draft = `${file}.${crypto.randomUUID()}.new`;
  try {
    const db = new DatabaseSync(draft);
    try {
      db.exec(readFileSync(schema, "utf8"));
    } finally {
      db.close();
    }
    linkSync(draft, file);
  } catch (cause) {
    if ((cause as { code?: string }).code === "EEXIST") return;
    throw new Error(
      `SQLite ${name}: ${file} could not be created from ${schema}: ${(cause as Error).message}`,
      { cause },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

function connect(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON`);
  return db;
}

function withParams(statement: StatementSync, sql: string, params: SqlParams, verb: "all" | "run"): unknown {
  if (Array.isArray(params)) return statement[verb](...params.map(toSqlite));
  const values = Object.entries(valuesFor(sql, params as Readonly<Record<string, unknown>>));
  return statement[verb](Object.fromEntries(values.map(([name, value]) => [name, toSqlite(value)])));
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  // Temporal's types have a text form of their own; plain lists and objects are stored as JSON.
  const text = JSON.stringify(value);
  return text.startsWith('"') ? JSON.parse(text) as string : text;
}

/** Whole numbers come back as numbers while they are exact, as bigint beyond 2^53. */
function readRow(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
    ]),
  );
}

function run<T>(settings: SqliteSettings, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`SQLite ${settings.name}: ${(cause as Error).message}`, { cause });
  }
}
