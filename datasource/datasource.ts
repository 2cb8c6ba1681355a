/** `query`, `execute`, `stream`, `transaction`: one way for tasks to speak to the databases of database.ini. */
import { type DurationLike, durationMs } from "../app/duration.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { allDatabaseSettings, databaseSettings } from "./settings.ts";
import { type Dialect, type SqlParams, statementFor } from "./sql.ts";
import { createSqliteFile, openSqlite } from "./sqlite.ts";

export type { Row } from "./database.ts";
export type { SqlParams } from "./sql.ts";

export interface QueryOptions {
  /** Aborted, the statement is cancelled on the server too. Hand on the task's own. */
  readonly signal?: AbortSignal;
  /** The statement is cancelled on the server after this long. */
  readonly timeout?: DurationLike;
  /** Dates and times as texts, as the server writes them, and not as `Temporal` values. */
  readonly strings?: boolean;
}

export interface StreamOptions extends QueryOptions {
  /** Rows a batch, 1,000 when left out. */
  readonly batch?: number;
}

/** A transaction: its statements are all done or none of them. */
export interface Transaction {
  query<R extends Row = Row>(sql: string, params?: SqlParams, options?: QueryOptions): Promise<R[]>;
  execute(sql: string, params?: SqlParams, options?: QueryOptions): Promise<number>;
}

const DEFAULT_BATCH = 1_000;

let databaseFile = "database.ini";
const opened = new Map<string, Promise<Database>>();

/** Names the file that {@link query} looks its databases up in. */
export function setDatabaseFile(file: string): void {
  databaseFile = file;
}

/**
 * Runs one statement and returns its rows.
 *
 * @param database name of a section of database.ini
 * @param params values of `:name` as an object, of `?` as a list; a list as a value stands for several, as in `IN (:ids)`
 * @throws DatabaseError; TypeError, before anything is sent, for a value that is missing or not used
 * @example const rows = await query("test_db", "SELECT * FROM tbl_test WHERE id > :id", { id: 7 })
 */
export async function query<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions = {},
): Promise<R[]> {
  const db = await open(database);
  return await db.query(statementFor(sql, params, db.dialect), callOptions(options)) as R[];
}

/** Runs one statement and returns how many rows it changed; see {@link query}. */
export async function execute(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: QueryOptions = {},
): Promise<number> {
  const db = await open(database);
  return await db.execute(statementFor(sql, params, db.dialect), callOptions(options));
}

/**
 * Rows in batches, while the server waits: for more than fits into memory.
 *
 * @example for await (const rows of stream("test_db", "SELECT * FROM big")) await store(rows);
 */
export async function* stream<R extends Row = Row>(
  database: string,
  sql: string,
  params: SqlParams = {},
  options: StreamOptions = {},
): AsyncGenerator<R[]> {
  const db = await open(database);
  const { batch = DEFAULT_BATCH } = options;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`batch: ${batch} is not a whole number above 0`);
  }
  for await (const rows of db.stream(statementFor(sql, params, db.dialect), batch, callOptions(options))) {
    yield rows as R[];
  }
}

/**
 * Does several statements as one: commits when `work` is done, rolls back when it throws or the signal is aborted.
 *
 * @example await transaction("test_db", async (tx) => { await tx.execute("…"); await tx.execute("…"); });
 */
export async function transaction<T>(
  database: string,
  work: (tx: Transaction) => Promise<T>,
  options: Pick<QueryOptions, "signal"> = {},
): Promise<T> {
  const db = await open(database);
  const { signal } = options;
  return await db.transaction(async (session) => {
    const done = await work(transactionOn(session, db.dialect, options));
    signal?.throwIfAborted();
    return done;
  }, callOptions(options));
}

/** Opens a database, or gives the one that is open. */
export function open(name: string): Promise<Database> {
  let database = opened.get(name);
  if (!database) {
    database = connect(name);
    opened.set(name, database);
    // What could not be opened is tried again by the next one who asks.
    database.catch(() => opened.delete(name));
  }
  return database;
}

/** Closes all databases of this thread. */
export async function closeDatabases(): Promise<void> {
  const all = [...opened.values()];
  opened.clear();
  await Promise.all(all.map(async (database) => await (await database).close()));
}

/** Creates the embedded databases of database.ini that are not there yet. Returns their files. */
export function createEmbeddedDatabases(file: string): string[] {
  return allDatabaseSettings(file).flatMap((settings) => {
    if (settings.type !== "sqlite") return [];
    createSqliteFile(settings);
    return [settings.file];
  });
}

/** Each driver is loaded when a section first needs it. */
async function connect(name: string): Promise<Database> {
  const settings = databaseSettings(databaseFile, name);
  switch (settings.type) {
    case "sqlite":
      return openSqlite(settings);
    case "postgresql":
      return await (await import("./postgresql.ts")).openPostgres(settings);
    case "mysql":
      return await (await import("./mysql.ts")).openMysql(settings);
  }
}

function transactionOn(
  session: Session,
  dialect: Dialect,
  { signal }: Pick<QueryOptions, "signal">,
): Transaction {
  const withSignal = (options: QueryOptions) => callOptions(signal ? { signal, ...options } : options);
  return {
    query: async <R extends Row>(sql: string, params: SqlParams = {}, options: QueryOptions = {}) =>
      await session.query(statementFor(sql, params, dialect), withSignal(options)) as R[],
    execute: (sql, params = {}, options = {}) =>
      session.execute(statementFor(sql, params, dialect), withSignal(options)),
  };
}

function callOptions({ signal, timeout, strings }: QueryOptions): CallOptions {
  return {
    ...(signal ? { signal } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) }),
    ...(strings === undefined ? {} : { strings }),
  };
}
