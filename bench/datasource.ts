/**
 * Rows a second into and out of databases: `insertMany` against the plain driver doing the same, and the memory that a
 * million streamed rows need. The servers are private ones, as in the tests.
 */
import mysql from "mysql2";
import { DatabaseSync } from "node:sqlite";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import postgres from "npm:postgres@3.4.9";
import {
  closeDatabases,
  execute,
  insertMany,
  query,
  setDatabaseFile,
  stream,
} from "../datasource/datasource.ts";
import { makeFolder } from "../tests/support/folder.ts";
import {
  mariadbProgram,
  postgresProgram,
  sectionFor,
  startMariadb,
  startPostgres,
  type TestServer,
} from "../tests/support/servers.ts";
import { figure, printTable, say } from "./measure.ts";

const ROWS = 100_000;
const STREAMED = 1_000_000;
const PASSES = 5;
const PLAIN_ROWS = 1_000;

interface BenchRow extends Record<string, unknown> {
  readonly id: number;
  readonly name: string;
  readonly amount: string;
  readonly note: string | null;
}

const rows: readonly BenchRow[] = Array.from({ length: ROWS }, (_, id) => ({
  id,
  name: `customer ${id % 977}`,
  amount: `${id}.50`,
  note: id % 3 ? null : "数据 with a\ttab",
}));
const COLUMNS = "id INT PRIMARY KEY, name VARCHAR(40), amount DECIMAL(12, 2), note VARCHAR(40)";

interface Subject {
  readonly name: string;
  readonly start?: () => Promise<TestServer>;
  /** Puts the rows in with nothing but the driver, in one transaction, as fast as it can. */
  readonly plain: (server: TestServer, file: string) => Promise<void>;
}

const SUBJECTS: readonly Subject[] = [
  ...(postgresProgram() === undefined
    ? []
    : [{ name: "PostgreSQL", start: startPostgres, plain: plainPostgres }]),
  ...(mariadbProgram() === undefined ? [] : [{ name: "MariaDB", start: startMariadb, plain: plainMariadb }]),
  { name: "SQLite", plain: plainSqlite },
];

async function plainPostgres({ port, user, password, database }: TestServer): Promise<void> {
  const sql = postgres({
    host: "127.0.0.1",
    port,
    username: user,
    password,
    database,
    max: 1,
    fetch_types: false,
  });
  await sql.unsafe("BEGIN");
  const into = await sql.unsafe("COPY plain (id, name, amount, note) FROM STDIN").writable();
  const done = finished(into);
  for (let from = 0; from < ROWS; from += PLAIN_ROWS) {
    const text = rows.slice(from, from + PLAIN_ROWS).map(({ id, name, amount, note }) =>
      `${id}\t${name}\t${amount}\t${note === null ? "\\N" : note.replaceAll("\t", "\\t")}\n`
    ).join("");
    if (!into.write(text)) await once(into, "drain");
  }
  into.end();
  await done;
  await sql.unsafe("COMMIT");
  await sql.end();
}

async function plainMariadb({ port, user, password, database }: TestServer): Promise<void> {
  const connection = mysql.createConnection({ host: "127.0.0.1", port, user, password, database });
  const ask = (text: string, values: unknown[] = []) =>
    new Promise<void>((resolve, reject) =>
      connection.query(text, values, (error) => error ? reject(error) : resolve())
    );
  await ask("START TRANSACTION");
  for (let from = 0; from < ROWS; from += PLAIN_ROWS) {
    const some = rows.slice(from, from + PLAIN_ROWS).map((
      { id, name, amount, note },
    ) => [id, name, amount, note]);
    await ask("INSERT INTO plain (id, name, amount, note) VALUES ?", [some]);
  }
  await ask("COMMIT");
  connection.destroy();
}

function plainSqlite(_server: TestServer, file: string): Promise<void> {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; BEGIN");
  const insert = db.prepare("INSERT INTO plain (id, name, amount, note) VALUES (?, ?, ?, ?)");
  for (const { id, name, amount, note } of rows) insert.run(id, name, amount, note);
  db.exec("COMMIT");
  db.close();
  return Promise.resolve();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

async function measure({ name, start, plain }: Subject): Promise<string[]> {
  await using server = await start?.();
  await using folder = makeFolder();
  const file = `${folder.path}/bench.db`;
  setDatabaseFile(
    folder.write(
      "database.ini",
      server ? sectionFor("db", server) : `[db]\ntype = sqlite\ndatabase = ${file}\n`,
    ),
  );
  try {
    let ours = Infinity;
    let theirs = Infinity;
    for (const table of ["ours", "plain"]) await execute("db", `CREATE TABLE ${table} (${COLUMNS})`);
    // In turn, so that neither has the quieter moment of the machine; the best of each.
    for (let pass = 0; pass < PASSES; pass++) {
      for (const table of ["ours", "plain"]) await execute("db", `DELETE FROM ${table}`);
      theirs = Math.min(theirs, await seconds(() => plain(server as TestServer, file)));
      ours = Math.min(ours, await seconds(() => insertMany("db", "ours", rows)));
    }
    const [same] = await query(
      "db",
      "SELECT count(*) AS n FROM ours JOIN plain ON ours.id = plain.id WHERE ours.name = plain.name AND ours.amount = plain.amount",
    );
    if (Number(same?.n) !== ROWS) throw new Error(`${name}: ${same?.n} of ${ROWS} rows are the same`);
    const { grown, took } = await streamed();
    return [
      name,
      figure(ROWS / ours),
      figure(ROWS / theirs),
      figure(theirs / ours),
      figure(STREAMED / took),
      `${figure(grown)} MB`,
    ];
  } finally {
    await closeDatabases();
  }
}

/** A million rows read in batches: how much more memory the process has at its largest than before. */
async function streamed(): Promise<{ readonly grown: number; readonly took: number }> {
  const many = `SELECT a.id AS id, a.name AS name, a.amount AS amount, b.id AS other
    FROM ours AS a CROSS JOIN (SELECT id FROM ours WHERE id < ${STREAMED / ROWS}) AS b`;
  const before = Deno.memoryUsage().rss;
  let most = before;
  let count = 0;
  const took = await seconds(async () => {
    for await (const batch of stream("db", many)) {
      count += batch.length;
      most = Math.max(most, Deno.memoryUsage().rss);
    }
  });
  if (count !== STREAMED) throw new Error(`${count} rows were streamed`);
  return { grown: (most - before) / 1e6, took };
}

say(
  `${ROWS.toLocaleString("en")} rows of four columns inserted, ${
    STREAMED.toLocaleString("en")
  } streamed; rows a second\n`,
);
const lines: string[][] = [];
for (const subject of SUBJECTS) lines.push(await measure(subject));
printTable(["database", "insertMany", "plain driver", "ratio", "stream", "memory grown"], lines);
