/** What every driver offers. */
import type { Rows, RowTarget } from "./bulk.ts";
import type { Dialect, Statement } from "./sql.ts";

/** A row: values by column name, as the server names the columns. */
export type Row = Record<string, unknown>;

export interface CallOptions {
  /** Aborted, the statement is cancelled on the server. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the statement is cancelled on the server. */
  readonly timeoutMs?: number;
  /** Dates and times as texts, as the server writes them. */
  readonly strings?: boolean;
}

/** Where statements can be sent: a database, or a transaction on it. */
export interface Session {
  /** All rows of a statement. */
  query(statement: Statement, options: CallOptions): Promise<Row[]>;
  /** How many rows a statement changed. */
  execute(statement: Statement, options: CallOptions): Promise<number>;
  /** Rows in batches; the server waits while a batch is worked on. */
  stream(statement: Statement, batch: number, options: CallOptions): AsyncIterable<Row[]>;
  /** Inserts many rows the fastest way there is. Several statements: it is used within a transaction. */
  insertMany(target: RowTarget, batches: AsyncIterable<Rows>, options: CallOptions): Promise<void>;
}

/** An open database: a small pool of connections, made when they are needed. Errors name it and never its password. */
export interface Database extends Session {
  readonly dialect: Dialect;
  /** Commits when `work` is done, rolls back when it throws. */
  transaction<T>(work: (session: Session) => Promise<T>, options: CallOptions): Promise<T>;
  /** What the server says it is. */
  version(): Promise<string>;
  close(): Promise<void>;
}
