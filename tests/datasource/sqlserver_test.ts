/** What goes over the wire to SQL Server, and what is told of one that does not let anybody in. */
import assert from "node:assert/strict";
import {
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
    assert.deepEqual(said.filter((each) => !/insert bulk|SELECT 1;/.test(each)), [
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
