/** `query`, `execute`, `stream`, `transaction`, `insertMany`, `copyRows`: one way for tasks to speak to the databases of database.ini. */
import {
  copyOn,
  type CopyOptions,
  type CopySource,
  type CopyTarget,
  insertOn,
  type InsertOptions,
} from "./copy.ts";
import { givenOptions, givenText } from "../app/base/given.ts";
import type { Row } from "./database.ts";
import { currentDatasource, type DatasourceEnvironment, useDatasource } from "./environment.ts";
import type { Session } from "./session.ts";
import type { SqlParams } from "./sql.ts";
import { copySource, copyTarget, type Transaction, transactionOn, workOf } from "./transaction.ts";
import {
  callOptions,
  executeOn,
  queryOn,
  type QueryOptions,
  type Results,
  streamOn,
  type StreamOptions,
  type TransactionOptions,
} from "./verbs.ts";

export type { Isolation, Row } from "./database.ts";
export type { SqlParams } from "./sql.ts";
export type { CopyOptions, CopySource, CopyTarget, InsertOptions } from "./copy.ts";
export type { QueryOptions, Results, StreamOptions, TransactionOptions } from "./verbs.ts";
export type { Transaction } from "./transaction.ts";
export { askDatabase, closeDatabases, createEmbeddedDatabases, testDatabase } from "./administration.ts";

/**
 * Runs one statement and returns its rows. Inside of a `transaction` on the same database it belongs to that.
 *
 * @param database name of a section of database.ini
 * @param params values of `:name` as an object, of `?` as a list; a list as a value stands for several, as in `IN (:ids)`
 * @param options with `results: true`, the rows of every result of a procedure that has several
 * @throws DatabaseError; TypeError, before anything is sent, for a value that is missing or not used
 * @example const rows = await query("test_db", "SELECT * FROM tbl_test WHERE id > :id", { id: 7 })
 */
export function query<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams | undefined,
  options: QueryOptions & { readonly results: true },
): Promise<Results<R>>;
export function query<R extends Row = Row>(
  database: string,
  sql: string,
  params?: SqlParams,
  options?: QueryOptions,
): Promise<R[]>;
export async function query<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions & { readonly results?: boolean | undefined } = {},
): Promise<R[] | Results<R>> {
  return await queryOn<R>(await here(database), sql, params, options);
}

/** Runs one statement and returns how many rows it changed; see {@link query}. */
export async function execute(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions = {},
): Promise<number> {
  return await executeOn(await here(database), sql, params, options);
}

/**
 * Rows in batches, while the server waits: for more than fits into memory. It reads on a connection of its own what is
 * committed, also inside of a `transaction`; `tx.stream` reads what the transaction sees.
 *
 * @example for await (const rows of stream("test_db", "SELECT * FROM big")) await store(rows);
 */
export async function* stream<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: StreamOptions = {},
): AsyncGenerator<R[]> {
  yield* streamOn<R>(await databaseNamed(database), sql, params, options);
}

/**
 * Does several statements as one: commits when `work` is done, rolls back when it throws, when a statement in it failed or
 * the signal is aborted. Inside of another one on the same database it is a part that can be undone by itself.
 *
 * @example await transaction("test_db", async (tx) => { await tx.execute("…"); await tx.execute("…"); });
 */
export async function transaction<T>(
  database: string,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  givenOptions("what stands for the options", options);
  const { isolation, readOnly } = options;
  const open = (name: string) => currentDatasource().database(name);
  return await (await here(database)).transaction(
    workOf(work, (inside) => transactionOn(inside, options, open)),
    { isolation, readOnly },
    callOptions({ signal: options.signal }),
  );
}

/**
 * Inserts rows, all or none of them, the fastest way the database has. Column names are those of the first row; all rows
 * have the same. Returns how many there were.
 *
 * @param table such as `orders` or `sales.orders`
 * @example await insertMany("dwh", "orders", rows, { upsert: "id", signal })
 */
export async function insertMany(
  database: string,
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: InsertOptions = {},
): Promise<number> {
  return await insertOn(await here(database), table, rows, options);
}

/**
 * Copies the rows of a question into a table of the same or another database, batch by batch: neither has to fit into
 * memory. All or none of them get there, and exactly, or it fails and says which column and value. Returns how many there were.
 *
 * @example await copyRows({ database: "shop", sql: "SELECT id, total FROM orders" }, { database: "dwh", table: "orders" }, { upsert: "id" })
 */
export async function copyRows(
  from: CopySource,
  to: CopyTarget,
  options: CopyOptions = {},
): Promise<number> {
  const { database, ...what } = copySource(from);
  const target = copyTarget(to);
  return await copyOn(
    await databaseNamed(database),
    what,
    await here(target.database),
    target.table,
    options,
  );
}

/** The database, or the transaction on it that the code which asks is in. */
async function here(name: string): Promise<Session> {
  return (await databaseNamed(name)).here();
}

async function databaseNamed(name: string): ReturnType<DatasourceEnvironment["database"]> {
  givenText("the database", name, "the name of a section of database.ini");
  return await currentDatasource().database(name);
}

/** Names the file that {@link query} looks its databases up in; {@link useDatasource} sets all at once. */
export function setDatabaseFile(databaseFile: string): void {
  useDatasource({ ...currentDatasource().settings, databaseFile, settingsOf: undefined });
}
