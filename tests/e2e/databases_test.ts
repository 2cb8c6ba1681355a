/** The drivers that no native library comes with, in the executable. */
import assert from "node:assert/strict";
import { hasBinary, runBinary } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import {
  mariadbProgram,
  postgresProgram,
  sectionFor,
  startMariadb,
  startPostgres,
} from "../support/servers.ts";
import { startOracleServer } from "../support/oracle_server.ts";
import { startTdsServer } from "../support/tds_server.ts";
import { startTnsListener } from "../support/tns_listener.ts";

Deno.test({
  name: "the executable brings the drivers of SQL Server and Oracle",
  ignore: !hasBinary(),
  async fn() {
    await using server = await startTdsServer();
    await using listener = startTnsListener({ refuse: 12514 });
    const oracle = sectionFor("ora", {
      type: "oracle",
      port: listener.port,
      user: "u",
      password: "p",
      database: "x",
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    await using folder = makeFolder({ "database.ini": sectionFor("ms", server) + oracle });
    const tested = await runBinary(["db", "test"], folder.path);
    assert.match(tested.stdout, /^ms: SQL Server 16\.0\.4135\.4, answers in [\d.]+ ms$/m);
    assert.match(tested.stderr, /Oracle ora: 127\.0\.0\.1:\d+: the listener does not know this service/);
    assert.equal(tested.code, 1);
    const asked = await runBinary(
      ["db", "query", "ms", "SELECT CAST(1.5 AS decimal(30, 5)) AS v", "--json"],
      folder.path,
    );
    assert.deepEqual([asked.code, asked.stdout], [0, '{"v":"1.50000"}\n'], asked.stderr);
  },
});

for (const verifier of ["12c", "11g"] as const) {
  Deno.test({
    name:
      `the executable logs in to Oracle with a password of the ${verifier} kind, and reads to the last digit`,
    ignore: !hasBinary(),
    async fn() {
      await using server = startOracleServer({
        verifier,
        answer: ({ sql }) =>
          sql === "SELECT * FROM times"
            ? {
              columns: [{ name: "N", type: "number" }, { name: "AT", type: "timestamp" }],
              rows: [["12345678901234567890.12", "0050-03-29T02:30:00.123456789"]],
            }
            : undefined,
      });
      await using folder = makeFolder({ "database.ini": sectionFor("ora", server) });
      const tested = await runBinary(["db", "test"], folder.path);
      assert.match(tested.stdout, /^ora: Oracle 19\.3\.0\.0\.0, answers in [\d.]+ ms$/m, tested.stderr);
      const { code, stdout, stderr } = await runBinary(
        ["db", "query", "ora", "SELECT * FROM times", "--json"],
        folder.path,
      );
      const expected = '{"N":"12345678901234567890.12","AT":"0050-03-29 02:30:00.123456789"}\n';
      assert.deepEqual([code, stdout], [0, expected], stderr);
    },
  });
}

/** What hung, stalled or stored something else, in the executable's own runtime. */
const TASK =
  `import { copyRows, defineTask, execute, insertMany, query, stream, transaction } from "carillon";
export default defineTask({
  timeout: "5m",
  async run({ signal }) {
    const fail = (what: string) => { throw new Error(what); };
    // The first use of PostgreSQL is a copy into it, then a transaction with another one inside.
    await execute("my", "CREATE TABLE source (id INT PRIMARY KEY, v JSON)");
    await insertMany("my", "source", [{ id: 1, v: { a: 1.5 } }, { id: 2, v: null }]);
    await transaction("pg", (tx) => tx.execute("CREATE TABLE target (id int PRIMARY KEY, v jsonb)"));
    await copyRows({ database: "my", sql: "SELECT * FROM source" }, { database: "pg", table: "target" }, { signal });
    await execute("pg", "INSERT INTO target VALUES (3, :v)", { v: { big: 12345678901234567890n } });
    const types = await query("pg", "SELECT jsonb_typeof(v) AS t FROM target ORDER BY id");
    if (types.map(({ t }) => t).join() !== "object,,object") fail("json: " + JSON.stringify(types));
    const seen = await transaction("pg", async (tx) => {
      await tx.transaction((inner) => inner.execute("INSERT INTO target VALUES (1, NULL)")).catch(() => {});
      let rows = 0;
      for await (const some of tx.stream("SELECT id FROM target", {}, { batch: 1 })) rows += some.length;
      return rows;
    });
    if (seen !== 3) fail("nested: " + seen);
    // What goes on beside a nested transaction is not undone with it.
    for (const db of ["pg", "my", "lite"]) {
      await execute(db, "CREATE TABLE beside (id INT PRIMARY KEY)");
      await transaction(db, async (tx) => {
        const inside = Promise.withResolvers();
        const nested = tx.transaction(async (inner) => {
          await inner.execute("INSERT INTO beside VALUES (1)");
          inside.resolve(undefined);
          await inner.execute("INSERT INTO beside VALUES (1)");
        });
        await inside.promise;
        const beside = tx.execute("INSERT INTO beside VALUES (2)");
        await nested.catch(() => {});
        await beside;
      });
      const left = await query(db, "SELECT id FROM beside");
      if (left.map(({ id }) => id).join() !== "2") fail("beside: " + db + JSON.stringify(left));
      const refused = await copyRows({ database: db, sql: "SELECT 1 AS id, 2 AS id" }, { database: db, table: "beside" }).catch(String);
      if (!/two columns/.test(String(refused))) fail("two columns: " + refused);
    }
    for (let turn = 0; turn < 5; turn++) {
      let count = 0;
      let sum = 0;
      const rows = stream("my", "SELECT seq AS n, repeat(char(120), 100) AS x FROM seq_1_to_200000", {}, { batch: 1_000 + turn, signal });
      for await (const some of rows) {
        count += some.length;
        for (const row of some) sum += Number(row.n);
        if (turn % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (count !== 200_000 || sum !== 20_000_100_000) fail("stream: " + count + " rows, " + sum);
      for await (const _ of stream("my", "SELECT seq FROM seq_1_to_5000", {}, { batch: 10_000 })) break;
      for await (const _ of stream("my", "SELECT seq FROM seq_1_to_200000", {}, { batch: 10 })) break;
    }
    await transaction("lite", async (tx) => {
      await tx.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
      await transaction("lite", (inner) => inner.insertMany("t", [{ id: 1, v: 12345 }]));
      const [row] = await query("lite", "SELECT v, 7 / :two AS three FROM t", { two: 2 });
      if (row?.v !== "12345" || row?.three !== 3) fail("sqlite: " + JSON.stringify(row));
    });
    return "everything arrived";
  },
});
`;

for (const tls of [false, true]) {
  Deno.test({
    name: `the executable reads and writes PostgreSQL, MariaDB and SQLite${tls ? ", encrypted" : ""}`,
    ignore: !hasBinary() || postgresProgram() === undefined || mariadbProgram() === undefined,
    async fn() {
      await using pg = await startPostgres({ tls });
      await using my = await startMariadb({ tls });
      const more = tls ? "tls = require\n" : "";
      await using folder = makeFolder({
        "database.ini": `${sectionFor("pg", pg)}${more}\n${
          sectionFor("my", my)
        }${more}\n[lite]\ntype = sqlite\ndatabase = lite.db\n`,
        "tasks/all.ts": TASK,
      });
      const { code, stdout, stderr } = await runBinary(["run", "all"], folder.path);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout + stderr, /everything arrived/);
    },
  });
}
