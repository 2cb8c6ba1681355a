/** Files of SQL, cut into their statements as each database's own command line does it. */
import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import type { Dialect } from "../../datasource/sql.ts";
import { statementsIn } from "../../datasource/statements.ts";

const ALL: readonly Dialect[] = ["postgresql", "mysql", "sqlite", "oracle", "sqlserver"];

const CUT: [what: string, dialects: readonly Dialect[], text: string, statements: string[]][] = [
  ["several, and the last without an end", ALL, "SELECT 1;\nselect 2 ; ;\n SELECT 3\n", [
    "SELECT 1",
    "select 2",
    "SELECT 3",
  ]],
  ["nothing but comments", ALL, "-- a; b\n/* c; d */ ;;\n", []],
  [
    "signs within texts, names and comments",
    ALL,
    `INSERT INTO "a;b" VALUES ('x;''y') -- z;\n/* ; */ ; SELECT 1`,
    [
      `INSERT INTO "a;b" VALUES ('x;''y')`,
      "SELECT 1",
    ],
  ],
  ["a comment in the middle stays", ALL, "SELECT /* ; */ 1 -- ;\n + 2;", ["SELECT /* ; */ 1 -- ;\n + 2"]],
  ["comments in comments", ["postgresql", "sqlserver"], "/* /* ; */ ; */ SELECT 1;", ["SELECT 1"]],
  ["line ends of Windows", ALL, "SELECT 1;\r\nSELECT 2;\r\n", ["SELECT 1", "SELECT 2"]],
  [
    "dollars",
    ["postgresql"],
    "DO $x$ BEGIN a; $$ b; $$ END $x$; CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql; SELECT 2",
    [
      "DO $x$ BEGIN a; $$ b; $$ END $x$",
      "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql",
      "SELECT 2",
    ],
  ],
  [
    "a body by the standard",
    ["postgresql"],
    "create or replace function f() returns int begin atomic select case when true then 1 end; end; BEGIN; COMMIT;",
    [
      "create or replace function f() returns int begin atomic select case when true then 1 end; end",
      "BEGIN",
      "COMMIT",
    ],
  ],
  [
    "a trigger",
    ["sqlite"],
    "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; SELECT 1;",
    [
      "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END",
      "SELECT 1",
    ],
  ],
  [
    "a procedure",
    ["mysql"],
    "CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; WHILE 0 DO SELECT 2; END WHILE; CASE 1 WHEN 1 THEN SELECT 3; END CASE; END; CALL p();",
    [
      "CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; WHILE 0 DO SELECT 2; END WHILE; CASE 1 WHEN 1 THEN SELECT 3; END CASE; END",
      "CALL p()",
    ],
  ],
  [
    "another delimiter",
    ["mysql"],
    "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n SELECT 1;\nEND//\ndelimiter ;\nCALL p();# x;\n/*!40101 SET a = 1; */;",
    ["CREATE PROCEDURE p()\nBEGIN\n SELECT 1;\nEND", "CALL p()", "/*!40101 SET a = 1; */"],
  ],
  ["a backslash in a text", ["mysql"], `SELECT 'a\\';b'; SELECT 2`, [`SELECT 'a\\';b'`, "SELECT 2"]],
  [
    "blocks of PL/SQL",
    ["oracle"],
    "BEGIN a; b; END;\n/\nSELECT 1 / 2\n/\nCREATE OR REPLACE PACKAGE p AS x NUMBER; END;\n  /\nSELECT q'[;']' FROM dual;\n/\n",
    [
      "BEGIN a; b; END;",
      "SELECT 1 / 2",
      "CREATE OR REPLACE PACKAGE p AS x NUMBER; END;",
      "SELECT q'[;']' FROM dual",
    ],
  ],
  [
    "batches",
    ["sqlserver"],
    "SELECT 1; SELECT [a;b]\nGO\nDECLARE @x int = 1; SELECT @x;\ngo ;\nCREATE OR ALTER VIEW v AS SELECT 1 AS [go]; \nGO\n",
    [
      "SELECT 1",
      "SELECT [a;b]",
      "DECLARE @x int = 1; SELECT @x;",
      "CREATE OR ALTER VIEW v AS SELECT 1 AS [go];",
    ],
  ],
];

for (const [what, dialects, text, statements] of CUT) {
  for (const dialect of dialects) {
    Deno.test(`statements of ${dialect}: ${what}`, () => {
      assert.deepEqual(statementsIn(text, dialect).map((each) => each.text), statements);
    });
  }
}

Deno.test("a statement has its line, its verb, and whether it only reads", () => {
  const text =
    "-- head\n\n/* a\n b */ select 1;\nWITH x AS (SELECT 1)\nINSERT INTO t SELECT 1;SELECT 'delete';\nSELECT 1 INTO t";
  const found = statementsIn(text, "postgresql");
  assert.deepEqual(found.map(({ line }) => line), [4, 5, 6, 7]);
  assert.deepEqual(found.map(({ verb }) => verb), ["SELECT", "WITH", "SELECT", "SELECT"]);
  assert.deepEqual(found.map(({ reads }) => reads), [true, false, true, false]);
  const batches = statementsIn("SELECT 1;\n\nGO\nSELECT 2;\nSELECT 3\nGO\n\nSELECT 4", "sqlserver");
  assert.deepEqual(batches.map(({ line }) => line), [1, 4, 5, 8]);
});

Deno.test("whatever the text, each statement is a part of it, in order, and its line is right", () => {
  const pieces = fc.constantFrom(
    ";",
    "\n",
    " ",
    "'",
    '"',
    "`",
    "--",
    "/*",
    "*/",
    "$$",
    "BEGIN",
    "END",
    "CASE",
    "CREATE TRIGGER",
    "GO",
    "/",
    "DELIMITER //",
    "a",
    "?",
    ":x",
    "[",
    "]",
    "q'[",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), fc.constantFrom(...ALL), (parts, dialect) => {
    const text = parts.join("");
    let from = 0;
    for (const each of statementsIn(text, dialect)) {
      const at = text.indexOf(each.text, from);
      assert.ok(at >= 0 && each.text !== "");
      from = at + each.text.length;
      const lines = text.split("\n");
      assert.ok(lines.slice(each.line - 1).join("\n").includes(each.text));
    }
  }));
});

Deno.test("a long text is cut in one pass", () => {
  const text = "INSERT INTO t VALUES (1, 'a;b'); -- c\n".repeat(20_000);
  for (const dialect of ALL) assert.equal(statementsIn(text, dialect).length, 20_000);
});
