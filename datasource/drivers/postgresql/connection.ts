/** A connection to PostgreSQL. */
import { Buffer } from "node:buffer";
import { connect } from "node:net";
// @ts-types="npm:@types/pg@8.23.1"
import type { Client } from "pg";
import type { Answer, CallOptions, Row, Rows, RowTarget, TransactionSettings } from "../../database.ts";
import { matchedNames } from "../../column_names.ts";
import { quotedName, quotedPart } from "../../names.ts";
import type { Statement } from "../../sql.ts";
import { COMMIT_LIMIT_MS, DriverConnection } from "../connection.ts";
import { codeOf, type Fault, type Place } from "../fault.ts";
import { COLUMNS_SQL, type TargetColumn, targetColumns } from "./columns.ts";
import { copyText } from "./copy_text.ts";
import {
  closeExchange,
  CopyExchange,
  Exchange,
  type ExchangeAnswer,
  fetchExchange,
  statementExchange,
} from "./exchange.ts";
import { postgresFault } from "./faults.ts";
import { readRows, sent } from "./values.ts";

/** Rows that are written as one piece of a COPY. */
const COPY_ROWS = 1_000;
/** Code of the message that cancels, in place of a version (PostgreSQL, 55.7). */
const CANCEL_CODE = 80_877_102;
const CANCELLED = "57014";
const CANCEL_LIMIT_MS = 3_000;

export interface PostgresSession {
  readonly zone: string;
  /** Statements that make the session ready. */
  readonly setup: readonly string[];
  /** Where the server is, as `node:net` takes it. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
}

let portals = 0;

export class PostgresConnection extends DriverConnection {
  #cancelling: Promise<void> | undefined;

  constructor(readonly client: Client, place: Place, readonly session: PostgresSession) {
    super(place);
    // A connection that ends while nobody asks anything: its server was stopped, or it was killed.
    client.on("error", (error) => this.ended(error));
    client.on("end", () => this.ended(new Error("Connection terminated")));
  }

  protected cancel(): void {
    const { processID, secretKey } = this.client as Client & { processID: number; secretKey: number };
    const request = new DataView(new ArrayBuffer(16));
    [16, CANCEL_CODE, processID, secretKey].forEach((each, i) => request.setInt32(i * 4, each));
    const socket = connect(this.session.address);
    // Whether it arrived is seen by the statement's end; a server that does not answer loses the connection.
    socket.on("error", () => {});
    socket.setTimeout(CANCEL_LIMIT_MS, () => socket.destroy());
    socket.end(new Uint8Array(request.buffer));
    // The server hangs up once it has passed the request on.
    socket.resume();
    this.#cancelling = new Promise((resolve) => socket.on("close", () => resolve()));
  }

  protected cut(): void {
    // Its own end says goodbye first, which a server that is not there never takes.
    (this.client as Client & { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  protected faultOf(error: unknown): Fault {
    return postgresFault(error);
  }

  /** Puts the session's settings as every statement here relies on them. */
  async setUp(): Promise<void> {
    for (const text of this.session.setup) {
      await this.control("the session's settings", () => this.#send(text));
    }
    this.unchanged();
  }

  ask(statement: Statement, call: CallOptions): Promise<Answer> {
    this.note(statement);
    return this.run(call, async () => {
      const { fields, rows, tag = "" } = await this.#exchange(
        statementExchange(statement.text, statement.values.map((each) => sent(each, this.session.zone))),
      );
      const changed = Number(/(\d+)$/.exec(tag)?.[1] ?? 0);
      return { rows: readRows(fields, rows, call), changed };
    });
  }

  async *stream(statement: Statement, batch: number, call: CallOptions): AsyncGenerator<Row[]> {
    const own = !this.inTransaction;
    if (own) await this.begin({}, call);
    const portal = `carillon_${++portals}`;
    this.note(statement);
    let complete = false;
    try {
      const values = statement.values.map((each) => sent(each, this.session.zone));
      let answer = await this.run(
        call,
        () => this.#exchange(statementExchange(statement.text, values, { portal, rows: batch })),
      );
      for (;;) {
        if (answer.rows.length > 0) yield readRows(answer.fields, answer.rows, call);
        if (answer.tag !== undefined) break;
        const { fields } = answer;
        answer = await this.run(call, () => this.#exchange(fetchExchange(portal, batch, fields)));
      }
      complete = true;
    } finally {
      if (this.alive && !this.failure && !complete) {
        await this.control("the end of a stream", () => this.#exchange(closeExchange(portal)));
      }
      if (own && this.alive) await (this.failure ? this.rollback() : this.commit());
    }
  }

  /** Into a table of the session first where rows may be there already: COPY itself changes none. */
  async insert(
    { table, columns, keys }: RowTarget,
    batches: AsyncIterable<Rows>,
    call: CallOptions,
  ): Promise<void> {
    const target = quotedName(table, "postgresql");
    const known = targetColumns(
      (await this.ask({ text: COLUMNS_SQL, values: [target] }, { signal: call.signal })).rows,
    );
    const match = (wanted: readonly string[]) =>
      matchedNames(wanted, known.map(({ name }) => name), this.place.label, table);
    const found = match(columns);
    const into = found.map((name) =>
      known.find((each) => each.name === name) ?? { name, kind: "other" as const }
    );
    const quoted = (each: string) => quotedPart(each, "postgresql");
    const names = found.map(quoted).join(", ");
    if (!keys) return await this.#copy(`COPY ${target} (${names}) FROM STDIN`, into, batches, call);
    const stage = quoted(`carillon_${crypto.randomUUID()}`);
    const plain = (text: string) => this.ask({ text, values: [] }, call);
    // Dropped at the end of the transaction, also where something fails in between.
    await plain(
      `CREATE TEMPORARY TABLE ${stage} ON COMMIT DROP AS SELECT ${names} FROM ${target} WITH NO DATA`,
    );
    await this.#copy(`COPY ${stage} (${names}) FROM STDIN`, into, batches, call);
    const by = match(keys);
    const on = by.map(quoted).join(", ");
    const changed = found.filter((each) => !by.includes(each)).map((each) =>
      `${quoted(each)} = excluded.${quoted(each)}`
    );
    const identity = known.some(({ name, alwaysIdentity }) => alwaysIdentity && found.includes(name));
    // Of rows with the same key the last one counts: they lie in the order in which they came.
    await plain(
      `INSERT INTO ${target} (${names})${identity ? " OVERRIDING SYSTEM VALUE" : ""} ` +
        `SELECT DISTINCT ON (${on}) ${names} FROM ${stage} ORDER BY ${on}, ctid DESC ` +
        `ON CONFLICT (${on}) DO ${changed.length === 0 ? "NOTHING" : `UPDATE SET ${changed.join(", ")}`}`,
    );
    await plain(`DROP TABLE ${stage}`);
  }

  async #copy(
    text: string,
    columns: readonly Pick<TargetColumn, "name" | "kind" | "floatBytes">[],
    batches: AsyncIterable<Rows>,
    call: CallOptions,
  ): Promise<void> {
    let count = 0;
    // A batch a COPY: between two of them the connection is free for whoever reads the next batch on it. While the server
    // takes one, the next is written.
    let taking: Promise<unknown> = Promise.resolve();
    try {
      for await (const rows of batches) {
        const pieces = copyPieces(rows, columns, { zone: this.session.zone, from: count });
        count += rows.length;
        await taking;
        taking = this.run(call, () => this.#exchange(new CopyExchange(text, pieces)));
        // It is awaited below; what it is refused for is told there.
        taking.catch(() => {});
      }
    } finally {
      // What the server refused is the reason of whatever failed after it.
      await taking;
    }
  }

  begin({ isolation, readOnly = false }: TransactionSettings, call: CallOptions): Promise<void> {
    const level = isolation ? ` ISOLATION LEVEL ${isolation.toUpperCase()}` : "";
    return this.run(call, async () => {
      await this.#send(`BEGIN${level}${readOnly ? " READ ONLY" : ""}`);
      this.inTransaction = true;
    });
  }

  async commit(): Promise<void> {
    const { tag } = await this.control("COMMIT", () => this.#send("COMMIT"), COMMIT_LIMIT_MS);
    const refused = tag === "ROLLBACK" ? this.notCommitted() : undefined;
    this.#over();
    if (refused) throw refused;
  }

  async rollback(): Promise<void> {
    await this.control("ROLLBACK", () => this.#send("ROLLBACK"));
    this.#over();
  }

  async savepoint(name: string): Promise<void> {
    await this.control("SAVEPOINT", () => this.#send(`SAVEPOINT ${name}`));
  }

  async release(name: string): Promise<void> {
    if (this.failure) throw this.notCommitted();
    await this.control("RELEASE", () => this.#send(`RELEASE SAVEPOINT ${name}`));
  }

  async rollbackTo(name: string): Promise<void> {
    await this.control("ROLLBACK TO", () => this.#send(`ROLLBACK TO SAVEPOINT ${name}`));
    this.failure = undefined;
  }

  async ping(): Promise<void> {
    await this.control("a first question", () => this.#send(""));
  }

  async reset(): Promise<void> {
    await this.control("DISCARD ALL", () => this.#send("DISCARD ALL"));
    await this.setUp();
  }

  async close(): Promise<void> {
    await this.control("the goodbye", () => this.client.end());
    this.ended(new Error("the connection was closed"));
  }

  #over(): void {
    this.inTransaction = false;
    this.failure = undefined;
  }

  #send(text: string): Promise<ExchangeAnswer> {
    return this.#exchange(new Exchange((wire) => wire.query(text)));
  }

  /** A server passes a cancel on twice, and a statement may have ended before: what is left of it meets nobody. */
  async #absorbCancel(): Promise<void> {
    if (!this.#cancelling) return;
    await this.#cancelling;
    this.#cancelling = undefined;
    const nothing = new Exchange((wire) => wire.query(""));
    this.client.query(nothing as unknown as Parameters<Client["query"]>[0]);
    await nothing.answered.catch((error) => {
      if (codeOf(error) !== CANCELLED) throw error;
    });
  }

  async #exchange(exchange: Exchange): Promise<ExchangeAnswer> {
    await this.#absorbCancel();
    this.client.query(exchange as unknown as Parameters<Client["query"]>[0]);
    try {
      return await exchange.answered;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** After an error the server does nothing more in this transaction but roll back. */
  #failed(error: unknown): never {
    const told = this.explain(error);
    if (this.inTransaction) this.failure ??= told;
    throw told;
  }
}

/** A batch as it is sent, in pieces of some rows. */
function copyPieces(
  rows: Rows,
  columns: readonly Pick<TargetColumn, "name" | "kind" | "floatBytes">[],
  { zone, from }: { readonly zone: string; readonly from: number },
): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < rows.length; at += COPY_ROWS) {
    const text = copyText(rows.slice(at, at + COPY_ROWS), columns, { zone, from: from + at });
    pieces.push(Buffer.from(text));
  }
  return pieces;
}
