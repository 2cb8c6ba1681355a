/** The examples that help prints do what they say, as far as they can be run without a server and away from home. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { allCommands } from "../../app/cli/commands.ts";
import { carillon } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { shellWords } from "../support/shell_words.ts";

/** Those that go on until they are ended, ask somebody elsewhere, or name what is on no other machine. */
const ELSEWHERE =
  /^(?:serve|dev|diff|watch|notify test|import-pyscheduler)\b|\/(?:srv|etc|opt)\/|--follow|--expect|history import -/;
const PASSWORD = "a password that nobody guesses";

const task = (options: string) =>
  `import { cron, defineTask } from "carillon"; export default defineTask({ ${options} run() {} });`;

const FILES = {
  "tasks/nightly_report.ts": task("trigger: cron({ hour: 2 }),"),
  "tasks/sync_orders.ts": task('trigger: cron({ hour: 6 }), calendar: "cn",'),
  "tasks/finance/pay.ts": task(""),
  "dwh.sql": "CREATE TABLE orders (id); CREATE TABLE staging (id); INSERT INTO orders VALUES (1);",
  "task_history.json": JSON.stringify([
    { job_id: "sync", status: "已完成", timestamp: "2023-10-01 10:00:00" },
    { job_id: "sync", status: "no luck", timestamp: "2023-10-01 11:00:00" },
  ]),
  "crontab.txt": "5 4 * * * /usr/bin/true\n",
};

const COMMANDS = await allCommands();

Deno.test("the examples of commands that need no server work", async () => {
  await using folder = makeFolder({});
  const run = async (line: string, cwd = folder.path) =>
    await carillon(cwd, shellWords(line), { input: `${PASSWORD}\n` });
  assert.equal((await run("init")).code, 0);
  for (const [name, text] of Object.entries(FILES)) folder.write(name, text);
  const add = (name: string, text: string) =>
    Deno.writeTextFileSync(join(folder.path, name), text, { append: true });
  add("carillon.ini", "\n[role:finance]\nrights = view\n[notify:ops]\ntype = ntfy\ntopic = t\n");
  add("database.ini", "\n[dwh]\ntype = sqlite\ndatabase = dwh.db\nschema = dwh.sql\n");
  // There is a history.
  assert.equal((await run("history import task_history.json")).code, 0);
  const lines = COMMANDS.filter(({ asksServer, name }) => !asksServer || name === "completion")
    .flatMap(({ examples }) => examples.map(({ line }) => line))
    .filter((line) => !ELSEWHERE.test(line));
  assert.ok(lines.length >= 40, lines.join("\n"));
  for (const line of lines) {
    // A folder is begun in one that is empty.
    await using empty = makeFolder({});
    const isBegin = /^init(?! --types)/.test(line);
    const { code, stderr } = await run(line, isBegin ? empty.path : folder.path);
    assert.equal(code, 0, `carillon ${line}\n${stderr}`);
  }
});
