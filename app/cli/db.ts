/** `carillon db`: the databases of database.ini, whether they answer, and a question to one of them. */
import { closeDatabases, query, setDatabaseFile, testDatabase } from "../../datasource/datasource.ts";
import { DatabaseError } from "../../datasource/errors.ts";
import { allDatabaseSettings, type DatabaseSettings, databaseSettings } from "../../datasource/settings.ts";
import type { Config } from "../config.ts";
import { type Arguments, expectWords, loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print, say, table } from "./output.ts";

const FLAGS = { json: { type: "boolean", help: "as JSON" } } as const;
const USAGE = `carillon db list | db test [name] | db query <name> "SELECT …" [--json]`;

export async function db(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, FLAGS);
  const config = loadConfig(given);
  setDatabaseFile(config.datasource.file);
  const [verb] = given.words;
  try {
    if (verb === "list") return listAll(given, config);
    if (verb === "test") return await test(given, config);
    if (verb === "query") return await ask(given);
  } finally {
    await closeDatabases();
  }
  throw new UsageError(
    `${verb === undefined ? "say what to do" : `unknown word "${verb}"`}; usage: ${USAGE}`,
  );
}

function listAll(given: Arguments, config: Config): ExitCode {
  expectWords(given, 1, USAGE);
  const all = allDatabaseSettings(config.datasource.file);
  if (given.own.has("json")) {
    print(
      JSON.stringify(all.map((each) => ({ name: each.name, type: each.type, address: addressOf(each) }))),
    );
  } else if (all.length === 0) {
    print(`no databases in ${config.datasource.file}`);
  } else {
    for (const line of table(all.map((each) => [each.name, each.type, addressOf(each)]))) print(line);
  }
  return 0;
}

/** Where it is; never the password. */
function addressOf(settings: DatabaseSettings): string {
  if (settings.type === "sqlite") return settings.file;
  const { user, host, port, database } = settings;
  return `${user}@${host}:${port}/${database}`;
}

async function test(given: Arguments, config: Config): Promise<ExitCode> {
  expectWords(given, 2, USAGE);
  const { file } = config.datasource;
  const [, name] = given.words;
  const names = name === undefined
    ? allDatabaseSettings(file).map((each) => each.name)
    : [databaseSettings(file, name).name];
  let worst: ExitCode = 0;
  for (const each of names) {
    try {
      const { version, ms } = await testDatabase(each);
      print(`${each}: ${version}, answers in ${ms.toFixed(1)} ms`);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      say(error.message);
      worst = 1;
    }
  }
  return worst;
}

async function ask(given: Arguments): Promise<ExitCode> {
  expectWords(given, 3, USAGE);
  const [, name, sql] = given.words;
  if (name === undefined || sql === undefined) {
    throw new UsageError(`name a database and a statement; usage: ${USAGE}`);
  }
  try {
    const rows = await query(name, sql, {}, { strings: true });
    if (given.own.has("json")) {
      for (const row of rows) print(JSON.stringify(row, (_key, value) => jsonValue(value)));
      return 0;
    }
    const columns = Object.keys(rows[0] ?? {});
    if (columns.length > 0) {
      for (const line of table([columns, ...rows.map((row) => columns.map((each) => cell(row[each])))])) {
        print(line);
      }
    }
    say(`${rows.length} ${rows.length === 1 ? "row" : "rows"}`);
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    say(error.message);
    return 1;
  }
}

/** Whole numbers beyond 2^53 as texts, bytes in hexadecimal. */
function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? value.toHex() : value;
}

function cell(value: unknown): string {
  if (value === null) return "NULL";
  const plain = jsonValue(value);
  return (typeof plain === "object" ? JSON.stringify(plain) : String(plain)).replace(/\s+/g, " ");
}
