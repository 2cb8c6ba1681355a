/** MySQL and MariaDB through `mysql2`. */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { FieldPacket, PoolConnection, PoolOptions, ResultSetHeader, RowDataPacket } from "mysql2";
import { insertRows } from "./bulk.ts";
import { cancellable } from "./cancel.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { CannotConnectError, codeOf, SqlError, unreachableReason, WrongLoginError } from "./errors.ts";
import type { ServerSettings } from "./settings.ts";
import { type Statement, toSent } from "./sql.ts";

const MAX_CONNECTIONS = 3;
const IDLE_MS = 30_000;

/** Column types of the protocol (MySQL, "Column Definition"). */
const TYPE = { timestamp: 7, longlong: 8, date: 10, datetime: 12, bit: 16, json: 245 } as const;

const WRONG_LOGIN = ["ER_ACCESS_DENIED_ERROR", "ER_DBACCESS_DENIED_ERROR", "ER_BAD_DB_ERROR"];

export async function openMysql(settings: ServerSettings): Promise<Database> {
  const { default: mysql } = await import("mysql2");
  const { host, port, database, user, password, tls, tlsCa, connectSeconds } = settings;
  const label = `MySQL ${settings.name}`;
  const options: PoolOptions = {
    host,
    port,
    database,
    user,
    password,
    connectionLimit: MAX_CONNECTIONS,
    maxIdle: 1,
    idleTimeout: IDLE_MS,
    connectTimeout: connectSeconds * 1_000,
    charset: "utf8mb4",
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    ...(tls === "off" ? {} : {
      ssl: {
        rejectUnauthorized: tls === "verify",
        // For an address the driver would have another name checked.
        verifyIdentity: tls === "verify" && !isIP(host),
        ...(tlsCa === undefined ? {} : { ca: readFileSync(tlsCa, "utf8") }),
      },
    }),
  };
  const pool = mysql.createPool(options);

  async function withConnection<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await taken();
    try {
      const done = await work(connection);
      connection.release();
      return done;
    } catch (error) {
      // What an answer was broken off on is not used again.
      connection.destroy();
      throw error;
    }
  }

  /** A connection that answers: one that was idle may have been closed by its server meanwhile. */
  async function taken(): Promise<PoolConnection> {
    for (let attempt = 0;; attempt++) {
      const connection = await new Promise<PoolConnection>((resolve, reject) =>
        pool.getConnection((error, connection) => error ? reject(told(error)) : resolve(connection))
      );
      const error = await new Promise<unknown>((resolve) => connection.ping(resolve));
      if (!error) return connection;
      connection.destroy();
      if (attempt >= MAX_CONNECTIONS) throw told(error);
    }
  }

  /** Ends the statement of a connection, by another one. */
  function kill(connection: PoolConnection): void {
    const other = mysql.createConnection(options);
    other.on("error", () => {});
    other.query(`KILL QUERY ${Number(connection.threadId)}`, () => other.destroy());
  }

  function send(
    connection: PoolConnection,
    { text, values }: Statement,
    call: CallOptions,
  ): Promise<{ readonly result: ResultSetHeader | Row[]; readonly fields: FieldPacket[] }> {
    return cancellable(label, call, () => kill(connection), () =>
      new Promise((resolve, reject) => {
        const done = (error: Error | null, result: unknown, fields: FieldPacket[]) =>
          error ? reject(told(error)) : resolve({ result: result as ResultSetHeader | Row[], fields });
        // With values as a prepared statement: the server puts them in, nothing is written into the text.
        if (values.length > 0) connection.execute<RowDataPacket[]>(text, values.map(sent), done);
        else connection.query<RowDataPacket[]>(text, done);
      }));
  }

  const session = (
    use: <T>(work: (connection: PoolConnection) => Promise<T>) => Promise<T>,
  ): Session => ({
    insertMany(target, batches, call) {
      return insertRows(this, "mysql", target, batches, call);
    },
    query: (statement, call) =>
      use(async (connection) => {
        const { result, fields } = await send(connection, statement, call);
        return Array.isArray(result) ? readRows(result, fields, call) : [];
      }),
    execute: (statement, call) =>
      use(async (connection) => {
        const { result } = await send(connection, statement, call);
        return Array.isArray(result) ? result.length : result.affectedRows;
      }),
    stream: (statement, batch, call) => stream(use, statement, batch, call),
  });

  async function* stream(
    use: <T>(work: (connection: PoolConnection) => Promise<T>) => Promise<T>,
    { text, values }: Statement,
    batch: number,
    call: CallOptions,
  ): AsyncGenerator<Row[]> {
    // The connection is held until the reader is done, however it is done.
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<PoolConnection>();
    const holding = use((connection) => {
      begun.resolve(connection);
      return ended.promise;
    });
    holding.catch((error) => begun.reject(error));
    const connection = await begun.promise;
    let fields: FieldPacket[] = [];
    const command = values.length > 0 ? connection.execute(text, values.map(sent)) : connection.query(text);
    command.on("fields", (found: FieldPacket[]) => fields = found);
    const rows = command.stream({ highWaterMark: batch })[Symbol.asyncIterator]();
    let collected: Row[] = [];
    let finished = false;
    try {
      while (!finished) {
        const next = await cancellable(label, call, () => kill(connection), () => rows.next())
          .catch((error) => {
            throw told(error);
          });
        finished = next.done === true;
        if (!next.done) collected.push(next.value as Row);
        if (collected.length < batch && !(finished && collected.length > 0)) continue;
        yield readRows(collected, fields, call);
        collected = [];
      }
      ended.resolve();
    } finally {
      if (!finished) ended.reject(new Error("the reader stopped before the last row"));
      await holding.catch(() => {});
    }
  }

  function told(error: unknown): unknown {
    const code = codeOf(error);
    const reason = unreachableReason(error) ??
      (code === "PROTOCOL_CONNECTION_LOST" ? "the connection was lost" : undefined);
    if (reason !== undefined) {
      return new CannotConnectError(
        `${label}: cannot connect to ${host}:${port} (${reason})`,
        { ...(code === undefined ? {} : { code }) },
        { cause: error },
      );
    }
    if (!(error instanceof Error) || !("sqlState" in error) || code === undefined) return error;
    const facts = { sqlState: String(error.sqlState), code };
    return WRONG_LOGIN.includes(code)
      ? new WrongLoginError(`${label}: ${error.message}`, facts, { cause: error })
      : new SqlError(`${label}: ${error.message} (${code}, SQLSTATE ${facts.sqlState})`, facts, {
        cause: error,
      });
  }

  const pooled = session(withConnection);
  return {
    dialect: "mysql",
    ...pooled,
    transaction: (work, { signal }) => {
      signal?.throwIfAborted();
      return withConnection(async (connection) => {
        const plain = (text: string) => send(connection, { text, values: [] }, {});
        await plain("START TRANSACTION");
        try {
          const done = await work(session((use) => use(connection)));
          await plain("COMMIT");
          return done;
        } catch (error) {
          // Where the connection is gone the server rolls back by itself.
          await plain("ROLLBACK").catch(() => {});
          throw error;
        }
      });
    },
    async version() {
      const [row] = await pooled.query({ text: "SELECT VERSION() AS version", values: [] }, {});
      const version = String(row?.version);
      return /mariadb/i.test(version) ? `MariaDB ${version}` : `MySQL ${version}`;
    },
    close: () => new Promise((resolve, reject) => pool.end((error) => error ? reject(error) : resolve())),
  };
}

/** Whole numbers go as such: a prepared `LIMIT ?` takes no fraction. */
function sent(value: unknown): string | number | bigint | boolean | null | Uint8Array {
  const plain = toSent(value);
  if (plain instanceof Uint8Array) return Buffer.from(plain);
  return typeof plain === "number" && Number.isSafeInteger(plain) ? BigInt(plain) : plain;
}

/** Values as every database gives them; see docs/databases.md. */
function readRows(
  rows: readonly Row[],
  fields: readonly FieldPacket[],
  { strings = false }: CallOptions,
): Row[] {
  const readers = fields.flatMap((field) => {
    const { name } = field;
    const type = field.type ?? field.columnType;
    const dated = type === TYPE.date || type === TYPE.datetime || type === TYPE.timestamp;
    const read = strings && dated || type === undefined ? undefined : READERS[type];
    return [{ name, read }];
  });
  return rows.map((row) => {
    const plain: Row = {};
    for (const { name, read } of readers) {
      const value = row[name];
      plain[name] = value instanceof Uint8Array
        ? new Uint8Array(value)
        : read && value !== null
        ? read(value)
        : value;
    }
    return plain;
  });
}

const READERS: Readonly<Record<number, (value: unknown) => unknown>> = {
  [TYPE.longlong]: (value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : BigInt(String(value));
  },
  [TYPE.date]: orText((text) => Temporal.PlainDate.from(text)),
  [TYPE.datetime]: orText((text) => Temporal.PlainDateTime.from(text)),
  [TYPE.timestamp]: orText((text) => Temporal.PlainDateTime.from(text)),
  [TYPE.json]: (value) => typeof value === "string" ? JSON.parse(value) : value,
};

/** MySQL's zero date, which is none, stays a text. */
function orText(parse: (text: string) => unknown): (value: unknown) => unknown {
  return (value) => {
    const text = String(value);
    return /^\d{4}-(?!00)\d\d-(?!00)\d\d/.test(text) ? parse(text) : text;
  };
}
