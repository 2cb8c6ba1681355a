/** What every driver offers: connections, each of which does one statement after another. */
import type { Dialect, Statement } from "./sql.ts";

/** A row: values by column name, as the server names the columns. */
export type Row = Record<string, unknown>;

export interface CallOptions {
  /** Aborted, the statement is cancelled on the server. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the statement is cancelled on the server. */
  readonly timeoutMs?: number | undefined;
  /** Dates and times as texts, as the server writes them. */
  readonly strings?: boolean | undefined;
  /** For copying: JSON, lists and all that has no value of its own here as the text that the server writes. */
  readonly exact?: boolean | undefined;
  /** Moments of a column that keeps them, but shows them in the session's zone, as `Temporal.Instant`: for another zone. */
  readonly instants?: boolean | undefined;
}

/** What a statement gave. */
export interface Answer {
  /** The rows of its first result. */
  readonly rows: Row[];
  /** How many rows it changed; how many it gave where it changed none. */
  readonly changed: number;
  /** The rows of every result, where there were several. */
  readonly results?: readonly Row[][] | undefined;
}

/** Rows by place: each has a value for every column. */
export type Rows = readonly (readonly unknown[])[];

/** Where rows go. */
export interface RowTarget {
  /** Such as `orders` or `sales.orders`. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns by which a row that is there already is known: it is changed. Without them such a row is an error. */
  readonly keys?: readonly string[] | undefined;
}

/** How far a transaction sees what others do meanwhile (ISO 9075). */
export type Isolation = "read committed" | "repeatable read" | "serializable";

export interface TransactionSettings {
  readonly isolation?: Isolation | undefined;
  readonly readOnly?: boolean | undefined;
}

/** One session on a server. Its statements follow each other. */
export interface Connection {
  /** False once it was lost or closed. */
  readonly alive: boolean;
  /** True once its session may differ from a fresh one, such as after a `SET`. */
  readonly changed: boolean;
  ask(statement: Statement, call: CallOptions): Promise<Answer>;
  /** Rows in batches; the server waits while a batch is worked on. */
  stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]>;
  /** Inserts many rows the fastest way there is, within a transaction. */
  insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void>;
  begin(settings: TransactionSettings, call: CallOptions): Promise<void>;
  /** Rejects where the server rolled back instead. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  savepoint(name: string): Promise<void>;
  /** Keeps what was done since the savepoint. */
  release(name: string): Promise<void>;
  rollbackTo(name: string): Promise<void>;
  /** Rejects where the server does not answer. */
  ping(): Promise<void>;
  /** Makes the session a fresh one again. */
  reset(): Promise<void>;
  /** Says goodbye to the server. */
  close(): Promise<void>;
  /** Cuts the connection; whatever waits on it fails. */
  destroy(): void;
}

/** A kind of database at one address. Errors name it and never its password. */
export interface Driver {
  readonly dialect: Dialect;
  /** Begins every sentence, such as `PostgreSQL sales`. */
  readonly label: string;
  /** Whose clocks the session's times of day are of. */
  readonly zone: string;
  /** Most connections at once. */
  readonly most: number;
  /** True where a connection holds what is lost with it. */
  readonly keepsIdle?: boolean | undefined;
  /** Makes a connection; fails within the section's `connect_timeout`. */
  connect(): Promise<Connection>;
  /** What the server says it is. */
  version(connection: Connection): Promise<string>;
}
