/** What `carillon init` writes for editors, as Deno and TypeScript read it, and how `carillon check` asks them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkTypes, denoMistakes, tscMistakes } from "../../app/cli/check_code/type_check.ts";
import { EDITOR_FILES, TYPES_PATH } from "../../app/cli/editor/editor_files.ts";
import { editorTypes } from "../../scripts/types.ts";
import { carillon } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { hasRegistry, installedPackages } from "../support/packages.ts";

const ignore = !await hasRegistry();

Deno.test("the types for editors are those of the SDK", { ignore }, async () => {
  assert.ok(await editorTypes() === EDITOR_FILES[TYPES_PATH], `they are not: run "deno task types"`);
});

/** A folder for PATH with a `deno` in it: the one that runs the tests. */
function denoFolder(folder: { readonly path: string }): string {
  const path = join(folder.path, "bin");
  Deno.mkdirSync(path);
  Deno.symlinkSync(Deno.execPath(), join(path, "deno"));
  return path;
}

/** The compiler alone, as npm links it: with no other package there are no types but those of init. */
function linkCompiler(folder: string, installed: string): void {
  const bin = join(folder, "node_modules/.bin");
  Deno.mkdirSync(bin, { recursive: true });
  Deno.symlinkSync(join(installed, "node_modules/typescript/bin/tsc"), join(bin, "tsc"));
}

const MISTAKES = `import { defineTask, log, z } from "carillon";
import { readFile } from "node:fs/promises";
export default defineTask({
  trigger: "5m",
  params: z.object({ day: z.iso.date(), limit: z.number().optional() }),
  async run({ params, signal }) {
    log.infoo(params.day);
    const n: number = params.limit;
    await readFile(params.daay, { signal });
    return Temporal.Now.instant().epochMilliseconds + n;
  },
});
`;
const EXPECTED = [
  /^4:3 Type 'string' is not assignable to type/,
  /^7:9 Property 'infoo' does not exist on type 'RunLog'. Did you mean 'info'\?$/,
  /^8:11 Type 'number \| undefined' is not assignable to type 'number'\.$/,
  /^9:27 Property 'daay' does not exist/,
];

for (const kind of ["deno", "tsc"] as const) {
  Deno.test(
    `${kind} finds the mistakes that there are beside the tasks of init, and none in those`,
    { ignore },
    async () => {
      await using folder = makeFolder();
      assert.equal((await carillon(folder.path, ["init"])).code, 0);
      if (kind === "tsc") linkCompiler(folder.path, await installedPackages());
      const path = kind === "deno" ? denoFolder(folder) : "";
      const tasks = join(folder.path, "tasks");
      const files = [...Deno.readDirSync(tasks)].map(({ name }) => join(tasks, name));
      const bad = folder.write("tasks/bad.ts", MISTAKES);
      const check = async () => {
        const report = await checkTypes(tasks, [...files, bad], path);
        assert.ok(report.kind === "checked", JSON.stringify(report));
        assert.ok(report.mistakes.every(({ file }) => file === bad));
        const found = report.mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`);
        assert.equal(found.length, EXPECTED.length, found.join("\n"));
        for (const [index, expected] of EXPECTED.entries()) assert.match(found[index] ?? "", expected);
      };
      await check();
      // A folder that has no settings for editors is checked as well.
      for (const name of Object.keys(EDITOR_FILES)) folder.remove(name);
      await check();
    },
  );
}

Deno.test("without a compiler, and with one that fails, says nothing or lies, it is said why types are not checked", async () => {
  await using folder = makeFolder({ "tasks/a.ts": "export {};" });
  const tasks = join(folder.path, "tasks");
  const none = await checkTypes(tasks, [join(tasks, "a.ts")], "/no/such");
  assert.match(
    none.kind === "not checked" ? none.why : "",
    /^neither deno nor tsc is on this machine; "npm install/,
  );
  const scripts: [string, RegExp][] = [
    ["echo 'error: Could not find a package' >&2; exit 1", /could not: error: Could not find a package$/],
    ["exit 3", /could not: exit code 3$/],
    ["head -c 1000000 /dev/zero; exit 1", /could not: exit code 1$/],
  ];
  for (const [script, expected] of scripts) {
    const fake = folder.write("bin/deno", `#!/bin/sh\n${script}\n`);
    Deno.chmodSync(fake, 0o755);
    const report = await checkTypes(tasks, [join(tasks, "a.ts")], join(folder.path, "bin"));
    assert.match(report.kind === "not checked" ? report.why : "", expected);
  }
  folder.write("bin/deno", "not a program");
  const report = await checkTypes(tasks, [join(tasks, "a.ts")], join(folder.path, "bin"));
  assert.match(report.kind === "not checked" ? report.why : "", /cannot be started: |could not: /);
});

Deno.test("what compilers print is read line by line", () => {
  const deno = `Check a.ts
TS2322 [ERROR]: Type 'string' is not
  assignable.
    const a: number = "b";
          ^
    at file:///t/a%20b.ts:3:7

    'a' is declared here.
        at file:///t/other.ts:1:1

TS2304 [ERROR]: Cannot find name 'x'.
    at file:///t/c.ts:1:2
Found 2 errors.`;
  assert.deepEqual(denoMistakes(deno), [
    { file: "/t/a b.ts", line: 3, column: 7, message: "Type 'string' is not" },
    { file: "/t/c.ts", line: 1, column: 2, message: "Cannot find name 'x'." },
  ]);
  const tsc = "tasks/a (1).ts(3,7): error TS2322: Type\n  more\r\nerror TS5083: no file\n";
  assert.deepEqual(tscMistakes(tsc, "/w"), [{
    file: "/w/tasks/a (1).ts",
    line: 3,
    column: 7,
    message: "Type",
  }]);
});
