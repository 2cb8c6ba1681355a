/** A process that has used up its descriptors still opens its history and writes to it. */
import assert from "node:assert/strict";
import { quickFolder } from "./damages.ts";

Deno.test("with no descriptor left a deleted history file is made again", async () => {
  using folder = quickFolder();
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    import { openHistory } from ${at("../../app/history/open.ts")};
    import { makeRun, NOW } from ${at("./runs.ts")};
    const file = ${JSON.stringify(folder.path)} + "/history.db";
    const said = [];
    const settings = { file, limit: 10, keep: 100, keepMs: 1e12, keepLogsMs: 1e12 };
    const history = openHistory(settings, { now: () => NOW }, (sentence) => said.push(sentence));
    history.save(makeRun(1, "succeeded"));
    const files = [];
    try { for (;;) files.push(Deno.openSync("/dev/null")); } catch { /* There are none left. */ }
    history.save(makeRun(2, "succeeded"));
    Deno.removeSync(file);
    history.maintain(NOW + 5_000);
    history.save(makeRun(3, "succeeded"));
    const { trouble } = history.health();
    for (const each of files) each.close();
    console.log(JSON.stringify({ trouble, files: files.length, said, size: Deno.statSync(file).size }));`;
  const shell = `ulimit -n 64; exec "$0" eval --no-check "$1"`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", shell, Deno.execPath(), code],
  }).output();
  const told = new TextDecoder().decode(stdout);
  assert.notEqual(told, "", new TextDecoder().decode(stderr));
  const { trouble, files, said } = JSON.parse(told);
  assert.ok(files > 5, `${files} descriptors were free`);
  assert.equal(trouble, undefined);
  assert.match(said[0], /was deleted or replaced/);
  assert.match(said[1], /brought over/);
  assert.equal(said.length, 2);
});
