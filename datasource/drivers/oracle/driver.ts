/** Oracle through `oracledb` in its thin mode, which needs no client library. */
import "../permitted_environment.ts";
import { readFileSync } from "node:fs";
// @ts-types="npm:@types/oracledb@7.0.3"
import type * as Oracle from "oracledb";
import { limited, readied } from "../../cancel.ts";
import type { Connection, Driver } from "../../database.ts";
import type { ServerSettings } from "../../settings.ts";
import { databaseError, noAnswer, type Place } from "../fault.ts";
import { OracleConnection } from "./connection.ts";
import { oracleFault } from "./faults.ts";
import { openSession, thinMode } from "./thin_mode.ts";

export class OracleDriver implements Driver {
  readonly dialect = "oracle";
  readonly label: string;
  readonly zone: string;
  readonly most: number;
  readonly #place: Place;

  constructor(readonly settings: ServerSettings) {
    const { name, host, port, pool } = settings;
    this.label = `Oracle ${name}`;
    this.zone = settings.timezone;
    this.most = pool;
    this.#place = { label: this.label, address: `${host}:${port}` };
  }

  async connect(): Promise<Connection> {
    const oracle = await thinMode();
    const { user, password, tls, tlsCa, timezone, init, connectSeconds } = this.settings;
    const secure = tls === "off" ? {} : {
      sslServerDNMatch: true,
      walletContent: tlsCa === undefined ? undefined : readFileSync(tlsCa, "utf8"),
    };
    const session = openSession(oracle, {
      user,
      password,
      connectString: oracleAddress(this.settings),
      ...secure,
    });
    // The driver's own limit is for the address alone: a listener that says nothing after it would be waited for.
    const late = () => Object.assign(new Error("NJS-510: no answer"), { code: "NJS-510" });
    let client: Oracle.Connection;
    try {
      client = await limited(session.made, { ms: connectSeconds * 1_000 + 500 }, late);
    } catch (error) {
      // Nobody waits for it any more.
      session.made.catch(() => {});
      session.cut();
      const fault = oracleFault(error, connectSeconds);
      const where = fault.kind === "login"
        ? { ...fault, text: `${this.#place.address}: ${fault.text}` }
        : fault;
      throw databaseError(this.#place, where, error);
    }
    const connection = new OracleConnection(
      oracle,
      client,
      session,
      this.#place,
      timezone,
      init,
      connectSeconds,
    );
    const tooLate = () => noAnswer(this.#place, connectSeconds);
    return await readied(connection, (on) => on.setUp(), connectSeconds * 1_000, tooLate);
  }

  version(connection: Connection): Promise<string> {
    return Promise.resolve(`Oracle ${(connection as OracleConnection).client.oracleServerVersionString}`);
  }
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
