/** Where statements can be sent: what a database and a transaction on it have in common. */
import type { Answer, CallOptions, Row, Rows, RowTarget, TransactionSettings } from "./database.ts";
import type { Dialect, Statement } from "./sql.ts";

/** Where statements can be sent: a database, or a transaction on it. */
export interface Session {
  readonly dialect: Dialect;
  readonly label: string;
  /** Whose clocks the session's times of day are of. */
  readonly zone: string;
  ask(statement: Statement, call: CallOptions): Promise<Answer>;
  stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]>;
  insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void>;
  /** A transaction, or one within it. */
  transaction<T>(
    work: (inside: Session) => Promise<T>,
    settings: TransactionSettings,
    call: CallOptions,
  ): Promise<T>;
}
