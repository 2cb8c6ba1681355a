/** database.ini: one section a database, checked; the message of an error names file, line, section and key. */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { type IniSection, parseIni } from "./ini.ts";

/** A database that is not set up, or not rightly so. */
export class NotConfiguredError extends Error {
  override readonly name = "NotConfiguredError";
}

export interface SqliteSettings {
  readonly type: "sqlite";
  readonly name: string;
  /** Absolute path of the database file, or `:memory:`. */
  readonly file: string;
  /** Absolute path of an SQL script that fills the file when it is created. */
  readonly schema?: string;
}

export type DatabaseSettings = SqliteSettings;

const SQLITE_KEYS = ["type", "database", "schema"];

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

/** The passwords in database.ini, so that they can be taken out of logs; none where the file cannot be read. */
export function secretsOf(file: string): string[] {
  try {
    return [...readSections(file, true).values()].flatMap(({ entries }) => {
      const password = entries.get("password")?.value;
      return password === undefined || password === "" ? [] : [password];
    });
  } catch {
    // What is wrong with the file is told to whoever uses a database of it.
    return [];
  }
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
      { cause },
    );
  }
  return parseIni(text, file);
}

function checkSection(file: string, section: IniSection): DatabaseSettings {
  const fail = (line: number, what: string) =>
    new NotConfiguredError(`${file}, line ${line}, section [${section.name}]${what}`);
  const type = section.entries.get("type");
  if (!type) throw fail(section.line, `: key "type" is missing; write type = sqlite`);
  if (type.value !== "sqlite") {
    throw fail(type.line, `, key "type": "${type.value}" is not supported yet; allowed is sqlite`);
  }
  for (const [key, { line }] of section.entries) {
    if (!SQLITE_KEYS.includes(key)) {
      throw fail(line, `, key "${key}": unknown key; known are ${SQLITE_KEYS.join(", ")}`);
    }
  }
  const database = section.entries.get("database");
  if (!database || database.value === "") {
    throw fail(section.line, `: key "database" is missing; it names the database file`);
  }
  const schema = section.entries.get("schema");
  const absolute = (path: string) => isAbsolute(path) ? path : resolve(dirname(file), path);
  return {
    type: "sqlite",
    name: section.name,
    file: database.value === ":memory:" ? database.value : absolute(database.value),
    ...(schema ? { schema: absolute(schema.value) } : {}),
  };
}
