/** A connection to SQL Server. */
import type { Buffer } from "node:buffer";
import { type Connection as TediousConnection, ISOLATION_LEVEL, Request, TYPES } from "tedious";
import type {
  Answer,
  CallOptions,
  Isolation,
  Row,
  Rows,
  RowTarget,
  TransactionSettings,
} from "../../database.ts";
import { checkDistinct } from "../../column_names.ts";
import { brief, type Statement } from "../../sql.ts";
import { COMMIT_LIMIT_MS, CONTROL_LIMIT_MS, DriverConnection } from "../connection.ts";
import type { Fault, Place } from "../fault.ts";
import type { TcpStream } from "../tcp_stream.ts";
import { sqlserverFault } from "./faults.ts";
import { insertStaged, type StageColumn } from "./insert.ts";
import { type ColumnFacts, readRow, typed } from "./values.ts";

const LEVELS: Readonly<Record<Isolation, number | undefined>> = {
  "read committed": ISOLATION_LEVEL.READ_COMMITTED,
  "repeatable read": ISOLATION_LEVEL.REPEATABLE_READ,
  "serializable": ISOLATION_LEVEL.SERIALIZABLE,
};

interface Cell {
  readonly value: unknown;
}

type Done = (error?: Error | null) => void;

export class SqlserverConnection extends DriverConnection {
  #readOnly = false;

  constructor(
    readonly client: TediousConnection,
    readonly tcp: () => TcpStream | undefined,
    place: Place,
    readonly zone: string,
    readonly init: readonly string[],
    readonly connectSeconds: number,
  ) {
    super(place);
    // A connection that ends while nobody asks anything.
    client.on("error", (error) => this.ended(error));
    client.on("end", () => this.ended(Object.assign(new Error("closed"), { code: "ECLOSE" })));
  }

  override get alive(): boolean {
    return super.alive && !this.tcp()?.over;
  }

  async setUp(): Promise<void> {
    for (const text of this.init) await this.ask({ text, values: [] }, {});
    this.unchanged();
  }

  protected cancel(): void {
    this.client.cancel();
    this.tcp()?.release();
  }

  protected cut(): void {
    this.client.close();
    this.tcp()?.destroy();
  }

  protected faultOf(error: unknown): Fault {
    return sqlserverFault(error, this.connectSeconds);
  }

  ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.note(statement);
    return this.run(call, () => {
      if (this.inTransaction && this.failure) throw this.notCommitted();
      return new Promise<Answer>((resolve, reject) => {
        const results: Row[][] = [];
        let columns: readonly ColumnFacts[] = [];
        let changed = 0;
        const request = this.#request(statement, (error) => {
          if (error) return reject(this.#failed(error));
          // A statement with several results gives the rows of the first, unless all are asked for.
          resolve({ rows: results[0] ?? [], changed, results: results.length > 1 ? results : undefined });
        });
        request.on("columnMetadata", (found) => {
          columns = found as unknown as readonly ColumnFacts[];
          results.push([]);
        });
        request.on("row", (cells: readonly Cell[]) => {
          results.at(-1)?.push(readRow(cells.map(({ value }) => value), columns, call));
        });
        const count = (rows: number | undefined) => changed += rows ?? 0;
        request.on("done", count).on("doneInProc", count).on("doneProc", count);
        this.#send(request, statement);
      });
    });
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    this.note(statement);
    let columns: readonly ColumnFacts[] = [];
    const collected: Row[] = [];
    const state = { done: false, results: 0 };
    let failure: Error | null | undefined;
    let wake = () => {};
    const ended = Promise.withResolvers<void>();
    const request = this.#request(statement, (error) => {
      failure = error;
      state.done = true;
      this.tcp()?.release();
      wake();
      ended.resolve();
    });
    request.on("columnMetadata", (found) => {
      if (state.results++ === 0) columns = found as unknown as readonly ColumnFacts[];
    });
    request.on("row", (cells: readonly Cell[]) => {
      if (state.results > 1) return;
      collected.push(readRow(cells.map(({ value }) => value), columns, call));
      if (collected.length < batch) return;
      // The server waits until this batch is worked on.
      this.tcp()?.hold();
      wake();
    });
    await this.run(call, () => {
      if (this.inTransaction && this.failure) throw this.notCommitted();
      this.#send(request, statement);
      return Promise.resolve();
    });
    this.reading(brief(statement));
    try {
      for (;;) {
        await this.next(call, async () => {
          if (collected.length < batch && !state.done) {
            await new Promise<void>((resolve) => {
              wake = resolve;
              this.tcp()?.release();
            });
          }
          if (failure) throw this.#failed(failure);
        });
        checkDistinct(columns.map(({ colName }) => colName), call);
        const rows = collected.splice(0, batch);
        if (rows.length > 0) yield rows;
        if (state.done && collected.length === 0) return;
      }
    } finally {
      if (!state.done && this.alive) {
        // A reader that stops early: the rest is not wanted, and the connection is used again afterwards.
        const cut = setTimeout(() => {
          this.destroy();
          ended.resolve();
        }, CONTROL_LIMIT_MS);
        this.cancel();
        await ended.promise;
        clearTimeout(cut);
      }
      this.reading(undefined);
    }
  }

  insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void> {
    return insertStaged(this, target, batches, call);
  }

  /** The protocol's bulk load into a table of texts and bytes. */
  load(
    table: string,
    columns: readonly StageColumn[],
    rows: readonly (readonly (string | Buffer | null)[])[],
    call: CallOptions,
  ): Promise<void> {
    return this.run(call, () =>
      new Promise<void>((resolve, reject) => {
        const load = this.client.newBulkLoad(table, (error: Error | null | undefined) =>
          error ? reject(this.#failed(error)) : resolve());
        for (const { name, binary } of columns) {
          load.addColumn(name, binary ? TYPES.VarBinary : TYPES.NVarChar, {
            length: Infinity,
            nullable: true,
          });
        }
        this.client.execBulkLoad(load, rows as unknown as Iterable<unknown[]>);
      }));
  }

  async begin({ isolation, readOnly = false }: TransactionSettings, call: CallOptions): Promise<void> {
    const level = isolation ? LEVELS[isolation] : undefined;
    // The level stays with the session.
    if (isolation) this.touched();
    await this.run(call, () => this.#done((done) => this.client.beginTransaction(done, "", level)));
    this.#readOnly = readOnly;
    this.inTransaction = true;
  }

  async commit(): Promise<void> {
    if (this.failure) throw this.notCommitted();
    // There are no read-only transactions: whatever was done in one is undone.
    if (this.#readOnly) return await this.rollback();
    await this.control(
      "COMMIT",
      () => this.#done((done) => this.client.commitTransaction(done)),
      COMMIT_LIMIT_MS,
    );
    this.#over();
  }

  async rollback(): Promise<void> {
    const gone = this.failure !== undefined;
    this.#over();
    if (gone) return;
    await this.control("ROLLBACK", () => this.#done((done) => this.client.rollbackTransaction(done)));
  }

  #over(): void {
    this.inTransaction = false;
    this.failure = undefined;
    this.#readOnly = false;
  }

  async savepoint(name: string): Promise<void> {
    await this.control(
      "SAVE TRANSACTION",
      () => this.#done((done) => this.client.saveTransaction(done, name)),
    );
  }

  /** There is no such statement: a savepoint is forgotten at the end. */
  release(_name: string): Promise<void> {
    return this.failure ? Promise.reject(this.notCommitted()) : Promise.resolve();
  }

  async rollbackTo(name: string): Promise<void> {
    // The savepoint went with its transaction.
    if (this.failure) return;
    await this.control(
      "ROLLBACK TO",
      () => this.#done((done) => this.client.rollbackTransaction(done, name)),
    );
  }

  async ping(): Promise<void> {
    await this.ask({ text: "SELECT 1", values: [] }, { timeoutMs: CONTROL_LIMIT_MS });
  }

  async reset(): Promise<void> {
    await this.control("a reset", () => this.#done((done) => this.client.reset(done)));
    await this.setUp();
  }

  close(): Promise<void> {
    this.ended(new Error("the connection was closed"));
    this.cut();
    return Promise.resolve();
  }

  #request({ values }: Statement, done: Done): Request {
    const request = new Request(undefined, done);
    values.forEach((value, i) => {
      const { type, value: plain, options } = typed(value, this.zone);
      request.addParameter(`p${i + 1}`, type, plain, options);
    });
    return request;
  }

  /** Without values as a batch, so that `CREATE PROCEDURE` and the session's own tables work. */
  #send(request: Request, { text, values }: Statement): void {
    request.sqlTextOrProcedure = text;
    if (values.length > 0) this.client.execSql(request);
    else this.client.execSqlBatch(request);
  }

  #done(work: (done: Done) => void): Promise<void> {
    return new Promise((resolve, reject) => work((error) => error ? reject(this.#failed(error)) : resolve()));
  }

  /** After some errors the server has rolled back the whole transaction. */
  #failed(error: unknown): Error {
    const told = this.explain(error);
    const { inTransaction } = this.client as unknown as { readonly inTransaction: boolean };
    if (this.inTransaction && !inTransaction) this.failure ??= told;
    return told;
  }
}
