/** Bytes that are not UTF-8 are refused with their place, and never become another text. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { allDatabaseSettings, databaseSettings } from "../../datasource/settings.ts";
import { createSqliteFile } from "../../datasource/drivers/sqlite/file.ts";
import { isUtf8Escaped, NotUtf8Error, utf8 } from "../../app/base/utf8.ts";
import { readConfig } from "../../app/config/config.ts";
import { readSources } from "../../app/task/source.ts";
import { startCarillon } from "../support/carillon.ts";
import { refusal } from "../support/commands.ts";
import { makeFolder, type TestFolder } from "../support/folder.ts";

const LATIN1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function write(folder: TestFolder, name: string, text: string): string {
  const file = folder.write(name, "");
  Deno.writeFileSync(file, LATIN1(text));
  return file;
}

const PLACES: [string, string, number, number][] = [
  ["one byte", "gr\xfc\xdfe", 1, 3],
  ["a byte that begins a character of two", "[a]\npassword = pa\xdfwort\n", 2, 14],
  ["after Windows' and old Macs' line ends", "a\r\nb\rc\xff", 3, 2],
  ["after characters of several bytes", "\xe5\xa5\xbd\xff", 1, 2],
  ["a character that is cut off", "ab\xe5\xa5", 1, 3],
  ["half of a pair", "\xed\xa0\x80", 1, 1],
];

for (const [what, text, line, column] of PLACES) {
  Deno.test(`the place of bytes that are not UTF-8: ${what}`, () => {
    assert.throws(() => utf8(LATIN1(text)), (error) => {
      assert.ok(error instanceof NotUtf8Error);
      assert.deepEqual([error.line, error.column], [line, column]);
      return true;
    });
  });
}

Deno.test("what is UTF-8 stays as it is, with its byte order mark and with U+FFFD", () => {
  for (const text of ["", "\uFEFFa", "größe 好 😀 \uFFFD\0"]) {
    assert.equal(utf8(new TextEncoder().encode(text)), text);
  }
  assert.ok(isUtf8Escaped("?a=%C3%BC&b=100%&c=%zz"));
  assert.ok(!isUtf8Escaped("?a=gr%FC%DFe"));
});

Deno.test("a task file, what it imports and a calendar in Latin-1 are broken at their place; a shell script is not", async () => {
  await using folder = makeFolder();
  const head = "-- carillon: database=d\n";
  write(folder, "load.sql", `${head}INSERT INTO t VALUES ('gr\xfc\xdfe');\n`);
  write(folder, "task.ts", "export default 1; // \xfc\n");
  write(folder, "data.json", '"\xfc"');
  write(folder, "days.ics", "BEGIN:VCALENDAR\nSUMMARY:M\xe4rz\n");
  write(folder, "own.sh", "#!/bin/sh\n# carillon: title=x\necho gr\xfc\xdfe\n");
  folder.write("marked.sql", `\uFEFF${head}SELECT 'ü'`);
  const { files, problems } = await readSources(folder.path);
  assert.deepEqual([...files.keys()].sort(), ["marked.sql", "own.sh"]);
  assert.deepEqual(problems.map(({ path, place, message }) => [path, place?.line, place?.column, message]), [
    ["data.json", 1, 2, "it is not in UTF-8; save it as UTF-8"],
    ["days.ics", 2, 10, "it is not in UTF-8; save it as UTF-8"],
    ["load.sql", 2, 26, "it is not in UTF-8; save it as UTF-8"],
    ["task.ts", 1, 22, "it is not in UTF-8; save it as UTF-8"],
  ]);
});

Deno.test("carillon.ini and database.ini in Latin-1 are refused with file and line", async () => {
  await using folder = makeFolder();
  const ini = write(folder, "carillon.ini", "[secrets]\ntok = gr\xfc\xdfe\n");
  const said = await refusal(folder.path, ["list", "-c", ini]);
  assert.deepEqual([said.code, said.words], [
    2,
    `${ini}, line 2, column 9 is not UTF-8; save it as UTF-8`,
  ]);
  const file = write(folder, "database.ini", "[d]\nhost = h\npassword = pa\xdfwort\n");
  assert.throws(() => allDatabaseSettings(file), {
    message: `${file}, line 3, column 14 is not UTF-8; save it as UTF-8`,
  });
});

Deno.test("secrets and passwords in files of their own, and a schema, are refused too", async () => {
  await using folder = makeFolder();
  write(folder, "secret.txt", "gr\xfc\xdfe\n");
  const read = () =>
    readConfig({
      folder: folder.path,
      file: { name: "carillon.ini", text: "[secrets]\na_file = secret.txt\n" },
      environment: {},
      flags: {},
    });
  assert.throws(
    read,
    /line 2, .*secret\.txt cannot be read: line 1, column 3 is not UTF-8; save it as UTF-8$/,
  );
  const ini = folder.write(
    "database.ini",
    "[d]\ntype = mysql\nhost = h\nuser = u\ndatabase = b\npassword_file = secret.txt\n",
  );
  assert.throws(() => databaseSettings(ini, "d"), /line 6, .*line 1, column 3 is not UTF-8/);
  const schema = write(folder, "schema.sql", "CREATE TABLE t (a DEFAULT 'gr\xfc\xdfe');");
  const file = join(folder.path, "d.db");
  assert.throws(() => createSqliteFile({ file, schema, name: "d" }), /schema\.sql.*is not UTF-8/);
});

Deno.test("a body and a query that are not UTF-8 start no run", async () => {
  await using test = await startCarillon({
    "tasks/a.ts":
      `import { defineTask, z } from "carillon"; export default defineTask({ params: z.object({ n: z.string() }), run: ({ params }) => params });`,
  });
  const body = LATIN1('{"params": {"n": "gr\xfc\xdfe"}}');
  const answer = await test.fetch("/api/v1/tasks/a/runs", { method: "POST", body });
  assert.deepEqual([answer.status, (await answer.json() as { detail: string }).detail], [
    400,
    "The request cannot be read: the body is not UTF-8",
  ]);
  const old = await test.fetch("/trigger/a?n=gr%FC%DFe", { method: "POST" });
  assert.equal(old.status, 400);
  assert.match(await old.text(), /not in UTF-8/);
  const marked = new TextEncoder().encode('\uFEFF{"params": {"n": "grün"}}');
  const good = await test.fetch("/api/v1/tasks/a/runs", { method: "POST", body: marked });
  assert.equal(good.status, 202, await good.text());
});
