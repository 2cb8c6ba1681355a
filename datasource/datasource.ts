/** `query`, `execute`, `stream`, `transaction`: one way for tasks to speak to the databases of database.ini. */
import { type DurationLike, durationMs } from "../app/duration.ts";
import { type Rows, rowsByPlace } from "./bulk.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { allDatabaseSettings, databaseSettings } from "./settings.ts";
import { type Dialect, type SqlParams, statementFor } from "./sql.ts";
import { createSqliteFile, openSqlite } from "./sqlite.ts";
import { later, type Watermark } from "./watermark.ts";

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

export interface InsertOptions extends Pick<QueryOptions, "signal"> {
  /** Columns by which a row that is there already is known: it is changed. Without them such a row is an error. */
  readonly upsert?: string | readonly string[];
  /** Rows that are sent together, 5,000 when left out. */
  readonly batch?: number;
}

const INSERT_BATCH = 5_000;

/**
 * Inserts rows, all or none of them, a thousand a statement. Column names are those of the first row; all
 * rows have the same. Returns how many there were.
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
  const { batch = INSERT_BATCH, signal } = options;
  return await insertBatches(database, table, batched(rows, batch), options, signal);
}

export interface CopySource {
  readonly database: string;
  readonly sql: string;
  readonly params?: SqlParams;
}

export interface CopyTarget {
  readonly database: string;
  readonly table: string;
}

export interface CopyOptions extends InsertOptions {
  /** Set to the greatest value of a column of what was copied, for the next run to go on from. */
  readonly watermark?: { readonly mark: Watermark; readonly column: string };
}

/**
 * Copies the rows of a question into a table of the same or another database, batch by batch: neither has to fit into
 * memory. All or none of them get there. Returns how many there were.
 *
 * @example await copyRows({ database: "shop", sql: "SELECT id, total FROM orders" }, { database: "dwh", table: "orders" }, { upsert: "id" })
 */
export async function copyRows(
  from: CopySource,
  to: CopyTarget,
  options: CopyOptions = {},
): Promise<number> {
  const { batch = INSERT_BATCH, signal, watermark } = options;
  let latest: unknown;
  async function* watched(): AsyncGenerator<Row[]> {
    const rows = stream(from.database, from.sql, from.params ?? {}, { batch, ...(signal ? { signal } : {}) });
    for await (const some of rows) {
      if (watermark) { for (const row of some) latest = later(latest, valueOf(row, watermark.column)); }
      yield some;
    }
  }
  const count = await insertBatches(to.database, to.table, watched(), options, signal);
  watermark?.mark.set(latest);
  return count;
}

function valueOf(row: Row, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  throw new TypeError(
    `watermark: the rows have no column "${column}"; they have ${Object.keys(row).join(", ")}`,
  );
}

async function insertBatches(
  database: string,
  table: string,
  batches: AsyncIterable<readonly Row[]>,
  { upsert }: InsertOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  const db = await open(database);
  const call = callOptions(signal ? { signal } : {});
  const keys = typeof upsert === "string" ? [upsert] : upsert;
  const given = batches[Symbol.asyncIterator]();
  let next = await given.next();
  while (!next.done && next.value.length === 0) next = await given.next();
  if (next.done) return 0;
  const columns = Object.keys(next.value[0] ?? {});
  let count = 0;
  async function* placed(): AsyncGenerator<Rows> {
    try {
      for (; !next.done; next = await given.next()) {
        signal?.throwIfAborted();
        yield rowsByPlace(next.value, columns, count);
        count += next.value.length;
      }
    } finally {
      await given.return?.();
    }
  }
  return await db.transaction(async (session) => {
    await session.insertMany({ table, columns, ...(keys ? { keys } : {}) }, placed(), call);
    return count;
  }, call);
}

async function* batched(rows: Iterable<Row> | AsyncIterable<Row>, size: number): AsyncGenerator<Row[]> {
  let some: Row[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
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
  const database = await open(name);
  const version = await database.version();
  const begun = performance.now();
  await database.query({ text: PING[database.dialect], values: [] }, { timeoutMs: TEST_LIMIT_MS });
  return { version, ms: performance.now() - begun };
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
    case "oracle":
      return await (await import("./oracle.ts")).openOracle(settings);
    case "sqlserver":
      return await (await import("./sqlserver.ts")).openSqlserver(settings);
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
