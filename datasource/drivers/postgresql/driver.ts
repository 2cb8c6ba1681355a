/** PostgreSQL through `pg`. */
import "../permitted_environment.ts";
import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { readied } from "../../cancel.ts";
import type { Connection, Driver } from "../../database.ts";
import { DatabaseError } from "../../errors.ts";
import type { ServerSettings } from "../../settings.ts";
import { databaseError, noAnswer, type Place } from "../fault.ts";
import { PostgresConnection } from "./connection.ts";
import { postgresFault } from "./faults.ts";

/** Without a word of the server for so long, the connection is asked whether it still is one. */
const KEEP_ALIVE_MS = 60_000;

export class PostgresDriver implements Driver {
  readonly dialect = "postgresql";
  readonly label: string;
  readonly zone: string;
  readonly most: number;
  readonly #place: Place;

  constructor(readonly settings: ServerSettings) {
    const { name, host, port, socket, pool } = settings;
    this.label = `PostgreSQL ${name}`;
    this.zone = settings.timezone;
    this.most = pool;
    this.#place = { label: this.label, address: socket ?? `${host}:${port}` };
  }

  async connect(): Promise<Connection> {
    const { host, port, socket, database, user, password, connectSeconds, timezone, init } = this.settings;
    const client = new pg.Client({
      host: socket === undefined ? host : socket.replace(/\/\.s\.PGSQL\.\d+$/, ""),
      port,
      database,
      user,
      // By a function, so that none is looked for in the environment or a file where it is empty.
      password: () => password,
      ssl: this.#tls(),
      application_name: "carillon",
      connectionTimeoutMillis: connectSeconds * 1_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const address = socket === undefined ? { host, port } : { path: socketPath(socket, port) };
    const setup = [
      `SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; ` +
      `SET bytea_output = 'hex'; SET extra_float_digits = 3; SET standard_conforming_strings = on; ` +
      `SET TimeZone = '${timezone.replaceAll("'", "''")}'`,
      ...init,
    ];
    const connection = new PostgresConnection(client, this.#place, { zone: timezone, setup, address });
    const ready = async () => {
      await client.connect();
      await connection.setUp();
    };
    try {
      const late = () => noAnswer(this.#place, connectSeconds);
      return await readied(connection, ready, connectSeconds * 1_000 + 500, late);
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      const fault = postgresFault(error);
      throw databaseError(
        this.#place,
        fault.kind === "unreachable" && fault.reason === "no answer in time"
          ? { kind: "unreachable", reason: `no answer within ${connectSeconds} s` }
          : fault,
        error,
      );
    }
  }

  async version(connection: Connection): Promise<string> {
    const { rows: [row] } = await connection.ask({ text: "SHOW server_version", values: [] }, {});
    return `PostgreSQL ${row?.server_version}`;
  }

  #tls() {
    const { tls, tlsCa, host } = this.settings;
    if (tls === "off") return false;
    return {
      rejectUnauthorized: tls === "verify",
      // Under the name that database.ini has: for an address, the driver would have another one checked.
      checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
        tls === "verify" ? checkServerIdentity(host, certificate) : undefined,
      ca: tlsCa === undefined ? undefined : readFileSync(tlsCa, "utf8"),
    };
  }
}

/** The folder of the sockets, or the path of one. */
function socketPath(socket: string, port: number): string {
  return /\.s\.PGSQL\.\d+$/.test(socket) ? socket : `${socket}/.s.PGSQL.${port}`;
}
