/** SQL Server through `tedious`. */
import "../permitted_environment.ts";
import { readFileSync } from "node:fs";
import { Connection as TediousConnection } from "tedious";
import { limited, readied } from "../../cancel.ts";
import type { Connection, Driver } from "../../database.ts";
import type { ServerSettings } from "../../settings.ts";
import { databaseError, noAnswer, type Place } from "../fault.ts";
import { TcpStream } from "../tcp_stream.ts";
import { SqlserverConnection } from "./connection.ts";
import { readsDecimalsExactly } from "./decimals.ts";
import { sqlserverFault } from "./faults.ts";

/**
 * A server that refuses a login says why and hangs up. The driver reads what was said in several steps: were the end told at
 * once, the reason would be lost.
 */
const END_DELAY_MS = 50;

export class SqlserverDriver implements Driver {
  readonly dialect = "sqlserver";
  readonly label: string;
  readonly zone: string;
  readonly most: number;
  readonly #place: Place;

  constructor(readonly settings: ServerSettings) {
    const { name, host, port, pool } = settings;
    this.label = `SQL Server ${name}`;
    this.zone = settings.timezone;
    this.most = pool;
    this.#place = { label: this.label, address: `${host}:${port}` };
  }

  async connect(): Promise<Connection> {
    await readsDecimalsExactly();
    const { host, port, timezone, init, connectSeconds } = this.settings;
    let tcp: TcpStream | undefined;
    const client = this.#client(() => tcp = new TcpStream({ host, port }, END_DELAY_MS));
    const connection = new SqlserverConnection(
      client,
      () => tcp,
      this.#place,
      timezone,
      init,
      connectSeconds,
    );
    const made = new Promise<void>((resolve, reject) =>
      client.connect((error) => error ? reject(error) : resolve())
    );
    const late = () => Object.assign(new Error("no answer"), { code: "ETIMEOUT" });
    try {
      await limited(made, { ms: connectSeconds * 1_000 + 500 }, late);
    } catch (error) {
      connection.destroy();
      throw databaseError(this.#place, sqlserverFault(error, connectSeconds), error);
    }
    const tooLate = () => noAnswer(this.#place, connectSeconds);
    return await readied(connection, (on) => on.setUp(), connectSeconds * 1_000, tooLate);
  }

  #client(connect: () => TcpStream): TediousConnection {
    const { host, port, database, user, password, tls, tlsCa, connectSeconds } = this.settings;
    return new TediousConnection({
      server: host,
      authentication: { type: "default", options: { userName: user, password } },
      options: {
        port,
        database,
        connectTimeout: connectSeconds * 1_000,
        // Time limits are ours: they cancel the statement and leave the connection in use.
        requestTimeout: 0,
        encrypt: tls !== "off",
        trustServerCertificate: tls !== "verify",
        cryptoCredentialsDetails: tlsCa === undefined ? undefined : { ca: readFileSync(tlsCa, "utf8") },
        useUTC: true,
        appName: "carillon",
        connector: () => connected(connect()),
      },
    });
  }

  async version(connection: Connection): Promise<string> {
    const text = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version";
    const { rows: [row] } = await connection.ask({ text, values: [] }, {});
    return `SQL Server ${row?.version}`;
  }
}

/** The driver asks for a socket of Node's; what it uses of one, this stream has. */
function connected(tcp: TcpStream): Promise<never> {
  return new Promise((resolve, reject) => {
    tcp.once("error", reject);
    tcp.once("connect", () => {
      tcp.off("error", reject);
      resolve(tcp as never);
    });
  });
}
