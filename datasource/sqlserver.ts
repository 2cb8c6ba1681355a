/** SQL Server through `mssql`, whose protocol is that of `tedious`. */
import { readFileSync } from "node:fs";
// @ts-types="npm:@types/mssql@12.3.0"
import type * as Mssql from "mssql";
import { cancellable } from "./cancel.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { CannotConnectError, codeOf, SqlError, unreachableReason, WrongLoginError } from "./errors.ts";
import type { ServerSettings } from "./settings.ts";
import { readsDecimalsExactly } from "./sqlserver_decimals.ts";
import { patientSocket } from "./sqlserver_socket.ts";
import { type Guarded, insertStaged, type Sender } from "./sqlserver_bulk.ts";
import { type Column, readRow, typed } from "./sqlserver_values.ts";
import type { Statement } from "./sql.ts";

const MAX_CONNECTIONS = 3;
const IDLE_MS = 30_000;

/** What the driver says of a connection that is not there or no longer. */
const LOST: Readonly<Record<string, string>> = {
  ECONNCLOSED: "the connection was closed",
  ECLOSE: "the connection was lost",
  ENOTOPEN: "the connection was closed",
  EINSTLOOKUP: "there is no host of this name",
};

export async function openSqlserver(settings: ServerSettings): Promise<Database> {
  const sql = (await import("mssql")).default as typeof Mssql;
  await readsDecimalsExactly();
  const { host, port, database, user, password, tls, tlsCa, connectSeconds } = settings;
  const label = `SQL Server ${settings.name}`;
  const ca = tlsCa === undefined ? {} : { cryptoCredentialsDetails: { ca: readFileSync(tlsCa, "utf8") } };
  const pool = new sql.ConnectionPool({
    server: host,
    port,
    database,
    user,
    password,
    connectionTimeout: connectSeconds * 1_000,
    // Time limits are ours: they cancel the statement and leave the connection in use.
    requestTimeout: 0,
    arrayRowMode: true,
    pool: { min: 0, max: MAX_CONNECTIONS, idleTimeoutMillis: IDLE_MS },
    options: {
      encrypt: tls !== "off",
      trustServerCertificate: tls !== "verify",
      useUTC: true,
      appName: "carillon",
      // The last of what the driver hands on, unknown to its types, ends the attempt.
      connector: (...given: readonly unknown[]) =>
        patientSocket(host, port, given.find((each) => each instanceof AbortSignal)),
      ...ca,
    },
  });
  // Errors of idle connections; whoever asks next gets another one.
  pool.on("error", () => {});

  /** Made on the first call, and anew where the first one failed. */
  let connecting: Promise<unknown> | undefined;
  async function connected(): Promise<Mssql.ConnectionPool> {
    connecting ??= pool.connect();
    try {
      await connecting;
      return pool;
    } catch (error) {
      connecting = undefined;
      throw told(error);
    }
  }

  /** Makes ready to send a statement, whose rows come one by one. */
  function begin(on: Sender, { values }: Statement): Mssql.Request {
    // The two constructors of the driver's types are one in the driver.
    const request = new sql.Request(on as Mssql.ConnectionPool);
    request.stream = true;
    request.arrayRowMode = true;
    values.forEach((value, i) => request.input(`p${i + 1}`, ...typed(sql, value)));
    return request;
  }

  /** Without values as a batch, so that `CREATE PROCEDURE` and the session's own tables work. */
  function send(request: Mssql.Request, { text, values }: Statement): void {
    // The answer comes by the request's events; this promise tells the same.
    const sent = values.length > 0 ? request.query(text) : request.batch(text);
    sent.catch(() => {});
  }

  const guarded: Guarded = (call, cancel, work) =>
    cancellable(label, call, cancel, async () => {
      try {
        return await work();
      } catch (error) {
        throw told(error);
      }
    });

  interface Answer {
    readonly rows: Row[];
    readonly changed: number;
  }

  async function ask(on: Sender, statement: Statement, call: CallOptions): Promise<Answer> {
    const request = begin(on, statement);
    return await cancellable(label, call, () => request.cancel(), () =>
      new Promise((resolve, reject) => {
        const rows: Row[] = [];
        let columns: readonly Column[] = [];
        let changed = 0;
        let failure: unknown;
        // The first result alone: a statement with several gives the rows of the first, as the other databases do.
        let results = 0;
        request.on("recordset", (found: readonly Column[]) => {
          if (results++ === 0) columns = found;
        });
        request.on("row", (row: readonly unknown[]) => {
          if (results <= 1) rows.push(readRow(sql, row, columns, call));
        });
        request.on("rowsaffected", (count: number) => changed += count);
        request.on("error", (error: unknown) => failure ??= error);
        request.on("done", () => failure === undefined ? resolve({ rows, changed }) : reject(told(failure)));
        send(request, statement);
      }));
  }

  async function* stream(
    on: Sender,
    statement: Statement,
    batch: number,
    call: CallOptions,
  ): AsyncGenerator<Row[]> {
    const request = begin(on, statement);
    let columns: readonly Column[] = [];
    const collected: Row[] = [];
    let done = false;
    let failure: unknown;
    let wake = () => {};
    request.on("recordset", (found: readonly Column[]) => columns = found);
    request.on("row", (row: readonly unknown[]) => {
      collected.push(readRow(sql, row, columns, call));
      if (collected.length < batch) return;
      // The server waits until this batch is worked on.
      request.pause();
      wake();
    });
    request.on("error", (error: unknown) => failure ??= error);
    const ended = new Promise<void>((resolve) =>
      request.on("done", () => {
        done = true;
        wake();
        resolve();
      })
    );
    send(request, statement);
    try {
      for (;;) {
        await cancellable(label, call, () => request.cancel(), async () => {
          if (collected.length < batch && !done) await new Promise<void>((resolve) => wake = resolve);
          if (failure !== undefined) throw told(failure);
        });
        const rows = collected.splice(0, batch);
        if (rows.length > 0) yield rows;
        if (done && collected.length === 0) return;
        if (collected.length < batch) request.resume();
      }
    } finally {
      if (!done) {
        // A reader that stops early: the rest is not wanted, and the connection is used again afterwards.
        request.cancel();
        request.resume();
        await ended;
      }
    }
  }

  function told(error: unknown): unknown {
    const facts = factsOf(error);
    const reason = unreachableReason(error) ?? unreachableReason(facts.original) ??
      (facts.code === "ETIMEOUT" ? `no answer within ${connectSeconds} s` : LOST[facts.code ?? ""]);
    if (reason !== undefined || facts.code === "ESOCKET") {
      return new CannotConnectError(
        `${label}: cannot connect to ${host}:${port} (${reason ?? facts.message})`,
        { ...(facts.code === undefined ? {} : { code: facts.code }) },
        { cause: error },
      );
    }
    if (facts.code === "ELOGIN") {
      return new WrongLoginError(`${label}: ${facts.message}`, {}, { cause: error });
    }
    if (facts.number === undefined) return error;
    const line = facts.line === undefined ? "" : `, line ${facts.line}`;
    return new SqlError(`${label}: ${facts.message} (error ${facts.number}${line})`, {
      code: String(facts.number),
    }, { cause: error });
  }

  const session = (sender: () => Promise<Sender>): Session => {
    const here: Session = {
      query: async (statement, call) => (await ask(await sender(), statement, call)).rows,
      execute: async (statement, call) => (await ask(await sender(), statement, call)).changed,
      async *stream(statement, batch, call) {
        yield* stream(await sender(), statement, batch, call);
      },
      async insertMany(target, batches, call) {
        const on = await sender();
        for await (const rows of batches) {
          await insertStaged(sql, on, here, target, rows, call, guarded);
        }
      },
    };
    return here;
  };

  return {
    dialect: "sqlserver",
    ...session(connected),
    async transaction(work, { signal }) {
      signal?.throwIfAborted();
      const transaction = new sql.Transaction(await connected());
      await transaction.begin().catch((error) => {
        throw told(error);
      });
      try {
        const done = await work(session(() => Promise.resolve(transaction)));
        await transaction.commit().catch((error) => {
          throw told(error);
        });
        return done;
      } catch (error) {
        // Where the connection is gone, or the server has rolled back already, there is nothing to roll back.
        await transaction.rollback().catch(() => {});
        throw error;
      }
    },
    async version() {
      const text = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version";
      const { rows: [row] } = await ask(await connected(), { text, values: [] }, {});
      return `SQL Server ${row?.version}`;
    },
    async close() {
      if (connecting === undefined) return;
      await connecting.catch(() => {});
      await pool.close();
    },
  };
}

/** What is in an error of the driver, and in the one of the server that it wraps. */
function factsOf(error: unknown): {
  readonly message: string;
  readonly code?: string;
  readonly number?: number;
  readonly line?: number;
  readonly original?: unknown;
} {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const original = error instanceof Error && "originalError" in error ? error.originalError : undefined;
  const inner = original instanceof Error && "info" in original && typeof original.info === "object"
    ? original.info as { readonly number?: number; readonly lineNumber?: number } | null
    : undefined;
  const number = inner?.number ?? numberIn(error) ?? numberIn(original);
  return {
    message,
    original,
    ...(code === undefined ? {} : { code }),
    ...(number === undefined ? {} : { number }),
    ...(inner?.lineNumber === undefined ? {} : { line: inner.lineNumber }),
  };
}

function numberIn(error: unknown): number | undefined {
  return error instanceof Error && "number" in error && typeof error.number === "number"
    ? error.number
    : undefined;
}
