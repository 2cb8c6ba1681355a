/** A transaction as a session: its statements share a connection, and transactions within it are savepoints. */
import { AsyncLocalStorage } from "node:async_hooks";
import { cancelledError, FOREVER_MS, limited } from "./cancel.ts";
import type {
  Answer,
  CallOptions,
  Connection,
  Row,
  Rows,
  RowTarget,
  TransactionSettings,
} from "./database.ts";
import { QueryTimeoutError, SqlError } from "./errors.ts";
import type { Session } from "./session.ts";
import { type Dialect, type Statement, verbOf } from "./sql.ts";
import { traced } from "./trace.ts";

/** Whose transactions they are. */
export type TransactionOwner = Pick<Session, "dialect" | "label" | "zone">;

/** The innermost transaction of each database that the code which is being executed is in. */
const current = new AsyncLocalStorage<ReadonlyMap<TransactionOwner, TransactionSession>>();

/** What a trace says of the database that is asked; never a text of SQL, which may hold anything. */
export function aboutDatabase({ dialect, label }: Pick<Session, "dialect" | "label">) {
  return { "db.system.name": dialect, "db.namespace": label };
}

/** The innermost open transaction on a database that the code which asks is in. */
export function innermostOf(owner: TransactionOwner): TransactionSession | undefined {
  const found = current.getStore()?.get(owner);
  return found?.open ? found : undefined;
}

/** A transaction, or one within another: a savepoint. */
export class TransactionSession implements Session {
  #open = true;
  #children: Promise<unknown> = Promise.resolve();
  /** Transactions within this one that are going on or wait their turn. */
  #nesting = 0;
  static #count = 0;

  constructor(
    readonly database: TransactionOwner,
    readonly connection: Connection,
    readonly parent: TransactionSession | undefined,
  ) {}

  get open(): boolean {
    return this.#open && this.connection.alive;
  }

  get dialect(): Dialect {
    return this.database.dialect;
  }

  get label(): string {
    return this.database.label;
  }

  get zone(): string {
    return this.database.zone;
  }

  /** Does the work as code that is in this transaction. */
  async within<T>(work: (inside: Session) => Promise<T>): Promise<T> {
    const store = new Map(current.getStore());
    store.set(this.database, this);
    try {
      return await current.run(store, () => work(this));
    } finally {
      this.#open = false;
    }
  }

  async ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.#refuseOver();
    if (this.#nesting === 0 || this.#asksFromWithin()) return await this.#asked(statement, call);
    // Else it would be undone with the transaction within.
    const before = this.#children;
    const done = this.#after(before, call).then(() => this.#asked(statement, call));
    this.#children = before.then(() => done).catch(() => {});
    return await done;
  }

  async #asked(statement: Statement, call: CallOptions): Promise<Answer> {
    return await traced(
      `query ${verbOf(statement)}`,
      aboutDatabase(this.database),
      () => this.connection.ask(statement, call),
    );
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    this.#refuseOver();
    if (this.#nesting > 0 && !this.#asksFromWithin()) await this.#after(this.#children, call);
    yield* this.connection.stream(statement, batch, call);
  }

  /** Whoever asks is in a transaction within this one: what it does belongs to that. */
  #asksFromWithin(): boolean {
    return innermostOf(this.database)?.isWithin(this) ?? false;
  }

  /** Waits for the transactions within this one that came before. */
  #after(before: Promise<unknown>, { signal, timeoutMs }: CallOptions): Promise<unknown> {
    const { label } = this;
    return limited(
      before,
      { ms: timeoutMs ?? FOREVER_MS, signal },
      () => new QueryTimeoutError(`${label}: waited ${timeoutMs} ms for a transaction within the same one`),
      () => cancelledError(label, signal),
    );
  }

  /** Its connection belongs to somebody else by now. */
  #refuseOver(): void {
    if (this.#open) return;
    throw new SqlError(
      `${this.label}: the transaction is over; await what is done in it before its work returns`,
    );
  }

  insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void> {
    return this.transaction(
      (inside) => {
        const { connection } = inside as TransactionSession;
        return connection.insert(target, batches, call);
      },
      {},
      call,
    );
  }

  async transaction<T>(
    work: (inside: Session) => Promise<T>,
    settings: TransactionSettings,
    call: CallOptions,
  ): Promise<T> {
    if (settings.isolation !== undefined || settings.readOnly) {
      throw new TypeError(`${this.label}: isolation and readOnly belong to the outermost transaction`);
    }
    this.#refuseOver();
    // Called on an outer transaction from within an inner one: savepoints nest in the order in which they are made.
    const innermost = innermostOf(this.database);
    if (innermost && innermost !== this && innermost.isWithin(this)) {
      return await innermost.transaction(work, settings, call);
    }
    const before = this.#children;
    const done = before.then(() => this.#nested(work, call));
    this.#children = done.catch(() => {});
    this.#nesting++;
    try {
      return await done;
    } finally {
      this.#nesting--;
    }
  }

  isWithin(outer: TransactionSession): boolean {
    for (let each = this.parent; each; each = each.parent) if (each === outer) return true;
    return false;
  }

  async #nested<T>(work: (inside: Session) => Promise<T>, call: CallOptions): Promise<T> {
    if (call.signal?.aborted) throw cancelledError(this.label, call.signal);
    const name = `carillon_${++TransactionSession.#count}`;
    await this.connection.savepoint(name);
    const inside = new TransactionSession(this.database, this.connection, this);
    try {
      const done = await inside.within(work);
      await this.connection.release(name);
      return done;
    } catch (error) {
      if (this.connection.alive) await this.connection.rollbackTo(name);
      throw error;
    }
  }
}
