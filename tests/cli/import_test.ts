/** `import-pyscheduler` and `import-crontab` as they are typed, and the tasks that come of them. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { carillon, refusal } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { pythonProgram } from "../support/servers.ts";
import { DOCUMENTED, PYSCHEDULER_FOLDER } from "../support/pyscheduler_folder.ts";

const PYTHON = pythonProgram();
/** The system's Python first: what PATH names may be a script that looks for one, and takes ten times as long. */
const env: Record<string, string> = PYTHON === undefined
  ? {}
  : { PATH: `${dirname(PYTHON)}:${Deno.env.get("PATH")}` };

/** The imports themselves need no Python; the tasks that come of them do. */
function pythonTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: PYTHON === undefined, fn });
}

Deno.test("skeletons have the Python code as a comment and what each call is here, and are no tasks yet", async () => {
  await using folder = makeFolder({
    "old/config.py": `from apscheduler.schedulers.background import BackgroundScheduler
from tasks.orders import sync, Jobs
s = BackgroundScheduler()
s.add_job(sync, 'cron', hour=2, id='sync', kwargs={'day': '2026-01-01'})
s.add_job(Jobs.clean, 'interval', hours=1, id='clean')
`,
    "old/tasks/orders.py": `import requests


def other():
    pass


def sync(
    day,
):
    """Syncs
what is */ new."""
    rows = execute_mysql_query('shop', 'SELECT 1 WHERE d = %s', (day,))
    print(len(rows))
    requests.get('https://example.com/\u2028')

    record_task_history('sync', '已完成')
# a comment at the left

    return 1


class Jobs:
    @staticmethod
    def clean():
        api_post('/x')

    def rest(self):
        pass
`,
  });
  const imported = await carillon(folder.path, ["import-pyscheduler", "old", "--skeletons"], { env });
  assert.equal(imported.code, 0, imported.stderr);
  const sync = Deno.readTextFileSync(join(folder.path, "tasks/_skeletons/sync.ts"));
  for (
    const expected of [
      `import { cron, defineTask, query, z } from "carillon";`,
      `trigger: cron({ hour: 2 })`,
      `"day": z.string().default("2026-01-01")`,
      `async run({ params, signal, log }) {`,
      `//   const rows = await query("shop", "SELECT … WHERE day >= :day", { day }, { signal });`,
      `//   const answer = await fetch("https://…", { signal });`,
      `// | what is */ new."""`,
      `// |     return 1`,
    ]
  ) assert.ok(sync.includes(expected), `${expected}\n${sync}`);
  assert.ok(!sync.includes("class Jobs") && !sync.includes("other"));
  const clean = Deno.readTextFileSync(join(folder.path, "tasks/_skeletons/clean.ts"));
  assert.match(clean, /import \{ apiPost, defineTask, every \} from "carillon";/);
  assert.match(clean, /\/\/ \| def clean\(\):\n {4}\/\/ \| {5}api_post/);
  assert.ok(!clean.includes("rest"));
  const checked = await carillon(folder.path, ["check", "--no-types"]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /2 tasks good, 0 files broken/);
  // One that takes its task's place runs.
  folder.write("tasks/sync.ts", sync);
  const ran = await carillon(folder.path, ["run", "sync"]);
  assert.match(ran.stderr, /WARN {2}this task is not written yet/);
  assert.equal(ran.stdout, `{"day":"2026-01-01"}\n`);
});

pythonTest("a PyScheduler folder is imported, and its Python tasks run as they are", async () => {
  await using folder = makeFolder(PYSCHEDULER_FOLDER);
  const imported = await carillon(folder.path, ["import-pyscheduler", "PyScheduler"], { env });
  assert.equal(imported.code, 1, imported.stderr);
  assert.match(imported.stdout, /wrote .*tasks\/get_test_data\.ts\n/);
  assert.match(imported.stdout, new RegExp(`^${DOCUMENTED.length} jobs were read`, "m"));
  assert.match(
    imported.stderr,
    /^PyScheduler\/config\.py, line 32: the job is left out, because its id is not known/m,
  );
  assert.match(imported.stderr, /^imported 2 runs, 0 were there already/m);
  assert.match(imported.stderr, /api\/__init__\.py, line 3: .*base_url = https:\/\/api\.example\.com/);
  assert.doesNotMatch(imported.stderr, /geheim/);
  assert.match(Deno.readTextFileSync(join(folder.path, "database.ini")), /\[test_db\]\ntype = mysql\nhost/);
  assert.equal((Deno.statSync(join(folder.path, "database.ini")).mode ?? 0) & 0o777, 0o600);
  const checked = await carillon(folder.path, ["check"]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, new RegExp(`${DOCUMENTED.length} tasks good, 0 files broken`));

  const exported = await carillon(folder.path, ["history", "export"]);
  assert.deepEqual(exported.stdout.trim().split("\n").map((line) => JSON.parse(line).status), [
    "succeeded",
    "failed",
  ]);

  // The database of the example is not there: its error is what the task records.
  const failed = await carillon(folder.path, ["run", "get_test_data"], { env });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /异常: MySQL 查询失败: .*test_db/);
  folder.write("database.ini", "[test_db]\ntype = sqlite\ndatabase = test.db\nschema = schema.sql\n");
  folder.write(
    "schema.sql",
    "CREATE TABLE tbl_test (name TEXT, create_time TEXT); INSERT INTO tbl_test VALUES ('甲', '2020-01-01 00:00:00');",
  );
  const ran = await carillon(folder.path, ["run", "get_test_data", "begin_date=2020-01-01"], { env });
  assert.deepEqual([ran.code, ran.stdout], [0, "已完成\n"], ran.stderr);
  assert.match(ran.stderr, /^INFO {2}1 rows: \['甲'\]$/m);
  const history = Deno.readTextFileSync(join(folder.path, "PyScheduler/task_history.json"));
  assert.equal(history, PYSCHEDULER_FOLDER["PyScheduler/task_history.json"]);

  folder.write("tasks/tick.ts", "// own");
  const again = await carillon(folder.path, ["import-pyscheduler", "PyScheduler"], { env });
  assert.match(again.stdout, /tasks\/get_test_data\.ts is there already; it is left as it is/);
  assert.match(
    again.stderr,
    /database\.ini, section \[test_db\] is kept as it is; in .* another value of type, host/,
  );
  assert.match(again.stderr, /imported 0 runs, 2 were there already/);
});

Deno.test("what is no PyScheduler folder is refused with a sentence, and what is odd in one is said", async () => {
  await using folder = makeFolder({
    "bare/config.py": "",
    "odd/config.py": "import gone\nscheduler.add_job(gone.f, 'cron', hour=1, id='x')\n",
    "odd/datasource/database.ini": "no section\n",
    "odd/task_history.json": "[{}]",
  });
  const bare = await carillon(folder.path, ["import-pyscheduler", "bare"], { env: { PATH: "/nowhere" } });
  assert.match(bare.stderr, /^python3 is not on this machine, and the tasks need it/m);
  assert.deepEqual(await refusal(folder.path, ["import-pyscheduler", join(folder.path, "none")]), {
    code: 2,
    words: `${folder.path}/none/config.py is not there; name the folder in which PyScheduler was started`,
  });
  const { code, words } = await refusal(folder.path, ["import-pyscheduler"]);
  assert.equal(code, 2);
  assert.match(words, /^name PyScheduler's folder; usage: carillon import-pyscheduler <folder>/);
  const odd = await carillon(folder.path, ["import-pyscheduler", "odd"], { env });
  assert.equal(odd.code, 1);
  assert.match(odd.stderr, /config\.py, line 2: task x is left out: there is no module gone in /);
  assert.match(odd.stderr, /database\.ini, line 1: .*; no databases are taken over/);
  assert.match(odd.stderr, /task_history\.json, record 1: job_id/);
});

pythonTest("an id whose file would be no task's, and a file in GBK, are imported", async () => {
  await using folder = makeFolder({ "old/tasks/work.py": "def f():\n    return 'ran'\n" });
  // "名" in GBK.
  const name = [0xc3, 0xfb];
  const text = (part: string) => [...new TextEncoder().encode(part)];
  Deno.writeFileSync(
    join(folder.path, "old/config.py"),
    new Uint8Array([
      ...text(
        "#!/usr/bin/python3\n# -*- coding: GBK -*-\nfrom tasks import work\nscheduler.add_job(work.f, 'cron', hour=1, id='sync_test', name='",
      ),
      ...name,
      ...text("')\n"),
    ]),
  );
  const imported = await carillon(folder.path, ["import-pyscheduler", "old"], { env });
  assert.equal(imported.code, 1);
  assert.match(
    imported.stderr,
    /^old\/config\.py, line 4: the id "sync_test" cannot be a task's; .*"sync_test_task"$/m,
  );
  const task = Deno.readTextFileSync(join(folder.path, "tasks/sync_test_task.ts"));
  assert.match(task, /title: "名"/);
  assert.match(task, /task: "sync_test"/);
  const ran = await carillon(folder.path, ["run", "sync_test_task"], { env });
  assert.deepEqual([ran.code, ran.stdout], [0, "ran\n"], ran.stderr);
});

Deno.test("what is in another encoding is refused with file and line, and no byte of it replaced", async () => {
  // A text in GBK, which is no UTF-8.
  const gbk = (before: string, after: string) =>
    new Uint8Array([...new TextEncoder().encode(before), 0xc3, 0xfb, ...new TextEncoder().encode(after)]);
  const config = "from tasks.work import f\ns.add_job(f, 'cron', hour=1, id='x')\n";
  await using folder = makeFolder({
    "bad/config.py": "",
    "old/config.py": config,
    "old/tasks/work.py": "",
    "old/api/__init__.py": "",
    "old/datasource/database.ini": "",
    "old/task_history.json": "",
  });
  const write = (path: string, bytes: Uint8Array) => Deno.writeFileSync(join(folder.path, path), bytes);
  write("bad/config.py", gbk(`${config}# `, "\n"));
  const bad = await refusal(folder.path, ["import-pyscheduler", join(folder.path, "bad")]);
  assert.equal(bad.code, 2);
  assert.match(
    bad.words,
    /bad\/config\.py, line 3: it is not in UTF-8; write in its first line what it is in/,
  );
  write("crontab", gbk("# jobs\n0 1 * * * echo ", "\n"));
  const { words } = await refusal(folder.path, ["import-crontab", join(folder.path, "crontab")]);
  assert.match(words, /crontab, line 2: it is not in UTF-8; save it as UTF-8, and import it again$/);

  write("old/tasks/work.py", gbk("def f():\n    return '", "'\n"));
  write("old/api/__init__.py", gbk("APIClient('https://api.example.com') # ", "\n"));
  write("old/datasource/database.ini", gbk("[shop]\ntype = mysql\npassword = ", "\n"));
  write("old/task_history.json", gbk('[{"job_id":"x","timestamp":"2026-01-01 08:00:00","status":"', '"}]'));
  const { code, stderr } = await carillon(folder.path, ["import-pyscheduler", "old", "--skeletons"], { env });
  assert.equal(code, 1);
  for (
    const expected of [
      /^.*old\/tasks\/work\.py, line 2: it is not in UTF-8; no skeleton is written: save it as UTF-8, and import again$/m,
      /^.*old\/datasource\/database\.ini, line 3: it is not in UTF-8; no databases are taken over: /m,
      /^.*old\/task_history\.json, line 1: it is not in UTF-8; no history is taken over: /m,
      /api\/__init__\.py, line 1: .*base_url = https:\/\/api\.example\.com/,
    ]
  ) assert.match(stderr, expected);
  assert.deepEqual(Object.keys(filesIn(join(folder.path, "tasks"))), ["x.ts"]);
  for (const name of ["database.ini", "tasks/_skeletons"]) {
    assert.throws(() => Deno.statSync(join(folder.path, name)), Deno.errors.NotFound);
  }
});

const CRONTAB = `# backups
MAILTO=ops@example.com
PLACE="a b"
*/5 * * * * echo "$PLACE"; echo to error >&2; echo last
0 2 * * 1-5 cd /srv && /usr/bin/python3 backup.py --all > /dev/null
@daily cat%first\\%%second
CRON_TZ=Asia/Shanghai
30 8 1 * * /opt/report.sh
61 * * * * never
nonsense
`;

Deno.test("each line of a crontab becomes a task that runs its command", async () => {
  await using folder = makeFolder();
  const imported = await carillon(folder.path, ["import-crontab"], { input: CRONTAB });
  assert.equal(imported.code, 1);
  assert.match(imported.stdout, /^4 lines were read, 4 tasks written$/m);
  const said = imported.stderr.trim().split("\n");
  assert.equal(said.length, 4, imported.stderr);
  assert.match(said[0] ?? "", /^crontab, line 2: MAILTO is left out/);
  assert.match(said[1] ?? "", /^crontab, line 9: left out: .*61/);
  assert.match(said[2] ?? "", /^crontab, line 10: "nonsense" is neither five fields and a command/);
  assert.match(said[3] ?? "", /^crontab, line 4: cron ran commands in the home folder of their user, /);
  const names = [...Deno.readDirSync(join(folder.path, "tasks"))].map(({ name }) => name).toSorted();
  assert.deepEqual(names, ["backup.ts", "cat.ts", "echo.ts", "report.ts"]);
  const report = Deno.readTextFileSync(join(folder.path, "tasks/report.ts"));
  assert.match(report, /cron\("30 8 1 \* \*", { timezone: "Asia\/Shanghai" }\)/);

  const echoed = await carillon(folder.path, ["run", "echo"]);
  assert.deepEqual([echoed.code, echoed.stdout], [0, "last\n"], echoed.stderr);
  assert.match(echoed.stderr, /^INFO {2}a b$/m);
  assert.match(echoed.stderr, /^WARN {2}to error$/m);
  const cat = await carillon(folder.path, ["run", "cat"]);
  assert.match(cat.stderr, /^INFO {2}first%\nINFO {2}second$/m);
  const failed = await carillon(folder.path, ["run", "backup"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /the command ended with exit code \d+/);
});

Deno.test("commands of a crontab are run where cron ran them, as far as that is known", async () => {
  await using folder = makeFolder({ "home/relative.sh": "#!/bin/sh\npwd\n" });
  Deno.chmodSync(join(folder.path, "home/relative.sh"), 0o755);
  const home = Deno.realPathSync(join(folder.path, "home"));
  const lines = `0 1 * * * cd /srv && ./before.sh\nHOME=${home}\n*/5 * * * * ./relative.sh\n`;
  const { code, stderr } = await carillon(folder.path, ["import-crontab"], { input: lines });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(Deno.readTextFileSync(join(folder.path, "tasks/relative.ts")), /^ {2}cwd: "\/.*\/home",$/m);
  assert.doesNotMatch(Deno.readTextFileSync(join(folder.path, "tasks/before.ts")), /cwd/);
  const ran = await carillon(folder.path, ["run", "relative"]);
  assert.deepEqual([ran.code, ran.stdout], [0, `${home}\n`], ran.stderr);
  const unknown = await carillon(folder.path, ["import-crontab"], {
    input: "0 1 * * * ./one.sh\n0 1 * * * ./two.sh\n",
  });
  assert.equal(unknown.code, 0);
  assert.match(unknown.stderr, /^crontab, line 1: cron ran commands in the home folder .*\n$/);
});

Deno.test("a system's crontab names users, which is said", async () => {
  await using folder = makeFolder({ crontab: "17 * * * * root echo hourly\n* * * * * alone\n" });
  const { code, stdout, stderr } = await carillon(folder.path, ["import-crontab", "crontab", "--user"]);
  assert.equal(code, 1);
  assert.match(stdout, /wrote .*tasks\/echo\.ts\n1 lines were read, 1 tasks written/);
  assert.match(stderr, /^crontab, line 1: the command ran as root; it runs as Carillon's own user now$/m);
  assert.match(stderr, /^crontab, line 2: there is no command behind the user$/m);
});

/** All files of a folder with their text. */
function filesIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile) found[name] = Deno.readTextFileSync(join(folder, name));
  }
  return found;
}

Deno.test("an import beside what is there overwrites nothing, says what is kept, and can be run again", async () => {
  const ini =
    "# ours\n[warehouse]\ntype = sqlite\ndatabase = w.db\n\n[shop]\ntype = mysql\nhost = elsewhere\n";
  await using folder = makeFolder({
    "tasks/mine.ts": "// ours\n",
    "tasks/many.ts":
      `import { defineTask } from "carillon";\nexport default [defineTask({ id: "in_list", run() {} })];\n`,
    "tasks/night/deep.ts":
      `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });\n`,
    "database.ini": ini,
    "old/config.py": `from tasks.work import f
s.add_job(f, 'cron', hour=1, id='fresh')
s.add_job(f, 'cron', hour=1, id='mine')
s.add_job(f, 'cron', hour=1, id='in_list')
s.add_job(f, 'cron', hour=1, id='deep')
`,
    "old/tasks/work.py": "def f():\n    execute_mysql_query('shop', 'SELECT 1')\n",
    "old/datasource/database.ini":
      "[shop]\nhost = db.old\nport = 3306\n# the new one\n[orders]\nhost = db.orders\nport = 5432\npassword = geheim\n",
    "old/task_history.json": JSON.stringify([
      { job_id: "fresh", status: "已完成", timestamp: "2026-01-31 08:00:00" },
    ]),
  });
  Deno.chmodSync(join(folder.path, "database.ini"), 0o640);
  const first = await carillon(folder.path, ["import-pyscheduler", "old", "--timezone=UTC"], { env });
  assert.equal(first.code, 1);
  const said = first.stderr.split("\n");
  for (
    const expected of [
      /^.*tasks\/mine\.ts is there already, with other content than would be written; it is left as it is$/,
      /^old\/config\.py, line 4: task in_list is left out: .*tasks\/many\.ts has a task with that id already$/,
      /^old\/config\.py, line 5: task deep is left out: .*tasks\/night\/deep\.ts has a task with that id already$/,
      /^.*database\.ini, section \[shop\] is kept as it is; in .*old\/datasource\/database\.ini it has another value of host, port$/,
    ]
  ) assert.ok(said.some((line) => expected.test(line)), `${expected}\n${first.stderr}`);
  assert.match(first.stdout, /^added \[orders\] to .*database\.ini; what was in it is left as it is$/m);
  assert.doesNotMatch(first.stdout + first.stderr, /geheim/);
  const database = Deno.readTextFileSync(join(folder.path, "database.ini"));
  assert.equal(
    database,
    `${ini}\n[orders]\ntype = postgresql\nhost = db.orders\nport = 5432\npassword = geheim\n`,
  );
  assert.equal((Deno.statSync(join(folder.path, "database.ini")).mode ?? 0) & 0o777, 0o640);
  const written = filesIn(join(folder.path, "tasks"));
  assert.deepEqual(Object.keys(written).toSorted(), ["fresh.ts", "many.ts", "mine.ts"]);
  assert.equal(written["mine.ts"], "// ours\n");

  const second = await carillon(folder.path, ["import-pyscheduler", "old", "--timezone=UTC"], { env });
  assert.match(second.stdout, /tasks\/fresh\.ts is there already; it is left as it is/);
  assert.match(second.stderr, /^imported 0 runs, 1 were there already/m);
  assert.deepEqual(filesIn(join(folder.path, "tasks")), written);
  assert.equal(Deno.readTextFileSync(join(folder.path, "database.ini")), database);

  // What an import left that was killed while it wrote is no task, and keeps nothing from being written.
  folder.remove("tasks/fresh.ts");
  folder.write("tasks/.fresh.ts.0123abcd", "import {");
  await carillon(folder.path, ["import-pyscheduler", "old", "--timezone=UTC"], { env });
  assert.equal(filesIn(join(folder.path, "tasks"))["fresh.ts"], written["fresh.ts"]);
});

Deno.test("a crontab that is imported again changes nothing, and one that has changed is said", async () => {
  await using folder = makeFolder({
    "tasks/sub/report.sh": '#!/bin/sh\n# carillon: cron="0 1 * * *"\necho\n',
  });
  const lines = "0 2 * * * /opt/backup.sh\n";
  assert.equal((await carillon(folder.path, ["import-crontab"], { input: lines })).code, 0);
  const written = filesIn(join(folder.path, "tasks"));
  const again = await carillon(folder.path, ["import-crontab"], { input: lines });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^1 lines were read, 0 tasks written, 1 were there already$/m);
  const changed = await carillon(folder.path, ["import-crontab"], {
    input: "0 3 * * * /opt/backup.sh\n5 5 * * * /opt/report\n",
  });
  assert.equal(changed.code, 1);
  assert.match(
    changed.stderr,
    /tasks\/backup\.ts is there already, with other content than would be written/,
  );
  assert.match(
    changed.stderr,
    /^crontab, line 2: task report is left out: .*tasks\/sub\/report\.sh has a task/m,
  );
  assert.deepEqual(filesIn(join(folder.path, "tasks")), written);
});
