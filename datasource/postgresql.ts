/** PostgreSQL through `postgres` (porsager/postgres). */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type postgres from "postgres";
import { finished } from "node:stream/promises";
import { quotedName, type Rows, type RowTarget, upsertTail } from "./bulk.ts";
import { cancellable } from "./cancel.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { CannotConnectError, codeOf, SqlError, unreachableReason, WrongLoginError } from "./errors.ts";
import { copyText } from "./postgresql_copy.ts";
import type { ServerSettings } from "./settings.ts";
import { type Statement, toSent } from "./sql.ts";

const MAX_CONNECTIONS = 3;
const IDLE_SECONDS = 30;
/** Rows that are written as one piece of a COPY. */
const COPY_ROWS = 1_000;

/** Object ids of the types that are read here (PostgreSQL, `pg_type.dat`). */
const OID = { int8: 20, date: 1082, timestamp: 1114, timestamptz: 1184 } as const;

/** SQLSTATE of a login that is refused: class 28, and a database that is not there. */
const WRONG_LOGIN = /^28|^3D000$/;

type Sql = postgres.Sql | postgres.ReservedSql;

export async function openPostgres(settings: ServerSettings): Promise<Database> {
  const { default: connect } = await import("postgres");
  const { host, port, database, user, password, tls, tlsCa, connectSeconds } = settings;
  const label = `PostgreSQL ${settings.name}`;
  const asMoment = (to: number, read: (text: string) => unknown) => ({
    to,
    from: [to],
    serialize: (value: unknown) => value,
    parse: (text: string) => new MomentText(text, read),
  });
  const sql = connect({
    host,
    port,
    database,
    username: user,
    password,
    max: MAX_CONNECTIONS,
    idle_timeout: IDLE_SECONDS,
    connect_timeout: connectSeconds,
    fetch_types: false,
    onnotice: () => {},
    ssl: tls === "off" ? false : {
      rejectUnauthorized: tls === "verify",
      host,
      // Under the name that database.ini has: for an address, the driver would have another one checked.
      checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
        tls === "verify" ? checkServerIdentity(host, certificate) : undefined,
      ...(tlsCa === undefined ? {} : { ca: readFileSync(tlsCa, "utf8") }),
    },
    types: {
      int8: { to: OID.int8, from: [OID.int8], serialize: (value: unknown) => value, parse: wholeNumber },
      date: asMoment(OID.date, (text) => Temporal.PlainDate.from(text)),
      timestamp: asMoment(OID.timestamp, (text) => Temporal.PlainDateTime.from(text)),
      timestamptz: asMoment(OID.timestamptz, (text) => Temporal.Instant.from(text)),
    },
  });
  const session = (on: Sql): Session => ({
    query: (statement, options) =>
      send(on, statement, options, async (pending) => readRows(await pending, options)),
    execute: (statement, options) => send(on, statement, options, async (pending) => (await pending).count),
    stream: (statement, batch, options) => stream(on, statement, batch, options),
    insertMany: (target, batches, options) => insertMany(on, target, batches, options),
  });

  /** Into a table of the session first where rows may be there already: COPY itself changes none. */
  async function insertMany(
    on: Sql,
    { table, columns, keys }: RowTarget,
    batches: AsyncIterable<Rows>,
    options: CallOptions,
  ): Promise<void> {
    const names = columns.map((each) => quotedName(each, "postgresql")).join(", ");
    const target = quotedName(table, "postgresql");
    if (!keys) return await copy(on, `COPY ${target} (${names}) FROM STDIN`, batches, options);
    const here = session(on);
    const stage = quotedName(`carillon_${crypto.randomUUID()}`, "postgresql");
    const plain = (text: string) => here.execute({ text, values: [] }, options);
    await plain(`CREATE TEMPORARY TABLE ${stage} AS SELECT ${names} FROM ${target} WITH NO DATA`);
    await copy(on, `COPY ${stage} (${names}) FROM STDIN`, batches, options);
    const tail = upsertTail(columns, keys, "postgresql");
    await plain(`INSERT INTO ${target} (${names}) SELECT ${names} FROM ${stage} ${tail}`);
    await plain(`DROP TABLE ${stage}`);
  }

  async function copy(
    on: Sql,
    text: string,
    batches: AsyncIterable<Rows>,
    options: CallOptions,
  ): Promise<void> {
    const pending = on.unsafe(text);
    await cancellable(label, options, () => pending.cancel(), async () => {
      try {
        const refused = refusalOf(pending);
        const into = await pending.writable();
        const done = Promise.race([finished(into), refused]);
        // It is awaited below, unless the rows cannot be had.
        done.catch(() => {});
        try {
          for await (const rows of batches) {
            for (let from = 0; from < rows.length; from += COPY_ROWS) {
              const full = !into.write(copyText(rows.slice(from, from + COPY_ROWS)));
              if (full) await Promise.race([once(into, "drain"), done]);
            }
          }
        } catch (error) {
          // The rows could not be had: the server forgets those that it has.
          into.destroy(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }
        into.end();
        await done;
      } catch (error) {
        throw told(error);
      }
    });
  }

  function send<T>(
    on: Sql,
    { text, values }: Statement,
    options: CallOptions,
    read: (pending: postgres.PendingQuery<Row[]>) => Promise<T>,
  ): Promise<T> {
    const pending = on.unsafe<Row[]>(text, values.map(sent), { prepare: values.length > 0 });
    return cancellable(label, options, () => pending.cancel(), async () => {
      try {
        return await read(pending);
      } catch (error) {
        throw told(error);
      }
    });
  }

  async function* stream(
    on: Sql,
    { text, values }: Statement,
    batch: number,
    options: CallOptions,
  ): AsyncGenerator<Row[]> {
    const pending = on.unsafe<Row[]>(text, values.map(sent));
    const batches = pending.cursor(batch)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await cancellable(label, options, () => pending.cancel(), () => batches.next())
          .catch((error) => {
            throw told(error);
          });
        if (next.done) return;
        yield readRows(next.value, options);
      }
    } finally {
      await batches.return?.();
    }
  }

  function told(error: unknown): unknown {
    const code = codeOf(error);
    const reason = unreachableReason(error) ??
      (code === "CONNECT_TIMEOUT" ? `no answer within ${connectSeconds} s` : LOST[code ?? ""]);
    if (reason !== undefined) {
      return new CannotConnectError(
        `${label}: cannot connect to ${host}:${port} (${reason})`,
        { ...(code === undefined ? {} : { code }) },
        { cause: error },
      );
    }
    if (!(error instanceof Error) || error.name !== "PostgresError" || code === undefined) return error;
    const { message } = error;
    if (WRONG_LOGIN.test(code)) {
      return new WrongLoginError(`${label}: ${message}`, { sqlState: code, code }, { cause: error });
    }
    const position = "position" in error ? Number(error.position) : NaN;
    return new SqlError(
      `${label}: ${message} (SQLSTATE ${code}${Number.isNaN(position) ? "" : `, at character ${position}`})`,
      { sqlState: code, code, ...(Number.isNaN(position) ? {} : { position }) },
      { cause: error },
    );
  }

  return {
    dialect: "postgresql",
    ...session(sql),
    async transaction(work, { signal }) {
      signal?.throwIfAborted();
      const connection = await sql.reserve().catch((error) => {
        throw told(error);
      });
      const on = session(connection);
      const plain = (text: string) => on.execute({ text, values: [] }, {});
      try {
        await plain("BEGIN");
        const done = await work(on);
        await plain("COMMIT");
        connection.release();
        return done;
      } catch (error) {
        // A connection that is lost takes no ROLLBACK and must not be given back; its server rolls back by itself.
        if (!(error instanceof CannotConnectError)) {
          await plain("ROLLBACK");
          connection.release();
        }
        throw error;
      }
    },
    async version() {
      const [row] = await session(sql).query({ text: "SHOW server_version", values: [] }, {});
      return `PostgreSQL ${row?.server_version}`;
    },
    close: () => sql.end({ timeout: 1 }),
  };
}

/**
 * The driver settles a COPY when it may begin. What the server refuses at its end, such as a row that is there twice, it
 * tells the same query a second time, where no promise carries it: here one does.
 */
function refusalOf(pending: object): Promise<never> {
  const query = pending as { reject(error: unknown): void };
  const { reject } = query;
  const refused = Promise.withResolvers<never>();
  // Where it is not awaited, the first promise tells the same.
  refused.promise.catch(() => {});
  query.reject = (error) => {
    reject(error);
    refused.reject(error);
  };
  return refused.promise;
}

/** Codes of the driver for a connection that is not there or no longer. */
const LOST: Readonly<Record<string, string>> = {
  CONNECTION_CLOSED: "the connection was lost",
  CONNECTION_ENDED: "the connection was closed",
  CONNECTION_DESTROYED: "the connection was closed",
};

/** Numbers go as texts: the server knows best which type it wants. */
function sent(value: unknown): string | boolean | null | Uint8Array {
  const plain = toSent(value);
  return typeof plain === "number" || typeof plain === "bigint" ? String(plain) : plain;
}

/** A date or time as the server wrote it, until it is known how it is wanted. */
class MomentText {
  constructor(readonly text: string, readonly read: (text: string) => unknown) {}

  /** `infinity` and years before our era, which Temporal does not write this way, stay texts. */
  get value(): unknown {
    return /^\d{4}-.*(?<!BC)$/.test(this.text) ? this.read(this.text) : this.text;
  }
}

function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** Values as every database gives them; see docs/databases.md. */
function readRows(rows: readonly Row[], { strings = false }: CallOptions): Row[] {
  return [...rows].map((row) => {
    const plain: Row = {};
    for (const [name, value] of Object.entries(row)) {
      plain[name] = value instanceof MomentText
        ? strings ? value.text : value.value
        : value instanceof Uint8Array
        ? new Uint8Array(value)
        : value;
    }
    return plain;
  });
}
