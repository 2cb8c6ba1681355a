/** What goes over the wire to SQL Server, and what is told of one that does not let anybody in. */
import assert from "node:assert/strict";
import {
  askDatabase,
  closeDatabases,
  execute,
  insertMany,
  query,
  setDatabaseFile,
  stream,
  transaction,
} from "../../datasource/datasource.ts";
import { CannotConnectError, SqlError, WrongLoginError } from "../../datasource/errors.ts";
import { makeFolder } from "../support/folder.ts";
import { sectionFor } from "../support/servers.ts";
import { staged } from "../../datasource/drivers/sqlserver/values.ts";
import { startTdsServer } from "../support/tds_server.ts";

Deno.test("sqlserver: batches, parameters, transactions and bulk loads go as what they are", async () => {
  await using server = await startTdsServer();
  await using folder = makeFolder();
  setDatabaseFile(folder.write("database.ini", sectionFor("db", server)));
  try {
    await execute("db", "CREATE TABLE t (id INT PRIMARY KEY, name NVARCHAR(100))");
    await query("db", "SELECT id FROM t WHERE id = :id AND name = :name", { id: 1, name: "x" });
    await transaction("db", (tx) => tx.execute("DELETE FROM t"));
    await insertMany("db", "t", [{ id: 1, name: "a" }, { id: 2, name: null }]);
    const said = server.requests.filter((each) => !/^batch: set /.test(each));
    const stage = said.find((each) => each.includes("CREATE TABLE [#"))?.match(/\[(#\w+)\]/)?.[1] ?? "";
    assert.match(stage, /^#carillon_[0-9a-f]{32}$/);
    assert.deepEqual(said.filter((each) => !/insert bulk|sys\.columns/.test(each)), [
      "batch: CREATE TABLE t (id INT PRIMARY KEY, name NVARCHAR(100))",
      "sp_executesql: SELECT id FROM t WHERE id = @p1 AND name = @p2",
      "begin",
      "batch: DELETE FROM t",
      "commit",
      "begin",
      `batch: CREATE TABLE [${stage}] ([id] nvarchar(max) COLLATE DATABASE_DEFAULT NULL, [name] nvarchar(max) COLLATE DATABASE_DEFAULT NULL)`,
      "bulk load: 2 rows",
      `batch: INSERT INTO [t] ([id], [name]) SELECT [id], [name] FROM [${stage}] AS s`,
      `batch: DROP TABLE [${stage}]`,
      "commit",
    ]);
    assert.deepEqual(await query("db", "SELECT * FROM t ORDER BY id"), [
      { id: 1, name: "a" },
      { id: 2, name: null },
    ]);
  } finally {
    await closeDatabases();
  }
});

Deno.test("sqlserver: a reader that stops early sends an attention, and the connection goes on", async () => {
  await using server = await startTdsServer();
  await using folder = makeFolder();
  setDatabaseFile(folder.write("database.ini", sectionFor("db", server)));
  try {
    const many = "WITH n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 50000) SELECT v FROM n";
    for await (const rows of stream("db", many, {}, { batch: 100 })) {
      assert.equal(rows.length, 100);
      break;
    }
    assert.ok(server.requests.includes("attention"));
    assert.deepEqual(await query("db", "SELECT 1 AS one"), [{ one: 1 }]);
  } finally {
    await closeDatabases();
  }
});

Deno.test("sqlserver: a database that is not there, and an error in a transaction, are told of", async () => {
  await using server = await startTdsServer();
  await using folder = makeFolder();
  const sections = sectionFor("db", server) + sectionFor("other", { ...server, database: "elsewhere" });
  setDatabaseFile(folder.write("database.ini", sections));
  try {
    await assert.rejects(query("other", "SELECT 1"), (error) => {
      assert.ok(error instanceof WrongLoginError, String(error));
      assert.match(error.message, /^SQL Server other: Cannot open database "elsewhere"/);
      return true;
    });
    await assert.rejects(transaction("db", (tx) => tx.query("SELECT * FROM missing")), SqlError);
    assert.equal(server.requests.at(-1), "rollback");
  } finally {
    await closeDatabases();
  }
});

Deno.test("sqlserver: a server that accepts and says nothing is given up in time", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  await using folder = makeFolder();
  setDatabaseFile(
    folder.write(
      "database.ini",
      `[db]\nport = ${listener.addr.port}\ntype = sqlserver\nhost = 127.0.0.1\ndatabase = d\nuser = u\nconnect_timeout = 1\n`,
    ),
  );
  try {
    await assert.rejects(query("db", "SELECT 1"), (error) => {
      assert.ok(error instanceof CannotConnectError, String(error));
      assert.match(
        error.message,
        /^SQL Server db: cannot connect to 127\.0\.0\.1:\d+ \(no answer within 1 s\)$/,
      );
      return true;
    });
  } finally {
    await closeDatabases();
    (await accepted).close();
    listener.close();
  }
});

Deno.test("sqlserver: what has a type of its own goes as that, and nothing goes into every column", async () => {
  await using server = await startTdsServer();
  await using folder = makeFolder();
  setDatabaseFile(folder.write("database.ini", `${sectionFor("db", server)}timezone = Asia/Shanghai\n`));
  try {
    await execute(
      "db",
      "CREATE TABLE b (id INT IDENTITY PRIMARY KEY, v VARBINARY(10), t DATETIME, d NVARCHAR(60))",
    );
    await execute("db", "INSERT INTO b (id, v, d) VALUES (:id, :v, :d)", {
      id: 1,
      v: null,
      d: Temporal.PlainDateTime.from("2026-03-10T10:00:00.1234567"),
    });
    await execute("db", "INSERT INTO b (id, d) VALUES (:id, :d)", {
      id: 2,
      d: Temporal.Instant.from("2026-03-10T08:00:00.5Z"),
    });
    const asked = server.requests.filter((each) => each.startsWith("sp_executesql: INSERT"));
    assert.equal(asked[0], "sp_executesql: INSERT INTO b (id, v, d) VALUES (@p1, NULL, @p2)");
    assert.deepEqual(await query("db", "SELECT d FROM b ORDER BY id"), [
      { d: "2026-03-10T10:00:00.1234567" },
      { d: "2026-03-10T16:00:00.5+08:00" },
    ]);
    const rows = [{ ID: 7, V: null, T: Temporal.PlainDateTime.from("2026-03-10T10:00:00.123456"), D: 1e-7 }];
    await insertMany("db", "b", rows);
    await insertMany("db", "b", [{ ...rows[0], D: 1.5e21 }, { ...rows[0], D: "last" }], { upsert: "id" });
    const sent = server.requests.map((each) => each.replace(/#carillon_\w+/, "#stage"));
    assert.ok(
      sent.some((each) => each.includes("[v] varbinary(max) NULL, [t] nvarchar(max)")),
      sent.join("\n"),
    );
    assert.ok(
      sent.includes(
        "batch: SET IDENTITY_INSERT [b] ON; INSERT INTO [b] ([id], [v], [t], [d]) SELECT s.[id], s.[v], " +
          "CONVERT(datetime, CONVERT(datetime2(7), s.[t])), s.[d] FROM [#stage] AS s; SET IDENTITY_INSERT [b] OFF",
      ),
      sent.join("\n"),
    );
    assert.ok(sent.some((each) => each.startsWith("batch: UPDATE [b] WITH") && !each.includes("SET [id]")));
    assert.deepEqual(await query("db", "SELECT d FROM b WHERE id = 7"), [{ d: "last" }]);
    await assert.rejects(
      query("db", "SELECT 1 WHERE 1 IN (:many)", { many: Array.from({ length: 2_100 }, (_, i) => i) }),
      /the statement has 2100 values, and 2098 are possible/,
    );
  } finally {
    await closeDatabases();
  }
});

Deno.test("sqlserver: transactions nest by savepoints, and a stream within one keeps the connection to itself", async () => {
  await using server = await startTdsServer();
  await using folder = makeFolder();
  setDatabaseFile(folder.write("database.ini", sectionFor("db", server)));
  try {
    await execute("db", "CREATE TABLE n (id INT PRIMARY KEY)");
    await transaction("db", async (tx) => {
      await tx.execute("INSERT INTO n VALUES (1)");
      await assert.rejects(
        tx.transaction(async (inner) => {
          await inner.execute("INSERT INTO n VALUES (2)");
          throw new Error("no");
        }),
        /no/,
      );
      for await (const _ of tx.stream("SELECT id FROM n")) {
        await assert.rejects(
          tx.query("SELECT 1"),
          /the rows of "SELECT id FROM n" are still being read on this connection/,
        );
      }
      await tx.execute("INSERT INTO n VALUES (3)");
    });
    assert.deepEqual(await query("db", "SELECT id FROM n ORDER BY id"), [{ id: 1 }, { id: 3 }]);
    assert.deepEqual(server.requests.filter((each) => /^(?:begin|save|rollback|commit)/.test(each)), [
      "begin",
      "save",
      "rollback to",
      "commit",
    ]);
    // There are no read-only transactions: whatever was done is undone.
    const { undone } = await askDatabase("db", "DELETE FROM n");
    assert.equal(undone, true);
    assert.equal((await query("db", "SELECT id FROM n")).length, 2);
  } finally {
    await closeDatabases();
  }
});

Deno.test("sqlserver: numbers go through a table of texts without an exponent", () => {
  const cases: readonly (readonly [number, string])[] = [
    [1e-7, "0.0000001"],
    [-1.25e-9, "-0.00000000125"],
    [1.5e21, "1500000000000000000000"],
    [1.2345678901234568e22, "12345678901234568000000"],
    [0.1, "0.1"],
    [-7, "-7"],
  ];
  for (const [value, text] of cases) {
    assert.equal(staged(value, "decimal", "UTC"), text);
    assert.equal(staged(value, "float", "UTC"), text);
    assert.equal(Number(text), value);
  }
});

Deno.test("sqlserver: a whole number that a floating point column would change is refused", () => {
  for (
    const [value, type] of [[9007199254740993n, "float"], ["9007199254740993", "float"], [16777217, "real"]]
  ) {
    assert.throws(
      () => staged(value, String(type), "UTC"),
      /has more digits than a floating point number of/,
    );
  }
  assert.equal(staged(9007199254740994n, "float", "UTC"), "9007199254740994");
  assert.equal(staged(9007199254740993n, "decimal", "UTC"), "9007199254740993");
});
