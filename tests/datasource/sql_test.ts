import assert from "node:assert/strict";
import {
  type Dialect,
  parameterNames,
  placeholder,
  type SqlParams,
  statementFor,
} from "../../datasource/sql.ts";
import { fc } from "../support/fast_check.ts";

const CASES: [Dialect, string, SqlParams, string, unknown[]][] = [
  ["postgresql", "a = :a AND b = :b AND c = :a", { a: 1, b: 2 }, "a = $1 AND b = $2 AND c = $3", [1, 2, 1]],
  ["mysql", "a = :a AND b = :b", { a: 1, b: 2 }, "a = ? AND b = ?", [1, 2]],
  ["postgresql", "a IN (:ids) AND b = ?", { ids: [1, 2, 3] }, "a IN ($1, $2, $3) AND b = ?", [1, 2, 3]],
  ["sqlite", "a IN (?) AND b = ?", [[1, 2], 3], "a IN (?, ?) AND b = ?", [1, 2, 3]],
  ["postgresql", "x::text, ':no', \":no\", E'\\':no', $$:no$$, $q$:no$q$ -- :no", {}, "", []],
  ["postgresql", "/* :no /* :no */ :no */ :yes", { yes: 1 }, "/* :no /* :no */ :no */ $1", [1]],
  ["postgresql", "data ?? 'key' AND a = ?", [1], "data ? 'key' AND a = $1", [1]],
  ["postgresql", "a[1:2], b[:i]", { i: 1 }, "a[1:2], b[$1]", [1]],
  ["mysql", "'it\\'s :no', \":no\", `:no`, @a := :yes # :no\n-- :no\n/* :no */", { yes: 1 }, "", [1]],
  ["mysql", "5--:yes", { yes: 1 }, "5--?", [1]],
  ["sqlite", "[a:no], `:no`, ':no', \":no\" -- :no", {}, "", []],
  ["sqlite", "time '10:30:00', :a", { a: 1 }, "time '10:30:00', ?", [1]],
  ["oracle", "a = :a AND b IN (:b)", { a: 1, b: [2, 3] }, "a = :1 AND b IN (:2, :3)", [1, 2, 3]],
  ["oracle", "q'[it's :no]' || Q'{:no}' || nq'!a:no!' || ':no' || :yes", { yes: 1 }, "", [1]],
  ["oracle", "x := :yes -- :no\n/* :no /* :no */", { yes: 1 }, "", [1]],
  ["sqlserver", "a = ? AND b = ?", [1, 2], "a = @p1 AND b = @p2", [1, 2]],
  ["sqlserver", "[a]]:no], \":no\", N':no', t::no, @x = :yes /* /* :no */ :no */", { yes: 1 }, "", [1]],
];

for (const [dialect, sql, params, text, values] of CASES) {
  Deno.test(`${dialect}: ${JSON.stringify(sql)}`, () => {
    const expected = text || sql.replace(":yes", placeholder(dialect, 1));
    assert.deepEqual(statementFor(sql, params, dialect), { text: expected, values });
  });
}

Deno.test("values that are missing or not used are errors before anything is sent", () => {
  assert.throws(
    () => statementFor("SELECT :a, :c", { a: 1 }, "sqlite"),
    /the statement needs :c, which is not among its parameters \(given: a\)/,
  );
  assert.throws(
    () => statementFor("SELECT :a", { a: 1, b: 2 }, "mysql"),
    /the statement has no :b \(it has: :a\)/,
  );
  assert.throws(
    () => statementFor("SELECT ?, ?", [1], "postgresql"),
    /the statement has 2 question marks, and 1 values were given/,
  );
  assert.throws(
    () => statementFor("a IN (:ids)", { ids: [] }, "postgresql"),
    /:ids is an empty list; IN \(\)/,
  );
});

/** Texts that no parameter is in, by dialect. */
const LITERALS: Readonly<Record<Dialect, readonly ((inside: string) => string)[]>> = {
  postgresql: [
    (inside) => `'${inside.replaceAll("'", "''")}'`,
    (inside) => `"${inside.replaceAll('"', '""')}"`,
    (inside) => `E'${inside.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (inside) => `$tag$${inside.replaceAll("$", "")}$tag$`,
    (inside) => `-- ${inside.replaceAll("\n", " ")}\n`,
    (inside) => `/* ${inside.replaceAll("*", "").replaceAll("/", "")} /* :deep ? */ */`,
  ],
  mysql: [
    (inside) => `'${inside.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (inside) => `"${inside.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`,
    (inside) => `\`${inside.replaceAll("`", "``")}\``,
    (inside) => `# ${inside.replaceAll("\n", " ")}\n`,
    (inside) => `/* ${inside.replaceAll("*", "")} */`,
  ],
  sqlite: [
    (inside) => `'${inside.replaceAll("'", "''")}'`,
    (inside) => `[${inside.replaceAll("]", "")}]`,
    (inside) => `-- ${inside.replaceAll("\n", " ")}\n`,
    (inside) => `/* ${inside.replaceAll("*", "")} */`,
  ],
  oracle: [
    (inside) => `'${inside.replaceAll("'", "''")}'`,
    (inside) => `"${inside.replaceAll('"', "")}"`,
    (inside) => `q'[${inside.replaceAll("]", "")}]'`,
    (inside) => `nQ'!${inside}!'`,
    (inside) => `-- ${inside.replaceAll("\n", " ")}\n`,
    (inside) => `/* ${inside.replaceAll("*", "")} */`,
  ],
  sqlserver: [
    (inside) => `N'${inside.replaceAll("'", "''")}'`,
    (inside) => `"${inside.replaceAll('"', '""')}"`,
    (inside) => `[${inside.replaceAll("]", "]]")}]`,
    (inside) => `-- ${inside.replaceAll("\n", " ")}\n`,
    (inside) => `/* ${inside.replaceAll("*", "").replaceAll("/", "")} /* :deep ? */ */`,
  ],
};

for (const dialect of Object.keys(LITERALS) as Dialect[]) {
  Deno.test(`${dialect}: whatever is inside a literal or a comment, it is not changed`, () => {
    const literal = fc.tuple(
      fc.constantFrom(...LITERALS[dialect]),
      fc.string({
        unit: fc.constantFrom(":", "a", "?", "'", '"', "\\", "$", "`", "]", "-", "/", "*", " ", "\n"),
      }),
    ).map(([quote, inside]) => quote(inside));
    fc.assert(
      fc.property(fc.array(literal, { maxLength: 6 }), fc.boolean(), (literals, named) => {
        const mark = placeholder(dialect, 1);
        const sql = `SELECT ${literals.join(" , ")} , ${named ? ":value" : "?"} FROM t`;
        const { text, values } = statementFor(sql, named ? { value: 7 } : [7], dialect);
        assert.equal(text, `SELECT ${literals.join(" , ")} , ${mark} FROM t`);
        assert.deepEqual(values, [7]);
        if (named) assert.deepEqual(parameterNames(sql, dialect), ["value"]);
      }),
      { numRuns: 400 },
    );
  });
}
