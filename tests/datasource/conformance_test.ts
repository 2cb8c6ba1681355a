/** One suite for every driver, against real servers: what a task can rely on whatever the database. */
import assert from "node:assert/strict";
import {
  closeDatabases,
  copyRows,
  execute,
  insertMany,
  open,
  query,
  setDatabaseFile,
  stream,
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

interface Kind {
  readonly name: string;
  readonly ignore: boolean;
  readonly start?: () => Promise<TestServer>;
  /** A statement that takes for ever. */
  readonly endless?: string;
  readonly types: readonly (readonly [sql: string, value: unknown])[];
}

const KINDS: readonly Kind[] = [
  {
    name: "postgresql",
    ignore: postgresProgram() === undefined,
    start: startPostgres,
    endless: "SELECT pg_sleep(600)",
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
    endless: "SELECT SLEEP(600)",
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
    ignore: false,
    types: [
      ["1", 1],
      ["9007199254740993", 9007199254740993n],
      ["1.5", 1.5],
      ["X'00ff'", new Uint8Array([0, 255])],
      ["'数据 😀'", "数据 😀"],
      ["NULL", null],
    ],
  },
];

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

for (const { name, ignore, start, endless, types } of KINDS) {
  Deno.test({
    name: `${name}: one way to speak to it`,
    ignore,
    async fn(t) {
      await using server = await start?.();
      await using folder = makeFolder();
      const section = server ? sectionFor("db", server) : "[db]\ntype = sqlite\ndatabase = x.db\n";
      const wrong = server ? sectionFor("wrong", { ...server, password: "guessed" }) : "";
      const nobody = server ? sectionFor("nobody", { ...server, port: 1 }) : "";
      setDatabaseFile(folder.write("database.ini", section + wrong + nobody));
      const key = name === "postgresql"
        ? "SERIAL PRIMARY KEY"
        : name === "mysql"
        ? "INT AUTO_INCREMENT PRIMARY KEY"
        : "INTEGER PRIMARY KEY";
      try {
        await execute("db", `CREATE TABLE t (id ${key}, name VARCHAR(100), amount INT)`);

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
          assert.deepEqual(await query("db", "SELECT id, name, amount FROM t ORDER BY id"), [
            { id: 1, name: text, amount: 5 },
            { id: 2, name: "two", amount: null },
          ]);
          assert.deepEqual(
            await query("db", "SELECT id FROM t WHERE id IN (:ids) ORDER BY id", { ids: [1, 2] }),
            [
              { id: 1 },
              { id: 2 },
            ],
          );
          assert.deepEqual(await query("db", "SELECT id FROM t ORDER BY id LIMIT :n", { n: 1 }), [{ id: 1 }]);
          assert.equal(await execute("db", "UPDATE t SET amount = 1 WHERE id > 100"), 0);
        });

        await t.step("values have the same types everywhere", async () => {
          for (const [sql, value] of types) {
            const [row] = await query("db", `SELECT ${sql} AS v`);
            assertSame(row?.v, value);
            // The same by a prepared statement.
            const [other] = await query("db", `SELECT ${sql} AS v FROM t WHERE id = :id`, { id: 1 });
            assertSame(other?.v, value);
          }
        });

        await t.step("a wrong statement is an SqlError that names the database", async () => {
          await assert.rejects(query("db", "SELECT * FROM nowhere"), (error) => {
            assert.ok(error instanceof SqlError, String(error));
            assert.match(error.message, /^(PostgreSQL|MySQL|SQLite) db: .*nowhere/);
            assert.ok(error.cause);
            if (name === "postgresql") assert.deepEqual([error.sqlState, error.position], ["42P01", 15]);
            if (name === "mysql") {
              assert.deepEqual([error.sqlState, error.code], ["42S02", "ER_NO_SUCH_TABLE"]);
            }
            return true;
          });
        });

        await t.step("a transaction is done as a whole or not at all", async () => {
          const count = async () => Number((await query("db", "SELECT count(*) AS n FROM t"))[0]?.n);
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
          const numbers =
            "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 900) SELECT v FROM n ORDER BY v";
          const sizes: number[] = [];
          let sum = 0;
          for await (const rows of stream("db", numbers, {}, { batch: 400 })) {
            sizes.push(rows.length);
            for (const { v } of rows) sum += Number(v);
          }
          assert.deepEqual(sizes, [400, 400, 100]);
          assert.equal(sum, 900 * 901 / 2);
          for await (const rows of stream("db", numbers, {}, { batch: 10 })) {
            assert.equal(rows.length, 10);
            break;
          }
          assert.equal((await query("db", "SELECT 1 AS one"))[0]?.one, 1);
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
          const [last] = await query("db", "SELECT * FROM many WHERE id = 2499");
          assert.deepEqual(last, { id: 2_499, name: 'first\t2499\n\\N "\\"', amount: null });
          // The last of these is there already: none gets in.
          const clash = [{ id: 9_000, name: "x", amount: 1 }, { id: 1, name: "x", amount: 1 }];
          await assert.rejects(insertMany("db", "many", clash), SqlError);
          assert.deepEqual(await query("db", "SELECT id FROM many WHERE id = 9000"), []);
          await insertMany("db", "many", clash, { upsert: "id" });
          assert.deepEqual(await query("db", "SELECT id, name FROM many WHERE name = 'x' ORDER BY id"), [
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
          assert.deepEqual(await query("db", "SELECT count(*) AS n FROM copied"), [{ n: 1_500 }]);
        });

        await t.step("nothing is sent for a signal that is aborted already", async () => {
          await assert.rejects(
            query("db", "SELECT 1", {}, { signal: AbortSignal.abort() }),
            QueryCancelledError,
          );
        });

        if (endless !== undefined) {
          await t.step("a signal and a time limit end the statement on the server too", async () => {
            const aborter = new AbortController();
            const running = query("db", endless, {}, { signal: aborter.signal });
            await waitUntilRunning(name, 1);
            aborter.abort(new Error("enough"));
            await assert.rejects(running, QueryCancelledError);
            await waitUntilRunning(name, 0);
            await assert.rejects(query("db", endless, {}, { timeout: "100ms" }), (error) => {
              assert.ok(error instanceof QueryTimeoutError);
              assert.match(error.message, /db: the statement took longer than 100 ms$/);
              return true;
            });
            await waitUntilRunning(name, 0);
          });
        }

        if (server) {
          await t.step("a wrong password, and nobody there, are told apart and show no secret", async () => {
            await assert.rejects(query("wrong", "SELECT 1"), (error) => {
              assert.ok(error instanceof WrongLoginError, String(error));
              assert.match(error.message, /^(PostgreSQL|MySQL) wrong: /);
              assert.doesNotMatch(error.message, /guessed/);
              return true;
            });
            await assert.rejects(query("nobody", "SELECT 1"), (error) => {
              assert.ok(error instanceof CannotConnectError, String(error));
              assert.match(error.message, /nobody: cannot connect to 127\.0\.0\.1:1 \(connection refused\)$/);
              return true;
            });
          });

          await t.step(
            "a server that ends in a statement and in a transaction is told of, and used again",
            async () => {
              const running = query("db", endless ?? "");
              const inside = transaction("db", async (tx) => {
                await tx.execute("INSERT INTO t (name) VALUES ('lost in a crash')");
                await tx.query(endless ?? "");
              });
              const both = Promise.allSettled([running, inside]);
              await waitUntilRunning(name, 2);
              await server.crash();
              for (const outcome of await both) {
                assert.equal(outcome.status, "rejected");
                assert.ok(outcome.reason instanceof CannotConnectError, String(outcome.reason));
              }
              assert.deepEqual(await query("db", "SELECT id FROM t WHERE name = 'lost in a crash'"), []);
            },
          );

          await t.step("it says what it is", async () => {
            assert.match(await (await open("db")).version(), /^(PostgreSQL \d+|MariaDB \d+)/);
          });
        }
      } finally {
        await closeDatabases();
      }
    },
  });
}

/** Waits until so many of the endless statements are at work, as the server sees it. */
async function waitUntilRunning(kind: string, wanted: number): Promise<void> {
  const sql = kind === "postgresql"
    ? "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
    : "SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE '%SLEEP(600)%' AND id <> CONNECTION_ID()";
  while (Number((await query("db", sql))[0]?.n) !== wanted) continue;
}
