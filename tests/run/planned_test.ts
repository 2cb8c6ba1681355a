/** Runs that a run plans by `schedule`: at their moment, once, over restarts, shown, and taken back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Run } from "../../app/model/run.ts";
import { PlannedFiles } from "../../app/service/planned_files.ts";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";
import { startHosts } from "../support/hosts.ts";

const PLANS = (body: string) =>
  `import { defineTask, schedule } from "carillon";\nexport default defineTask({ run({ log }) { ${body} } });\n`;
const REMIND = `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ order: z.number() }), run: ({ params }) => "order " + params.order });\n`;
const AT = "2026-03-10T12:00:00Z";

/** The run of a task that is planned, once it has ended. */
function planned(test: TestCarillon, taskId: string): Promise<Run> {
  return new Promise((resolve) => {
    const end = test.carillon.events.on("run.ended", ({ run }) => {
      if (run.taskId !== taskId || run.cause !== "planned") return;
      end();
      resolve(run);
    });
  });
}

async function asked(test: TestCarillon, id = "ask"): Promise<Run> {
  return await test.ended((await startRun(test, id)).id);
}

Deno.test("a planned run begins at its moment, with its parameters, and is shown until then", async () => {
  await using test = await startCarillon({
    "tasks/ask.ts": PLANS(
      `schedule("remind", Temporal.Instant.from("${AT}"), { order: 17 }); schedule("remind", "2026-03-10T14:00:00+01:00", { order: 18 });`,
    ),
    "tasks/remind.ts": REMIND,
  });
  const { id } = await asked(test);
  const { tasks, runs } = test.carillon.queries;
  assert.deepEqual(tasks.planned("remind").map(({ at, params, askedBy }) => [at, params, askedBy]), [
    [Date.parse(AT), { order: 17 }, id],
    [Date.parse("2026-03-10T13:00:00Z"), { order: 18 }, id],
  ]);
  assert.deepEqual(tasks.planned("ask"), []);
  const page = await (await test.fetch("/tasks/remind")).text();
  assert.match(page, /2 planned by other runs/);
  assert.match(page, /{&quot;order&quot;:17}/);
  assert.ok(page.includes(`/runs/${id}`));
  await test.clock.advance({ minutes: 119 });
  assert.deepEqual(await runs.recent("remind"), []);
  const first = planned(test, "remind");
  await test.clock.advance({ minutes: 2 });
  const run = await first;
  assert.deepEqual([run.message, run.scheduledAt, run.status], ["order 17", Date.parse(AT), "succeeded"]);
  assert.equal(tasks.planned("remind").length, 1);
});

Deno.test("plans outlive a restart; what became due meanwhile begins at once; each has one record", async () => {
  const before = await startCarillon({
    "tasks/ask.ts": PLANS(
      `schedule("remind", "${AT}", { order: 1 }); schedule("remind", "2030-01-01T00:00:00Z", { order: 2 });`,
    ),
    "tasks/remind.ts": REMIND,
  });
  await asked(before);
  const [first] = before.carillon.queries.tasks.planned("remind");
  assert.ok(first);
  await using test = await before.restart({ hours: 24 });
  const until = async (count: number): Promise<readonly Run[]> => {
    for (;;) {
      const runs = await test.carillon.queries.runs.recent("remind");
      if (runs.length >= count && runs.every(({ finishedAt }) => finishedAt !== undefined)) return runs;
      await test.clock.advance({ milliseconds: 1 });
    }
  };
  const runs = await until(1);
  assert.deepEqual(runs.map(({ message, cause, by }) => [message, cause, by]), [[
    "order 1",
    "planned",
    first.id,
  ]]);
  // A crash between the record and the removal of the plan: the plan is there again, its run is not made twice.
  new PlannedFiles(join(test.config.scheduler.data, "planned"), assert.fail).add(first);
  await using again = await test.restart({ hours: 1 });
  assert.deepEqual(again.carillon.queries.tasks.planned("remind").map(({ params }) => params), [{
    order: 2,
  }]);
  assert.equal((await again.carillon.queries.runs.recent("remind")).length, 1);
});

Deno.test("a plan for a task that is gone ends in a skipped record, one with wrong parameters in a failed one", async () => {
  await using test = await startCarillon({
    "tasks/ask.ts": PLANS(
      `schedule("nobody", "${AT}"); schedule("remind", "${AT}", { order: "many" }); schedule("other", "2020-01-01T00:00:00Z");`,
    ),
    "tasks/other.ts":
      `import { defineTask } from "carillon"; export default defineTask({ run: () => "at once" });`,
    "tasks/remind.ts": REMIND,
  });
  const atOnce = planned(test, "other");
  const { id } = await asked(test);
  assert.match(
    (await test.carillon.queries.runs.lines(id)).map(({ text }) => text).join("\n"),
    /schedule: there is no task "nobody" now; it is looked for when it is due/,
  );
  assert.equal((await atOnce).message, "at once");
  const wrong = planned(test, "remind");
  await test.clock.advance({ hours: 3 });
  assert.match((await wrong).error?.message ?? "", /^order: /);
  const [skipped, ...others] = await test.carillon.queries.runs.recent("nobody");
  assert.deepEqual(others, []);
  assert.deepEqual([skipped?.status, skipped?.message], ["skipped", "there is no such task any more"]);
  assert.deepEqual(test.carillon.queries.tasks.planned(), []);
});

Deno.test("a run that fails plans nothing; a plan can be taken back until it begins", async () => {
  await using test = await startCarillon({
    "tasks/ask.ts": PLANS(`schedule("remind", "${AT}", { order: 1 });`),
    "tasks/fails.ts": PLANS(`schedule("remind", "${AT}", { order: 2 }); throw new Error("no");`),
    "tasks/remind.ts": REMIND,
  });
  await asked(test, "fails");
  assert.deepEqual(test.carillon.queries.tasks.planned(), []);
  await asked(test);
  const listed = await (await test.fetch("/api/v1/planned?task=remind")).json() as {
    planned: { id: string; at: string }[];
  };
  assert.deepEqual(listed.planned.map(({ at }) => at), ["2026-03-10T12:00:00.000Z"]);
  const cancel = () => test.fetch(`/api/v1/planned/${listed.planned[0]?.id}/cancel`, { method: "POST" });
  assert.equal((await cancel()).status, 200);
  assert.equal((await cancel()).status, 404);
  await test.clock.advance({ hours: 5 });
  assert.deepEqual(await test.carillon.queries.runs.recent("remind"), []);
  assert.deepEqual([...Deno.readDirSync(join(test.config.scheduler.data, "planned"))], []);
});

Deno.test("what cannot be planned is an error of the run", async () => {
  await using hosts = startHosts();
  const cases: [string, RegExp][] = [
    [`schedule("x", "soon")`, /^failed: schedule: "soon" is no moment; write /],
    [`schedule("x", new Date(NaN))`, /is no moment/],
    [`schedule("x", 5)`, /is no moment/],
    [`schedule("", "5m")`, /name a task by its id/],
    [`schedule("x", "5m", [1])`, /params is an object/],
    [`for (let i = 0; i < 1001; i++) schedule("x", "5m")`, /a run plans 1000 others at the most/],
    [`schedule("x", "5m", { a: "x".repeat(300_000) })`, /have 256000 characters at the most; these have 300/],
    [`schedule("x", "5m", { a: 1n })`, /BigInt/],
  ];
  for (const [body, expected] of cases) {
    const { said } = await hosts.run(`const { schedule } = await import("carillon"); ${body};`);
    assert.match(said, expected);
  }
});

Deno.test("a plan with a secret among its parameters is none, and its run says so; what lacks one is none either", async () => {
  await using test = await startCarillon({
    "tasks/ask.ts": `import { defineTask, schedule, secret } from "carillon";
export default defineTask({ run() {
  schedule("remind", "2030-01-01T00:00:00Z", { order: 1, key: secret("key") });
  schedule("remind", "2030-01-01T00:00:00Z", { order: 2, key: "•••" });
  schedule("remind", "2030-01-01T00:00:00Z", { order: 3 });
} });`,
    "tasks/remind.ts": REMIND,
  }, { ini: "[secrets]\nkey = abracadabra\n" });
  const { id } = await asked(test);
  const { tasks, runs } = test.carillon.queries;
  assert.deepEqual(tasks.planned("remind").map(({ params }) => params), [{ order: 3 }]);
  const said = (await runs.lines(id)).filter(({ level }) => level === "error").map(({ text }) => text);
  assert.equal(said.length, 2);
  for (const line of said) {
    assert.match(line, /^schedule: remind could not be planned: a parameter holds an entry of \[secrets\]/);
  }
  const folder = join(test.config.scheduler.data, "planned");
  const files = [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFileSync(join(folder, name)));
  assert.equal(files.length, 1);
  for (const text of [...files, ...said]) assert.ok(!text.includes("abracadabra"));
});

Deno.test("files of plans that are damaged, half written or not Carillon's are left, and said", async () => {
  await using folder = makeFolder({
    "plan-a.json": "{",
    "plan-b.json": `{"id":"../x","taskId":"t","at":1,"params":{},"askedBy":"r","askedAt":1}`,
    "plan-c.json.new": "",
    "other.json": "{}",
  });
  const said: string[] = [];
  const files = new PlannedFiles(folder.path, (sentence) => said.push(sentence));
  assert.deepEqual(files.read(), []);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? "", /plan-a\.json cannot be read \(.*\); it does not begin$/);
  const plan = { id: "plan-d", taskId: "订单", at: 5, params: { a: [1] }, askedBy: "r", askedAt: 1 };
  files.add(plan);
  assert.deepEqual(files.read(), [plan]);
  files.remove("plan-d");
  files.remove("plan-d");
  assert.deepEqual(files.read(), []);
});
