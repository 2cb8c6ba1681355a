/** Nothing waits for ever: every verb on a cold, an idle, a used and a broken connection, nested, in parallel and given up. */
import assert from "node:assert/strict";
import {
  closeDatabases,
  copyRows,
  execute,
  insertMany,
  query,
  type Row,
  stream,
  transaction,
} from "../../datasource/datasource.ts";
import {
  CannotConnectError,
  DatabaseError,
  QueryCancelledError,
  QueryTimeoutError,
  SqlError,
} from "../../datasource/errors.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";
import { sectionFor } from "../support/servers.ts";

const LIMIT_MS = 20_000;
const ROWS = [{ id: 1, v: "a" }, { id: 2, v: "b" }];
const SECTIONS = ["pg", "my", "lite"] as const;
type Section = (typeof SECTIONS)[number];

async function count(section: Section, table: string): Promise<number> {
  return Number((await query(section, `SELECT count(*) AS n FROM ${table}`))[0]?.n);
}

async function table(section: Section, name: string): Promise<void> {
  await execute(section, `DROP TABLE IF EXISTS ${name}`);
  await execute(section, `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, v VARCHAR(40))`);
}

/** Each verb as the first thing that is done with a database. */
const FIRST: Readonly<Record<string, (section: Section) => Promise<unknown>>> = {
  query: (section) => query(section, "SELECT id FROM cold WHERE id = :id", { id: 0 }),
  execute: (section) => execute(section, "DELETE FROM cold"),
  stream: (section) => Array.fromAsync(stream(section, "SELECT id FROM cold")),
  transaction: (section) => transaction(section, (tx) => tx.execute("DELETE FROM cold")),
  insertMany: (section) => insertMany(section, "cold", ROWS),
  "insertMany, upsert": (section) => insertMany(section, "cold", ROWS, { upsert: "id" }),
  copyRows: (section) =>
    copyRows({ database: section, sql: "SELECT id, v FROM source" }, { database: section, table: "cold" }),
  nested: (section) =>
    transaction(section, (tx) => tx.transaction((inner) => inner.insertMany("cold", ROWS))),
};

/** All that it says within a statement that takes for ever. */
const ENDLESS: Readonly<Partial<Record<Section, string>>> = {
  pg: "SELECT pg_sleep(600)",
  my: "SELECT SLEEP(600)",
};

Deno.test({
  name: "databases: nothing waits for ever",
  ignore: !hasServers,
  async fn(t) {
    await using databases = await startDatabases();
    const { pg, my, configure } = databases;
    for (const section of SECTIONS) {
      await table(section, "cold");
      await table(section, "source");
      await insertMany(section, "source", ROWS);
    }

    for (const section of SECTIONS) {
      for (const [verb, work] of Object.entries(FIRST)) {
        await t.step(`${section}: ${verb} as the first use, and again`, async () => {
          await execute(section, "DELETE FROM cold");
          await closeDatabases();
          await within(LIMIT_MS, verb, work(section));
          await execute(section, "DELETE FROM cold");
          await within(LIMIT_MS, verb, work(section));
        });
      }
    }

    for (const from of SECTIONS) {
      for (const to of SECTIONS) {
        await t.step(`copyRows from ${from} to ${to}, both cold`, async () => {
          await execute(to, "DELETE FROM cold");
          await closeDatabases();
          const source = { database: from, sql: "SELECT id, v FROM source" };
          assert.equal(
            await within(
              LIMIT_MS,
              "copyRows",
              copyRows(source, { database: to, table: "cold" }, { batch: 1 }),
            ),
            2,
          );
          assert.equal(await count(to, "cold"), 2);
        });
      }
    }

    for (const section of SECTIONS) {
      await t.step(`${section}: transactions nest, also by their names and in parallel`, async () => {
        await execute(section, "DELETE FROM cold");
        const add = (id: number) => ({ id, v: "x" });
        await within(
          LIMIT_MS,
          "nested",
          transaction(section, async (tx) => {
            await tx.insertMany("cold", [add(1)]);
            await assert.rejects(
              tx.transaction(async (inner) => {
                await inner.insertMany("cold", [add(2)]);
                await assert.rejects(
                  inner.transaction(async (deep) => {
                    await deep.insertMany("cold", [add(3), add(1)]);
                  }),
                  SqlError,
                );
                throw new Error("no");
              }),
              /no/,
            );
            // By its name it belongs to the transaction that the code is in.
            await transaction(section, (inner) => inner.insertMany("cold", [add(4)]));
            await execute(section, "INSERT INTO cold (id, v) VALUES (:id, :v)", add(5));
            assert.equal((await query(section, "SELECT id FROM cold")).length, 3);
            await Promise.all(
              [6, 7, 8].map((id) => tx.transaction((inner) => inner.insertMany("cold", [add(id)]))),
            );
            await Promise.all([9, 10].map((id) => tx.insertMany("cold", [add(id)])));
          }),
        );
        assert.deepEqual(
          (await query(section, "SELECT id FROM cold ORDER BY id")).map(({ id }) => id),
          [1, 4, 5, 6, 7, 8, 9, 10],
        );
      });

      await t.step(`${section}: many at once wait their turn`, async () => {
        await execute(section, "DELETE FROM cold");
        await closeDatabases();
        await within(
          LIMIT_MS,
          "many",
          Promise.all(Array.from({ length: 12 }, (_, id) =>
            transaction(section, async (tx) => {
              await tx.execute("INSERT INTO cold (id, v) VALUES (:id, :v)", { id, v: "x" });
              await tx.query("SELECT count(*) AS n FROM cold");
            }))),
        );
        assert.equal(await count(section, "cold"), 12);
      });

      await t.step(
        `${section}: a reader that stops, throws, or reads no more leaves everything as it was`,
        async () => {
          await execute(section, "DELETE FROM cold");
          await insertMany(section, "cold", Array.from({ length: 5_000 }, (_, id) => ({ id, v: `v${id}` })));
          for (const batch of [10_000, 5_000, 100, 1]) {
            for (let i = 0; i < 4; i++) {
              await within(
                LIMIT_MS,
                `break at ${batch}`,
                (async () => {
                  for await (const rows of stream(section, "SELECT id FROM cold", {}, { batch })) {
                    assert.ok(rows.length > 0);
                    break;
                  }
                })(),
              );
              await within(
                LIMIT_MS,
                `throw at ${batch}`,
                assert.rejects(
                  (async () => {
                    for await (const _ of stream(section, "SELECT id FROM cold", {}, { batch })) {
                      throw new Error("enough");
                    }
                  })(),
                  /enough/,
                ),
              );
            }
          }
          // No lock and no connection is left behind.
          await within(LIMIT_MS, "after", execute(section, "DELETE FROM cold WHERE id > 10"));
          await within(
            LIMIT_MS,
            "in a transaction",
            transaction(section, async (tx) => {
              for await (const rows of tx.stream("SELECT id FROM cold ORDER BY id", {}, { batch: 2 })) {
                assert.equal(rows.length, 2);
                break;
              }
              await tx.execute("DELETE FROM cold WHERE id = 1");
            }),
          );
          assert.equal(await count(section, "cold"), 10);
        },
      );

      await t.step(
        `${section}: who waits for a connection waits for a while, and is told for whom`,
        async () => {
          const open: AsyncGenerator<Row[]>[] = [];
          await execute(section, "DELETE FROM cold");
          await insertMany(section, "cold", Array.from({ length: 50 }, (_, id) => ({ id, v: "x" })));
          for (let i = 0; i < 3; i++) {
            const each = stream(section, "SELECT id, v FROM cold", {}, { batch: 2 });
            await each.next();
            open.push(each);
          }
          try {
            await assert.rejects(query(section, "SELECT 1", {}, { timeout: "50ms" }), (error) => {
              assert.ok(error instanceof QueryTimeoutError, String(error));
              assert.match(
                error.message,
                /waited 50 ms for a connection: 3 of 3 in use by a stream of "SELECT id, v FROM cold" \(\d\.\d s\), a stream/,
              );
              return true;
            });
            const aborter = new AbortController();
            const waiting = query(section, "SELECT 1", {}, { signal: aborter.signal });
            aborter.abort(new Error("enough"));
            await assert.rejects(waiting, QueryCancelledError);
          } finally {
            for (const each of open) await each.return(undefined);
          }
          await within(LIMIT_MS, "after", query(section, "SELECT 1"));
        },
      );
    }

    await t.step(
      "a transaction of SQLite that waits for another is told so, and can be given up",
      async () => {
        const busy = Promise.withResolvers<void>();
        const first = transaction("lite", async (tx) => {
          await tx.execute("DELETE FROM cold");
          await busy.promise;
        });
        try {
          await assert.rejects(execute("lite", "DELETE FROM source", {}, { timeout: "50ms" }), (error) => {
            assert.ok(error instanceof QueryTimeoutError, String(error));
            assert.match(
              error.message,
              /waited 50 ms to write to .*lite\.db: it is locked by another transaction/,
            );
            return true;
          });
          const aborter = new AbortController();
          const waiting = transaction("lite", (tx) => tx.execute("DELETE FROM source"), {
            signal: aborter.signal,
          });
          aborter.abort(new Error("enough"));
          await assert.rejects(waiting, QueryCancelledError);
          // Who reads does not wait, and does not see what is not committed.
          assert.equal(await count("lite", "cold"), 50);
        } finally {
          busy.resolve();
          await first;
        }
        assert.equal(await count("lite", "source"), 2);
      },
    );

    await t.step(
      "another process's lock on an embedded database is waited for, and can be given up",
      async () => {
        const program = `import { DatabaseSync } from "node:sqlite";
        const db = new DatabaseSync(Deno.args[0]); db.exec("BEGIN IMMEDIATE"); console.log("locked");
        await Deno.stdin.read(new Uint8Array(1)); db.exec("COMMIT"); console.log("free"); await Deno.stdin.read(new Uint8Array(1));`;
        databases.folder.write("lock.ts", program);
        const child = new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "-A",
            "--no-config",
            `${databases.folder.path}/lock.ts`,
            `${databases.folder.path}/lite.db`,
          ],
          stdin: "piped",
          stdout: "piped",
        }).spawn();
        const said = child.stdout.getReader();
        const writer = child.stdin.getWriter();
        await said.read();
        await assert.rejects(
          execute("lite", "DELETE FROM cold", {}, { timeout: "50ms" }),
          /waited 50 ms to write to .* by another process/,
        );
        const waiting = execute("lite", "UPDATE source SET v = 'c' WHERE id = 1");
        await writer.write(new Uint8Array(1));
        assert.equal(await within(LIMIT_MS, "the lock", waiting), 1);
        await writer.close();
        await said.cancel();
        await child.status;
      },
    );

    for (const section of ["pg", "my"] as const) {
      const endless = ENDLESS[section] ?? "";
      await t.step(
        `${section}: a transaction whose statement is cancelled is rolled back, and its connection used again`,
        async () => {
          await execute(section, "DELETE FROM cold");
          for (let i = 0; i < 5; i++) {
            await within(
              LIMIT_MS,
              "cancelled",
              assert.rejects(
                transaction(section, async (tx) => {
                  await tx.execute("INSERT INTO cold (id, v) VALUES (:id, 'x')", { id: i });
                  await tx.query(endless, {}, { timeout: "20ms" });
                }),
                QueryTimeoutError,
              ),
            );
          }
          assert.equal(await count(section, "cold"), 0);
        },
      );

      await t.step(
        `${section}: who waits for a busy statement of the same transaction can give up`,
        async () => {
          const aborter = new AbortController();
          const busy = new AbortController();
          await within(
            LIMIT_MS,
            "the transaction",
            assert.rejects(
              transaction(section, async (tx) => {
                const going = tx.query(endless, {}, { signal: busy.signal });
                const gone = assert.rejects(going, QueryCancelledError);
                await assert.rejects(tx.query("SELECT 1", {}, { timeout: "20ms" }), (error) => {
                  assert.ok(error instanceof QueryTimeoutError, String(error));
                  assert.match(error.message, /waited 20 ms for another statement of the same transaction/);
                  return true;
                });
                const waiting = tx.insertMany("cold", ROWS, { signal: aborter.signal });
                aborter.abort(new Error("enough"));
                await assert.rejects(waiting, QueryCancelledError);
                busy.abort(new Error("enough"));
                await gone;
                throw new Error("over");
              }),
              /over/,
            ),
          );
          assert.equal(await within(LIMIT_MS, "after", count(section, "cold")), 0);
        },
      );

      await t.step(`${section}: its connection is killed at each step`, async () => {
        const ids = section === "pg"
          ? { own: "SELECT pg_backend_pid() AS id", kill: "SELECT pg_terminate_backend(:id)" }
          : { own: "SELECT CONNECTION_ID() AS id", kill: "KILL :id" };
        const killed = async (id: unknown) => {
          // KILL takes no parameter; it is a number that the server gave.
          await query(`${section}_other`, ids.kill.replace(":id", String(Number(id))));
        };
        await configure({}, sectionFor(`${section}_other`, section === "pg" ? pg : my));
        const work = [
          // Idle in a transaction.
          () =>
            transaction(section, async (tx) => {
              await killed((await tx.query(ids.own))[0]?.id);
              await tx.query("SELECT 1");
            }),
          // Before the commit.
          () =>
            transaction(section, async (tx) => {
              await tx.execute("INSERT INTO cold (id, v) VALUES (77, 'x')");
              await killed((await tx.query(ids.own))[0]?.id);
            }),
          // In a nested transaction.
          () =>
            transaction(section, (tx) =>
              tx.transaction(async (inner) => {
                await killed((await inner.query(ids.own))[0]?.id);
                await inner.insertMany("cold", ROWS);
              })),
          // Between two batches.
          () =>
            transaction(section, async (tx) => {
              const id = (await tx.query(ids.own))[0]?.id;
              const rows = tx.stream("SELECT a.id FROM source a, source b, source c", {}, { batch: 1 });
              await rows.next();
              await killed(id);
              await Array.fromAsync(rows);
              await tx.query("SELECT 1");
            }),
          // Within a statement.
          () =>
            transaction(section, async (tx) => {
              const id = (await tx.query(ids.own))[0]?.id;
              await Promise.all([tx.query(endless), killed(id)]);
            }),
        ];
        for (const [step, each] of work.entries()) {
          await within(
            LIMIT_MS,
            `killed at ${step}`,
            assert.rejects(each(), (error) => {
              assert.ok(error instanceof CannotConnectError, `${step}: ${error}`);
              return true;
            }),
          );
          assert.equal(await within(LIMIT_MS, "after", count(section, "cold")), 0);
        }
        await configure();
      });

      await t.step(`${section}: after a restart of the server every verb works again`, async () => {
        for (const [verb, work] of Object.entries(FIRST)) {
          // The server of the tests writes to its disk when it likes to.
          if (section === "my") await execute("my", "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
          await execute(section, "DELETE FROM cold");
          await (section === "pg" ? pg : my).crash();
          await within(LIMIT_MS, verb, work(section));
        }
      });
    }

    await t.step("a server without TLS is asked once for it", async () => {
      for (const [section, server] of [["pg", pg], ["my", my]] as const) {
        await configure({ [section]: "tls = require\n" });
        const begun = performance.now();
        await assert.rejects(query(section, "SELECT 1"), (error) => {
          assert.ok(error instanceof CannotConnectError, String(error));
          assert.ok(error.message.includes(`127.0.0.1:${server.port} (the server has no TLS`), error.message);
          return true;
        });
        assert.ok(performance.now() - begun < 5_000);
      }
      await configure();
    });

    await t.step("my: procedures with one result, with several, and as a stream", async () => {
      await execute("my", "CREATE PROCEDURE one() SELECT 1 AS a UNION SELECT 2");
      await execute(
        "my",
        "CREATE PROCEDURE two(n INT) BEGIN SELECT n AS a; SELECT n + 1 AS b, 'x' AS c; END",
      );
      assert.deepEqual(await query("my", "CALL one()"), [{ a: 1 }, { a: 2 }]);
      assert.deepEqual(await query("my", "CALL two(:n)", { n: 5 }), [{ a: 5 }]);
      assert.deepEqual(await query("my", "CALL two(:n)", { n: 5 }, { results: true }), {
        results: [[{ a: 5 }], [{ b: 6, c: "x" }]],
      });
      assert.deepEqual(await Array.fromAsync(stream("my", "CALL one()")), [[{ a: 1 }, { a: 2 }]]);
      await assert.rejects(query("my", "CALL nowhere()"), DatabaseError);
    });
  },
});
