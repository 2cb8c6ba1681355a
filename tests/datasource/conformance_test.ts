/** One suite for every driver, against real servers: what a task can rely on whatever the database. */
import assert from "node:assert/strict";
import {
  closeDatabases,
  copyRows,
  execute,
  insertMany,
  query,
  type Row,
  setDatabaseFile,
  type SqlParams,
  stream,
  testDatabase,
  transaction,
} from "../../datasource/datasource.ts";
import {
  CannotConnectError,
  QueryCancelledError,
  QueryTimeoutError,
  SqlError,
  WrongLoginError,
} from "../../datasource/errors.ts";
import { makeFolder } from "../support/folder.ts";
import {
  mariadbProgram,
  postgresProgram,
  sectionFor,
  startMariadb,
  startPostgres,
  type TestServer,
} from "../support/servers.ts";
import { serverFromEnvironment } from "../support/real_servers.ts";
import { startTdsServer } from "../support/tds_server.ts";

interface Kind {
  readonly name: string;
  readonly ignore?: boolean;
  readonly start?: () => Promise<TestServer>;
  /** What its messages begin with. */
  readonly label: string;
  readonly key: string;
  /** The first rows of `t`. */
  readonly limited?: string;
  /** Whole numbers from 1 to 900. */
  readonly numbers?: string;
  /** What stands behind a `SELECT` that needs no table. */
  readonly nowhere?: string;
  /** A statement that takes for ever. */
  readonly endless?: string;
  /** How many of those are at work, as the server sees it. */
  readonly atWork?: string;
  /** What is told of a table that is not there. */
  readonly noSuchTable: { readonly sqlState?: string; readonly code?: string; readonly position?: number };
  readonly version?: RegExp;
  readonly types: readonly (readonly [sql: string, value: unknown])[];
}

/** What SQL Server is to give, whether it is the real one or that of the tests. */
const SQLSERVER = {
  label: "SQL Server",
  key: "INT IDENTITY PRIMARY KEY",
  limited: "SELECT TOP (:n) id FROM t ORDER BY id",
  numbers:
    "WITH n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 900) SELECT v FROM n ORDER BY v OPTION (MAXRECURSION 0)",
  endless: "WAITFOR DELAY '00:10:00'",
  atWork: "SELECT count(*) AS n FROM sys.dm_exec_requests WHERE wait_type = 'WAITFOR'",
  noSuchTable: { code: "208" },
  version: /^SQL Server \d+\.\d+/,
  types: [
    ["1", 1],
    ["CAST(9007199254740993 AS bigint)", 9007199254740993n],
    ["CAST(7 AS bigint)", 7],
    ["CAST(12345678901234567890.12345 AS decimal(30, 5))", "12345678901234567890.12345"],
    ["CAST(-0.05 AS decimal(30, 5))", "-0.05000"],
    ["CAST(922337203685477.5807 AS money)", "922337203685477.5807"],
    ["CAST(1.5 AS float)", 1.5],
    ["CAST(1 AS bit)", true],
    [
      "CAST('2026-03-10 10:00:00.2500000 +02:00' AS datetimeoffset)",
      Temporal.Instant.from("2026-03-10T08:00:00.25Z"),
    ],
    [
      "CAST('2026-03-10 10:00:00.1234567' AS datetime2)",
      Temporal.PlainDateTime.from("2026-03-10T10:00:00.1234567"),
    ],
    ["CAST('2026-03-10T10:00:00.250' AS datetime)", Temporal.PlainDateTime.from("2026-03-10T10:00:00.25")],
    ["CAST('2026-03-10' AS date)", Temporal.PlainDate.from("2026-03-10")],
    ["CAST(0x00ff AS varbinary(10))", new Uint8Array([0, 255])],
    ["N'数据 😀'", "数据 😀"],
    ["CAST(NULL AS int)", null],
  ],
} as const satisfies Partial<Kind>;

const KINDS: readonly Kind[] = [
  {
    name: "postgresql",
    ignore: postgresProgram() === undefined,
    start: startPostgres,
    label: "PostgreSQL",
    key: "SERIAL PRIMARY KEY",
    endless: "SELECT pg_sleep(600)",
    atWork:
      "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()",
    noSuchTable: { sqlState: "42P01", code: "42P01", position: 15 },
    version: /^PostgreSQL \d+/,
    types: [
      ["1::int", 1],
      ["9007199254740993::bigint", 9007199254740993n],
      ["7::bigint", 7],
      ["12345678901234567890.12345::numeric", "12345678901234567890.12345"],
      ["1.5::float8", 1.5],
      ["true", true],
      ["'2026-03-10 10:00:00.25+02'::timestamptz", Temporal.Instant.from("2026-03-10T08:00:00.25Z")],
      ["'2026-03-10 10:00:00.123456'::timestamp", Temporal.PlainDateTime.from("2026-03-10T10:00:00.123456")],
      ["'2026-03-10'::date", Temporal.PlainDate.from("2026-03-10")],
      ["'infinity'::timestamp", "infinity"],
      ["'\\x00ff'::bytea", new Uint8Array([0, 255])],
      [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
      ["'数据 😀'::text", "数据 😀"],
      ["NULL::int", null],
    ],
  },
  {
    name: "mysql",
    ignore: mariadbProgram() === undefined,
    start: startMariadb,
    label: "MySQL",
    key: "INT AUTO_INCREMENT PRIMARY KEY",
    endless: "SELECT SLEEP(600)",
    atWork:
      "SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE '%SLEEP(600)%' AND id <> CONNECTION_ID()",
    noSuchTable: { sqlState: "42S02", code: "ER_NO_SUCH_TABLE" },
    version: /^MariaDB \d+/,
    types: [
      ["1", 1],
      ["9007199254740993", 9007199254740993n],
      ["CAST('12345678901234567890.12345' AS DECIMAL(30, 5))", "12345678901234567890.12345"],
      ["1.5e0", 1.5],
      [
        "CAST('2026-03-10 10:00:00.25' AS DATETIME(6))",
        Temporal.PlainDateTime.from("2026-03-10T10:00:00.25"),
      ],
      ["CAST('2026-03-10' AS DATE)", Temporal.PlainDate.from("2026-03-10")],
      ["X'00ff'", new Uint8Array([0, 255])],
      ["'数据 😀'", "数据 😀"],
      ["NULL", null],
    ],
  },
  {
    name: "sqlite",
    label: "SQLite",
    key: "INTEGER PRIMARY KEY",
    noSuchTable: {},
    types: [
      ["1", 1],
      ["9007199254740993", 9007199254740993n],
      ["1.5", 1.5],
      ["X'00ff'", new Uint8Array([0, 255])],
      ["'数据 😀'", "数据 😀"],
      ["NULL", null],
    ],
  },
  { name: "sqlserver (the server of tests/support)", start: startTdsServer, ...SQLSERVER },
  ...serverFromEnvironment("sqlserver").map((start) => ({
    name: "sqlserver (CARILLON_TEST_SQLSERVER)",
    start,
    ...SQLSERVER,
  })),
  ...serverFromEnvironment("oracle").map((start): Kind => ({
    name: "oracle (CARILLON_TEST_ORACLE)",
    start,
    label: "Oracle",
    key: "INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    limited: "SELECT id FROM t ORDER BY id FETCH FIRST :n ROWS ONLY",
    numbers: "SELECT LEVEL AS v FROM dual CONNECT BY LEVEL <= 900",
    nowhere: " FROM dual",
    endless: "BEGIN DBMS_SESSION.SLEEP(600); END;",
    noSuchTable: { code: "ORA-00942" },
    version: /^Oracle \d+/,
    types: [
      ["1", 1],
      ["9007199254740993", 9007199254740993n],
      ["CAST(12345678901234567890.12345 AS NUMBER(30, 5))", "12345678901234567890.12345"],
      ["0.5", "0.5"],
      ["1.5d", 1.5],
      ["TIMESTAMP '2026-03-10 10:00:00.25 +02:00'", Temporal.Instant.from("2026-03-10T08:00:00.25Z")],
      ["TIMESTAMP '2026-03-10 10:00:00.123'", Temporal.PlainDateTime.from("2026-03-10T10:00:00.123")],
      ["DATE '2026-03-10'", Temporal.PlainDateTime.from("2026-03-10T00:00")],
      ["HEXTORAW('00ff')", new Uint8Array([0, 255])],
      ["'数据 😀'", "数据 😀"],
      ["TO_CLOB('long')", "long"],
      ["NULL", null],
    ],
  })),
];

const NUMBERS =
  "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 900) SELECT v FROM n ORDER BY v";

/** Rows with their columns in small letters: Oracle's are in capitals. */
async function ask(database: string, sql: string, params?: SqlParams): Promise<Row[]> {
  const rows = await query(database, sql, params);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
  );
}

/** Equal also where the values are of Temporal's types, which `deepEqual` cannot tell apart. */
function assertSame(actual: unknown, expected: unknown): void {
  if (
    typeof expected === "object" && expected !== null &&
    /^Temporal\./.test(String(Object.prototype.toString.call(expected)).slice(8))
  ) {
    assert.equal(Object.prototype.toString.call(actual), Object.prototype.toString.call(expected));
    assert.equal(String(actual), String(expected));
  } else {
    assert.deepEqual(actual, expected);
  }
}

for (const kind of KINDS) {
  const { name, label, start, endless, types, nowhere = "" } = kind;
  Deno.test({
    name: `${name}: one way to speak to it`,
    ignore: kind.ignore ?? false,
    async fn(t) {
      await using server = await start?.();
      await using folder = makeFolder();
      const section = server ? sectionFor("db", server) : "[db]\ntype = sqlite\ndatabase = x.db\n";
      const wrong = server ? sectionFor("wrong", { ...server, password: "guessed" }) : "";
      const nobody = server ? sectionFor("nobody", { ...server, port: 1 }) : "";
      setDatabaseFile(folder.write("database.ini", section + wrong + nobody));
      try {
        await execute("db", `CREATE TABLE t (id ${kind.key}, name VARCHAR(100), amount INT)`);

        await t.step("rows go in by name and by place, and come back", async () => {
          const text = "Robert'); DROP TABLE t;-- \\ \" ? :x";
          assert.equal(
            await execute("db", "INSERT INTO t (name, amount) VALUES (:name, :amount)", {
              name: text,
              amount: 5,
            }),
            1,
          );
          assert.equal(await execute("db", "INSERT INTO t (name, amount) VALUES (?, ?)", ["two", null]), 1);
          assert.deepEqual(await ask("db", "SELECT id, name, amount FROM t ORDER BY id"), [
            { id: 1, name: text, amount: 5 },
            { id: 2, name: "two", amount: null },
          ]);
          assert.deepEqual(
            await ask("db", "SELECT id FROM t WHERE id IN (:ids) ORDER BY id", { ids: [1, 2] }),
            [
              { id: 1 },
              { id: 2 },
            ],
          );
          assert.deepEqual(
            await ask("db", kind.limited ?? "SELECT id FROM t ORDER BY id LIMIT :n", { n: 1 }),
            [{ id: 1 }],
          );
          assert.equal(await execute("db", "UPDATE t SET amount = 1 WHERE id > 100"), 0);
        });

        await t.step("values have the same types everywhere", async () => {
          for (const [sql, value] of types) {
            const [row] = await ask("db", `SELECT ${sql} AS v${nowhere}`);
            assertSame(row?.v, value);
            // The same by a prepared statement.
            const [other] = await ask("db", `SELECT ${sql} AS v FROM t WHERE id = :id`, { id: 1 });
            assertSame(other?.v, value);
          }
        });

        await t.step("a wrong statement is an SqlError that names the database", async () => {
          await assert.rejects(query("db", "SELECT * FROM nowhere"), (error) => {
            assert.ok(error instanceof SqlError, String(error));
            assert.ok(error.message.startsWith(`${label} db: `), error.message);
            assert.ok(error.cause);
            const { sqlState, code, position } = error;
            assert.deepEqual(
              { sqlState, code, position },
              { sqlState: undefined, code: undefined, position: undefined, ...kind.noSuchTable },
            );
            return true;
          });
        });

        await t.step("a transaction is done as a whole or not at all", async () => {
          const count = async () => Number((await ask("db", "SELECT count(*) AS n FROM t"))[0]?.n);
          const before = await count();
          await assert.rejects(
            transaction("db", async (tx) => {
              await tx.execute("INSERT INTO t (name) VALUES (:name)", { name: "lost" });
              throw new Error("changed my mind");
            }),
            /changed my mind/,
          );
          assert.equal(await count(), before);
          const seen = await transaction("db", async (tx) => {
            await tx.execute("INSERT INTO t (name) VALUES ('a')");
            await tx.execute("INSERT INTO t (name) VALUES ('b')");
            return (await tx.query("SELECT count(*) AS n FROM t"))[0]?.n;
          });
          assert.equal(Number(seen), before + 2);
          assert.equal(await count(), before + 2);
          await execute("db", "DELETE FROM t WHERE name IN ('a', 'b')");
        });

        await t.step("rows are streamed in batches, and a reader may stop early", async () => {
          const numbers = kind.numbers ?? NUMBERS;
          const sizes: number[] = [];
          let sum = 0;
          for await (const rows of stream("db", numbers, {}, { batch: 400 })) {
            sizes.push(rows.length);
            for (const row of rows) sum += Number(row.v ?? row.V);
          }
          assert.deepEqual(sizes, [400, 400, 100]);
          assert.equal(sum, 900 * 901 / 2);
          for await (const rows of stream("db", numbers, {}, { batch: 10 })) {
            assert.equal(rows.length, 10);
            break;
          }
          assert.equal((await ask("db", `SELECT 1 AS one${nowhere}`))[0]?.one, 1);
          const none: unknown[] = [];
          for await (const rows of stream("db", "SELECT id FROM t WHERE id = :id", { id: -1 })) {
            none.push(rows);
          }
          assert.deepEqual(none, []);
        });

        await t.step("many rows go in at once, all or none, and change those that are there", async () => {
          await execute("db", "CREATE TABLE many (id INT PRIMARY KEY, name VARCHAR(100), amount INT)");
          const rows = function* (count: number, name: string) {
            for (let id = 0; id < count; id++) {
              yield { id, name: `${name}\t${id}\n\\N "\\"`, amount: id % 2 ? null : id };
            }
          };
          assert.equal(await insertMany("db", "many", rows(2_500, "first"), { batch: 1_000 }), 2_500);
          const [last] = await ask("db", "SELECT * FROM many WHERE id = 2499");
          assert.deepEqual(last, { id: 2_499, name: 'first\t2499\n\\N "\\"', amount: null });
          // The last of these is there already: none gets in.
          const clash = [{ id: 9_000, name: "x", amount: 1 }, { id: 1, name: "x", amount: 1 }];
          await assert.rejects(insertMany("db", "many", clash), SqlError);
          assert.deepEqual(await ask("db", "SELECT id FROM many WHERE id = 9000"), []);
          await insertMany("db", "many", clash, { upsert: "id" });
          assert.deepEqual(await ask("db", "SELECT id, name FROM many WHERE name = 'x' ORDER BY id"), [
            { id: 1, name: "x" },
            { id: 9_000, name: "x" },
          ]);
          await assert.rejects(
            insertMany("db", "many", [{ id: 9_001, name: "y" }, { id: 9_002, nane: "y" }]),
            /row 2: it lacks the column "name", unlike the first row/,
          );
          assert.equal(await insertMany("db", "many", []), 0);
        });

        await t.step("rows are copied from a question into a table", async () => {
          await execute("db", "CREATE TABLE copied (id INT PRIMARY KEY, total INT)");
          const from = {
            database: "db",
            sql: "SELECT id, amount AS total FROM many WHERE id < :n",
            params: { n: 1_500 },
          };
          // SQLite has one connection: what is read has to be read before it is written.
          const batch = name === "sqlite" ? 5_000 : 400;
          assert.equal(await copyRows(from, { database: "db", table: "copied" }, { batch }), 1_500);
          assert.equal(
            await copyRows(from, { database: "db", table: "copied" }, { batch, upsert: ["id"] }),
            1_500,
          );
          assert.deepEqual(await ask("db", "SELECT count(*) AS n FROM copied"), [{ n: 1_500 }]);
        });

        await t.step("nothing is sent for a signal that is aborted already", async () => {
          await assert.rejects(
            query("db", `SELECT 1${nowhere}`, {}, { signal: AbortSignal.abort() }),
            QueryCancelledError,
          );
        });

        if (endless !== undefined) {
          await t.step("a signal and a time limit end the statement on the server too", async () => {
            const aborter = new AbortController();
            const running = query("db", endless, {}, { signal: aborter.signal });
            await waitUntilRunning(kind, 1);
            aborter.abort(new Error("enough"));
            await assert.rejects(running, QueryCancelledError);
            await waitUntilRunning(kind, 0);
            await assert.rejects(query("db", endless, {}, { timeout: "100ms" }), (error) => {
              assert.ok(error instanceof QueryTimeoutError);
              assert.match(error.message, /db: the statement took longer than 100 ms$/);
              return true;
            });
            await waitUntilRunning(kind, 0);
          });
        }

        if (server) {
          await t.step("a wrong password, and nobody there, are told apart and show no secret", async () => {
            await assert.rejects(query("wrong", `SELECT 1${nowhere}`), (error) => {
              assert.ok(error instanceof WrongLoginError, String(error));
              assert.ok(error.message.startsWith(`${label} wrong: `), error.message);
              assert.doesNotMatch(error.message, /guessed/);
              return true;
            });
            await assert.rejects(query("nobody", `SELECT 1${nowhere}`), (error) => {
              assert.ok(error instanceof CannotConnectError, String(error));
              assert.match(error.message, /nobody: cannot connect to [\w.]+:1 \(connection refused\)$/);
              return true;
            });
          });

          const { crash } = server;
          if (crash) {
            await t.step(
              "a server that ends in a statement and in a transaction is told of, and used again",
              async () => {
                const running = query("db", endless ?? "");
                const inside = transaction("db", async (tx) => {
                  await tx.execute("INSERT INTO t (name) VALUES ('lost in a crash')");
                  await tx.query(endless ?? "");
                });
                const both = Promise.allSettled([running, inside]);
                await waitUntilRunning(kind, 2);
                await crash();
                for (const outcome of await both) {
                  assert.equal(outcome.status, "rejected");
                  assert.ok(outcome.reason instanceof CannotConnectError, String(outcome.reason));
                }
                assert.deepEqual(await ask("db", "SELECT id FROM t WHERE name = 'lost in a crash'"), []);
              },
            );
          }

          await t.step("it says what it is", async () => {
            assert.match((await testDatabase("db")).version, kind.version ?? /never/);
          });
        }
      } finally {
        await closeDatabases();
      }
    },
  });
}

/** Waits until so many of the endless statements are at work, as the server sees it. */
async function waitUntilRunning({ atWork }: Kind, wanted: number): Promise<void> {
  while (atWork !== undefined && Number((await query("db", atWork))[0]?.n) !== wanted) continue;
}
