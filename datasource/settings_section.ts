/** One section of database.ini, checked key by key; the message of an error names file, line, section and key. */
import { readFileSync } from "node:fs";
import { systemReason } from "../app/base/system_error.ts";
import type { IniEntry, IniSection } from "../app/base/ini.ts";
import { beside, failAt, passwordOf, required } from "./settings_keys.ts";

export interface SqliteSettings {
  readonly type: "sqlite";
  readonly name: string;
  /** Absolute path of the database file, or `:memory:`. */
  readonly file: string;
  /** Absolute path of an SQL script that fills the file when it is created. */
  readonly schema?: string | undefined;
  /** Statements that every connection begins with. */
  readonly init: readonly string[];
  /** Most connections at once. */
  readonly pool: number;
  /** IANA name or offset of the zone whose clocks moments without one are read by. */
  readonly timezone: string;
}

/** A database behind a network address. */
export interface ServerSettings {
  readonly type: "postgresql" | "mysql" | "oracle" | "sqlserver";
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Name of the database on the server; for Oracle that of its service. */
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** `verify`: encrypted, the certificate is checked; `require`: encrypted only; `off`: not. */
  readonly tls: "verify" | "require" | "off";
  /** Absolute path of a file with the certificates that are trusted besides the system's. */
  readonly tlsCa?: string | undefined;
  /** How long a connection may take to be made. */
  readonly connectSeconds: number;
  /** Path of the server's unix socket, in place of host and port. */
  readonly socket?: string | undefined;
  /** Statements that every connection begins with. */
  readonly init: readonly string[];
  /** Most connections at once. */
  readonly pool: number;
  /** IANA name or offset of the zone of the session, by which moments become times of day. */
  readonly timezone: string;
}

export type DatabaseSettings = SqliteSettings | ServerSettings;

const TYPES = ["postgresql", "mysql", "oracle", "sqlserver", "sqlite"] as const;
const DEFAULT_PORT = { postgresql: 5432, mysql: 3306, oracle: 1521, sqlserver: 1433 } as const;
const TLS_MODES = ["verify", "require", "off"] as const;
const COMMON_KEYS = ["init", "pool", "timezone"];
const SQLITE_KEYS = ["type", "database", "schema", ...COMMON_KEYS];
const SERVER_KEYS = [
  ...COMMON_KEYS,
  "type",
  "host",
  "port",
  "database",
  "user",
  "password",
  "password_env",
  "password_file",
  "tls",
  "tls_ca",
  "connect_timeout",
];
const DEFAULT_CONNECT_SECONDS = 10;
const DEFAULT_POOL = 3;
const MOST_CONNECTIONS = 100;
export const KEYS: Readonly<Record<DatabaseSettings["type"], readonly string[]>> = {
  sqlite: SQLITE_KEYS,
  postgresql: [...SERVER_KEYS, "socket"],
  mysql: [...SERVER_KEYS, "socket"],
  sqlserver: SERVER_KEYS,
  oracle: [...SERVER_KEYS, "service_name"],
};
/** What an Oracle address may hold: it is written between parentheses. */
const ORACLE_WORD = /^[\w.:$#-]+$/;

export function checkSection(file: string, section: IniSection): DatabaseSettings {
  const type = typeOf(file, section);
  return type === "sqlite" ? sqliteSettings(file, section) : serverSettings(file, section, type);
}

export function typeOf(file: string, section: IniSection): (typeof TYPES)[number] {
  const given = section.entries.get("type");
  if (!given) {
    const port = Number(section.entries.get("port")?.value);
    const guessed = TYPES.find((each) => each !== "sqlite" && DEFAULT_PORT[each] === port);
    if (guessed) return guessed;
    if (section.entries.has("service_name")) return "oracle";
    failAt(file, section, section.line, `: key "type" is missing; allowed are ${TYPES.join(", ")}`);
  }
  const found = TYPES.find((each) => each === given.value.trim().toLowerCase());
  if (found) return found;
  failAt(
    file,
    section,
    given.line,
    `, key "type": "${given.value}" is not a type; allowed are ${TYPES.join(", ")}`,
  );
}

function sqliteSettings(file: string, section: IniSection): SqliteSettings {
  const database = required(file, section, "database", "it names the database file").value;
  const schema = section.entries.get("schema");
  return {
    type: "sqlite",
    name: section.name,
    file: database === ":memory:" ? database : beside(file, database),
    schema: schema ? beside(file, schema.value) : undefined,
    ...commonSettings(file, section),
  };
}

function serverSettings(
  file: string,
  section: IniSection,
  type: ServerSettings["type"],
): ServerSettings {
  const { entries } = section;
  const port = entries.get("port");
  if (port) checkWhole(file, section, "port", port, 65_535);
  const connect = entries.get("connect_timeout");
  if (connect) checkWhole(file, section, "connect_timeout", connect, 600, " (seconds)");
  const tls = entries.get("tls");
  const mode = TLS_MODES.find((each) => each === (tls?.value ?? "off"));
  if (tls && !mode) {
    failAt(file, section, tls.line, `, key "tls": "${tls.value}" is not one of ${TLS_MODES.join(", ")}`);
  }
  if (tls && type === "oracle" && mode === "require") {
    failAt(
      file,
      section,
      tls.line,
      `, key "tls": "require" is not possible with Oracle, whose driver always checks the certificate; use verify`,
    );
  }
  const ca = entries.get("tls_ca");
  const socket = entries.get("socket");
  const host = socket
    ? { value: "localhost", line: socket.line }
    : required(file, section, "host", "it names the server");
  const database = type === "oracle" && !entries.has("database")
    ? required(file, section, "service_name", "it names the database's service")
    : required(file, section, "database", "it names the database on the server");
  const odd = type === "oracle" && [host, database].find(({ value }) => !ORACLE_WORD.test(value));
  if (odd) failAt(file, section, odd.line, `: "${odd.value}" is not a name of a host or a service`);
  return {
    type,
    name: section.name,
    host: host.value,
    port: port ? Number(port.value) : DEFAULT_PORT[type],
    database: database.value,
    user: required(file, section, "user", "it names the account").value,
    password: passwordOf(file, section),
    tls: mode ?? "off",
    connectSeconds: connect ? Number(connect.value) : DEFAULT_CONNECT_SECONDS,
    tlsCa: ca ? readablePath(file, section, "tls_ca", ca) : undefined,
    socket: socket?.value,
    ...commonSettings(file, section),
  };
}

function commonSettings(
  file: string,
  section: IniSection,
): Pick<SqliteSettings, "init" | "pool" | "timezone"> {
  const { entries } = section;
  const pool = entries.get("pool");
  if (pool) checkWhole(file, section, "pool", pool, MOST_CONNECTIONS);
  const zone = entries.get("timezone");
  if (zone && !isZone(zone.value)) {
    const text =
      `, key "timezone": "${zone.value}" is not a time zone; write a name such as Asia/Shanghai, or +08:00`;
    failAt(file, section, zone.line, text);
  }
  const init = entries.get("init")?.value.split("\n") ?? [];
  return {
    init: init.map((each) => each.trim().replace(/;$/, "")).filter((each) => each !== ""),
    pool: pool ? Number(pool.value) : DEFAULT_POOL,
    timezone: zone?.value ?? "UTC",
  };
}

function isZone(name: string): boolean {
  try {
    new Temporal.ZonedDateTime(0n, name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readablePath(file: string, section: IniSection, key: string, { line, value }: IniEntry): string {
  const path = beside(file, value);
  try {
    readFileSync(path);
    return path;
  } catch (cause) {
    failAt(file, section, line, `, key "${key}": ${path} cannot be read: ${systemReason(cause)}`);
  }
}

function checkWhole(
  file: string,
  section: IniSection,
  key: string,
  { line, value }: IniEntry,
  most: number,
  unit = "",
): void {
  if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= most) return;
  failAt(file, section, line, `, key "${key}": "${value}" is not a whole number from 1 to ${most}${unit}`);
}
