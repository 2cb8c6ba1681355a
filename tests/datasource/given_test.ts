/** What a function is given that it cannot take is said in a sentence, and never in the runtime's own words. */
import assert from "node:assert/strict";
import * as carillon from "../../app/sdk/carillon.ts";
import { currentRun, type RunEnvironment } from "../../app/sdk/current_run.ts";
import { closeDatabases, setDatabaseFile } from "../../datasource/datasource.ts";
import { makeFolder } from "../support/folder.ts";

type Call = (...given: readonly unknown[]) => unknown;
/** As code without types calls them. */
const { ApiClient, ...functions } = carillon;
const {
  artifact,
  command,
  copyRows,
  execute,
  insertMany,
  python,
  query,
  secret,
  sh,
  sqlScript,
  stream,
  transaction,
  watermark,
} = functions as unknown as Record<string, Call>;
const Client = ApiClient as unknown as new (...given: readonly unknown[]) => InstanceType<typeof ApiClient>;
type Transaction = Record<"query" | "execute" | "insertMany" | "copyRows" | "transaction", Call>;

const inside = (work: (tx: Transaction) => unknown): Promise<unknown> =>
  carillon.transaction("d", async (tx) => await work(tx as unknown as Transaction));
const SOURCE = { database: "d", sql: "SELECT 1 AS a" };
const TARGET = { database: "d", table: "t" };
const client = new Client({ baseUrl: "http://127.0.0.1:1" });

const CALLS: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
  "no database": [
    () => query?.(undefined, "SELECT 1"),
    /^the database is the name of a section .*, not undefined$/,
  ],
  "no statement": [() => query?.("d", undefined), /^the statement is a text such as .*, not undefined$/],
  "null for no values": [
    () => query?.("d", "SELECT 1", null),
    /an object for :name or a list for \?, not null$/,
  ],
  "a text for values": [() => query?.("d", "SELECT 1", "x"), /a list for \?, not "x"$/],
  "null for no options": [
    () => query?.("d", "SELECT 1", {}, null),
    /^what stands for the options is an object, not null$/,
  ],
  "a signal that is none": [
    () => query?.("d", "SELECT 1", {}, { signal: 1 }),
    /^signal is an AbortSignal, .* not 1$/,
  ],
  "a statement that is a number": [() => execute?.("d", 7), /^the statement is a text .*, not 7$/],
  "a stream without a statement": [() => drained(stream?.("d")), /^the statement is a text/],
  "a stream with null for options": [
    () => drained(stream?.("d", "SELECT 1", {}, null)),
    /^what stands for the options/,
  ],
  "a transaction without work": [
    () => transaction?.("d"),
    /^what a transaction does is a function .*, not undefined$/,
  ],
  "a transaction with null for options": [
    () => transaction?.("d", () => {}, null),
    /^what stands for the options/,
  ],
  "one row for rows": [
    () => insertMany?.("d", "t", { a: 1 }),
    /^what insertMany inserts is a list or a generator .*, not an object$/,
  ],
  "no rows": [() => insertMany?.("d", "t"), /^what insertMany inserts is .*, not undefined$/],
  "a text for rows": [() => insertMany?.("d", "t", "abc"), /^what insertMany inserts is .*, not "abc"$/],
  "a row that is null": [
    () => insertMany?.("d", "t", [{ a: 1 }, null]),
    /^row 2 is an object of columns and values, not null$/,
  ],
  "a row that is a list": [
    () => insertMany?.("d", "t", [[1]]),
    /^row 1 is an object of columns and values, not a list$/,
  ],
  "no table": [() => insertMany?.("d", undefined, [{ a: 1 }]), /^the table is a name .*, not undefined$/],
  "null for options of rows": [
    () => insertMany?.("d", "t", [{ a: 1 }], null),
    /^what stands for the options/,
  ],
  "an upsert that is a number": [
    () => insertMany?.("d", "t", [{ a: 1 }], { upsert: 5 }),
    /^upsert is the name of a column .*, not 5$/,
  ],
  "no source": [() => copyRows?.(undefined, TARGET), /^copyRows: the source is an object .*, not undefined$/],
  "no target": [() => copyRows?.(SOURCE), /^copyRows: the target is an object .*, not undefined$/],
  "a source without a statement": [() => copyRows?.({ database: "d" }, TARGET), /^the statement is a text/],
  "null for options of a copy": [() => copyRows?.(SOURCE, TARGET, null), /^what stands for the options/],
  "a watermark that is none": [
    () => copyRows?.(SOURCE, TARGET, { watermark: 1 }),
    /^watermark is an object .*, not 1$/,
  ],
  "no statement in a transaction": [() => inside((tx) => tx.query()), /^the statement is a text/],
  "null for options in a transaction": [
    () => inside((tx) => tx.execute("SELECT 1", {}, null)),
    /^what stands for the options/,
  ],
  "no source in a transaction": [() => inside((tx) => tx.copyRows()), /^copyRows: the source is an object/],
  "no work in a transaction": [() => inside((tx) => tx.transaction()), /^what a transaction does/],
  "an API client without options": [
    () => new Client(),
    /^what ApiClient is given is an object .*, not undefined$/,
  ],
  "an API without a path": [
    () => client.get(undefined as unknown as string),
    /^the path is a text .*, not undefined$/,
  ],
  "a secret without a name": [() => secret?.(), /^the secret is a name of \[secrets\], not undefined$/],
  "no Python": [() => python?.(), /^what python is given is an object .*, not undefined$/],
  "Python without a file": [() => python?.({}), /^python: file is the path of a Python file, not undefined$/],
  "no command": [() => sh?.(), /^sh: the command is a text or a list of words, not undefined$/],
  "a task without a command": [() => command?.(), /^what command is given is an object .*, not undefined$/],
  "a script that is none": [() => sqlScript?.(), /^what sqlScript is given is an object .*, not undefined$/],
  "null for options of a file": [
    () => artifact?.("x", null),
    /^artifact\(\): what stands for the options is an object, not null$/,
  ],
  "a watermark without a name": [() => watermark?.(5), /^watermark\(\): the name is a text, not 5$/],
};

async function drained(rows: unknown): Promise<void> {
  for await (const _ of rows as AsyncIterable<unknown>);
}

for (const [what, [call, message]] of Object.entries(CALLS)) {
  Deno.test(`a sentence says what it should be: ${what}`, async () => {
    await using folder = makeFolder({});
    setDatabaseFile(folder.write("database.ini", "[d]\ntype = sqlite\ndatabase = d.db\n"));
    const run = { signal: new AbortController().signal } as RunEnvironment;
    try {
      await assert.rejects(() => currentRun.run(run, async () => await call()), {
        name: "TypeError",
        message,
      });
    } finally {
      await closeDatabases();
    }
  });
}
