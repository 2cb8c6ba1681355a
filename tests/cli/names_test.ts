/** What `carillon check` finds in code without running it. */
import assert from "node:assert/strict";
import { undeclared } from "../../app/cli/check_code/names.ts";
import { fc } from "../support/fast_check.ts";

const AROUND = {
  secrets: ["crm_token"],
  databases: ["shop", "dwh"],
  packageProblem: (specifier: string) => specifier === "lodahs" ? `no package "lodahs"` : undefined,
};

function found(code: string): string[] {
  return undeclared(code, AROUND).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const HEAD = `import { defineTask, log, query, secret, z } from "carillon";\n`;
const run = (body: string, params = "") =>
  `${HEAD}export default defineTask({ ${params} async run(${body} });`;

const FINDINGS: [what: string, code: string, expected: string[]][] = [
  ["a member of log", `${HEAD}log.infoo("x");`, [`2:5 log has no "infoo"; did you mean "info"?`]],
  ["a name that nobody declares", "const a = 1;\nquary(a, b);", [
    `2:1 "quary" is not defined; did you mean "query" of carillon? Import it`,
    `2:10 "b" is not defined`,
  ]],
  ["the log that run is given", run("{ log }) { log.warm(1); }"), [
    `2:55 log has no "warm"; did you mean "warn"?`,
  ]],
  ["under another name", run("{ log: l }) { l.eror(1); }"), [
    `2:56 log has no "eror"; did you mean "error"?`,
  ]],
  ["what run is not given", run("{ prams, logg }) {}"), [
    `2:42 what run is given has no "prams"; did you mean "params"?`,
    `2:49 what run is given has no "logg"; did you mean "log"?`,
  ]],
  ["through the whole of it", run("c) { c.log.infoo(c.run.idd); }"), [
    `2:51 log has no "infoo"; did you mean "info"?`,
    `2:63 run has no "idd"; did you mean "id"?`,
  ]],
  [
    "a parameter",
    run("{ params }) { return params.dya + params.day; }", "params: z.object({ day: z.string() }),"),
    [
      `2:106 params has no "dya"; did you mean "day"?`,
    ],
  ],
  [
    "a parameter that is taken apart",
    run("{ params: { dya = 1 } }) {}", `params: z.object({ "day": z.string() }),`),
    [
      `2:92 params has no "dya"; did you mean "day"?`,
    ],
  ],
  ["the whole module", `import * as c from "carillon";\nc.log.infoo(c.qwery("shop"));\nc.query("shpo");`, [
    `2:7 log has no "infoo"; did you mean "info"?`,
    `2:15 carillon has no "qwery"; did you mean "query"?`,
    `3:9 database.ini has no section "shpo"; did you mean "shop"?`,
  ]],
  ["a secret", `${HEAD}secret("crm_tokne");\nsecret(\`crm_token\`);`, [
    `2:8 [secrets] of carillon.ini has no "crm_tokne"; did you mean "crm_token"?`,
  ]],
  [
    "a database, also by a const",
    `${HEAD}const DB = "dwhh";\nquery(DB, "SELECT 1");\nconst read = () => query("shop");`,
    [
      `3:7 database.ini has no section "dwhh"; did you mean "dwh"?`,
    ],
  ],
  [
    "both ends of a copy",
    `import { copyRows as c } from "carillon";\nc({ database: "a", sql: "" }, { database: "shop", table: "t" });`,
    [
      `2:15 database.ini has no section "a"; there are shop, dwh`,
    ],
  ],
  ["a package that is imported later", `const x = await import("lodahs"); await import("lodash");`, [
    `1:17 no package "lodahs"`,
  ]],
  ["what Node.js has in CommonJS only", "require('x'); __dirname;", [
    `1:1 "require" is not defined`,
    `1:15 "__dirname" is not defined`,
  ]],
  [
    "a class, and what it uses",
    "class A extends B { [c] = d; static { e; } #f = 1; g() { return this.#f; } }",
    [
      `1:17 "B" is not defined`,
      `1:22 "c" is not defined`,
      `1:27 "d" is not defined`,
      `1:39 "e" is not defined`,
    ],
  ],
];

for (const [what, code, expected] of FINDINGS) {
  Deno.test(`found: ${what}`, () => assert.deepEqual(found(code), expected));
}

const NOTHING: [what: string, code: string][] = [
  ["hoisting", "f(); function f() { return g + h; var h = 1; } var g; { function k() {} } { var m; } m; f;"],
  [
    "patterns",
    "const { a, b: [c, ...d], ...e } = globalThis; const f = ({ x = a, y: { z } = {} }) => x + z; a + c + d + e + f;",
  ],
  [
    "loops, catch, switch, labels",
    "out: for (const [k, v] of []) { try { k(v); } catch ({ message }) { message; continue out; } } for (let i = 0; i < 1; i++) i; switch (1) { case 1: let q = 1; q; }",
  ],
  [
    "functions that name themselves, and arguments",
    "const f = function g() { return arguments.length + g; }; class C { m() { return C; } } f(C);",
  ],
  ["typeof asks", "if (typeof maybe === 'undefined') {}"],
  [
    "globals",
    "fetch; process; Buffer; Temporal; Deno; setTimeout; URL; structuredClone; console; globalThis; NaN; undefined; addEventListener;",
  ],
  [
    "keys are no names",
    "const o = { key: 1, method() {}, get x() { return 1; }, 'a-b': 2 }; o.what.ever; ({ o });",
  ],
  [
    "exports and meta",
    "const a = 1; export { a as b }; export * from './x.js'; export { c } from './y.js'; import.meta.url; new.target;",
  ],
  ["another log", "import { log } from './_log.ts'; log.infoo(1);"],
  [
    "a log of its own",
    `${HEAD}export function f(log) { log.infoo(1); } { const log = console; log.table(1); }`,
  ],
  [
    "parameters that are made elsewhere",
    run("{ params }) { params.x; }", "params: schema(),").replace(
      "export",
      "const schema = () => z.object({});\nexport",
    ),
  ],
  ["names of objects", run("{ log }) { log.toString(); log['infoo']; }")],
  ["texts that are made", `${HEAD}const n = "x" + 1; query(n); secret(\`a\${n}\`); query(...[n]);`],
  ["what cannot be read", "export default {"],
  [
    "new syntax",
    "await using x = null; using y = null; class A { static #p = 1; static { this.#p; } accessor = 1; } 1n ** 2n; a: { break a; } export default x ?? y?.z;",
  ],
];

for (const [what, code] of NOTHING) {
  Deno.test(`nothing is found: ${what}`, () => assert.deepEqual(found(code), []));
}

Deno.test("whatever the text, it is answered", () => {
  const words = fc.constantFrom(
    "log",
    ".",
    "(",
    ")",
    "{",
    "}",
    "=>",
    "import",
    "const",
    "x",
    "=",
    ",",
    "[",
    "]",
    "...",
    "async",
    "`",
    "${",
    ";",
    "\n",
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
    assert.ok(Array.isArray(undeclared(parts.join(" "), AROUND)));
  }));
});
