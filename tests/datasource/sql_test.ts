import assert from "node:assert/strict";
import { parameterNames, valuesFor } from "../../datasource/sql.ts";

Deno.test("names are found outside of strings, quoted names, comments and casts", () => {
  const sql = `SELECT ':no', ":no", [a:no], x::text, :yes -- :no
    /* :no */ FROM t WHERE a = :yes AND b = :also AND c = 'it''s :no'`;
  assert.deepEqual(parameterNames(sql), ["yes", "also"]);
});

Deno.test("a missing value is an error, a surplus one is passed over", () => {
  assert.deepEqual(valuesFor("SELECT :a", { a: 1, b: 2 }), { a: 1 });
  assert.throws(
    () => valuesFor("SELECT :a, :c", { a: 1 }),
    /the statement needs :c, which is not among its parameters \(given: a\)/,
  );
});
