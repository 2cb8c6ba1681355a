/** What those who run Carillon do with databases: try them, make the embedded ones, close all. */
import { currentDatasource } from "./environment.ts";
import { createSqliteFile } from "./drivers/sqlite/file.ts";
import { allDatabaseSettings } from "./settings.ts";
import type { Row } from "./database.ts";
import { type Dialect, statementFor } from "./sql.ts";

/** The smallest question that each kind of database answers. */
const PING: Readonly<Record<Dialect, string>> = {
  postgresql: "SELECT 1",
  mysql: "SELECT 1",
  sqlite: "SELECT 1",
  sqlserver: "SELECT 1",
  oracle: "SELECT 1 FROM dual",
};
/** A server that is slower than this does not answer. */
const TEST_LIMIT_MS = 15_000;

/** Connects to a database and asks it the smallest question. `ms` is how long that took, without connecting. */
export async function testDatabase(name: string): Promise<{ readonly version: string; readonly ms: number }> {
  const database = await currentDatasource().database(name);
  const version = await database.version();
  const begun = performance.now();
  await database.ask({ text: PING[database.dialect], values: [] }, { timeoutMs: TEST_LIMIT_MS });
  return { version, ms: performance.now() - begun };
}

export interface AskedRows {
  readonly rows: readonly Row[];
  /** How many rows were changed; how many there are where none were. */
  readonly changed: number;
  /** It was done and undone: SQL Server cannot refuse changes beforehand. */
  readonly undone: boolean;
}

/** Does one statement for somebody at a terminal: without `write` the server refuses whatever would change something. */
export async function askDatabase(
  name: string,
  sql: string,
  { write = false }: { readonly write?: boolean } = {},
): Promise<AskedRows> {
  const database = await currentDatasource().database(name);
  const statement = statementFor(sql, {}, database.dialect);
  const call = { strings: true };
  if (write) return { ...await database.ask(statement, call), undone: false };
  const answer = await database.transaction((inside) => inside.ask(statement, call), { readOnly: true }, {});
  return {
    ...answer,
    undone: database.dialect === "sqlserver" && answer.rows.length === 0 && answer.changed > 0,
  };
}

/** Closes all databases of this process. */
export async function closeDatabases(): Promise<void> {
  await currentDatasource().close();
}

/** Creates the embedded databases of database.ini that are not there yet. Returns their files. */
export function createEmbeddedDatabases(file: string): string[] {
  return allDatabaseSettings(file).flatMap((settings) => {
    if (settings.type !== "sqlite") return [];
    createSqliteFile(settings);
    return [settings.file];
  });
}
