/** A connection to MySQL or MariaDB. */
import type { Connection as MysqlClient, FieldPacket, ResultSetHeader } from "mysql2";
import type { Answer, CallOptions, Row, Rows, RowTarget, TransactionSettings } from "../../database.ts";
import type { DatabaseError } from "../../errors.ts";
import { SqlError } from "../../errors.ts";
import { brief, singleStatement, type Statement, withoutComments } from "../../sql.ts";
import { COMMIT_LIMIT_MS, CONTROL_LIMIT_MS, DriverConnection } from "../connection.ts";
import type { Fault, Place } from "../fault.ts";
import type { TcpStream } from "../tcp_stream.ts";
import { mysqlFault, numberOf } from "./faults.ts";
import { insertRows } from "./insert.ts";
import { RowFlow } from "./row_flow.ts";
import { readRows, sent } from "./values.ts";

/** What gives rows goes as a prepared statement, whose FLOATs have all their digits. */
const GIVES_ROWS =
  /^[\s(]*(?:(?:select|with|values|table|call|execute)\b|(?:insert|replace|update|delete)\b[\s\S]*\breturning\b)/i;
/** Others, such as CREATE PROCEDURE, hold statements of their own. */
const PLAIN = /^[\s(]*(?:select|insert|update|delete|replace|with|set|call)\b/i;
/** ER_UNSUPPORTED_PS: not every statement can be prepared. */
const NOT_PREPARED = 1_295;
/** Warnings of a statement's words and not of its values: ER_WARN_DEPRECATED_SYNTAX, and the same without a better one. */
const OF_WORDS: readonly number[] = [1_287, 1_681];
/** ER_LOCK_DEADLOCK: the server has rolled back the whole transaction. */
const DEADLOCK = 1_213;
/** In the status of an answer: a transaction is going on. */
const IN_TRANSACTION = 1;
/** A reader that stops early lets the rest come for so long before the server is told. */
const DRAIN_MS = 200;

type Given = { readonly result: ResultSetHeader | unknown[]; readonly fields: unknown };

export class MysqlConnection extends DriverConnection {
  #killing: Promise<void> | undefined;

  /** @param kill ends the statement of a connection, by another one; @param setUp makes the session ready */
  constructor(
    readonly client: MysqlClient,
    readonly tcp: TcpStream,
    place: Place,
    /** Whose clocks the session's are: the section's, or its offset where the server does not know the name. */
    public zone: string,
    readonly isMariaDb: boolean,
    readonly kill: (threadId: number) => Promise<void>,
    readonly setUp: (on: MysqlConnection) => Promise<void>,
  ) {
    super(place);
    // A connection that ends while nobody asks anything.
    client.on("error", (error) => this.ended(error));
    tcp.on(
      "close",
      () => this.ended(Object.assign(new Error("closed"), { code: "PROTOCOL_CONNECTION_LOST" })),
    );
    client.on(
      "end",
      () =>
        this.ended(Object.assign(new Error("the server closed it"), { code: "PROTOCOL_CONNECTION_LOST" })),
    );
  }

  protected cancel(): void {
    this.#killing ??= this.kill(Number(this.client.threadId));
    this.touched();
  }

  protected cut(): void {
    this.client.destroy();
    this.tcp.destroy();
  }

  protected faultOf(error: unknown): Fault {
    return mysqlFault(error, this.isMariaDb);
  }

  ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.note(statement);
    return this.run(call, async () => this.#answerOf(await this.#send(statement), statement, call));
  }

  #answerOf({ result, fields }: Given, statement: Statement, call: CallOptions): Answer {
    if (!Array.isArray(result)) {
      this.#checkTransaction(result, statement);
      return { rows: [], changed: result.affectedRows };
    }
    const lists = fields as (FieldPacket[] | undefined)[] | FieldPacket[];
    if (!lists.some((each) => each === undefined || Array.isArray(each))) {
      const rows = readRows(result as unknown[][], lists as FieldPacket[], call, this.zone);
      return { rows, changed: rows.length };
    }
    // A procedure: a result for each of its questions, and at the end how it went.
    const results: Row[][] = [];
    let changed = 0;
    (result as (unknown[][] | ResultSetHeader)[]).forEach((each, i) => {
      const columns = lists[i] as FieldPacket[] | undefined;
      if (columns && Array.isArray(each)) results.push(readRows(each, columns, call, this.zone));
      else changed += (each as ResultSetHeader).affectedRows;
    });
    const [rows = []] = results;
    return { rows, changed: results.length === 0 ? changed : rows.length, results };
  }

  /** Statements that make or change tables commit what was done before, and say nothing. */
  #checkTransaction(
    { serverStatus }: ResultSetHeader & { serverStatus?: number },
    statement: Statement,
  ): void {
    if (!this.inTransaction || serverStatus === undefined || (serverStatus & IN_TRANSACTION) !== 0) return;
    this.failure ??= new SqlError(
      `${this.place.label}: ${
        brief(statement)
      } ended the transaction: the server commits what was done before such a ` +
        "statement; do it outside of the transaction",
    );
    throw this.failure;
  }

  async #send({ text, values }: Statement): Promise<Given> {
    if (this.inTransaction && this.failure) throw this.notCommitted();
    const bare = withoutComments(text);
    if (PLAIN.test(bare)) singleStatement(text, "mysql");
    await this.#absorbKill();
    const given = values.map((each) => sent(each, this.zone));
    if (given.length > 0 || GIVES_ROWS.test(bare)) {
      try {
        return await this.#command((done) =>
          this.client.execute({ sql: text, rowsAsArray: true }, given, done)
        );
      } catch (error) {
        if (given.length > 0 || numberOf(error, "errno") !== NOT_PREPARED) throw this.#failed(error);
      }
    }
    try {
      return await this.#command((done) => this.client.query({ sql: text, rowsAsArray: true }, done));
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #command(
    begin: (done: (error: Error | null, result: never, fields: FieldPacket[]) => void) => unknown,
  ): Promise<Given> {
    return new Promise((resolve, reject) =>
      begin((error, result, fields) => error ? reject(error) : resolve({ result, fields }))
    );
  }

  #failed(error: unknown): DatabaseError {
    const told = this.explain(error);
    if (this.inTransaction && numberOf(error, "errno") === DEADLOCK) this.failure ??= told;
    return told;
  }

  /** A statement that was to be ended may have ended by itself: what was sent then meets the next one. */
  async #absorbKill(): Promise<void> {
    if (!this.#killing) return;
    await this.#killing;
    this.#killing = undefined;
    await this.#command((done) => this.client.query("DO 0", done)).catch((error) => {
      if (numberOf(error, "errno") === undefined) throw error;
    });
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    this.note(statement);
    const flow = await this.run(call, async () => {
      if (this.inTransaction && this.failure) throw this.notCommitted();
      await this.#absorbKill();
      const { text, values } = statement;
      const given = values.map((each) => sent(each, this.zone));
      const options = { sql: text, rowsAsArray: true };
      return new RowFlow(this.client, this.tcp, this.client.execute(options, given), batch);
    });
    this.reading(brief(statement));
    try {
      for (;;) {
        const rows = await this.next(call, () => flow.next());
        if (rows.length > 0) yield readRows(rows, flow.fields, call, this.zone);
        if (flow.ended) return;
      }
    } finally {
      if (!flow.ended && this.alive) await this.#leave(flow);
      this.reading(undefined);
    }
  }

  /** The rest of the rows is not wanted; the connection is used again. */
  async #leave(flow: RowFlow): Promise<void> {
    flow.discard();
    const cut = setTimeout(() => this.destroy(), CONTROL_LIMIT_MS);
    const kill = setTimeout(() => this.cancel(), DRAIN_MS);
    try {
      await flow.end;
    } catch {
      // The statement was ended, which was the purpose; or the connection, which is known by now.
    } finally {
      clearTimeout(kill);
      clearTimeout(cut);
    }
  }

  async insert(target: RowTarget, batches: AsyncIterable<Rows>, call: CallOptions): Promise<void> {
    await insertRows(this, target, batches, call);
  }

  /** Inserts and changes, after which the server is asked whether it stored what it was given. */
  async change(statement: Statement, call: CallOptions): Promise<void> {
    await this.run(call, async () => {
      const { result } = await this.#send(statement);
      if (Array.isArray(result) || !result.warningStatus) return;
      const { result: warnings } = await this.#command((done) =>
        this.client.query({ sql: "SHOW WARNINGS", rowsAsArray: true }, done)
      );
      const changed = (warnings as [string, number, string][]).find(([level, code]) =>
        level !== "Note" && !OF_WORDS.includes(code)
      );
      if (!changed) return;
      const [, code, message] = changed;
      throw new SqlError(`${this.place.label}: the server would have changed a value: ${message} (${code})`, {
        code: String(code),
      });
    });
  }

  begin({ isolation, readOnly = false }: TransactionSettings, call: CallOptions): Promise<void> {
    return this.run(call, async () => {
      const plain = (text: string) => this.#send({ text, values: [] });
      if (isolation) await plain(`SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}`);
      if (readOnly) {
        // A read-only transaction alone lets CREATE and TRUNCATE through, which end it.
        await plain("SET SESSION TRANSACTION READ ONLY");
        this.touched();
      }
      await plain(`START TRANSACTION${readOnly ? " READ ONLY" : ""}`);
      this.inTransaction = true;
    });
  }

  async commit(): Promise<void> {
    await this.control("COMMIT", () => this.#send({ text: "COMMIT", values: [] }), COMMIT_LIMIT_MS);
    this.#over();
  }

  async rollback(): Promise<void> {
    this.#over();
    await this.control("ROLLBACK", () => this.#send({ text: "ROLLBACK", values: [] }));
  }

  #over(): void {
    this.inTransaction = false;
    this.failure = undefined;
  }

  async savepoint(name: string): Promise<void> {
    await this.control("SAVEPOINT", () => this.#send({ text: `SAVEPOINT ${name}`, values: [] }));
  }

  async release(name: string): Promise<void> {
    await this.control("RELEASE", () => this.#send({ text: `RELEASE SAVEPOINT ${name}`, values: [] }));
  }

  async rollbackTo(name: string): Promise<void> {
    // The savepoint went with its transaction.
    if (this.failure) return;
    await this.control(
      "ROLLBACK TO",
      () => this.#send({ text: `ROLLBACK TO SAVEPOINT ${name}`, values: [] }),
    );
  }

  async ping(): Promise<void> {
    await this.control("a ping", () =>
      new Promise<void>((resolve, reject) => {
        this.client.ping((error) => error ? reject(error) : resolve());
      }));
  }

  async reset(): Promise<void> {
    await this.control("a reset", async () => {
      await this.#absorbKill();
      await new Promise<void>((resolve, reject) => {
        (this.client as MysqlClient & { reset(done: (error: Error | null) => void): void })
          .reset((error) => error ? reject(error) : resolve());
      });
    });
    await this.setUp(this);
    this.unchanged();
  }

  async close(): Promise<void> {
    await this.control("the goodbye", () => new Promise<void>((resolve) => this.client.end(() => resolve())));
    this.ended(new Error("the connection was closed"));
  }

  /** The session was set up: it is as fresh as it can be. */
  ready(): void {
    this.unchanged();
  }
}
