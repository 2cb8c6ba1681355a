/** A transaction as a task sees it. */
import { givenFunction, givenObject, givenOptions } from "../app/base/given.ts";
import type { Row } from "./database.ts";
import { copyOn, type CopyOptions, type CopySource, insertOn, type InsertOptions } from "./copy.ts";
import type { Session } from "./session.ts";
import type { SqlParams } from "./sql.ts";
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

/** A transaction: its statements are all done or none of them. */
export interface Transaction {
  query<R extends Row = Row>(
    sql: string,
    params: SqlParams | undefined,
    options: QueryOptions & { readonly results: true },
  ): Promise<Results<R>>;
  query<R extends Row = Row>(sql: string, params?: SqlParams, options?: QueryOptions): Promise<R[]>;
  execute(sql: string, params?: SqlParams, options?: QueryOptions): Promise<number>;
  /**
   * Rows in batches, as the transaction sees them. With MySQL and SQL Server nothing else can be asked in the transaction
   * until the last one is read.
   */
  stream<R extends Row = Row>(sql: string, params?: SqlParams, options?: StreamOptions): AsyncGenerator<R[]>;
  insertMany(
    table: string,
    rows: Iterable<Row> | AsyncIterable<Row>,
    options?: InsertOptions,
  ): Promise<number>;
  /** Copies into a table of this transaction; without a `database` also from it. */
  copyRows(
    from: Omit<CopySource, "database"> & { readonly database?: string | undefined },
    to: { readonly table: string },
    options?: CopyOptions,
  ): Promise<number>;
  /**
   * A transaction within this one: where its work throws, what it did is undone, and this one goes on. Whatever may fail
   * without ending the whole belongs into one.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** @param find opens a database by its name */
export function transactionOn(
  session: Session,
  { signal }: Pick<TransactionOptions, "signal">,
  find: (name: string) => Promise<Session>,
): Transaction {
  // The transaction's own signal holds for all of its statements.
  const withSignal = <O extends { readonly signal?: AbortSignal | undefined }>(options: O): O => {
    givenOptions("what stands for the options", options);
    return { signal, ...options };
  };
  return {
    query:
      (async (sql: string, params: SqlParams = {}, options: QueryOptions = {}) =>
        await queryOn(session, sql, params, withSignal(options))) as Transaction["query"],
    execute: async (sql, params = {}, options = {}) =>
      await executeOn(session, sql, params, withSignal(options)),
    stream: (sql, params = {}, options = {}) => streamOn(session, sql, params, withSignal(options)),
    insertMany: async (table, rows, options = {}) =>
      await insertOn(session, table, rows, withSignal(options)),
    async copyRows(source, target, options = {}) {
      const { database, ...from } = copySource(source);
      const { table } = copyTarget(target);
      const asked = database === undefined ? session : await find(database);
      return await copyOn(asked, from, session, table, withSignal(options));
    },
    transaction: async (work) =>
      await session.transaction(
        workOf(work, (inside) => transactionOn(inside, { signal }, find)),
        {},
        callOptions({ signal }),
      ),
  };
}

/** What a transaction does. @throws TypeError where it is no function */
export function workOf<T>(
  work: (tx: Transaction) => Promise<T>,
  transactionIn: (inside: Session) => Transaction,
): (inside: Session) => Promise<T> {
  givenFunction("what a transaction does", work, "a function such as async (tx) => { … }");
  return (inside) => work(transactionIn(inside));
}

/** What `copyRows` copies. @throws TypeError */
export function copySource<S extends object>(source: S): S {
  givenObject("copyRows: the source", source, 'an object such as { database: "shop", sql: "SELECT …" }');
  return source;
}

/** Where `copyRows` copies to. @throws TypeError */
export function copyTarget<T extends object>(target: T): T {
  givenObject("copyRows: the target", target, 'an object such as { database: "dwh", table: "orders" }');
  return target;
}
