/** The commands as an author and an operator type them, each in a process of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { historyFile } from "../../app/history/open.ts";
import { nameFrom } from "../../app/cli/own_name.ts";
import { carillon, hereIn, refusal } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";

const GREET = `import { cron, defineTask, z } from "carillon";
export default defineTask({
  trigger: cron({ hour: 6 }),
  params: z.object({ name: z.string().default("you"), times: z.int().default(1) }),
  run({ params, log }) {
    log.info("greeting", params.times);
    if (params.name === "nobody") throw new Error("nobody is there");
    return "hello " + params.name;
  },
});
`;

Deno.test("init makes a folder in which the tasks run", async () => {
  await using folder = makeFolder();
  const made = await carillon(folder.path, ["init", "here"]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /wrote here\/tasks\/get_test_data\.ts/);
  assert.equal((Deno.statSync(join(folder.path, "here/database.ini")).mode ?? 0) & 0o777, 0o600);
  const cwd = join(folder.path, "here");
  const checked = await carillon(cwd, ["check"]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /5 tasks good, 0 files broken/);
  const ran = await carillon(cwd, ["run", "heartbeat"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^value \d/);
  const synced = await carillon(cwd, ["run", "get_test_data", "end_date=2999-01-01T00:00:00"]);
  assert.equal(synced.code, 0, synced.stderr);
  assert.equal(synced.stdout, "read 1 rows, 1 of them new\n");
  assert.match(synced.stderr, /INFO {2}1 rows from/);
  const again = await carillon(folder.path, ["init", "here"]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /here\/carillon\.ini, .*already there; nothing was written/);
});

Deno.test("init begins with a template, whose tasks are good, and says how to go on", async () => {
  await using folder = makeFolder();
  const templates: [string, number, string[], RegExp][] = [
    ["etl", 3, ["run", "sync_orders"], /^3 orders$/m],
    ["api", 2, ["run", "hello"], /^hello world$/m],
    ["report", 2, ["run", "weekly_report"], /^2 customers in reports\/sales-/m],
    ["ops", 7, ["run", "clean_up"], /^there is no tmp$/m],
  ];
  for (const [name, count, args, expected] of templates) {
    const made = await carillon(folder.path, ["init", name, "--template", name]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, new RegExp(`start it: +cd ${name} && carillon$`, "m"));
    const cwd = join(folder.path, name);
    const checked = await carillon(cwd, ["check", "--no-types"]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, new RegExp(`^${count} tasks good, 0 files broken$`, "m"));
    assert.match((await carillon(cwd, args)).stdout, expected);
  }
  const wrong = await refusal(folder.path, ["init", "x", "--template=elt"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.words, /^there is no template "elt"; did you mean "etl"\?/);
});

Deno.test("the executable is called as the folder sees it", () => {
  assert.equal(nameFrom("/srv/app/carillon", "/srv/app", "/usr/bin:/bin"), "./carillon");
  assert.equal(nameFrom("/srv/carillon", "/srv/app", "/usr/bin:/bin"), "../carillon");
  assert.equal(nameFrom("/usr/bin/carillon", "/srv/app", "/usr/bin:/bin"), "carillon");
  assert.equal(nameFrom("/opt/c/carillon", "/srv/app", "/usr/bin"), "/opt/c/carillon");
  assert.equal(nameFrom("/srv/app/bin/carillon-0.1", "/srv/app", ""), "./bin/carillon-0.1");
});

Deno.test("run tries a task with parameters and tells its outcome by the exit code", async () => {
  await using folder = makeFolder({ "tasks/greet.ts": GREET, "tasks/bad.ts": "export default (" });
  const good = await carillon(folder.path, ["run", "greet", "name=Anna = B", "times=2"]);
  assert.deepEqual([good.code, good.stdout], [0, "hello Anna = B\n"]);
  assert.match(good.stderr, /^INFO {2}greeting 2$/m);
  const failed = await carillon(folder.path, ["run", "greet", "name=nobody"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /Error: nobody is there\n.*tasks\/greet\.ts:7:/s);
  assert.ok(!failed.stderr.includes("mirror"));
  const cases: [string[], RegExp][] = [
    [["run"], /name a task; usage: carillon run <task>/],
    [
      ["run", "gret"],
      /no task "gret" in .*; did you mean "greet"\? .*; a file is broken, "carillon check" says/,
    ],
    [["run", "greet", "Anna"], /"Anna" is not name=value/],
    [["run", "greet", "nme=x"], /task greet: nme: unknown parameter; did you mean "name"\?/],
    [["run", "greet", "times=many"], /times: "many" is not a whole number/],
    [["run", "bad"], /task file .*bad\.ts:1:\d+: /],
  ];
  for (const [args, expected] of cases) {
    const { code, words } = await refusal(folder.path, args);
    assert.equal(code, 2, args.join(" "));
    assert.match(words, expected);
  }
});

const COUNT = `import { defineTask, watermark } from "carillon";
export default defineTask({
  run() {
    const mark = watermark();
    mark.set(Number(mark.value ?? 0) + 1);
    return "was " + mark.value;
  },
});
`;

Deno.test("run reads the watermarks of the history file, and of an earlier version's, and leaves none", async () => {
  await using folder = makeFolder({
    "tasks/count.ts": COUNT,
    "data/watermarks.json": `{"count":{"default":7}}`,
  });
  const first = await carillon(folder.path, ["run", "count"]);
  assert.deepEqual([first.code, first.stdout], [0, "was 7\n"], first.stderr);
  assert.ok(Deno.statSync(join(folder.path, "data/watermarks.json")).isFile);
  const store = historyFile(
    { file: join(folder.path, "data/carillon.db"), limit: 1, keep: 1, keepMs: 1, keepLogsMs: 1 },
    { now: () => 0 },
  ).open();
  store.keepWatermarks("count", { default: 9 });
  // It is open, as that of a Carillon that is active here.
  const second = await carillon(folder.path, ["run", "count"]);
  assert.deepEqual([second.code, second.stdout], [0, "was 9\n"], second.stderr);
  assert.deepEqual(store.watermarks("count"), { default: 9 });
  store.close();
  folder.write("data/carillon.db", "no database at all");
  folder.remove("data/watermarks.json");
  const damaged = await carillon(folder.path, ["run", "count"]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /history file \S+carillon\.db cannot be read/);
});

Deno.test("list and check tell of tasks and of broken files", async () => {
  await using folder = makeFolder({
    "tasks/greet.ts": GREET,
    "tasks/bad.ts": "export default (",
    "tasks/past.ts":
      `import { at, defineTask } from "carillon"; export default defineTask({ trigger: at("2020-01-01"), run() {} });`,
  });
  const listed = await carillon(folder.path, ["list", "--json"]);
  assert.equal(listed.code, 1);
  assert.match(listed.stderr, /broken: .*bad\.ts:1:\d+/);
  const [greet] = JSON.parse(listed.stdout);
  assert.equal(greet.id, "greet");
  assert.equal(greet.trigger, "cron[hour='6']");
  assert.match(greet.next, /T06:00:00Z$/);
  const checked = await carillon(folder.path, ["check", "--no-types"]);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /task past: warning: its trigger has ended/);
});

Deno.test("check finds what code names and nobody has declared, in every file that tasks import", async () => {
  await using folder = makeFolder({
    "carillon.ini": "[secrets]\ncrm_token = x\n",
    "database.ini": "[shop]\ntype = sqlite\ndatabase = shop.db\n",
    "tasks/a.ts":
      `import { defineTask, secret } from "carillon";\nimport { read } from "./_read.ts";\nexport default defineTask({ run: ({ log }) => log.infoo(secret("crm"), read()) });\n`,
    "tasks/_read.ts":
      `import { query } from "carillon";\nexport const read = () => query("shpo", "SELECT 1");\n`,
    "tasks/b.sql": "-- carillon: database=dwh\nSELECT 1;\n",
  });
  const { code, stdout, stderr } = await carillon(folder.path, ["check", "--no-types"]);
  assert.equal(code, 1);
  assert.match(stdout, /^names: 4 mistakes$/m);
  assert.ok(!/^types:/m.test(stdout));
  assert.match(stderr, /tasks\/a\.ts:3:51: log has no "infoo"; did you mean "info"\?$/m);
  assert.match(stderr, /tasks\/a\.ts:3:64: \[secrets\] of carillon\.ini has no "crm"; there are crm_token$/m);
  assert.match(stderr, /tasks\/_read\.ts:2:33: database\.ini has no section "shpo"; did you mean "shop"\?$/m);
  assert.match(stderr, /tasks\/b\.sql: database\.ini has no section "dwh"; there are shop$/m);
});

Deno.test("next shows fires of a task, of a crontab line and of JSON", async () => {
  await using folder = makeFolder({ "tasks/greet.ts": GREET });
  const from = "--from=2026-03-10T10:00:00";
  const task = await carillon(folder.path, ["next", "greet", "-n", "2", from]);
  assert.equal(
    task.stdout,
    "every day at 06:00, UTC (cron[hour='6'])\n" +
      "2026-03-11 06:00:00  UTC  2026-03-11T06:00:00.000Z\n2026-03-12 06:00:00  UTC  2026-03-12T06:00:00.000Z\n",
  );
  const line = await hereIn(folder.path, ["next", "0 9 * * MON", "--timezone=Asia/Shanghai", "-n1", from]);
  assert.match(line.stdout, /2026-03-16 09:00:00 {2}Asia\/Shanghai {2}2026-03-16T01:00:00\.000Z/);
  const json = await hereIn(folder.path, ["next", `{"hour":"*/2"}`, "--json", "-n1", "--timezone=UTC", from]);
  assert.deepEqual(JSON.parse(json.stdout), {
    trigger: "cron[hour='*/2']",
    description: "every 2 hours at minute 0, UTC",
    timezone: "UTC",
    ended: false,
    fires: ["2026-03-10T10:00:00.000Z"],
  });
  const wrong = await hereIn(folder.path, ["next", `{"hour":"25"}`]);
  assert.deepEqual([wrong.code, wrong.stderr], [2, `carillon: hour: "25" is not between 0 and 23\n`]);
});

Deno.test("next --batch answers a line with a line, also a wrong one", async () => {
  await using folder = makeFolder();
  const input = [
    `{"kind":"cron","fields":{"minute":30},"timezone":"UTC","from":"2026-03-10T10:30:00Z","endDate":"2026-03-10 12:00:00"}`,
    `{"kind":"cron","fields":{"hour":"25"}}`,
    `nonsense`,
    `{"kind":"interval","fields":{"hours":5},"startDate":"2026-03-10 00:00:00","timezone":"Asia/Shanghai","from":"2026-03-10T00:00:00.000Z"}`,
  ].join("\n");
  const { code, stdout } = await carillon(folder.path, ["next", "--batch"], { input });
  const [first, second, third, fourth, ...rest] = stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.equal(code, 0);
  assert.deepEqual(rest, []);
  assert.deepEqual(first, { fires: ["2026-03-10T10:30:00.000Z", "2026-03-10T11:30:00.000Z"] });
  assert.deepEqual(second, { error: `hour: "25" is not between 0 and 23` });
  assert.match(third.error, /^not JSON/);
  assert.equal(fourth.fires[0], "2026-03-10T02:00:00.000Z");
  assert.equal(fourth.fires.length, 6);
});

Deno.test("a command line or a setting that cannot be is told in one sentence, with exit code 2", async () => {
  await using folder = makeFolder({ "carillon.ini": "[server]\nprot = 1\n" });
  const cases: [string[], RegExp][] = [
    [["srve"], /^unknown command "srve"; did you mean "serve"\?/],
    [["serve"], /carillon\.ini, line 2, section \[server\], key "prot": unknown key; did you mean "port"\?/],
    [["serve", "--config=nowhere.ini"], /^settings file nowhere\.ini cannot be read/],
    [["list", "-c", "carillon.ini", "--port"], /^flag --port needs a value/],
    [["list", "more"], /^"more" is one argument too many/],
    [["list", "--json=1"], /^flag --json takes no value/],
    [["db"], /^db needs one more word: list, test, query; "carillon db --help" says more$/],
    [["db", "tset"], /^unknown command "db tset"; did you mean "test"\?/],
    [["--port=1", "list"], /^the command comes first: carillon list --port=1/],
    [["nonsense", "--help"], /^unknown command "nonsense"/],
  ];
  for (const [args, expected] of cases) {
    const { code, words } = await refusal(folder.path, args);
    assert.equal(code, 2, args.join(" "));
    assert.match(words, expected);
    assert.equal(words.split("\n").length, 1, words);
  }
});

Deno.test("help and version answer", async () => {
  await using folder = makeFolder();
  const help = await carillon(folder.path, ["--help"]);
  assert.match(help.stdout, /\[server\] port +--server-port or --port +8398/);
  const version = await carillon(folder.path, ["--version"]);
  assert.match(version.stdout, /^carillon \d+\.\d+\.\d+ \(deno /);
});

Deno.test("db lists, tests and asks the databases of database.ini, and shows no password", async () => {
  await using folder = makeFolder({
    "database.ini": [
      "[here]\ntype = sqlite\ndatabase = x.db",
      "[there]\nhost = 127.0.0.1\nport = 5432\ndatabase = d\nuser = u\npassword = geheim",
      "[closed]\ntype = mysql\nhost = 127.0.0.1\nport = 1\ndatabase = d\nuser = u\npassword = geheim",
    ].join("\n"),
  });
  const list = await carillon(folder.path, ["db", "list"]);
  assert.equal(list.code, 0, list.stderr);
  assert.match(list.stdout, /^here {4}sqlite {6}\S+x\.db$/m);
  assert.match(list.stdout, /^there {3}postgresql {2}u@127\.0\.0\.1:5432\/d$/m);
  const good = await carillon(folder.path, ["db", "test", "here"]);
  assert.match(good.stdout, /^here: SQLite \d+\.\d+\.\d+, answers in \d+\.\d ms$/m);
  const bad = await hereIn(folder.path, ["db", "test", "closed"]);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /^MySQL closed: cannot connect to 127\.0\.0\.1:1 \(connection refused\)$/m);
  const rows = await carillon(folder.path, ["db", "query", "here", "SELECT 1 AS a, NULL AS b, '数' AS c"]);
  assert.equal(rows.stdout, "a  b     c\n1  NULL  数\n");
  assert.equal(rows.stderr, "1 row\n");
  const json = await hereIn(folder.path, ["db", "query", "here", "SELECT 9007199254740993 AS a", "--json"]);
  assert.equal(json.stdout, '{"a":"9007199254740993"}\n');
  const wrong = await hereIn(folder.path, ["db", "query", "here", "SELEC 1"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^SQLite here: near "SELEC": syntax error$/m);
  const change = "CREATE TABLE made (id INTEGER)";
  const refused = await hereIn(folder.path, ["db", "query", "here", change]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^SQLite here: attempt to write a readonly database; to change something, add --write$/m,
  );
  const made = await hereIn(folder.path, ["db", "query", "here", change, "--write"]);
  assert.equal(made.code, 0, made.stderr);
  const inserted = await hereIn(folder.path, [
    "db",
    "query",
    "here",
    "INSERT INTO made VALUES (1), (2)",
    "--write",
  ]);
  assert.match(inserted.stderr, /^2 rows changed$/m);
  const unknown = await hereIn(folder.path, ["db", "test", "nowhere"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /has no section \[nowhere\]; it has \[here\], \[there\], \[closed\]/);
  const check = await carillon(folder.path, ["check", "--no-types"]);
  assert.match(check.stderr, /section \[there\]: no key "type"; from its port it is taken for postgresql/);
  assert.match(check.stderr, /holds passwords, and every user of this machine can read it/);
  for (const { stdout, stderr } of [list, good, bad, check]) assert.doesNotMatch(stdout + stderr, /geheim/);
});
