/** A connection to an embedded database: `node:sqlite`, which answers at once and in this thread. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../../../app/base/errors.ts";
import { cancelledError, limited } from "../../cancel.ts";
import { checkDistinct, matchedNames } from "../../column_names.ts";
import type { Answer, CallOptions, Row, Rows, RowTarget, TransactionSettings } from "../../database.ts";
import { CannotConnectError, QueryTimeoutError } from "../../errors.ts";
import { insertStatement, rowsAStatement, upsertOnConflict } from "../../insert_statement.ts";
import { quotedName } from "../../names.ts";
import { singleStatement, type Statement, withoutComments } from "../../sql.ts";
import { DriverConnection } from "../connection.ts";
import type { Fault, Place } from "../fault.ts";
import { takeTurn, type WriteTurn } from "./locks.ts";
import {
  type Affinity,
  affinityOf,
  checkExact,
  plainWhole,
  readRow,
  sent,
  type SqliteValue,
} from "./values.ts";

/** How long a statement waits for a lock, of this process or another one. */
const LOCK_WAIT_MS = 30_000;
const BUSY_PAUSE_MS = [2, 5, 10, 20, 50, 100];
/** SQLITE_BUSY and SQLITE_LOCKED (SQLite, "Result Codes"). */
const BUSY = /database is locked|database table is locked|database schema is locked/;
const MAX_VALUES = 32_766;

interface Prepared {
  readonly statement: StatementSync;
  readonly values: SqliteValue[];
  readonly names: readonly string[];
  readonly read: (row: unknown) => Row;
}

export class SqliteConnection extends DriverConnection {
  #turn: WriteTurn | undefined;

  constructor(
    readonly db: DatabaseSync,
    place: Place,
    readonly file: string,
    readonly init: readonly string[],
  ) {
    super(place);
  }

  protected cancel(): void {
    // A statement runs to its end once it has begun; between two of them the limits are seen to.
  }

  protected cut(): void {
    this.#endTurn();
    if (this.db.isOpen) this.db.close();
  }

  protected faultOf(error: unknown): Fault {
    const message = messageOf(error);
    // What SQLite says of a text without a statement.
    return { kind: "sql", text: message === "not an error" ? "the text holds no statement" : message };
  }

  setUp(): void {
    for (const text of this.init) this.db.exec(text);
    this.unchanged();
  }

  ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.note(statement);
    const bare = withoutComments(statement.text);
    const writes = !READS.test(bare) || CHANGES.test(bare);
    return this.#asWriter(writes, call, () => {
      const { statement: prepared, values, names, read } = this.#prepare(statement);
      if (names.length === 0) return { rows: [], changed: Number(prepared.run(...values).changes) };
      const rows = prepared.all(...values).map(read);
      return { rows, changed: writes ? this.#changes() : rows.length };
    });
  }

  #changes(): number {
    return Number(Object.values(this.db.prepare("SELECT changes() AS n").get() ?? {})[0] ?? 0);
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    const { rows, read } = await this.#patiently(call, () => {
      const { statement: prepared, values, names, read } = this.#prepare(statement);
      checkDistinct(names, call);
      // In a transaction its own changes would show up among the rows that are still to come: there they are read at once.
      const rows = this.inTransaction ? prepared.all(...values).values() : prepared.iterate(...values);
      return { rows, read };
    });
    try {
      for (let done = false; !done;) {
        const collected = await this.#patiently(call, () => {
          const some: Row[] = [];
          while (some.length < batch) {
            const next = rows.next();
            done = next.done === true;
            if (done) break;
            some.push(read(next.value));
          }
          return some;
        });
        if (collected.length > 0) yield collected;
      }
    } finally {
      // Whoever stops early leaves no lock behind.
      rows.return?.();
    }
  }

  async insert(
    { table, columns, keys }: RowTarget,
    batches: AsyncIterable<Rows>,
    call: CallOptions,
  ): Promise<void> {
    const known = this.db.prepare(`SELECT name, type FROM pragma_table_xinfo(?)`).all(
      table.split(".").at(-1) ?? table,
    )
      .map((row) => ({ name: String(row.name), type: String(row.type) }));
    const match = (wanted: readonly string[]) =>
      matchedNames(wanted, known.map(({ name }) => name), this.place.label, table);
    const found = match(columns);
    const affinities = found.map((name) => affinityOf(known.find((each) => each.name === name)?.type ?? ""));
    const tail = keys ? upsertOnConflict(found, match(keys), "sqlite") : "";
    const target = quotedName(table, "sqlite");
    let count = 0;
    for await (const rows of batches) {
      const most = rowsAStatement(found.length, MAX_VALUES);
      for (let from = 0; from < rows.length; from += most) {
        const some = rows.slice(from, from + most);
        const values = some.flatMap((row, i) =>
          row.map((value, place) =>
            checkedValue(value, affinities[place] ?? "none", count + from + i, found[place] ?? "")
          )
        );
        await this.#asWriter(true, call, () => {
          this.db.prepare(insertStatement(target, found, some.length, tail, "sqlite")).run(...values);
        });
      }
      count += rows.length;
    }
  }

  async begin({ readOnly = false }: TransactionSettings, call: CallOptions): Promise<void> {
    // A reader needs no turn: it sees what is committed.
    if (!readOnly) this.#turn = await this.#writeTurn(call);
    try {
      await this.#patiently(
        call,
        () => this.db.exec(readOnly ? "PRAGMA query_only = ON; BEGIN" : "BEGIN IMMEDIATE"),
      );
      this.inTransaction = true;
    } catch (error) {
      this.#endTurn();
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#patiently({}, () => {
      if (!this.db.isTransaction) throw this.notCommitted();
      this.db.exec("COMMIT");
    });
    this.#over();
  }

  rollback(): Promise<void> {
    if (this.db.isTransaction) this.db.exec("ROLLBACK");
    this.#over();
    return Promise.resolve();
  }

  #over(): void {
    this.db.exec("PRAGMA query_only = OFF");
    this.inTransaction = false;
    this.failure = undefined;
    this.#endTurn();
  }

  #endTurn(): void {
    this.#turn?.finish();
    this.#turn = undefined;
  }

  savepoint(name: string): Promise<void> {
    return this.#patiently({}, () => this.db.exec(`SAVEPOINT ${name}`));
  }

  release(name: string): Promise<void> {
    return this.#patiently({}, () => this.db.exec(`RELEASE ${name}`));
  }

  rollbackTo(name: string): Promise<void> {
    return this.#patiently({}, () => {
      // Some errors end the whole transaction, and its savepoints with it.
      if (this.db.isTransaction) this.db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
    });
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  /** What a connection may have of its own: settings, attached files, tables of the session. */
  reset(): Promise<void> {
    if (this.file === ":memory:") {
      this.unchanged();
      return Promise.resolve();
    }
    return Promise.reject(new Error("a fresh connection costs less"));
  }

  close(): Promise<void> {
    this.ended(new Error("the connection was closed"));
    this.cut();
    return Promise.resolve();
  }

  #prepare({ text, values }: Statement): Prepared {
    singleStatement(text, "sqlite");
    const statement = this.db.prepare(text);
    statement.setReadBigInts(true);
    // Lists are cheaper than the driver's objects, of which each row would need a second one.
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    return {
      statement,
      values: values.map(sent),
      names,
      read: (row) => readRow(names, row as readonly unknown[]),
    };
  }

  async #asWriter<T>(writes: boolean, call: CallOptions, work: () => T): Promise<T> {
    if (!writes || this.inTransaction) return await this.#patiently(call, work);
    const turn = await this.#writeTurn(call);
    try {
      return await this.#patiently(call, work);
    } finally {
      turn.finish();
    }
  }

  async #writeTurn({ signal, timeoutMs }: CallOptions): Promise<WriteTurn> {
    const turn = takeTurn(this.file);
    const ms = Math.min(timeoutMs ?? LOCK_WAIT_MS, LOCK_WAIT_MS);
    try {
      await limited(
        turn.come,
        { ms, signal },
        () => this.#lockedFor(ms, "another transaction of this process", timeoutMs),
        () => cancelledError(this.place.label, signal),
      );
      return turn;
    } catch (error) {
      turn.finish();
      throw error;
    }
  }

  /** Does something at once, or as soon as another process has finished with the file. */
  #patiently<T>(call: CallOptions, work: () => T): Promise<T> {
    const { signal, timeoutMs } = call;
    return this.run({ signal }, async () => {
      const begun = performance.now();
      const most = Math.min(timeoutMs ?? LOCK_WAIT_MS, LOCK_WAIT_MS);
      for (let attempt = 0;; attempt++) {
        if (signal?.aborted) throw cancelledError(this.place.label, signal);
        try {
          return work();
        } catch (error) {
          if (this.inTransaction && !this.db.isTransaction) this.failure ??= this.explain(error);
          if (!BUSY.test(messageOf(error))) throw error;
          if (performance.now() - begun > most) throw this.#lockedFor(most, "another process", timeoutMs);
        }
        const pause = BUSY_PAUSE_MS[Math.min(attempt, BUSY_PAUSE_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
  }

  #lockedFor(ms: number, by: string, timeoutMs: number | undefined): Error {
    const text = `${this.place.label}: waited ${ms} ms to write to ${this.file}: it is locked by ${by}`;
    return ms === timeoutMs ? new QueryTimeoutError(text) : new CannotConnectError(text);
  }
}

const READS = /^[\s(]*(?:select|values|explain|with|pragma)\b/i;
/** A question that changes rows before it gives them. */
const CHANGES = /^[\s(]*with\b[\s\S]*\b(?:insert|update|delete|replace)\b/i;

function checkedValue(value: unknown, affinity: Affinity, row: number, column: string): SqliteValue {
  try {
    // A column of texts takes a whole number of any size.
    const plain = sent(typeof value === "bigint" ? plainWhole(value) : value);
    checkExact(plain, affinity);
    return plain;
  } catch (cause) {
    throw new TypeError(`row ${row + 1}, column "${column}": ${messageOf(cause)}`, { cause });
  }
}
