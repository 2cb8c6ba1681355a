/** database.ini: one section a database, checked; the message of an error names file, line, section and key. */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { suggestion } from "../app/nearest.ts";
import { NotConfiguredError } from "./errors.ts";
import { type IniEntry, type IniSection, parseIni } from "./ini.ts";

export interface SqliteSettings {
  readonly type: "sqlite";
  readonly name: string;
  /** Absolute path of the database file, or `:memory:`. */
  readonly file: string;
  /** Absolute path of an SQL script that fills the file when it is created. */
  readonly schema?: string;
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
  readonly tlsCa?: string;
  /** How long a connection may take to be made. */
  readonly connectSeconds: number;
}

export type DatabaseSettings = SqliteSettings | ServerSettings;

const TYPES = ["postgresql", "mysql", "oracle", "sqlserver", "sqlite"] as const;
const DEFAULT_PORT = { postgresql: 5432, mysql: 3306, oracle: 1521, sqlserver: 1433 } as const;
const TLS_MODES = ["verify", "require", "off"] as const;
const SQLITE_KEYS = ["type", "database", "schema"];
const SERVER_KEYS = [
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
const ORACLE_KEYS = [...SERVER_KEYS, "service_name"];
/** What an Oracle address may hold: it is written between parentheses. */
const ORACLE_WORD = /^[\w.:$#-]+$/;

/** Reads one section. `file` is the path of database.ini; paths in it are relative to its folder. */
export function databaseSettings(file: string, name: string): DatabaseSettings {
  const sections = readSections(file);
  const section = sections.get(name);
  if (!section) {
    const known = [...sections.keys()].map((each) => `[${each}]`).join(", ") || "none";
    throw new NotConfiguredError(`database "${name}": ${file} has no section [${name}]; it has ${known}`);
  }
  return checkSection(file, section);
}

/** All sections of database.ini; none where there is no such file. */
export function allDatabaseSettings(file: string): DatabaseSettings[] {
  return [...readSections(file, true).values()].map((section) => checkSection(file, section));
}

/** The passwords of database.ini, so that they can be taken out of logs; none where the file cannot be read. */
export function secretsOf(file: string): string[] {
  try {
    return [...readSections(file, true).values()].flatMap((section) => {
      try {
        return passwordOf(file, section) || [];
      } catch {
        // What is wrong with it is told to whoever uses the database.
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** What an operator should know about a section that works: its type was guessed, or others can read its password. */
export function settingsWarnings(file: string): string[] {
  const sections = [...readSections(file, true).values()];
  const guessed = sections.filter(({ entries }) => !entries.has("type")).map((section) => {
    const { type } = checkSection(file, section);
    return `${file}, line ${section.line}, section [${section.name}]: no key "type"; from its port it is taken for ${type}`;
  });
  const withPassword = sections.some(({ entries }) => (entries.get("password")?.value ?? "") !== "");
  return withPassword && isWorldReadable(file)
    ? [...guessed, `${file} holds passwords, and every user of this machine can read it; chmod 600 ${file}`]
    : guessed;
}

function isWorldReadable(file: string): boolean {
  return ((Deno.statSync(file).mode ?? 0) & 0o004) !== 0;
}

function readSections(file: string, mayBeMissing = false): ReadonlyMap<string, IniSection> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ENOENT") throw cause;
    if (mayBeMissing) return new Map();
    throw new NotConfiguredError(
      `${file} is not there; it holds one section a database, as in:\n[test_db]\ntype = sqlite\ndatabase = data/test.db`,
      {},
      { cause },
    );
  }
  return parseIni(text, file);
}

function failAt(file: string, section: IniSection, line: number, what: string): never {
  throw new NotConfiguredError(`${file}, line ${line}, section [${section.name}]${what}`);
}

function checkSection(file: string, section: IniSection): DatabaseSettings {
  const type = typeOf(file, section);
  const known = type === "sqlite" ? SQLITE_KEYS : type === "oracle" ? ORACLE_KEYS : SERVER_KEYS;
  for (const [key, { line }] of section.entries) {
    if (!known.includes(key)) {
      failAt(file, section, line, `, key "${key}": unknown key; ${suggestion(key, known)}`);
    }
  }
  return type === "sqlite" ? sqliteSettings(file, section) : serverSettings(file, section, type);
}

function typeOf(file: string, section: IniSection): (typeof TYPES)[number] {
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
    ...(schema ? { schema: beside(file, schema.value) } : {}),
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
  const host = required(file, section, "host", "it names the server");
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
    ...(ca ? { tlsCa: beside(file, ca.value) } : {}),
  };
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

/** `password`, or the value of the variable or file that one of the other two names. */
function passwordOf(file: string, section: IniSection): string {
  const keys = ["password", "password_env", "password_file"].filter((key) => section.entries.has(key));
  if (keys.length > 1) {
    failAt(file, section, section.line, `: ${keys.join(" and ")} are both given; one of them is enough`);
  }
  const plain = section.entries.get("password");
  if (plain) return plain.value;
  const variable = section.entries.get("password_env");
  if (variable) {
    const value = Deno.env.get(variable.value);
    if (value !== undefined) return value;
    failAt(
      file,
      section,
      variable.line,
      `, key "password_env": there is no environment variable ${variable.value}`,
    );
  }
  const path = section.entries.get("password_file");
  return path ? passwordFrom(file, section, path) : "";
}

/** A file of its own, such as one of systemd's credentials; a line end after the password is not part of it. */
function passwordFrom(file: string, section: IniSection, { line, value }: IniEntry): string {
  const credentials = Deno.env.get("CREDENTIALS_DIRECTORY");
  const path = credentials !== undefined && !value.includes("/")
    ? `${credentials}/${value}`
    : beside(file, value);
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    failAt(file, section, line, `, key "password_file": ${path} cannot be read: ${(cause as Error).message}`);
  }
}

function required(file: string, section: IniSection, key: string, what: string): IniEntry {
  const entry = section.entries.get(key);
  if (entry && entry.value !== "") return entry;
  failAt(file, section, section.line, `: key "${key}" is missing; ${what}`);
}

function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}
