/** MySQL and MariaDB through `mysql2`. */
import "../permitted_environment.ts";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { unnamedDistrust } from "../../../app/base/unnamed_distrust.ts";
import mysql, { type Connection as MysqlClient, type ConnectionOptions } from "mysql2";
import { limited, readied } from "../../cancel.ts";
import type { Connection, Driver } from "../../database.ts";
import { DatabaseError, NotConfiguredError } from "../../errors.ts";
import type { ServerSettings } from "../../settings.ts";
import { databaseError, noAnswer, type Place } from "../fault.ts";
import { TcpStream } from "../tcp_stream.ts";
import { MysqlConnection } from "./connection.ts";
import { mysqlFault } from "./faults.ts";

/** Statements that a connection keeps prepared. */
const MOST_PREPARED = 100;
const UNKNOWN_ZONE = "ER_UNKNOWN_TIME_ZONE";
/** Ending somebody's statement takes a moment, or cannot be done. */
const KILL_LIMIT_MS = 5_000;

export class MysqlDriver implements Driver {
  readonly dialect = "mysql";
  readonly label: string;
  readonly zone: string;
  readonly most: number;
  readonly #place: Place;

  constructor(readonly settings: ServerSettings) {
    const { name, host, port, socket, pool } = settings;
    this.label = `MySQL ${name}`;
    this.zone = settings.timezone;
    this.most = pool;
    this.#place = { label: this.label, address: socket ?? `${host}:${port}` };
  }

  #options(tcp: TcpStream): ConnectionOptions {
    const { host, port, database, user, password, tls, tlsCa, connectSeconds } = this.settings;
    return {
      host,
      port,
      database,
      user,
      password,
      stream: () => tcp,
      connectTimeout: connectSeconds * 1_000,
      charset: "utf8mb4",
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      jsonStrings: true,
      maxPreparedStatements: MOST_PREPARED,
      flags: ["-LOCAL_FILES"],
      ssl: tls === "off" ? undefined : {
        rejectUnauthorized: tls === "verify",
        // For an address the driver would have another name checked.
        verifyIdentity: tls === "verify" && !isIP(host),
        ca: tlsCa === undefined ? undefined : readFileSync(tlsCa, "utf8"),
      },
    };
  }

  async connect(): Promise<Connection> {
    const { client, tcp } = await this.#login();
    const { _handshakePacket: greeting } = client as MysqlClient & {
      _handshakePacket?: { serverVersion?: string };
    };
    const isMariaDb = /mariadb/i.test(greeting?.serverVersion ?? "");
    const connection = new MysqlConnection(
      client,
      tcp,
      this.#place,
      this.settings.timezone,
      isMariaDb,
      (threadId) => this.#kill(threadId),
      (on) => this.#setUp(on),
    );
    const { connectSeconds } = this.settings;
    const late = () => noAnswer(this.#place, connectSeconds);
    return await readied(connection, (on) => this.#setUp(on), connectSeconds * 1_000, late);
  }

  #login(): Promise<{ readonly client: MysqlClient; readonly tcp: TcpStream }> {
    const { host, port, socket, tls, connectSeconds } = this.settings;
    const tcp = new TcpStream({ host, port, socket });
    const client = mysql.createConnection(this.#options(tcp));
    const made = new Promise<{ readonly client: MysqlClient; readonly tcp: TcpStream }>((resolve, reject) => {
      client.on("error", reject);
      client.connect((error) => error ? reject(error) : resolve({ client, tcp }));
    });
    // The driver's own limit ends with the first word of the server.
    const late = () =>
      Object.assign(new Error(`no answer within ${connectSeconds} s`), { code: "ETIMEDOUT" });
    return limited(made, { ms: connectSeconds * 1_000 + 500 }, late).catch((error) => {
      client.destroy();
      tcp.destroy();
      const fault = mysqlFault(error, false);
      const code = fault.kind === "unreachable" ? fault.code : undefined;
      const reason = code === "ETIMEDOUT"
        ? `no answer within ${connectSeconds} s`
        : tls === "verify"
        ? unnamedDistrust(code)
        : undefined;
      throw databaseError(
        this.#place,
        reason === undefined ? fault : { ...fault, kind: "unreachable", reason },
        error,
      );
    });
  }

  /** The session's zone is the section's: else a column of type TIMESTAMP would keep another moment. */
  async #setUp(on: MysqlConnection): Promise<void> {
    const { timezone, init } = this.settings;
    const plain = async (text: string, values: readonly unknown[] = []) =>
      void await on.ask({ text, values }, {});
    await plain("SET NAMES utf8mb4");
    try {
      await plain("SET time_zone = ?", [timezone === "UTC" ? "+00:00" : timezone]);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== UNKNOWN_ZONE) throw error;
      const offset = constantOffset(timezone);
      if (offset === undefined) {
        throw new NotConfiguredError(
          `${this.label}: the server does not know the time zone ${timezone}; load its zones there ` +
            "(mysql_tzinfo_to_sql /usr/share/zoneinfo), or write timezone = UTC",
          {},
          { cause: error },
        );
      }
      await plain("SET time_zone = ?", [offset]);
      on.zone = offset;
    }
    for (const text of init) await plain(text);
    on.ready();
  }

  /** Ends the statement of a connection, by another one. */
  async #kill(threadId: number): Promise<void> {
    try {
      const { client: other } = await this.#login();
      other.on("error", () => {});
      const done = new Promise<void>((resolve) => other.query(`KILL QUERY ${threadId}`, () => resolve()));
      await limited(done, { ms: KILL_LIMIT_MS }, () => new Error("not ended in time")).finally(() =>
        other.destroy()
      );
    } catch {
      // Where the server cannot be reached the connection is cut, which ends the statement too.
    }
  }

  async version(connection: Connection): Promise<string> {
    const { rows: [row] } = await connection.ask({ text: "SELECT VERSION() AS version", values: [] }, {});
    const version = String(row?.version);
    return /mariadb/i.test(version) ? `MariaDB ${version}` : `MySQL ${version}`;
  }
}

/** The offset of a zone whose clocks are not changed from now on, such as `+08:00`. */
export function constantOffset(zone: string): string | undefined {
  const now = Temporal.Now.zonedDateTimeISO(zone);
  return now.getTimeZoneTransition("next") === null ? now.offset : undefined;
}
