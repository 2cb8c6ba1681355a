/** A connection to Oracle. */
// @ts-types="npm:@types/oracledb@7.0.3"
import type * as Oracle from "oracledb";
import type { Answer, CallOptions, Row, Rows, RowTarget, TransactionSettings } from "../../database.ts";
import type { Statement } from "../../sql.ts";
import { COMMIT_LIMIT_MS, DriverConnection } from "../connection.ts";
import type { Fault, Place } from "../fault.ts";
import { oracleFault } from "./faults.ts";
import type { OpenedSession } from "./thin_mode.ts";
import { bindsOf, changeText, insertText, LONGEST_MERGED, plainRow, readerOf, sent } from "./values.ts";

/** What Oracle calls the levels; it has no third one. */
const LEVELS = {
  "read committed": "READ COMMITTED",
  "repeatable read": "SERIALIZABLE",
  "serializable": "SERIALIZABLE",
};

export class OracleConnection extends DriverConnection {
  constructor(
    readonly oracle: typeof Oracle,
    readonly client: Oracle.Connection,
    readonly session: OpenedSession,
    place: Place,
    readonly zone: string,
    readonly init: readonly string[],
    readonly connectSeconds: number,
  ) {
    super(place);
  }

  override get alive(): boolean {
    return super.alive && this.session.isConnected();
  }

  /** How texts and dates are turned into each other, and a decimal point: Oracle's own depend on the server's country. */
  async setUp(): Promise<void> {
    const settings = [
      "NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
      "NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF'",
      "NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM'",
      "NLS_NUMERIC_CHARACTERS = '.,'",
      `TIME_ZONE = '${this.zone.replaceAll("'", "''")}'`,
    ];
    for (const text of [`ALTER SESSION SET ${settings.join(" ")}`, ...this.init]) {
      await this.ask({ text, values: [] }, {});
    }
    this.unchanged();
  }

  protected cancel(): void {
    // Where it cannot be asked any more, the connection is cut.
    this.client.break().catch(() => {});
  }

  protected cut(): void {
    this.session.cut();
  }

  protected faultOf(error: unknown): Fault {
    return oracleFault(error, this.connectSeconds);
  }

  #execute<T>(
    { text, values }: Statement,
    options: Oracle.ExecuteOptions,
    call: CallOptions,
  ): Promise<Oracle.Result<T>> {
    const binds = values.map((value) => sent(value, this.zone));
    const fetchTypeHandler = (column: Oracle.Metadata<unknown>) => readerOf(this.oracle, column, call);
    return this.run(call, () =>
      this.client.execute<T>(text, binds, {
        outFormat: this.oracle.OUT_FORMAT_OBJECT,
        fetchTypeHandler,
        autoCommit: !this.inTransaction,
        ...options,
      }));
  }

  async ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.note(statement);
    const { rows, rowsAffected } = await this.#execute<Row>(statement, {}, call);
    const plain = (rows ?? []).map(plainRow);
    return { rows: plain, changed: rowsAffected ?? plain.length };
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    this.note(statement);
    const { resultSet } = await this.#execute<Row>(
      statement,
      { resultSet: true, fetchArraySize: batch },
      call,
    );
    if (!resultSet) return;
    try {
      for (;;) {
        const rows = await this.run(call, () => resultSet.getRows(batch));
        if (rows.length > 0) yield rows.map(plainRow);
        if (rows.length < batch) return;
      }
    } finally {
      if (this.alive) await this.control("the end of a stream", () => resultSet.close());
    }
  }

  async insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void> {
    let from = 0;
    for await (const rows of batches) {
      const { values, bindDefs } = bindsOf(this.oracle, target.columns, rows, { zone: this.zone, from });
      const long = bindDefs.some(({ type, maxSize = 0 }) =>
        type === this.oracle.CLOB || type === this.oracle.BLOB || maxSize > LONGEST_MERGED
      );
      const text = target.keys && long ? changeText(target) : insertText(target);
      await this.run(
        call,
        () => this.client.executeMany(text, values, { autoCommit: !this.inTransaction, bindDefs }),
      );
      from += rows.length;
    }
  }

  async begin({ isolation, readOnly = false }: TransactionSettings, call: CallOptions): Promise<void> {
    this.inTransaction = true;
    const what = readOnly ? "READ ONLY" : isolation ? `ISOLATION LEVEL ${LEVELS[isolation]}` : undefined;
    if (what) await this.#execute({ text: `SET TRANSACTION ${what}`, values: [] }, {}, call);
  }

  async commit(): Promise<void> {
    await this.control("COMMIT", () => this.client.commit(), COMMIT_LIMIT_MS);
    this.inTransaction = false;
  }

  async rollback(): Promise<void> {
    this.inTransaction = false;
    await this.control("ROLLBACK", () => this.client.rollback());
  }

  async savepoint(name: string): Promise<void> {
    await this.control("SAVEPOINT", () => this.client.execute(`SAVEPOINT ${name}`));
  }

  /** There is no such statement: a savepoint is forgotten at the end. */
  release(_name: string): Promise<void> {
    return Promise.resolve();
  }

  async rollbackTo(name: string): Promise<void> {
    await this.control("ROLLBACK TO", () => this.client.execute(`ROLLBACK TO SAVEPOINT ${name}`));
  }

  async ping(): Promise<void> {
    await this.control("a ping", () => this.client.ping());
  }

  /** What a session has of its own cannot all be undone. */
  reset(): Promise<void> {
    return Promise.reject(new Error("a fresh connection is surer"));
  }

  async close(): Promise<void> {
    await this.control("the goodbye", () => this.client.close());
    this.ended(new Error("NJS-500: the connection was closed"));
  }
}
