import assert from "node:assert/strict";
import { join } from "node:path";
import {
  closeDatabases,
  createEmbeddedDatabases,
  execute,
  insertMany,
  query,
  setDatabaseFile,
} from "../../datasource/datasource.ts";
import { settingsWarnings } from "../../datasource/settings.ts";
import { NotConfiguredError } from "../../datasource/errors.ts";
import { makeFolder } from "../support/folder.ts";

Deno.test("the embedded database is created with its schema, once, and answers", async () => {
  await using folder = makeFolder({
    "database.ini": "[embedded_once]\ntype = sqlite\ndatabase = data/x.db\nschema = x.sql\n",
    "x.sql": "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'one');",
  });
  const file = join(folder.path, "database.ini");
  assert.deepEqual(createEmbeddedDatabases(file), [join(folder.path, "data/x.db")]);
  setDatabaseFile(file);
  assert.equal(
    await execute("embedded_once", "INSERT INTO t (name) VALUES (:name)", {
      name: "Robert'); DROP TABLE t;--",
    }),
    1,
  );
  createEmbeddedDatabases(file);
  const rows = await query("embedded_once", "SELECT * FROM t WHERE id > ? ORDER BY id", [0]);
  assert.deepEqual(rows, [{ id: 1, name: "one" }, { id: 2, name: "Robert'); DROP TABLE t;--" }]);
  const [big] = await query("embedded_once", "SELECT 9007199254740993 AS n");
  assert.equal(big?.n, 9007199254740993n);
  await assert.rejects(
    query("embedded_once", "SELECT * FROM nowhere"),
    /SQLite embedded_once: no such table: nowhere/,
  );
});

/** What columns make of values: undefined where it is refused, in columns of whole numbers and of floating point ones. */
const DIGITS: readonly (readonly [unknown, unknown, unknown])[] = [
  [9007199254740993n, 9007199254740993n, undefined],
  ["9007199254740993", 9007199254740993n, undefined],
  ["90071992547409931", 90071992547409931n, undefined],
  [9007199254740994n, 9007199254740994n, 9007199254740994],
  [2n ** 62n, 2n ** 62n, 2 ** 62],
  ["123456789012345000", 123456789012345000n, 123456789012345000],
  ["12345678901234567890", undefined, undefined],
  ["90071992547409931.0", undefined, undefined],
  ["9007199254740993e0", undefined, undefined],
  ["0.1234567890123456", undefined, undefined],
  ["1e400", undefined, undefined],
  ["1".padEnd(400, "0"), undefined, undefined],
  ["1e-400", undefined, undefined],
  ["1.5e-310", 1.5e-310, 1.5e-310],
  [" +0012.50 ", 12.5, 12.5],
  ["0.0", 0, 0],
  ["a5", "a5", "a5"],
];

Deno.test("a number arrives in a column of numbers with all its digits, or is refused with its place", async () => {
  await using folder = makeFolder({ "database.ini": "[digits]\ntype = sqlite\ndatabase = x.db\n" });
  setDatabaseFile(join(folder.path, "database.ini"));
  await execute("digits", "CREATE TABLE t (n NUMERIC, i BIGINT, r REAL, d DOUBLE PRECISION, f FLOAT)");
  for (const [value, whole, float] of DIGITS) {
    for (const column of ["n", "i", "r", "d", "f"]) {
      const expected = column === "n" || column === "i" ? whole : float;
      await execute("digits", "DELETE FROM t");
      const inserted = insertMany("digits", "t", [{ [column]: value }]);
      if (expected === undefined) {
        await assert.rejects(
          inserted,
          new RegExp(`row 1, column "${column}": ".*" has more digits than SQLite keeps in a column of `),
        );
      } else {
        await inserted;
        assert.deepEqual(await query("digits", `SELECT ${column} AS v FROM t`), [{ v: expected }]);
      }
    }
  }
  await closeDatabases();
});

const WRONG: [string, RegExp][] = [
  ["", /has no section \[db\]; it has none/],
  ["[other]\ntype = sqlite\ndatabase = x\n", /has no section \[db\]; it has \[other\]/],
  ["[db]\ntype = sqlite\n", /line 1, section \[db\]: key "database" is missing/],
];

for (const [text, expected] of WRONG) {
  Deno.test(`a database that is not set up is told with its place: ${expected.source}`, async () => {
    await using folder = makeFolder({ "database.ini": text });
    setDatabaseFile(join(folder.path, "database.ini"));
    await assert.rejects(query("db", "SELECT 1"), (error) => {
      assert.ok(error instanceof NotConfiguredError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("keys that mean nothing here, and a lone percent sign, are warnings: the section works", async () => {
  await using folder = makeFolder({
    "database.ini":
      "[db]\ntype = sqlite\ndatabase = 50%off%%.db\nschme = y\ndriver = ODBC Driver 17\ncharset = utf8\n",
  });
  const file = join(folder.path, "database.ini");
  setDatabaseFile(file);
  try {
    assert.deepEqual(await query("db", "SELECT 1 AS one"), [{ one: 1 }]);
    assert.ok(Deno.statSync(join(folder.path, "50%off%.db")).isFile);
  } finally {
    await closeDatabases();
  }
  const warnings = settingsWarnings(file);
  assert.match(
    warnings.join("\n"),
    /line 4, section \[db\], key "schme": unknown key, which is left out; did you mean "schema"\?/,
  );
  assert.match(warnings.join("\n"), /key "driver": unknown key/);
  assert.match(warnings.join("\n"), /key "charset": unknown key/);
  assert.match(warnings.join("\n"), /line 3: section \[db\], key "database": a lone "%"/);
  assert.equal(warnings.length, 4);
});
