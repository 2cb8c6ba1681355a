/** `carillon db query`: the rows of one statement, for people as a table, for programs as JSON lines. */
import { askDatabase, closeDatabases, setDatabaseFile } from "../../datasource/datasource.ts";
import { DatabaseError, NotConfiguredError } from "../../datasource/errors.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print, say, table } from "./output.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

export const dbQuery: Command = {
  name: "db query",
  usage: '<name> "SELECT …"',
  words: 2,
  summary: "the rows of a statement",
  flags: {
    json: { help: "as JSON, a row a line" },
    write: { help: "the statement may change something" },
  },
  configured: true,
  examples: [
    { line: 'db query dwh "SELECT count(*) FROM orders"', what: "a table of the answer" },
    { line: 'db query dwh "SELECT * FROM orders LIMIT 5" --json', what: "for a program" },
    { line: 'db query dwh "DELETE FROM staging" --write', what: "a change; without --write it is refused" },
  ],
  async run(given) {
    const [name, sql] = given.words;
    if (name === undefined || sql === undefined) {
      throw new UsageError(`name a database and a statement; usage: ${given.usage}`);
    }
    setDatabaseFile(loadConfig(given).datasource.file);
    const write = given.own.has("write");
    try {
      return show(await askDatabase(name, sql, { write }), write, given.own.has("json"));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error instanceof NotConfiguredError) throw error;
      const isRefused = !write && REFUSED.test(`${error.code} ${error.message}`);
      say(`${error.message}${isRefused ? "; to change something, add --write" : ""}`);
      return 1;
    } finally {
      await closeDatabases();
    }
  },
};

/** What servers say of a change in a transaction that is for reading. */
const REFUSED = /\b25006\b|READ[- ]ONLY|readonly database|ORA-01456/i;

function show(
  { rows, changed, undone }: Awaited<ReturnType<typeof askDatabase>>,
  write: boolean,
  asJson: boolean,
): ExitCode {
  if (undone) {
    say(`it would change ${rowsOf(changed)}, and was rolled back; with --write it is done`);
    return 1;
  }
  if (asJson) printJson(rows);
  else printTable(rows);
  if (!asJson) say(write && rows.length === 0 ? `${rowsOf(changed)} changed` : rowsOf(rows.length));
  return 0;
}

function rowsOf(count: number): string {
  return `${count} ${count === 1 ? "row" : "rows"}`;
}

function printJson(rows: Rows): void {
  for (const row of rows) print(JSON.stringify(row, (_key, value) => jsonValue(value)));
}

function printTable(rows: Rows): void {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return;
  const cells = rows.map((row) => columns.map((each) => cell(row[each])));
  for (const line of table([columns, ...cells])) print(line);
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
