/** Files of SQL as tasks, on an embedded database and on real servers: rows, result, parameters, and where they fail. */
import assert from "node:assert/strict";
import { logged, startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { hasServers } from "../support/databases.ts";
import { sectionFor, startMariadb, startPostgres } from "../support/servers.ts";

const LITE = "[lite]\ntype = sqlite\ndatabase = lite.db\n";

async function outcome(test: TestCarillon, id: string, params: Readonly<Record<string, string>> = {}) {
  const run = await test.ended((await startRun(test, id, params)).id);
  const lines = await test.carillon.queries.runs.lines(run.id);
  return {
    run,
    result: JSON.stringify(run.result),
    lines: lines.map(({ level, text }) => `${level} ${text}`),
  };
}

function sqlTask(sql: string, keys = ""): string {
  return `-- carillon: database=lite ${keys}\n${sql}`;
}

Deno.test("a file of SQL is a task: its statements in order, their rows, the last rows as result", async () => {
  await using test = await startCarillon({
    "database.ini": LITE,
    "tasks/load.sql": `-- What it is.
-- carillon: cron="0 2 * * *" database=lite timeout=10m tags=dwh
-- carillon: params=region param.day=2026-03-01
CREATE TABLE IF NOT EXISTS visits (day TEXT, region TEXT, n INTEGER);
CREATE TEMP TABLE part AS SELECT :day AS day;
INSERT INTO visits SELECT day, :region, 5 FROM part; -- one
UPDATE visits SET n = n + 1 WHERE region = 'nobody';
SELECT 'not the last; ' AS x;
SELECT day, region, n FROM visits ORDER BY day;
`,
    "tasks/plain.sql": "SELECT 1;",
  });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["load"]);
  const { run, result, lines } = await outcome(test, "load", { region: "north'; --" });
  assert.equal(run.error, undefined);
  assert.deepEqual(lines, [
    "info line 4: CREATE TABLE IF NOT EXISTS visits (day TEXT, region TEXT, n INTEGER): done",
    "info line 5: CREATE TEMP TABLE part AS SELECT :day AS day: done",
    "info line 6: INSERT INTO visits SELECT day, :region, 5 FROM part: 1 row",
    "info line 7: UPDATE visits SET n = n + 1 WHERE region = 'nobody': 0 rows",
    "info line 8: SELECT 'not the last; ' AS x: 1 row",
    "info line 9: SELECT day, region, n FROM visits ORDER BY day: 1 row",
  ]);
  assert.equal(result, `[{"day":"2026-03-01","region":"north'; --","n":5}]`);
  assert.equal(run.message, "6 statements, 1 row changed, 1 row read");
});

Deno.test("a result has as many rows as it takes, and the log says how many there are", async () => {
  await using test = await startCarillon({
    "database.ini": LITE,
    "tasks/many.sql": sqlTask(
      "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 30000) SELECT n, 'ä' || n AS x FROM t",
    ),
  });
  const { run, result, lines } = await outcome(test, "many");
  const rows = JSON.parse(result ?? "[]") as unknown[];
  assert.ok(rows.length > 2_000 && rows.length < 5_000, String(rows.length));
  assert.deepEqual(lines.slice(-1), [
    `warn the result has the first ${rows.length} of 30000 rows; a result has 64 KB at the most`,
  ]);
  assert.match(run.message ?? "", /30000 rows read$/);
});

const FAILS: [what: string, sql: string, keys: string, error: RegExp][] = [
  ["the line of the statement that fails", "SELECT 1;\n\nSELECT *\nFROM nowhere;", "", /^line 4: .*nowhere/],
  [
    "a value that nobody gives, before anything is sent",
    "CREATE TABLE never (a);\nDELETE FROM never WHERE a = :a",
    "params=a",
    /^line 3: the statement needs :a/,
  ],
  ["a text with comments only", "-- nothing", "", /holds no statement/],
];

for (const [what, sql, keys, error] of FAILS) {
  Deno.test(`a file of SQL says ${what}`, async () => {
    await using test = await startCarillon({ "database.ini": LITE, "tasks/t.sql": sqlTask(sql, keys) });
    const { run } = await outcome(test, "t");
    assert.equal(run.status, "failed");
    assert.match(run.error?.message ?? "", error);
  });
}

Deno.test("without a transaction what was done before a failure stays, with one nothing does", async () => {
  const sql = "CREATE TABLE IF NOT EXISTS t (a);\nINSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);";
  await using test = await startCarillon({
    "database.ini": LITE,
    "tasks/each.sql": sqlTask(sql),
    "tasks/all.sql": sqlTask(sql, "transaction=yes"),
    "tasks/count.sql": sqlTask("SELECT count(*) AS n FROM t"),
    "tasks/own.sql": sqlTask("BEGIN;\nINSERT INTO t VALUES (1);\nROLLBACK;"),
    "tasks/open.sql": sqlTask("BEGIN;\nINSERT INTO t VALUES (1);"),
  });
  assert.match((await outcome(test, "all")).run.error?.message ?? "", /^line 4: /);
  assert.match((await outcome(test, "count")).run.error?.message ?? "", /no such table/);
  assert.match((await outcome(test, "each")).run.error?.message ?? "", /^line 4: /);
  assert.equal((await outcome(test, "count")).result, `[{"n":1}]`);
  assert.equal((await outcome(test, "own")).run.status, "succeeded");
  // One that is left open is undone with its connection.
  assert.equal((await outcome(test, "open")).run.status, "succeeded");
  assert.equal((await outcome(test, "count")).result, `[{"n":1}]`);
});

Deno.test("a comment without a database, with a key of programs or a wrong word is a broken file with its line", async () => {
  await using test = await startCarillon({
    "database.ini": LITE,
    "tasks/a.sql": "-- a\n-- carillon: every=5m\nSELECT 1",
    "tasks/b.sql": "-- carillon: database=lite success=1\nSELECT 1",
    "tasks/c.sql": "-- carillon: database=lite transaction=maybe\nSELECT 1",
    "tasks/d.sh": "# carillon: database=lite\n",
  });
  const broken = test.carillon.queries.tasks.broken();
  assert.deepEqual(broken.map(({ path, place }) => `${path}:${place?.line}`), [
    "a.sql:2",
    "b.sql:1",
    "c.sql:1",
    "d.sh:1",
  ]);
  assert.match(broken[0]?.message ?? "", /^-- carillon: database is missing; write database=name/);
  assert.match(broken[1]?.message ?? "", /^-- carillon: unknown key "success"/);
  assert.match(broken[2]?.message ?? "", /"maybe" is neither yes nor no/);
  assert.match(broken[3]?.message ?? "", /^# carillon: unknown key "database"/);
});

Deno.test(
  "on PostgreSQL and MariaDB: one session, functions with bodies, and a statement that is cancelled",
  { ignore: !hasServers },
  async () => {
    const [pg, my] = await Promise.all([startPostgres(), startMariadb()]);
    await using _pg = pg;
    await using _my = my;
    await using test = await startCarillon({
      "database.ini": sectionFor("pg", pg) + sectionFor("my", my),
      "tasks/pg.sql": `-- carillon: database=pg param.n=3
CREATE TEMP TABLE part (n int);
INSERT INTO part SELECT generate_series(1, :n::int);
CREATE FUNCTION twice(x int) RETURNS int AS $$ BEGIN RETURN 2 * x; END; $$ LANGUAGE plpgsql;
WITH gone AS (DELETE FROM part WHERE n = 1 RETURNING n) SELECT * FROM gone;
SELECT n, twice(n) AS double FROM part ORDER BY n;
`,
      "tasks/my.sql": `-- carillon: database=my
DELIMITER //
CREATE PROCEDURE fill()
BEGIN
  INSERT INTO part VALUES (1), (2);
  SELECT sum(n) AS s FROM part;
END//
DELIMITER ;
CREATE TEMPORARY TABLE part (n int);
CALL fill();
`,
      "tasks/long.sql": "-- carillon: database=pg\nSELECT 'x' AS begun;\nSELECT pg_sleep(600);",
    });
    const { run, result } = await outcome(test, "pg");
    assert.equal(run.error, undefined);
    assert.equal(result, `[{"n":2,"double":4},{"n":3,"double":6}]`);
    const other = await outcome(test, "my");
    assert.equal(other.run.error, undefined);
    assert.match(other.result ?? "", /^\[\{"s":"?3"?\}\]$/);
    const { id } = await startRun(test, "long");
    await logged(test, id, "line 2: SELECT 'x' AS begun: 1 row");
    await test.carillon.operations.cancel({ channel: "page" }, id);
    assert.equal((await test.ended(id)).status, "cancelled");
  },
);
