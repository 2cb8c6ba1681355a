/** `query` and `execute`: one way for tasks to speak to the databases of database.ini. */
import type { Database, Row } from "./database.ts";
import { allDatabaseSettings, databaseSettings } from "./settings.ts";
import type { SqlParams } from "./sql.ts";
import { createSqliteFile, openSqlite } from "./sqlite.ts";

export type { Row } from "./database.ts";
export type { SqlParams } from "./sql.ts";

export interface QueryOptions {
  /** Where it is aborted before the statement is sent, nothing is sent. */
  readonly signal?: AbortSignal;
}

let databaseFile = "database.ini";
const open = new Map<string, Database>();

/** Names the file that {@link query} looks its databases up in. */
export function setDatabaseFile(file: string): void {
  databaseFile = file;
}

/**
 * Runs one statement and returns its rows.
 *
 * @param database name of a section of database.ini
 * @param params values of `:name` as an object, of `?` as a list; values the statement does not use are passed over
 * @example const rows = await query("test_db", "SELECT * FROM tbl_test WHERE id > :id", { id: 7 })
 */
export async function query<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions = {},
): Promise<R[]> {
  options.signal?.throwIfAborted();
  return await connection(database).query(sql, params) as R[];
}

/** Runs one statement and returns how many rows it changed; see {@link query}. */
export async function execute(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions = {},
): Promise<number> {
  options.signal?.throwIfAborted();
  return await connection(database).execute(sql, params);
}

/** Creates the embedded databases of database.ini that are not there yet. Returns their files. */
export function createEmbeddedDatabases(file: string): string[] {
  return allDatabaseSettings(file).map((settings) => {
    createSqliteFile(settings);
    return settings.file;
  });
}

function connection(name: string): Database {
  let database = open.get(name);
  if (!database) {
    database = openSqlite(databaseSettings(databaseFile, name));
    open.set(name, database);
  }
  return database;
}
