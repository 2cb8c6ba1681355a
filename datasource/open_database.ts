/** An open section of database.ini: statements on its connections, and transactions that hold one of them. */
import { cancelledError, FOREVER_MS, limited } from "./cancel.ts";
import type {
  Answer,
  CallOptions,
  Connection,
  Driver,
  Row,
  Rows,
  RowTarget,
  TransactionSettings,
} from "./database.ts";
import { QueryCancelledError } from "./errors.ts";
import { ConnectionPool, type PoolTimes } from "./pool.ts";
import type { Session } from "./session.ts";
import { brief, type Dialect, type Statement, verbOf } from "./sql.ts";
import { traced } from "./trace.ts";
import { aboutDatabase, innermostOf, TransactionSession } from "./transaction_session.ts";

export class Database implements Session {
  readonly #pool: ConnectionPool;

  constructor(readonly driver: Driver, times?: PoolTimes) {
    this.#pool = new ConnectionPool(driver, times);
  }

  get dialect(): Dialect {
    return this.driver.dialect;
  }

  get label(): string {
    return this.driver.label;
  }

  get zone(): string {
    return this.driver.zone;
  }

  /** The transaction that the code which asks is in, or the database itself. */
  here(): Session {
    return innermostOf(this) ?? this;
  }

  ask(statement: Statement, call: CallOptions): Promise<Answer> {
    return traced(
      `query ${verbOf(statement)}`,
      aboutDatabase(this),
      () => this.#use(brief(statement), call, (connection, left) => connection.ask(statement, left)),
    );
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    // The connection is held until the reader is done, however it is done.
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<Connection>();
    const holding = this.#pool.use(`a stream of ${brief(statement)}`, call, (connection) => {
      begun.resolve(connection);
      return ended.promise;
    });
    holding.catch((error) => begun.reject(error));
    try {
      yield* (await begun.promise).stream(statement, batch, call);
    } finally {
      ended.resolve();
      // Where there was no connection the reader has been told already.
      await holding.catch(() => {});
    }
  }

  insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void> {
    return this.#transaction(
      `rows for ${target.table}`,
      (_inside, connection) => connection.insert(target, batches, call),
      {},
      call,
    );
  }

  transaction<T>(
    work: (inside: Session) => Promise<T>,
    settings: TransactionSettings,
    call: CallOptions,
  ): Promise<T> {
    return this.#transaction("a transaction", work, settings, call);
  }

  #transaction<T>(
    use: string,
    work: (inside: Session, connection: Connection) => Promise<T>,
    settings: TransactionSettings,
    call: CallOptions,
  ): Promise<T> {
    return this.#use(use, call, async (connection) => {
      await connection.begin(settings, call);
      const inside = new TransactionSession(this, connection, undefined);
      try {
        const done = await inside.within((session) => work(session, connection));
        if (call.signal?.aborted) throw cancelledError(this.label, call.signal);
        await this.#commit(connection, call);
        return done;
      } catch (error) {
        // A connection that was lost takes no rollback: its server does it by itself.
        if (connection.alive) await connection.rollback().catch(() => connection.destroy());
        throw error;
      }
    });
  }

  /** Whoever cancels meanwhile is told what nobody knows. */
  async #commit(connection: Connection, { signal }: CallOptions): Promise<void> {
    const unknown = () => {
      connection.destroy();
      const text =
        `${this.label}: cancelled while the transaction was committed; whether it was is not known`;
      return new QueryCancelledError(text, {}, { cause: signal?.reason });
    };
    await limited(connection.commit(), { ms: FOREVER_MS, signal }, unknown);
  }

  /** Lends one connection for several statements, each of which counts by itself. */
  hold<T>(use: string, call: CallOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#pool.use(use, call, work);
  }

  version(): Promise<string> {
    return this.#use("its version", {}, (connection) => this.driver.version(connection));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #use<T>(
    use: string,
    call: CallOptions,
    work: (connection: Connection, left: CallOptions) => Promise<T>,
  ): Promise<T> {
    const begun = performance.now();
    return this.#pool.use(use, call, (connection) => {
      const { timeoutMs } = call;
      if (timeoutMs === undefined) return work(connection, call);
      // What was waited for the connection is part of the limit; the message names the whole.
      const left = Math.max(1, Math.round(timeoutMs - (performance.now() - begun)));
      return work(connection, { ...call, timeoutMs: left < timeoutMs - 50 ? left : timeoutMs });
    });
  }
}
