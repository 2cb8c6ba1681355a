/** Scripts in the tasks folder, which are tasks by a comment. */
import assert from "node:assert/strict";
import { startRun, startStill } from "../support/carillon.ts";
import { POLICY_KEYS } from "../../app/policy/policies.ts";
import { scriptModule } from "../../app/task/script.ts";
import { DEFINITION_KEYS } from "../../app/task/script_keys.ts";

Deno.test("scripts with the comment are tasks, those without are none", async () => {
  await using test = await startStill({
    "tasks/backup.sh":
      `#!/bin/bash\n# Saves it.\n# carillon: cron="0 2 * * *" timezone=Europe/Berlin timeout=10m\n# carillon: tags=db,night title="Nightly \\"save\\"" success=0,3 params=day\necho "$PARAM_DAY \${BASH_VERSION:0:1}"; exit 3\n`,
    "tasks/sync.py":
      `# carillon: every=15m\nimport os, sys\nprint("50%")\nprint("from", os.path.basename(__file__))\n`,
    "tasks/library.py": `def f():\n  pass\n`,
    "tasks/_off.sh": `# carillon: every=1m\n`,
    "tasks/no_trigger.sh": `# carillon:\necho by hand\n`,
  });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["backup", "no_trigger", "sync"]);
  const { description } = tasks.find("backup")?.task ?? {};
  assert.equal(description?.title, `Nightly "save"`);
  assert.deepEqual(description?.tags, ["db", "night"]);
  assert.match(JSON.stringify(description?.triggers), /Europe\/Berlin/);
  const messages = [];
  for (const [id, params] of [["backup", { day: "monday" }], ["sync", {}], ["no_trigger", {}]] as const) {
    const { message, error } = await test.ended((await startRun(test, id, { ...params })).id);
    messages.push(message ?? error?.message);
  }
  assert.match(messages[0] ?? "", /^monday \d$/);
  assert.deepEqual(messages.slice(1), ["from sync.py", "by hand"]);
});

const WRONG: [string, number, RegExp][] = [
  [`#!/bin/sh\n# carillon: crn="0 2 * * *"\n`, 2, /^# carillon: unknown key "crn"; .*cron/],
  [`# carillon: every 5m\n`, 1, /^"every 5m" is not key=value; write # carillon: cron=/],
  [`# carillon: cron="0 2 * * *\n`, 1, /^"cron="0 2 \* \* \*" is not key=value/],
  [`# carillon: every=5m"x"\n`, 1, /is not key=value/],
  [`#!/bin/sh\n\n# carillon every=5m\n`, 3, /^the colon is missing; write # carillon: every=5m$/],
  [
    `# carillon: title=a\n# carillon: title=b\n`,
    2,
    /^# carillon: title is given twice, the first time in line 1$/,
  ],
  [`# carillon: retry.tries=3\n`, 1, /^# carillon: retry: unknown key "tries"; .*attempts/],
  [`# carillon: retrie=3\n`, 1, /^# carillon: unknown key "retrie"; did you mean "retry"\?/],
  [`# carillon: atStart=maybe\n`, 1, /^# carillon: atStart: "maybe" is neither yes nor no$/],
  [
    `# carillon: hook=gh\n`,
    1,
    /^# carillon: hook is written by its parts: hook\.secret, hook\.verify, hook\.param$/,
  ],
  [`# carillon: memory=1GB\n`, 1, /^# carillon: unknown key "memory"/],
];

for (const [text, line, message] of WRONG) {
  Deno.test(`a comment that cannot be has its line: ${JSON.stringify(text)}`, () => {
    assert.throws(() => scriptModule("/t/x.sh", text), (error) => {
      assert.ok(error instanceof Error && "line" in error);
      assert.match(error.message, message);
      assert.equal(error.line, line);
      return true;
    });
  });
}

/** What a host finds wrong: file, text, line and message. */
const REFUSED: readonly [string, string, number, RegExp][] = [
  ["a.sh", `#!/bin/sh\n# carillon: title=x\n# carillon: cron="99 2 * * *"\n`, 3, /99/],
  ["b.sh", `# carillon: success=ok\n`, 1, /^# carillon: success: it is a list of exit codes/],
  [
    "c.py",
    `# Text.\n# carillon: retry=many\n`,
    2,
    /^# carillon: retry\.attempts: "many" is not a whole number/,
  ],
  [
    "z.sh",
    `# carillon:\n# carillon: params=begin-date,begin_date\n`,
    2,
    /^# carillon: params: begin-date and begin_date would both be the variable PARAM_BEGIN_DATE of the program: /,
  ],
  ["d.sh", `# carillon:\n# carillon: timeout=soon\n`, 2, /^# carillon: timeout: /],
  ["e.sh", `# carillon: every=1m\n# carillon: watch="~/in/*"\n`, 2, /^# carillon: watch\.files: /],
  [
    "f.sql",
    `-- carillon: database=d\n-- carillon: pauseAfter=often\n`,
    2,
    /^-- carillon: pauseAfter: "often"/,
  ],
  ["g.sh", `# carillon: every=1m\n# carillon: blackout.from=22:00\n`, 2, /^# carillon: blackout/],
  ["h.sh", `# carillon: after.on=end\n`, 1, /^# carillon: after\.task: it names the other task/],
];

Deno.test("a comment with a wrong value is shown as a broken file, with its line", async () => {
  await using test = await startStill(
    Object.fromEntries(REFUSED.map(([file, text]) => [`tasks/${file}`, text])),
  );
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.ids(), []);
  const broken = new Map(tasks.broken().map((each) => [each.path, each]));
  for (const [file, , line, message] of REFUSED) {
    assert.match(broken.get(file)?.message ?? "", message);
    assert.equal(broken.get(file)?.place?.line, line, `${file}: ${broken.get(file)?.message}`);
  }
});

const EVERYTHING = `#!/bin/sh
# carillon: id="all of them" title=T description="It does." tags=a,b
# carillon: cron="0 2 * * *" cron="0 14 * * *" every=1h at=2030-01-01T00:00 atStart=yes
# carillon: timezone=Europe/Berlin startDate=2026-01-01 endDate=2030-01-01
# carillon: timeout=10m locks=x,y retry=3 retry.delay=5s retry.backoff=2 retry.maxDelay=1m retry.only=CommandError
# carillon: interrupted=again overlap=queue concurrency=2 priority=-3 jitter=30s
# carillon: misfire.grace=2m misfire.catchUp=all misfire.limit=7
# carillon: window=sinceLastDue window.from=begin window.to=end
# carillon: blackout.from=22:00 blackout.to=06:00 blackout.weekdays=fri
# carillon: calendar=cn calendar.holidays=2026-12-24,2026-12-25 calendar.onHoliday=next
# carillon: after=other,another after.on=failure
# carillon: watch="in/*.{csv,txt},more/*" watch.param=path watch.still=10s
# carillon: hook.secret=gh hook.verify=github hook.param=body
# carillon: pauseAfter=3 expect=every budget=20m doneBy=08:00
# carillon: confirm=name approval.by=operator approval.expires=2h notify=no executor=process
# carillon: permissions.net=example.com permissions.run=yes permissions.read=no
# carillon: ping.secret=hc
# carillon: secrets=crm_token databases=dwh keep=500 keepDays=30 params=day param.city=Lund
echo x
`;

Deno.test("a script's comment says all that a definition can say in words", async () => {
  await using test = await startStill({
    "tasks/script.sh": EVERYTHING,
    "tasks/same.ts": `import { at, atStart, command, cron, every, z } from "carillon";
const bounds = { timezone: "Europe/Berlin", startDate: "2026-01-01", endDate: "2030-01-01" };
const text = () => z.string().optional();
export default command({
  id: "same", title: "T", description: "It does.", tags: ["a", "b"], run: "x",
  trigger: [cron("0 2 * * *", bounds), cron("0 14 * * *", bounds), every("1h", bounds),
    at("2030-01-01T00:00", { timezone: "Europe/Berlin" }), atStart()],
  timeout: "10m", locks: ["x", "y"],
  retry: { attempts: 3, delay: "5s", backoff: 2, maxDelay: "1m", only: ["CommandError"] },
  interrupted: "again", overlap: "queue", concurrency: 2, priority: -3, jitter: "30s",
  misfire: { grace: "2m", catchUp: "all", limit: 7 },
  window: { span: "sinceLastDue", from: "begin", to: "end" },
  blackout: { from: "22:00", to: "06:00", weekdays: "fri" },
  calendar: { country: "cn", holidays: ["2026-12-24", "2026-12-25"], onHoliday: "next" },
  after: [{ task: "other", on: "failure" }, { task: "another", on: "failure" }],
  watch: { files: ["in/*.{csv,txt}", "more/*"], param: "path", still: "10s" },
  hook: { secret: "gh", verify: "github", param: "body" },
  pauseAfter: 3, expect: "every", budget: "20m", doneBy: "08:00", confirm: "name",
  approval: { by: "operator", expires: "2h" }, notify: false, ping: { secret: "hc" }, executor: "process",
  permissions: { net: ["example.com"], run: true, read: false },
  secrets: ["crm_token"], databases: ["dwh"], keep: 500, keepDays: 30,
  params: z.object({ day: text(), path: text(), begin: text(), end: text(), body: z.unknown().optional(),
    city: z.string().default("Lund") }),
});\n`,
  }, { ini: "[auth]\nmode = password\n" });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["all of them", "same"]);
  const [script, same] = tasks.ids().map((id) => ({ ...tasks.find(id)?.task.description, id: "" }));
  assert.deepEqual(script, same);
});

Deno.test("an address of pings and a secret that holds one are not both given", async () => {
  for (
    const keys of ["ping=https://hc.example/x ping.secret=hc", "ping.secret=hc ping=https://hc.example/x"]
  ) {
    await using test = await startStill({ "tasks/told.sh": `# carillon: ${keys}\necho\n` });
    const [broken] = test.carillon.queries.tasks.broken();
    assert.match(broken?.message ?? "", /ping: unknown key ""/);
    assert.doesNotMatch(broken?.message ?? "", /hc\.example/);
  }
});

Deno.test("there is no key of a definition that a comment could not have", () => {
  const first = new Set(DEFINITION_KEYS.map((key) => key.split(".")[0]));
  assert.deepEqual(POLICY_KEYS.filter((key) => !first.has(key)), []);
});

Deno.test("a script is run for each new file, whose path it is given", async () => {
  await using test = await startStill({
    "tasks/take.sh": `# carillon: watch=inbox/*.csv param.mode=fast\necho "$PARAM_FILE $PARAM_MODE"\n`,
  });
  const run = await test.ended((await startRun(test, "take", { file: "inbox/a.csv" })).id);
  assert.equal(run.message, "inbox/a.csv fast", run.error?.message ?? "");
});

Deno.test("a prose comment that names the program makes no task, and a mark or a capital no difference", () => {
  assert.equal(scriptModule("/t/x.sh", "# carillon runs this\n# Carillon x\n"), undefined);
  assert.match(scriptModule("/t/x.sh", "\uFEFF# Carillon: title=x\r\necho\r\n") ?? "", /title: "x"/);
  assert.equal(scriptModule("/t/x.sh", `${"#\n".repeat(30)}# carillon: every=1m\n`), undefined);
});

Deno.test("what a comment holds stays text in the module that is made of it", () => {
  const code =
    scriptModule("/t/x'\"`.sh", `# carillon: title="\${1} \`x\`" description='"); throw 1; ("'\n`) ?? "";
  assert.ok(code.includes(`title: "\${1} \`x\`"`));
  assert.ok(code.includes(String.raw`description: "\"); throw 1; (\""`));
});
