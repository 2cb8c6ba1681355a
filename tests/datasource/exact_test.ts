/** What is read and written arrives as it is, or is refused with its place. */
import assert from "node:assert/strict";
import {
  askDatabase,
  copyRows,
  execute,
  insertMany,
  query,
  type Row,
  stream,
  transaction,
} from "../../datasource/datasource.ts";
import { DatabaseError, NotConfiguredError, SqlError } from "../../datasource/errors.ts";
import { type Watermark, watermarkValue } from "../../datasource/watermark.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";

const instant = Temporal.Instant.from("2026-03-10T08:00:00.25Z");

async function one(section: string, sql: string, params = {}): Promise<unknown> {
  const [row] = await query(section, sql, params);
  return Object.values(row ?? {})[0];
}

function mark(): Watermark & { kept: unknown } {
  return {
    kept: undefined,
    value: undefined,
    set(value) {
      this.kept = value === undefined ? undefined : watermarkValue(value);
    },
  };
}

Deno.test({
  name: "databases: values arrive exactly",
  ignore: !hasServers,
  async fn(t) {
    await using databases = await startDatabases();
    const { configure } = databases;
    const step = (name: string, work: () => Promise<void>) =>
      t.step(name, () => within(30_000, name, work()));

    await step("pg: objects and lists go into json and jsonb as what they are", async () => {
      await execute("pg", "CREATE TABLE j (id int, j jsonb, k json)");
      const value = { a: 1, big: 12345678901234567890n };
      await execute("pg", "INSERT INTO j VALUES (1, :j, :k)", { j: value, k: value });
      await execute("pg", "INSERT INTO j VALUES (2, ?, ?)", [{ b: [1, 2] }, { c: "x" }]);
      await execute("pg", "INSERT INTO j VALUES (3, :j::jsonb, :k::json)", { j: { a: null }, k: "1" });
      await insertMany("pg", "j", [{ id: 4, j: [1, "x"], k: { a: 1 } }, { id: 5, j: '"text"', k: 7 }]);
      assert.deepEqual(
        (await query("pg", "SELECT jsonb_typeof(j) AS t, json_typeof(k) AS u FROM j ORDER BY id")).map((
          { t, u },
        ) => [t, u]),
        [["object", "object"], ["object", "object"], ["object", "number"], ["array", "object"], [
          "string",
          "number",
        ]],
      );
      assert.equal(await one("pg", "SELECT id FROM j WHERE j @> :x", { x: { a: 1 } }), 1);
      assert.equal(await one("pg", "SELECT j ->> 'big' FROM j WHERE id = 1"), "12345678901234567890");
    });

    await step("pg: lists go into arrays, and come back", async () => {
      await execute("pg", "CREATE TABLE lists (id int, tags text[], n int[][])");
      await execute("pg", "INSERT INTO lists VALUES (1, :tags::text[], :n::int[])", {
        tags: ['a"b', "c\\d", "", "NULL", null, "{x,y}"],
        n: [[1, 2], [3, null]],
      });
      await insertMany("pg", "lists", [{ id: 2, tags: [], n: null }, { id: 3, tags: ["ü,"], n: [[4]] }]);
      assert.deepEqual(await query("pg", "SELECT tags, n FROM lists ORDER BY id"), [
        { tags: ['a"b', "c\\d", "", "NULL", null, "{x,y}"], n: [[1, 2], [3, null]] },
        { tags: [], n: null },
        { tags: ["ü,"], n: [[4]] },
      ]);
      assert.deepEqual(
        await query("pg", "SELECT id FROM lists WHERE id = ANY(:ids) ORDER BY id", { ids: [1, 3] }),
        [
          { id: 1 },
          { id: 3 },
        ],
      );
      assert.deepEqual(await query("pg", "SELECT id FROM lists WHERE id = ANY(:ids)", { ids: [] }), []);
      assert.deepEqual(await query("pg", "SELECT id FROM lists WHERE id IN (:ids)", { ids: [2] }), [{
        id: 2,
      }]);
      assert.deepEqual(
        (await query("pg", "SELECT ARRAY['2026-01-02'::date] AS d, ARRAY[9007199254740993] AS b"))[0]?.b,
        [
          9007199254740993n,
        ],
      );
    });

    await step("pg: a transaction whose statement failed is not done", async () => {
      await execute("pg", "CREATE TABLE tx (id int PRIMARY KEY)");
      await assert.rejects(
        transaction("pg", async (tx) => {
          await tx.execute("INSERT INTO tx VALUES (1)");
          await tx.execute("INSERT INTO tx VALUES (1)").catch(() => {});
          return "done";
        }),
        (error) => {
          assert.ok(error instanceof SqlError, String(error));
          assert.match(
            error.message,
            /the transaction was rolled back: a statement in it failed \(duplicate key.*nested transaction/,
          );
          assert.equal(error.code, "23505");
          return true;
        },
      );
      assert.equal(await one("pg", "SELECT count(*) FROM tx"), 0);
      const done = await transaction("pg", async (tx) => {
        await tx.execute("INSERT INTO tx VALUES (1)");
        await tx.transaction((inner) => inner.execute("INSERT INTO tx VALUES (1)")).catch(() => {});
        await tx.execute("INSERT INTO tx VALUES (2)");
        return "done";
      });
      assert.equal(done, "done");
      assert.equal(await one("pg", "SELECT count(*) FROM tx"), 2);
      // A nested one that swallows its error goes back to where it began.
      await transaction("pg", async (tx) => {
        await assert.rejects(
          tx.transaction((inner) => inner.execute("nonsense").catch(() => {})),
          /rolled back/,
        );
        await tx.execute("INSERT INTO tx VALUES (3)");
      });
      assert.equal(await one("pg", "SELECT count(*) FROM tx"), 3);
    });

    await step("whole numbers stay whole in columns of texts, and in divisions", async () => {
      for (const section of ["pg", "my", "lite"]) {
        await execute(section, "CREATE TABLE texts (id int, v VARCHAR(40))");
        await execute(section, "INSERT INTO texts VALUES (1, :v)", { v: 12345 });
        await insertMany(section, "texts", [{ id: 2, v: 5 }, { id: 3, v: 12345678901234567890n }]);
        assert.deepEqual((await query(section, "SELECT v FROM texts ORDER BY id")).map(({ v }) => v), [
          "12345",
          "5",
          "12345678901234567890",
        ]);
      }
      await execute("lite", "CREATE TABLE t (v TEXT)");
      await execute("lite", "INSERT INTO t VALUES (?)", [12345]);
      assert.equal(await one("lite", "SELECT v FROM t"), "12345");
      assert.equal(await one("lite", "SELECT 7 / :n AS x", { n: 2 }), 3);
      assert.equal(await one("pg", "SELECT 7 / :n AS x", { n: 2 }), 3);
    });

    await step(
      "my: an upsert without its unique key is refused, and another key's conflict fails with its row",
      async () => {
        await execute("my", "CREATE TABLE nokey (id int, v VARCHAR(20))");
        await assert.rejects(insertMany("my", "nokey", [{ id: 1, v: "a" }], { upsert: "id" }), (error) => {
          assert.ok(error instanceof SqlError);
          assert.match(error.message, /upsert: nokey has no unique key on id/);
          return true;
        });
        assert.equal(await one("my", "SELECT count(*) FROM nokey"), 0);
        await execute("my", "CREATE TABLE twokeys (id int PRIMARY KEY, mail VARCHAR(20) UNIQUE, v int)");
        await insertMany("my", "twokeys", [{ id: 1, mail: "a@x", v: 1 }]);
        await assert.rejects(
          insertMany("my", "twokeys", [{ id: 3, mail: "c@x", v: 3 }, { id: 2, mail: "a@x", v: 2 }], {
            upsert: "id",
          }),
          (error) => {
            assert.ok(error instanceof SqlError, String(error));
            assert.match(error.message, /Duplicate entry 'a@x' for key 'mail'/);
            return true;
          },
        );
        assert.deepEqual(await query("my", "SELECT * FROM twokeys"), [{ id: 1, mail: "a@x", v: 1 }]);
        // What does not conflict is changed and inserted.
        await insertMany("my", "twokeys", [{ id: 1, mail: "b@x", v: 2 }, { id: 2, mail: "a@x", v: 2 }, {
          id: 1,
          mail: "c@x",
          v: 9,
        }], {
          upsert: "id",
        });
        assert.deepEqual(await query("my", "SELECT * FROM twokeys ORDER BY id"), [
          { id: 1, mail: "c@x", v: 9 },
          { id: 2, mail: "a@x", v: 2 },
        ]);
      },
    );

    await step("of rows with the same key in one upsert the last one counts", async () => {
      for (const section of ["pg", "my", "lite"]) {
        await execute(section, "CREATE TABLE twice (id int PRIMARY KEY, v VARCHAR(20))");
        const rows = [{ id: 1, v: "first" }, { id: 2, v: "x" }, { id: 1, v: "last" }];
        await insertMany(section, "twice", rows, { upsert: "id" });
        await insertMany(section, "twice", [{ id: 2, v: "y" }, { id: 2, v: "z" }], { upsert: "id" });
        assert.deepEqual(await query(section, "SELECT * FROM twice ORDER BY id"), [{ id: 1, v: "last" }, {
          id: 2,
          v: "z",
        }]);
      }
    });

    await step("pg: columns that are always generated take the values of a copy", async () => {
      await execute("pg", "CREATE TABLE own (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)");
      await insertMany("pg", "own", [{ id: 7, v: "a" }]);
      await insertMany("pg", "own", [{ id: 7, v: "b" }, { id: 8, v: "c" }], { upsert: "id" });
      assert.deepEqual(await query("pg", "SELECT * FROM own ORDER BY id"), [{ id: 7, v: "b" }, {
        id: 8,
        v: "c",
      }]);
    });

    await step("moments go as the section's clocks show them, and the session's are the same", async () => {
      await execute(
        "my",
        "CREATE TABLE moments (id int PRIMARY KEY, plain DATETIME(6), stamp TIMESTAMP(6) NULL)",
      );
      await execute("pg", "CREATE TABLE moments (id int PRIMARY KEY, plain timestamp, stamp timestamptz)");
      const values = { utc: "UTC", named: "Asia/Shanghai", offset: "-03:30" };
      let id = 0;
      for (const zone of Object.values(values)) {
        await configure({ my: `timezone = ${zone}\n`, pg: `timezone = ${zone}\n` });
        const local = instant.toZonedDateTimeISO(zone).toPlainDateTime();
        for (const section of ["my", "pg"]) {
          const given = [
            instant,
            new Date(instant.epochMilliseconds),
            instant.toZonedDateTimeISO("Europe/Berlin"),
          ];
          for (const [i, value] of given.entries()) {
            await execute(section, "INSERT INTO moments VALUES (:id, :v, :v)", { id: id + i, v: value });
          }
          await insertMany(section, "moments", [{ id: id + 9, plain: instant, stamp: instant }]);
          for (
            const row of await query(section, "SELECT * FROM moments WHERE id BETWEEN :id AND :id + 9", {
              id,
            })
          ) {
            assert.equal(String(row.plain), String(local), `${section} ${zone}`);
            assert.equal(
              String(row.stamp),
              section === "pg" ? String(instant) : String(local),
              `${section} ${zone}`,
            );
          }
        }
        // The moment that a TIMESTAMP keeps is the right one, whatever the session.
        const kept = await one("my", "SELECT UNIX_TIMESTAMP(stamp) FROM moments WHERE id = :id", { id });
        assert.equal(Number(kept), instant.epochMilliseconds / 1_000);
        // From one to the other.
        await copyRows({
          database: "pg",
          sql: `SELECT id + 100 AS id, stamp AS plain, stamp FROM moments WHERE id = ${id}`,
        }, {
          database: "my",
          table: "moments",
        });
        assert.equal(
          Number(await one("my", `SELECT UNIX_TIMESTAMP(stamp) FROM moments WHERE id = ${id + 100}`)),
          instant.epochMilliseconds / 1_000,
        );
        assert.equal(
          String(await one("my", `SELECT plain FROM moments WHERE id = ${id + 100}`)),
          String(local),
        );
        id += 10;
      }
      // From a section with the clocks of one zone to one with those of another.
      await configure({
        my: "timezone = Asia/Shanghai\n",
        pg: "timezone = America/Sao_Paulo\n",
        lite: "timezone = UTC\n",
      });
      const followed = mark();
      await copyRows(
        { database: "my", sql: "SELECT id + 500 AS id, plain, stamp FROM moments WHERE id = 1" },
        {
          database: "pg",
          table: "moments",
        },
        { watermark: { mark: followed, column: "stamp" } },
      );
      const [moved] = await query("pg", "SELECT plain, stamp FROM moments WHERE id = 501");
      assert.equal(String(moved?.stamp), String(instant));
      assert.equal(followed.kept, "2026-03-10 16:00:00.25");
      // A server without its zone tables takes a zone whose clocks are not changed; another one is a sentence.
      await configure({ my: "timezone = Europe/Berlin\n" });
      await assert.rejects(query("my", "SELECT 1"), (error) => {
        assert.ok(error instanceof NotConfiguredError, String(error));
        assert.match(
          error.message,
          /the server does not know the time zone Europe\/Berlin; load its zones there/,
        );
        return true;
      });
      await configure();
    });

    await step("JSON is copied as the text that it is", async () => {
      const texts = ["12345678901234567890", '{"a": 1.10}', '"s"', "null", "[1, 2.50]"];
      await execute("pg", "CREATE TABLE json_from (id int, a json, b jsonb)");
      await execute("pg", "CREATE TABLE json_to (id int, a json, b jsonb)");
      await execute("my", "CREATE TABLE json_to (id int, a JSON, b LONGTEXT)");
      await execute("lite", "CREATE TABLE json_to (id int, a TEXT, b TEXT)");
      for (const [id, text] of texts.entries()) {
        await execute("pg", "INSERT INTO json_from VALUES (:id, :text::json, :text::jsonb)", { id, text });
      }
      const expected = await query("pg", "SELECT id, a::text AS a, b::text AS b FROM json_from ORDER BY id");
      for (const section of ["pg", "my", "lite"]) {
        await copyRows({ database: "pg", sql: "SELECT * FROM json_from" }, {
          database: section,
          table: "json_to",
        });
        const cast = section === "pg" ? "::text" : "";
        assert.deepEqual(
          await query(section, `SELECT id, a${cast} AS a, b${cast} AS b FROM json_to ORDER BY id`),
          expected,
        );
      }
      await execute("pg", "DELETE FROM json_to");
      await copyRows({ database: "my", sql: "SELECT * FROM json_to" }, { database: "pg", table: "json_to" });
      assert.deepEqual(
        await query("pg", "SELECT id, a::text AS a, b::text AS b FROM json_to ORDER BY id"),
        expected,
      );
    });

    await step("a watermark follows numbers as numbers", async () => {
      await execute("pg", "CREATE TABLE marks (id numeric, name text)");
      await insertMany("pg", "marks", [9.5, 10.25, 100, 99].map((id) => ({ id, name: String(id) })));
      await execute("my", "CREATE TABLE marks (id DECIMAL(20, 2), name VARCHAR(20))");
      const found = mark();
      await copyRows({ database: "pg", sql: "SELECT * FROM marks" }, { database: "my", table: "marks" }, {
        watermark: { mark: found, column: "id" },
        batch: 1,
      });
      assert.equal(found.kept, "100");
    });

    await step("names of columns are matched without their case where only one can be meant", async () => {
      for (const section of ["pg", "my", "lite"]) {
        await execute(section, "CREATE TABLE cased (id int PRIMARY KEY, name VARCHAR(20))");
        await insertMany(section, "cased", [{ ID: 1, Name: "a" }]);
        await insertMany(section, "cased", [{ ID: 1, Name: "b" }], { upsert: "id" });
        assert.deepEqual(await query(section, "SELECT * FROM cased"), [{ id: 1, name: "b" }]);
      }
      await execute("pg", 'CREATE TABLE two_ids ("id" int, "ID" int)');
      await assert.rejects(
        insertMany("pg", "two_ids", [{ Id: 1 }]),
        /"Id" may be "id" or "ID"; write its case as it is/,
      );
      await assert.rejects(
        insertMany("pg", "cased", [{ other: 1 }]),
        /cased has no column "other"; it has id, name/,
      );
    });

    await step("one statement at a time", async () => {
      for (const section of ["pg", "my", "lite"]) {
        for (
          const sql of [
            "SELECT 1; SELECT 2",
            "SELECT 1;; ;SELECT 2 -- x",
            "DELETE FROM cased; DELETE FROM cased;",
          ]
        ) {
          await assert.rejects(query(section, sql), (error) => {
            assert.ok(error instanceof DatabaseError, String(error));
            assert.match(error.message, /one statement at a time/, `${section}: ${sql}`);
            return true;
          });
        }
        assert.deepEqual(await query(section, "SELECT ';' AS x; -- end; here"), [{ x: ";" }]);
      }
      assert.equal(await one("lite", "SELECT count(*) FROM cased"), 1);
    });

    await step("floating point numbers are the same with and without parameters", async () => {
      await execute("my", "CREATE TABLE floats (id int, f FLOAT, d DOUBLE, b BIT(1), c BIT(9))");
      await execute(
        "my",
        "INSERT INTO floats VALUES (1, 1.1, 1.1, b'1', b'100000001'), (2, 16777217, 1e300, b'0', NULL)",
      );
      const plain = await query("my", "SELECT f, d, b, c FROM floats WHERE id < 3 ORDER BY id");
      assert.deepEqual(
        plain,
        await query("my", "SELECT f, d, b, c FROM floats WHERE id < :n ORDER BY id", { n: 3 }),
      );
      assert.deepEqual(plain, [
        { f: 1.1, d: 1.1, b: true, c: new Uint8Array([1, 1]) },
        { f: 16777216, d: 1e300, b: false, c: null },
      ]);
    });

    await step(
      "NaN and infinity go where there are such, and are refused with their place elsewhere",
      async () => {
        const odd = [NaN, Infinity, -Infinity];
        await execute("pg", "CREATE TABLE odd (id int, v float8)");
        await insertMany("pg", "odd", odd.map((v, id) => ({ id, v })));
        assert.deepEqual((await query("pg", "SELECT v FROM odd ORDER BY id")).map(({ v }) => v), odd);
        assert.equal(await one("pg", "SELECT :v::float8 AS v", { v: NaN }), NaN);
        await execute("my", "CREATE TABLE odd (id int, v DOUBLE)");
        await execute("lite", "CREATE TABLE odd (id int, v REAL)");
        for (const section of ["my", "lite"]) {
          await assert.rejects(
            copyRows({ database: "pg", sql: "SELECT * FROM odd ORDER BY id" }, {
              database: section,
              table: "odd",
            }),
            /row 1, column "v": NaN is a number that this database does not have/,
          );
        }
      },
    );

    await step("what a column cannot hold is refused with its column", async () => {
      await execute("lite", "CREATE TABLE narrow (id INTEGER, v DECIMAL(30, 5))");
      await assert.rejects(
        copyRows({ database: "pg", sql: "SELECT 1 AS id, 12345678901234567890.12345::numeric AS v" }, {
          database: "lite",
          table: "narrow",
        }),
        /row 1, column "v": "12345678901234567890\.12345" has more digits than SQLite keeps/,
      );
      await execute("my", "CREATE TABLE narrow (id int, v VARCHAR(3))");
      await execute("my", "SET GLOBAL sql_mode = ''");
      await configure();
      await assert.rejects(
        insertMany("my", "narrow", [{ id: 1, v: "abc" }, { id: 2, v: "abcd" }]),
        /Data truncated for column 'v' at row 2/,
      );
      assert.equal(await one("my", "SELECT count(*) FROM narrow"), 0);
      await execute("my", "SET GLOBAL sql_mode = DEFAULT");
      await configure();
      await assert.rejects(
        insertMany("pg", "cased", [{ id: 1, name: "ok" }, { id: "x", name: "a" }]),
        /COPY cased, line 2, column id: "x"/,
      );
    });

    await step("statements that end a transaction of MySQL are told, and a deadlock ends it", async () => {
      await execute("my", "CREATE TABLE locks (id int PRIMARY KEY, v int)");
      await insertMany("my", "locks", [{ id: 1, v: 0 }, { id: 2, v: 0 }]);
      await assert.rejects(
        transaction("my", async (tx) => {
          await tx.execute("UPDATE locks SET v = 5");
          await tx.execute("CREATE TABLE ends_it (id int)");
        }),
        /"CREATE TABLE ends_it \(id int\)" ended the transaction/,
      );
      await execute("my", "UPDATE locks SET v = 0");
      const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const outcomes = await Promise.allSettled(
        [[1, 2], [2, 1]].map(([first, second], i) =>
          transaction("my", async (tx) => {
            await tx.execute("UPDATE locks SET v = v + 1 WHERE id = ?", [first]);
            both[i]?.resolve();
            await Promise.all(both.map(({ promise }) => promise));
            // Swallowed: what follows must not be done outside of the transaction.
            await tx.execute("UPDATE locks SET v = v + 1 WHERE id = ?", [second]).catch(() => {});
            await tx.execute("UPDATE locks SET v = v + 10").catch(() => {});
          })
        ),
      );
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      assert.deepEqual((await query("my", "SELECT v FROM locks")).map(({ v }) => v), [11, 11]);
    });

    await step(
      "isolation and read-only belong to transactions, and nothing of them stays behind",
      async () => {
        const levels = { pg: "SHOW transaction_isolation", my: "SELECT @@session.tx_isolation" };
        for (const section of ["pg", "my", "lite"] as const) {
          await assert.rejects(
            transaction(section, (tx) => tx.execute("DELETE FROM cased"), { readOnly: true }),
            (error) => error instanceof SqlError,
          );
          assert.equal(await one(section, "SELECT count(*) FROM cased"), 1);
          await execute(section, "UPDATE cased SET name = 'w'");
        }
        await assert.rejects(
          transaction("my", (tx) => tx.execute("CREATE TABLE sneaked (id int)"), { readOnly: true }),
          SqlError,
        );
        await assert.rejects(query("my", "SELECT * FROM sneaked"), SqlError);
        await transaction("pg", async (tx) => {
          assert.deepEqual(await tx.query(levels.pg), [{ transaction_isolation: "serializable" }]);
        }, { isolation: "serializable" });
        assert.equal(await one("pg", levels.pg), "read committed");
        await transaction("pg", async (tx) => {
          const before = await tx.query("SELECT name FROM cased");
          await execute("lite", "SELECT 1");
          assert.deepEqual(await tx.query("SELECT name FROM cased"), before);
        }, { isolation: "repeatable read", readOnly: true });
      },
    );

    await step("who asks at a terminal changes nothing unless told to", async () => {
      const changes = [
        "DELETE FROM cased",
        "UPDATE cased SET name = 'x'",
        "CREATE TABLE by_hand (id int)",
        "DROP TABLE cased",
      ];
      for (const section of ["pg", "my", "lite"]) {
        for (const sql of section === "lite" ? changes : [...changes, "TRUNCATE TABLE cased"]) {
          await assert.rejects(
            askDatabase(section, sql),
            (error) => error instanceof SqlError,
            `${section}: ${sql}`,
          );
        }
        assert.deepEqual((await askDatabase(section, "SELECT id FROM cased")).rows, [{ id: 1 }]);
        // Nothing of it stays in the session.
        assert.equal(await execute(section, "UPDATE cased SET name = 'x'"), 1);
        const { rows, changed } = await askDatabase(section, "UPDATE cased SET name = 'y'", { write: true });
        assert.deepEqual([rows, changed], [[], 1]);
      }
    });

    await step("what a session was set to does not stay in the pool", async () => {
      await configure({ pg: "pool = 1\n", my: "pool = 1\n", lite: "pool = 1\n" });
      await execute("pg", "SET search_path = nowhere");
      await query("pg", "SELECT set_config('my.x', '1', false)");
      assert.equal(await one("pg", "SHOW search_path"), '"$user", public');
      await execute("pg", "CREATE TEMPORARY TABLE of_session (id int)");
      await assert.rejects(query("pg", "SELECT * FROM of_session"), SqlError);
      await execute("my", "SET @x = 5");
      assert.equal(await one("my", "SELECT @x"), null);
      await execute("my", "SET SESSION sql_mode = 'ANSI'");
      assert.equal(String(await one("my", "SELECT @@sql_mode")).includes("ANSI"), false);
      assert.equal(await one("my", "SELECT @@time_zone"), "+00:00");
      await execute("lite", "CREATE TEMPORARY TABLE of_session (id int)");
      await assert.rejects(query("lite", "SELECT * FROM of_session"), SqlError);
      await configure();
    });

    await step("init statements, the pool's size and a unix socket are of the section", async () => {
      await configure({
        pg: "pool = 2\ninit = SET statement_timeout = '7s'\n  SET lock_timeout = '3s';\n",
        my: "init = SET SESSION max_statement_time = 9\n",
        lite: "init = PRAGMA cache_size = -123\n",
      });
      assert.equal(await one("pg", "SHOW statement_timeout"), "7s");
      assert.equal(await one("pg", "SHOW lock_timeout"), "3s");
      assert.equal(Number(await one("my", "SELECT @@max_statement_time")), 9);
      assert.equal(await one("lite", "PRAGMA cache_size"), -123);
      // After a session was made fresh they are still there.
      await execute("pg", "SET work_mem = '1MB'");
      assert.equal(await one("pg", "SHOW statement_timeout"), "7s");
      await configure({ pg: `socket = ${databases.pg.socket}\n`, my: `socket = ${databases.my.socket}\n` });
      assert.equal(await one("pg", "SELECT inet_client_addr()"), null);
      assert.match(
        String(await one("my", "SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()")),
        /^localhost/,
      );
      await configure();
    });

    await step("transactions copy, insert and stream", async () => {
      for (const section of ["pg", "my", "lite"]) {
        await execute(section, "CREATE TABLE target (id int PRIMARY KEY, v VARCHAR(20))");
        await assert.rejects(
          transaction(section, async (tx) => {
            await tx.insertMany("target", [{ id: 1, v: "a" }, { id: 2, v: "b" }, { id: 3, v: "c" }]);
            const source = { database: "pg", sql: "SELECT 10 AS id, 'x' AS v UNION SELECT 11, 'y'" };
            assert.equal(await tx.copyRows(source, { table: "target" }), 2);
            const rows: Row[] = [];
            for await (const some of tx.stream("SELECT id FROM target ORDER BY id", {}, { batch: 2 })) {
              rows.push(...some);
              if (section !== "my") await tx.execute("UPDATE target SET v = 'z' WHERE id = 1");
            }
            assert.deepEqual(rows.map(({ id }) => id), [1, 2, 3, 10, 11]);
            // From the transaction itself, what only it sees.
            if (section !== "my") {
              const own = { sql: "SELECT id + 100 AS id, v FROM target" };
              assert.equal(await tx.copyRows(own, { table: "target" }, { batch: 2 }), 5);
            }
            // Outside of it none of that is seen.
            assert.deepEqual(await Array.fromAsync(stream(section, "SELECT id FROM target")), []);
            throw new Error("undone");
          }),
          /undone/,
        );
        assert.equal(await one(section, "SELECT count(*) FROM target"), 0);
      }
      await assert.rejects(
        transaction("my", async (tx) => {
          for await (const _ of tx.stream("SELECT * FROM cased")) await tx.query("SELECT 1");
        }),
        /the rows of "SELECT \* FROM cased" are still being read on this connection/,
      );
    });

    await step("errors of every kind are a DatabaseError", async () => {
      const many = Array.from({ length: 70_000 }, (_, i) => i);
      for (const section of ["pg", "my", "lite"]) {
        await assert.rejects(query(section, "SELECT 1 WHERE 1 IN (:many)", { many }), (error) => {
          assert.ok(error instanceof DatabaseError, String(error));
          assert.match(error.message, /70000 values/);
          return true;
        });
        const aborter = new AbortController();
        const endless = async function* () {
          yield { id: 5_000, v: "x" };
          aborter.abort(new Error("enough"));
          await new Promise(() => {});
        };
        await assert.rejects(
          insertMany(section, "target", endless(), { signal: aborter.signal, batch: 1 }),
          (error) => error instanceof DatabaseError && error.name === "QueryCancelledError",
        );
        assert.equal(await one(section, "SELECT count(*) FROM target"), 0);
      }
      await execute("my", "CREATE TABLE generated (id int, twice int AS (id * 2), CHECK (id < 10))");
      for (
        const [sql, code] of [
          [
            "INSERT INTO generated (id, twice) VALUES (1, 5)",
            "ER_WARNING_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN",
          ],
          ["INSERT INTO generated (id) VALUES (11)", "ER_CONSTRAINT_FAILED"],
          ["LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE generated", undefined],
        ] as const
      ) {
        await assert.rejects(execute("my", sql), (error) => {
          assert.ok(error instanceof DatabaseError, `${sql}: ${error}`);
          if (code !== undefined) assert.equal(error.code, code);
          return true;
        });
      }
      // After it the server hangs up: whoever asks next has another connection.
      const large = "x".repeat(17_000_000);
      await assert.rejects(execute("my", "SELECT LENGTH(:large)", { large }), /max_allowed_packet/);
      for (let i = 0; i < 3; i++) {
        await query("my", "SELECT 1").catch((error) => assert.ok(error instanceof DatabaseError));
      }
      assert.equal(await one("my", "SELECT 1"), 1);
      for (const section of ["pg", "my", "lite"]) {
        await assert.rejects(
          insertMany(section, "target", [{ id: 1, v: "a\ud800" }]),
          /row 1, column "v": the text holds half of a character/,
        );
        // A handle that outlives its transaction says so, and reaches nobody else's.
        const leaked = await transaction(section, (tx) => Promise.resolve({ tx }));
        await assert.rejects(leaked.tx.query("SELECT 1"), /the transaction is over/);
      }
      await assert.rejects(execute("pg", "COPY target FROM STDIN"), DatabaseError);
      assert.equal(await one("pg", "SELECT 1"), 1);
    });
  },
});
