import assert from "node:assert/strict";
import { isTaskFile, readSource, readSources, taskIdOf, versionOf } from "../../app/task/source.ts";
import { makeFolder } from "../support/folder.ts";

Deno.test("types are taken out and every line keeps its place", () => {
  const { code, hasDefaultExport, imports } = readSource(
    "a/x.ts",
    `import { y } from "./y.ts";\nimport z from "../z.ts";\nimport { cron } from "carillon";\nconst n: number = y as number;\nexport default n satisfies number;\n`,
  );
  assert.equal(code.split("\n")[3]?.indexOf("="), "const n: number = ".indexOf("="));
  assert.ok(!code.includes("number"));
  assert.ok(hasDefaultExport);
  assert.deepEqual(imports, ["a/y.ts", "z.ts"]);
});

Deno.test("a syntax error has its line and column", async () => {
  await using folder = makeFolder({
    "bad.ts": "const a = 1;\nconst b = (;\n",
    "enum.ts": "enum A { B }\n",
    "good.js": "export default 1;",
  });
  const { files, problems } = await readSources(folder.path);
  assert.deepEqual([...files.keys()], ["good.js"]);
  assert.equal(problems.length, 2);
  assert.deepEqual(problems[0]?.place, { line: 2, column: 12 });
  assert.match(problems[1]?.message ?? "", /enum/);
});

Deno.test("folders are walked, hidden ones and node_modules are not", async () => {
  await using folder = makeFolder({
    "a.ts": "",
    "sub/deep/b.mjs": "",
    ".hidden/c.ts": "",
    "node_modules/d.ts": "",
    "data.json": "{}",
    "note.txt": "",
  });
  const { files } = await readSources(folder.path);
  assert.deepEqual([...files.keys()].sort(), ["a.ts", "data.json", "sub/deep/b.mjs"]);
});

Deno.test("a version changes with any file that is imported, also over detours and in circles", () => {
  const files = (leaf: string) =>
    new Map([
      ["a.ts", readSource("a.ts", `import "./b.ts";`)],
      ["b.ts", readSource("b.ts", `import "./c.ts"; import "./a.ts";`)],
      ["c.ts", readSource("c.ts", leaf)],
      ["d.ts", readSource("d.ts", leaf)],
    ]);
  assert.equal(versionOf("a.ts", files("1")), versionOf("a.ts", files("1")));
  assert.notEqual(versionOf("a.ts", files("1")), versionOf("a.ts", files("2")));
});

const NAMES: [string, boolean][] = [
  ["sync.ts", true],
  ["sub/sync.js", true],
  ["_shared.ts", false],
  ["_lib/sync.ts", false],
  ["types.d.ts", false],
  ["sync_test.ts", false],
  ["sync.test.ts", false],
  ["data.json", false],
];

for (const [path, expected] of NAMES) {
  Deno.test(`${path} is ${expected ? "a" : "no"} task file`, () => assert.equal(isTaskFile(path), expected));
}

Deno.test("the id is the file's name", () =>
  assert.equal(taskIdOf("reports/daily.report.ts"), "daily.report"));
