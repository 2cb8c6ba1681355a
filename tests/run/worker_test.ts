/** What task code may do to its own run, and not to anything else (I4). Real workers, virtual time. */
import assert from "node:assert/strict";
import { logged, startCarillon, startRun as start, type TestCarillon, TESTER } from "../support/carillon.ts";
import { settled } from "../support/clock.ts";

function task(body: string, rest = ""): string {
  return `import { defineTask, log, z } from "carillon";
export default defineTask({ ${rest} async run({ log: own, signal, progress, params }) { ${body} } });`;
}

/** How many worker threads there are. */
function threads({ carillon }: TestCarillon): number {
  return carillon.queries.system.warmHosts;
}

Deno.test("a run that outlives its time limit is ended and says so, even in an endless loop", async () => {
  await using test = await startCarillon({
    "tasks/loop.ts": task(`own.info("begun"); for (;;);`, `timeout: "10s",`),
    "tasks/good.ts": task(`return "fine";`),
  });
  const { id } = await start(test, "loop");
  await logged(test, id, "begun");
  await test.clock.advance({ seconds: 10 });
  assert.equal((await test.ended((await start(test, "good")).id)).message, "fine");
  await test.clock.advance({ seconds: 5 });
  const run = await test.ended(id);
  assert.equal(run.status, "timed_out");
  assert.equal(run.message, "ended after its time limit of 10 s");
});

Deno.test("a task that heeds its signal ends by itself and keeps its worker", async () => {
  await using test = await startCarillon({
    "tasks/polite.ts": task(
      `own.info("begun"); await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`,
      `timeout: "10s",`,
    ),
  });
  const { id } = await start(test, "polite");
  await logged(test, id, "begun");
  await test.clock.advance({ seconds: 10 });
  assert.equal((await test.ended(id)).status, "timed_out");
  assert.equal(threads(test), 1);
});

Deno.test("while a run goes on, the next due instant is skipped and says why", async () => {
  await using test = await startCarillon({
    "tasks/slow.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1m"), run: ({ log }) => { log.info("begun"); return new Promise(() => {}); } });`,
  }, { flags: { "scheduler-grace": "1s" } });
  await test.clock.advance({ minutes: 1 });
  const [first] = await test.carillon.queries.runs.recent("slow");
  assert.ok(first);
  await logged(test, first.id, "begun");
  await test.clock.advance({ minutes: 1 });
  const [second] = await test.carillon.queries.runs.recent("slow");
  assert.equal(second?.status, "skipped");
  assert.equal(second?.message, "the run of 2026-03-10 10:01:00 was still going");
  const stopping = test.carillon.stop();
  await test.clock.advance({ seconds: 2 });
  await stopping;
});

Deno.test("idle workers are ended, so that an idle Carillon has none", async () => {
  await using test = await startCarillon({ "tasks/a.ts": task(`return 1;`) });
  await test.ended((await start(test, "a")).id);
  await settled();
  assert.equal(threads(test), 1);
  await test.clock.advance({ minutes: 2 });
  assert.equal(threads(test), 0);
  assert.equal((await test.ended((await start(test, "a")).id)).status, "succeeded");
});

Deno.test("when Carillon stops, what outlives the grace time is interrupted and recorded", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(`own.info("begun"); await new Promise(() => {});`),
  }, {
    flags: { "scheduler-grace": "5s" },
  });
  const { id } = await start(test, "a");
  await logged(test, id, "begun");
  const restarting = test.restart();
  await test.clock.advance({ seconds: 6 });
  await using again = await restarting;
  const run = await again.carillon.queries.runs.find(id);
  assert.equal(run?.status, "interrupted");
  assert.equal(run?.message, "Carillon was stopped");
});

Deno.test("a restart keeps the history and tells what was missed", async () => {
  await using test = await startCarillon({
    "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("10m"), run: () => "tick" });`,
  });
  await test.clock.advance({ minutes: 10 });
  const [run] = await test.carillon.queries.runs.recent("tick");
  assert.ok(run);
  await test.ended(run.id);
  await using again = await test.restart({ minutes: 35 });
  await again.clock.advance({ seconds: 1 });
  const runs = await again.carillon.queries.runs.recent("tick");
  assert.deepEqual(runs.map(({ status, instants }) => [status, instants]), [["missed", 3], ["succeeded", 1]]);
  assert.match(runs[0]?.message ?? "", /from 2026-03-10 10:20:00 to 2026-03-10 10:40:00 \(3 instants\)/);
});

for (const executor of ["worker", "process", "inline"]) {
  Deno.test(`${executor}: secrets are masked in logs, messages, progress and errors`, async () => {
    await using test = await startCarillon({
      "database.ini": "[db]\ntype = sqlite\ndatabase = x.db\npassword = hunter22\n",
      "tasks/a.ts": `import { defineTask, secret, z } from "carillon";
export default defineTask({ executor: "${executor}", params: z.object({ fail: z.boolean().optional() }),
  run({ log, progress, params }) {
    const token = secret("crm_token");
    log.info("token", { token }, "hunter22");
    progress(0.5, token);
    if (params.fail) throw new Error("no luck with " + token, { cause: new Error("hunter22") });
    return "used " + token;
  } });`,
    }, { ini: "[secrets]\ncrm_token = t0k3n-value\n" });
    const good = await test.ended((await start(test, "a")).id);
    assert.equal(good.message, "used •••");
    assert.equal(good.progress?.note, "•••");
    const bad = await test.ended((await start(test, "a", { fail: "true" })).id);
    assert.equal(bad.error?.message, "no luck with •••");
    const everything = JSON.stringify([
      good,
      bad,
      await test.carillon.queries.runs.lines(good.id),
      test.lines,
    ]);
    assert.doesNotMatch(everything, /t0k3n-value|hunter22/);
    assert.match(bad.error?.stack ?? "", /Caused by: Error: •••/);
  });
}

Deno.test("a secret that is not there is an error that names those that are", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": `import { defineTask, secret } from "carillon";
export default defineTask({ run: () => secret("crm_tokn") });`,
  }, { ini: "[secrets]\ncrm_token = t0k3n-value\n" });
  const run = await test.ended((await start(test, "a")).id);
  assert.match(run.error?.message ?? "", /has no "crm_tokn"; did you mean "crm_token"\?/);
});

Deno.test("a calendar file beside the task is read, and a change of it is a change of the task", async () => {
  const ics = (day: string) =>
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:${day}\r\nSUMMARY:Off\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
  await using test = await startCarillon({
    "tasks/holidays.ics": ics("20260310"),
    "tasks/a.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), calendar: { file: "holidays.ics" }, run() {} });`,
    "tasks/b.ts": `import { defineTask } from "carillon";
export default defineTask({ calendar: { file: "nowhere.ics" }, run() {} });`,
  });
  const [broken] = test.carillon.queries.tasks.broken();
  assert.match(
    broken?.message ?? "",
    /calendar\.file: "nowhere\.ics": there is no such file beside the task/,
  );
  await test.clock.advance({ hours: 1 });
  assert.equal(
    (await test.carillon.queries.runs.recent("a"))[0]?.message,
    "2026-03-10 is not a working day: Off",
  );
  test.folder.write("tasks/holidays.ics", ics("20260311"));
  await test.carillon.operations.reload(TESTER);
  await test.clock.advance({ hours: 1 });
  assert.notEqual((await test.carillon.queries.runs.recent("a"))[0]?.status, "skipped");
});

Deno.test("a run that goes on while its file changes ends on the version it began with", async () => {
  const version = (n: number) =>
    `import { defineTask } from "carillon";
export default defineTask({ async run({ log, signal }) {
  log.info("begun"); await new Promise((resolve) => signal.addEventListener("abort", resolve)); return ${n};
}, timeout: "1m" });`;
  await using test = await startCarillon({ "tasks/a.ts": version(1) });
  const { id } = await start(test, "a");
  await logged(test, id, "begun");
  test.folder.write(
    "tasks/a.ts",
    `import { defineTask } from "carillon";
export default defineTask({ run: () => "second" });`,
  );
  const { changed } = await test.carillon.operations.reload(TESTER);
  assert.deepEqual(changed.map((task) => task.id), ["a"]);
  await test.clock.advance({ minutes: 1 });
  assert.equal((await test.ended(id)).status, "timed_out");
  assert.equal((await test.ended((await start(test, "a")).id)).message, "second");
});
