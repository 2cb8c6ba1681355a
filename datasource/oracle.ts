/** Oracle through `oracledb` in its thin mode, which needs no client library. */
import { readFileSync } from "node:fs";
// @ts-types="npm:@types/oracledb@7.0.3"
import type * as Oracle from "oracledb";
import { cancellable } from "./cancel.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { CannotConnectError, codeOf, SqlError, WrongLoginError } from "./errors.ts";
import type { ServerSettings } from "./settings.ts";
import { bindsOf, insertText, plainRow, readerOf, sent } from "./oracle_values.ts";
import type { Statement } from "./sql.ts";

const MAX_CONNECTIONS = 3;
const IDLE_SECONDS = 30;
/** A connection that was idle for so long is tried before it is used. */
const PING_AFTER_SECONDS = 5;

/** Codes of the server and of the driver (Oracle's "Database Error Messages", node-oracledb's `lib/errors.js`). */
const WRONG_LOGIN: Readonly<Record<string, string>> = {
  "ORA-01005": "no password was given",
  "ORA-01017": "the user or the password is not accepted",
  "ORA-01045": "the user may not log on",
  "ORA-28000": "the account is locked",
  "ORA-28001": "the password has expired",
  "ORA-12505": "the listener does not know this instance",
  "ORA-12514": "the listener does not know this service",
  "NJS-517": "the listener does not know this instance",
  "NJS-518": "the listener does not know this service",
};
const TIMED_OUT = ["NJS-510", "ORA-12170"];
const LOST: Readonly<Record<string, string>> = {
  "NJS-500": "the connection was lost",
  "NJS-501": "the connection was lost",
  "NJS-503": "connection refused",
  "NJS-511": "the listener refused",
  "NJS-040": "no connection of the pool became free",
  "NJS-521": "the connection was lost",
  "DPI-1010": "the connection was lost",
  "DPI-1080": "the connection was lost",
  "ORA-03113": "the connection was lost",
  "ORA-03114": "the connection was lost",
  "ORA-12537": "the connection was lost",
  "ORA-12541": "there is no listener",
  "ORA-01033": "the database is being started or stopped",
  "ORA-01034": "the database is not running",
  "ORA-01089": "the database is being stopped",
};

/** How texts and dates are turned into each other, and a decimal point: Oracle's own depend on the server's country. */
const SESSION_FORMATS = [
  "NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
  "NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF'",
  "NLS_NUMERIC_CHARACTERS = '.,'",
];

export async function openOracle(settings: ServerSettings): Promise<Database> {
  const oracle = (await import("oracledb")).default as typeof Oracle;
  const { host, port, user, password, tls, tlsCa, connectSeconds } = settings;
  const label = `Oracle ${settings.name}`;
  const attributes = {
    user,
    password,
    connectString: oracleAddress(settings),
    poolMin: 0,
    poolMax: MAX_CONNECTIONS,
    poolIncrement: 1,
    poolTimeout: IDLE_SECONDS,
    poolPingInterval: PING_AFTER_SECONDS,
    // Whoever waits for a connection is ended by the run's own time limit.
    queueTimeout: 0,
    sessionCallback: (connection: Oracle.Connection, _tag: string, done: (error?: Error) => void) =>
      connection.execute(`ALTER SESSION SET ${SESSION_FORMATS.join(" ")}`).then(() => done(), done),
    ...(tls === "off" ? {} : {
      sslServerDNMatch: true,
      ...(tlsCa === undefined ? {} : { walletContent: readFileSync(tlsCa, "utf8") }),
    }),
  };
  let opening: Promise<Oracle.Pool> | undefined;

  async function connection(): Promise<Oracle.Connection> {
    opening ??= oracle.createPool(attributes);
    try {
      return await (await opening).getConnection();
    } catch (error) {
      throw told(error);
    }
  }

  async function use<T>(work: (on: Oracle.Connection) => Promise<T>): Promise<T> {
    const on = await connection();
    try {
      return await work(on);
    } finally {
      // What cannot be given back is gone already.
      await on.close().catch(() => {});
    }
  }

  type Use = <T>(work: (on: Oracle.Connection) => Promise<T>) => Promise<T>;

  /** Does what may be ended, on the server too; its errors are told as those of a database. */
  async function guarded<T>(
    on: Oracle.Connection,
    call: CallOptions,
    work: () => Promise<T>,
  ): Promise<T> {
    return await cancellable(label, call, () => void on.break().catch(() => {}), async () => {
      try {
        return await work();
      } catch (error) {
        throw told(error);
      }
    });
  }

  async function ask<T>(
    on: Oracle.Connection,
    { text, values }: Statement,
    options: Oracle.ExecuteOptions,
    call: CallOptions,
  ): Promise<Oracle.Result<T>> {
    return await guarded(on, call, () => on.execute<T>(text, values.map(sent), options));
  }

  const reading = (call: CallOptions): Oracle.ExecuteOptions => ({
    outFormat: oracle.OUT_FORMAT_OBJECT,
    fetchTypeHandler: (column) => readerOf(oracle, column, call),
  });

  const session = (use: Use, autoCommit: boolean): Session => ({
    query: (statement, call) =>
      use(async (on) => {
        const { rows } = await ask<Row>(on, statement, { ...reading(call), autoCommit }, call);
        return (rows ?? []).map(plainRow);
      }),
    execute: (statement, call) =>
      use(async (on) => {
        const { rows, rowsAffected } = await ask(on, statement, { ...reading(call), autoCommit }, call);
        return rowsAffected ?? rows?.length ?? 0;
      }),
    stream: (statement, batch, call) => stream(use, statement, batch, call),
    insertMany: (target, batches, call) =>
      use(async (on) => {
        for await (const rows of batches) {
          const { values, bindDefs } = bindsOf(oracle, target.columns, rows);
          const text = insertText(target);
          await guarded(on, call, () => on.executeMany(text, values, { autoCommit, bindDefs }));
        }
      }),
  });

  async function* stream(
    use: Use,
    statement: Statement,
    batch: number,
    call: CallOptions,
  ): AsyncGenerator<Row[]> {
    // The connection is held until the reader is done, however it is done.
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<Oracle.Connection>();
    const holding = use((on) => {
      begun.resolve(on);
      return ended.promise;
    });
    holding.catch((error) => begun.reject(error));
    try {
      const on = await begun.promise;
      const options = { ...reading(call), resultSet: true, fetchArraySize: batch };
      const { resultSet } = await ask<Row>(on, statement, options, call);
      if (!resultSet) return;
      try {
        for (;;) {
          const rows = await guarded(on, call, () => resultSet.getRows(batch));
          if (rows.length > 0) yield rows.map(plainRow);
          if (rows.length < batch) return;
        }
      } finally {
        await resultSet.close().catch(() => {});
      }
    } finally {
      ended.resolve();
      await holding.catch(() => {});
    }
  }

  function told(error: unknown): unknown {
    const code = oracleCode(error);
    if (!(error instanceof Error) || code === undefined) return error;
    const facts = { code };
    const refused = WRONG_LOGIN[code];
    if (refused !== undefined) {
      return new WrongLoginError(`${label}: ${host}:${port}: ${refused} (${code})`, facts, { cause: error });
    }
    const reason = TIMED_OUT.includes(code) ? `no answer within ${connectSeconds} s` : LOST[code];
    if (reason !== undefined) {
      // Two codes of the driver stand for all that the system or the listener may say.
      const why = code === "NJS-503" && !/ECONNREFUSED/.test(error.message)
        ? "the host cannot be reached"
        : code === "NJS-511"
        ? [reason, ...error.message.match(/ORA-\d+/) ?? []].join(": ")
        : reason;
      return new CannotConnectError(`${label}: cannot connect to ${host}:${port} (${why})`, facts, {
        cause: error,
      });
    }
    const offset = "offset" in error && typeof error.offset === "number" ? error.offset : undefined;
    const [first = error.message] = error.message.split("\n");
    return new SqlError(
      `${label}: ${first}${offset === undefined ? "" : ` (at character ${offset + 1})`}`,
      { code, ...(offset === undefined ? {} : { position: offset + 1 }) },
      { cause: error },
    );
  }

  return {
    dialect: "oracle",
    ...session(use, true),
    transaction: (work, { signal }) => {
      signal?.throwIfAborted();
      return use(async (on) => {
        const inside = session((step) => step(on), false);
        try {
          const done = await work(inside);
          await on.commit().catch((error) => {
            throw told(error);
          });
          return done;
        } catch (error) {
          // Where the connection is gone the server rolls back by itself.
          await on.rollback().catch(() => {});
          throw error;
        }
      });
    },
    version: () => use((on) => Promise.resolve(`Oracle ${on.oracleServerVersionString}`)),
    async close() {
      const pool = await opening?.catch(() => undefined);
      await pool?.close(0);
    },
  };
}

/** Where the database is, in the words of Oracle Net (Net Services Reference, "Connect Descriptors"). */
export function oracleAddress(
  { host, port, database, tls, connectSeconds }: Pick<
    ServerSettings,
    "host" | "port" | "database" | "tls" | "connectSeconds"
  >,
): string {
  const protocol = tls === "off" ? "tcp" : "tcps";
  return `(DESCRIPTION=(CONNECT_TIMEOUT=${connectSeconds})` +
    `(ADDRESS=(PROTOCOL=${protocol})(HOST=${host})(PORT=${port}))(CONNECT_DATA=(SERVICE_NAME=${database})))`;
}

/** `ORA-00942` or `NJS-503`: what the message begins with, where the error does not say it apart. */
function oracleCode(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== undefined && /^[A-Z]{3}-\d+$/.test(code)) return code;
  return error instanceof Error ? error.message.match(/\b[A-Z]{3}-\d{3,5}\b/)?.[0] : undefined;
}
