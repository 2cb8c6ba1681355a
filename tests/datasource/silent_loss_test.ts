/** Nothing is lost, rounded or changed in silence where statements meet, and where values are of rarer kinds. */
import assert from "node:assert/strict";
import { copyRows, execute, insertMany, query, transaction } from "../../datasource/datasource.ts";
import { MysqlConnection } from "../../datasource/drivers/mysql/connection.ts";
import { SqlError } from "../../datasource/errors.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";

const SECTIONS = ["pg", "my", "lite"] as const;

async function one(section: string, sql: string, params = {}): Promise<unknown> {
  const [row] = await query(section, sql, params);
  return Object.values(row ?? {})[0];
}

Deno.test({
  name: "databases: nothing is lost in silence",
  ignore: !hasServers,
  async fn(t) {
    await using databases = await startDatabases();
    const { configure } = databases;
    const step = (name: string, work: () => Promise<void>) =>
      t.step(name, () => within(30_000, name, work()));

    for (const section of SECTIONS) {
      await step(`${section}: what goes on beside a nested transaction is not undone with it`, async () => {
        await execute(section, "CREATE TABLE beside (id int PRIMARY KEY)");
        await transaction(section, async (tx) => {
          const inside = Promise.withResolvers<void>();
          const asked = Promise.withResolvers<void>();
          const nested = tx.transaction(async (inner) => {
            await inner.execute("INSERT INTO beside VALUES (1)");
            inside.resolve();
            await asked.promise;
            // On the outer one, but from within: it is a part of what is undone.
            await tx.execute("INSERT INTO beside VALUES (2)");
            await execute(section, "INSERT INTO beside VALUES (3)");
            throw new Error("no");
          });
          await inside.promise;
          const beside = [
            tx.execute("INSERT INTO beside VALUES (4)"),
            execute(section, "INSERT INTO beside VALUES (5)"),
            tx.insertMany("beside", [{ id: 6 }]),
            tx.transaction((other) => other.execute("INSERT INTO beside VALUES (7)")),
          ];
          asked.resolve();
          await assert.rejects(nested, /no/);
          await Promise.all(beside);
        });
        assert.deepEqual(
          (await query(section, "SELECT id FROM beside ORDER BY id")).map(({ id }) => id),
          [4, 5, 6, 7],
        );
      });

      await step(`${section}: rows that ask their own transaction do not wait for themselves`, async () => {
        await execute(section, "CREATE TABLE asked (id int PRIMARY KEY)");
        await transaction(section, async (tx) => {
          const rows = async function* () {
            for (let id = 1; id <= 6; id++) {
              await new Promise((resolve) => setTimeout(resolve, 0));
              const asked = id % 2 ? tx.query("SELECT 1 AS one") : query(section, "SELECT 1 AS one");
              yield { id: id * Number((await asked)[0]?.one) };
            }
          };
          assert.equal(await within(30_000, "insertMany", tx.insertMany("asked", rows(), { batch: 1 })), 6);
          await tx.transaction(async (inner) => {
            const two = tx.query("SELECT 2 AS two");
            await inner.execute("DELETE FROM asked WHERE id > 2");
            assert.deepEqual(await two, [{ two: 2 }]);
          });
        });
        assert.equal(Number(await one(section, "SELECT count(*) FROM asked")), 2);
      });

      await step(`${section}: two columns of one name are not copied as one`, async () => {
        await execute(section, "CREATE TABLE named (id int, v int)");
        const source = { database: section, sql: "SELECT 1 AS id, 2 AS v, 3 AS id" };
        await assert.rejects(
          copyRows(source, { database: section, table: "named" }),
          /two columns of the question are called "id"; give one of them another name \(AS\)/,
        );
        assert.equal(await one(section, "SELECT count(*) FROM named"), 0);
        assert.deepEqual(await query(section, "SELECT 1 AS id, 2 AS v"), [{ id: 1, v: 2 }]);
      });

      await step(
        `${section}: what has no form in JSON is refused, and not stored as another value`,
        async () => {
          await execute(section, `CREATE TABLE formless (j ${section === "pg" ? "jsonb" : "TEXT"})`);
          const wrong: readonly (readonly [unknown, RegExp])[] = [
            [{ a: NaN }, /NaN is a number that JSON does not have/],
            [[[1, Infinity]], /Infinity is a number that JSON does not have/],
            [Promise.resolve(1), /a Promise has no form in JSON; await it/],
            [{ a: { b: Promise.resolve(1) } }, /a Promise has no form in JSON/],
            [new Map([[1, 2]]), /a Map has no form in JSON/],
            [{ a: new Set([1]) }, /a Set has no form in JSON/],
            [{ a: new Uint8Array([1]) }, /a Uint8Array has no form in JSON/],
            [/x/, /a RegExp has no form in JSON/],
          ];
          for (const [value, message] of wrong) {
            await assert.rejects(execute(section, "INSERT INTO formless VALUES (:j)", { j: value }), message);
            await assert.rejects(insertMany(section, "formless", [{ j: value }]), message);
          }
          assert.equal(await one(section, "SELECT count(*) FROM formless"), 0);
          class Point {
            x = 1;
            empty = {};
          }
          const fine = {
            point: new Point(),
            at: Temporal.PlainDate.from("2026-03-10"),
            gone: undefined,
            d: new Date(0),
          };
          await insertMany(section, "formless", [{ j: fine }]);
          const stored = await one(section, "SELECT j FROM formless");
          assert.deepEqual(typeof stored === "string" ? JSON.parse(stored) : stored, {
            point: { x: 1, empty: {} },
            at: "2026-03-10",
            d: "1970-01-01T00:00:00.000Z",
          });
        },
      );
    }

    for (const section of ["pg", "my"] as const) {
      await step(
        `${section}: a whole number that a floating point column would change is refused`,
        async () => {
          const types = section === "pg" ? ["float4", "float8"] : ["FLOAT", "DOUBLE"];
          await execute(section, `CREATE TABLE wholes (id int PRIMARY KEY, f ${types[0]}, d ${types[1]})`);
          const wrong: readonly (readonly [string, unknown])[] = [
            ["d", 9007199254740993n],
            ["d", "9007199254740993"],
            ["d", "90071992547409931.5"],
            ["f", 16777217],
            ["f", 16777217n],
            ["f", "16777217"],
          ];
          for (const [column, value] of wrong) {
            for (const upsert of [undefined, { upsert: ["id"] }]) {
              await assert.rejects(
                insertMany(section, "wholes", [{ id: 1, [column]: value }], upsert),
                new RegExp(`row 1, column "${column}": .* has more digits than a floating point number of`),
              );
            }
          }
          assert.equal(Number(await one(section, "SELECT count(*) FROM wholes")), 0);
          const fine = [
            { id: 1, f: 16777216n, d: 9007199254740992n },
            { id: 2, f: 16777218, d: "9007199254740994" },
            { id: 3, f: 1.1e30, d: 1.7976931348623157e308 },
            { id: 4, f: 0.1, d: "0.1" },
            { id: 5, f: "1.5", d: 12345678901234567000 },
          ];
          await insertMany(section, "wholes", fine);
          const stored = await query(section, "SELECT f, d FROM wholes ORDER BY id");
          assert.deepEqual(stored, fine.map(({ f, d }) => ({ f: Number(f), d: Number(d) })));
        },
      );
    }

    await step("pg: a nought below nought stays one", async () => {
      await execute("pg", "CREATE TABLE noughts (id int, v float8)");
      await execute("pg", "INSERT INTO noughts VALUES (1, '-0'), (2, :v)", { v: -0 });
      await insertMany("pg", "noughts", [{ id: 3, v: -0 }]);
      const source = { database: "pg", sql: "SELECT id + 10 AS id, v FROM noughts WHERE id = 1" };
      await copyRows(source, { database: "pg", table: "noughts" });
      assert.equal(await one("pg", "SELECT string_agg(v::text, ',') FROM noughts"), "-0,-0,-0,-0");
      // A whole number it is where one is wanted.
      await execute("pg", "INSERT INTO noughts (id) VALUES (:id)", { id: -0 });
      assert.equal(await one("pg", "SELECT id FROM noughts WHERE id = 0 LIMIT 1"), 0);
    });

    await step("my: a comment before a statement, and RETURNING, change no digit", async () => {
      await execute("my", "CREATE TABLE pi (id int PRIMARY KEY, f FLOAT)");
      const f = 3.1415927;
      assert.deepEqual(
        await query("my", "/* why */ -- this\n# and that\nINSERT INTO pi VALUES (1, 3.1415927) RETURNING f"),
        [{ f }],
      );
      assert.deepEqual(await query("my", "-- so\nSELECT f FROM pi"), [{ f }]);
      assert.deepEqual(await query("my", "/* so */ (SELECT f FROM pi)"), [{ f }]);
      assert.deepEqual(await query("my", "DELETE FROM pi WHERE id = 1 RETURNING f"), [{ f }]);
      await assert.rejects(query("my", "/* two */ SELECT 1; SELECT 2"), /one statement at a time/);
    });

    await step("lite: a comment before a question, and a word in a text, change no count", async () => {
      await execute("lite", "CREATE TABLE counted (id int)");
      await execute("lite", "INSERT INTO counted VALUES (1), (2), (3)");
      assert.equal(await execute("lite", "-- how many\nSELECT 1"), 1);
      assert.equal(await execute("lite", "SELECT 'update' AS x"), 1);
      assert.equal(await execute("lite", "/* all */ UPDATE counted SET id = 0 RETURNING id"), 3);
    });

    await step("my: types of MariaDB's own arrive as the texts that its client prints", async () => {
      await execute(
        "my",
        "CREATE TABLE own_types (id int PRIMARY KEY, u UUID, i INET6, j INET4, y YEAR, s SET('a','b'), t TIME(3))",
      );
      await execute(
        "pg",
        "CREATE TABLE own_types (id int, u uuid, i inet, j inet, y int, s text, t interval)",
      );
      const values = {
        id: 1,
        u: "123e4567-e89b-12d3-a456-426655440000",
        i: "2001:db8::ff00:42:8329",
        j: "10.0.0.1",
        y: 2026,
        s: "a,b",
        t: "-838:59:59.123",
      };
      await execute("my", "INSERT INTO own_types VALUES (:id, :u, :i, :j, :y, :s, :t)", values);
      assert.deepEqual(await query("my", "SELECT * FROM own_types"), [values]);
      for (const sql of ["SELECT * FROM own_types", "SELECT * FROM own_types WHERE id = 1"]) {
        await copyRows({ database: "my", sql }, { database: "pg", table: "own_types" });
      }
      const printed = await query(
        "pg",
        "SELECT u::text, host(i) AS i, host(j) AS j, y, s, t::text FROM own_types",
      );
      assert.deepEqual(
        printed,
        [0, 1].map(() => ({ u: values.u, i: values.i, j: values.j, y: 2026, s: "a,b", t: "-838:59:59.123" })),
      );
      await execute("my", "CREATE TABLE shapes (id int, g GEOMETRY)");
      await execute("my", "INSERT INTO shapes VALUES (1, ST_GeomFromText('POINT(1 2)'))");
      await assert.rejects(
        copyRows({ database: "my", sql: "SELECT * FROM shapes" }, { database: "my", table: "shapes" }),
        /column "g": shapes are not copied as such; ask for their text \(ST_AsText\) or bytes \(ST_AsWKB\)/,
      );
      const bytes = { database: "my", sql: "SELECT 2 AS id, ST_AsWKB(g) AS g FROM shapes" };
      await execute("my", "CREATE TABLE shapes_bytes (id int, g BLOB)");
      await copyRows(bytes, { database: "my", table: "shapes_bytes" });
      assert.equal(await one("my", "SELECT ST_AsText(ST_GeomFromWKB(g)) FROM shapes_bytes"), "POINT(1 2)");
    });

    await step(
      "pg: a list with a cast to JSON goes as one, and lists of every type come back as lists",
      async () => {
        await execute("pg", "CREATE TABLE one_list (j jsonb)");
        for (const j of [[], [1], [{ a: 1 }, 2]]) {
          await execute("pg", "INSERT INTO one_list VALUES (:j::jsonb)", { j });
          await execute("pg", "INSERT INTO one_list VALUES (CAST(:j AS jsonb))", { j });
          assert.deepEqual(await query("pg", "DELETE FROM one_list RETURNING j"), [{ j }, { j }]);
        }
        const row = (await query(
          "pg",
          "SELECT '{10.0.0.1/32}'::inet[] AS i, '{1 day}'::interval[] AS d, '{a}'::name[] AS n, '{01:02:03}'::time[] AS t, " +
            "'{5}'::oid[] AS o, '{\"(1,2)\"}'::point[] AS p, '{101}'::bit(3)[] AS b, '{$1.50}'::money[] AS m",
        ))[0];
        assert.deepEqual(row, {
          i: ["10.0.0.1"],
          d: ["1 day"],
          n: ["a"],
          t: ["01:02:03"],
          o: [5],
          p: ["(1,2)"],
          b: ["101"],
          m: ["$1.50"],
        });
      },
    );

    await step(
      "my: an hour that comes twice is refused, also from and to a section of the same zone",
      async () => {
        await loadZones();
        await configure({ my: "timezone = Europe/Berlin\n", pg: "timezone = Europe/Berlin\n" });
        await execute("my", "CREATE TABLE twice_an_hour (id int, at TIMESTAMP NULL)");
        await execute("pg", "CREATE TABLE twice_an_hour (id int, at timestamptz)");
        // 00:30 and 01:30 of UTC are both 02:30 there.
        await execute(
          "my",
          "SET STATEMENT time_zone = '+00:00' FOR INSERT INTO twice_an_hour VALUES (1, '2026-10-25 00:30:00'), (2, '2026-10-25 01:30:00'), (3, '2026-10-25 02:30:00')",
        );
        const kept =
          (await query("my", "SELECT UNIX_TIMESTAMP(at) AS at FROM twice_an_hour WHERE id = 3"))[0];
        assert.equal(Number(kept?.at), Date.parse("2026-10-25T02:30:00Z") / 1_000);
        for (const to of ["pg", "my", "lite"]) {
          if (to === "lite") await execute("lite", "CREATE TABLE twice_an_hour (id int, at TEXT)");
          await assert.rejects(
            copyRows({ database: "my", sql: "SELECT id, at FROM twice_an_hour WHERE id < 3" }, {
              database: to,
              table: "twice_an_hour",
            }),
            /2026-10-25 02:30:00 is in the hour that comes twice or not at all in Europe\/Berlin/,
            to,
          );
          await copyRows(
            { database: "my", sql: "SELECT id + 10 AS id, at FROM twice_an_hour WHERE id = 3" },
            { database: to, table: "twice_an_hour" },
          );
        }
        assert.equal(
          String(await one("pg", "SELECT at FROM twice_an_hour WHERE id = 13")),
          "2026-10-25T02:30:00Z",
        );
        assert.equal(
          String(await one("lite", "SELECT at FROM twice_an_hour WHERE id = 13")),
          "2026-10-25T02:30:00Z",
        );
        await configure();
      },
    );

    /** The zone that the step needs, as `mysql_tzinfo_to_sql` makes it, which knows all of them. */
    async function loadZones(): Promise<void> {
      const { stdout } = await new Deno.Command("mariadb-tzinfo-to-sql", {
        args: ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
      }).output();
      const sql = new TextDecoder().decode(stdout);
      const child = new Deno.Command("mariadb", {
        args: ["--no-defaults", `--socket=${databases.my.socket}`, "--user=root", "mysql"],
        stdin: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(sql));
      await writer.close();
      const { code, stderr } = await child.output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
  },
});

/** A server of MySQL that warns of each change. */
function warningConnection(code: number): MysqlConnection {
  const client = {
    on: () => {},
    execute: (_options: unknown, _values: unknown, done: (error: null, result: unknown) => void) =>
      done(null, { affectedRows: 1, warningStatus: 1 }),
    query: (_options: unknown, done: (error: null, result: unknown) => void) =>
      done(null, [["Warning", code, "told"]]),
  };
  const place = { label: "MySQL my", address: "x" };
  const unused = () => Promise.resolve();
  return new MysqlConnection(client as never, { on: () => {} } as never, place, "UTC", false, unused, unused);
}

Deno.test("mysql: a warning of a value refuses the rows, one of the statement's words does not", async () => {
  const statement = { text: "INSERT INTO t VALUES (?)", values: [1] };
  // What newer servers of MySQL say of `VALUES()` behind `ON DUPLICATE KEY UPDATE`.
  for (const code of [1287, 1681]) await warningConnection(code).change(statement, {});
  await assert.rejects(warningConnection(1265).change(statement, {}), (error) => {
    assert.ok(error instanceof SqlError, String(error));
    assert.match(error.message, /^MySQL my: the server would have changed a value: told \(1265\)$/);
    return true;
  });
});
