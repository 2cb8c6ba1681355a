/** Backfills through the door and the API: previewed, started, refused, resumed after a restart, cancelled. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BackfillPlan } from "../../app/model/backfill.ts";
import { BackfillFiles } from "../../app/service/backfill_files.ts";
import { passWhile, startCarillon, startStill, type TestCarillon, TESTER } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";

const DAILY = `import { cron, defineTask, z } from "carillon";
export default defineTask({ trigger: cron({ hour: 6 }), window: { from: "begin" }, calendar: {},
  params: z.object({ begin: z.iso.date(), shop: z.string().default("all") }),
  run: ({ params, window }) => [params.begin, window.to, params.shop].join(" ") });`;
const BY_HAND = `import { defineTask } from "carillon"; export default defineTask({ run() {} });`;
const SLOW = `import { cron, defineTask } from "carillon";
export default defineTask({ trigger: cron({ hour: 6 }), run: ({ signal }) => new Promise((_, no) => signal.onabort = no) });`;

async function asked(
  test: TestCarillon,
  path: string,
  body?: unknown,
): Promise<[number, Record<string, unknown>]> {
  const answer = await test.fetch(`/api/v1/${path}`, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
  return [answer.status, await answer.json() as Record<string, unknown>];
}

async function done(test: TestCarillon, id: string): Promise<void> {
  const { backfills } = test.carillon.queries;
  const ended = new Promise<void>((resolve) => test.carillon.events.on("backfill.ended", () => resolve()));
  if (backfills.get(id).state === "going") await passWhile(ended, test.clock, { milliseconds: 10 });
}

Deno.test("a preview starts nothing and says what would; a backfill has each instant, its window and its parameters", async () => {
  await using test = await startCarillon({ "tasks/daily.ts": DAILY });
  const range = { from: "2026-03-02", to: "2026-03-10" };
  const [status, preview] = await asked(test, "tasks/daily/backfills", { ...range, dry: true });
  assert.equal(status, 200);
  const instants = preview.instants as string[];
  // The weekend of the 7th is closed by its calendar; today's 06:00 is past, and belongs to it.
  assert.deepEqual(instants.map((at) => at.slice(8, 13)), [
    "02T06",
    "03T06",
    "04T06",
    "05T06",
    "06T06",
    "09T06",
    "10T06",
  ]);
  assert.deepEqual([preview.closed, preview.at_once], [2, 1]);
  assert.deepEqual(await test.carillon.queries.runs.recent("daily"), []);
  const [begun, answer] = await asked(test, "tasks/daily/backfills", { ...range, params: { shop: "north" } });
  assert.equal(begun, 202, JSON.stringify(answer));
  const { id } = answer.backfill as { id: string };
  await done(test, id);
  const messages = (await test.carillon.queries.runs.recent("daily")).toReversed().map(({ message }) =>
    message
  );
  assert.equal(messages[0], "2026-02-27 2026-03-02T06:00:00Z north");
  assert.equal(messages[5], "2026-03-06 2026-03-09T06:00:00Z north");
  assert.equal(messages.length, 7);
  const [, shown] = await asked(test, `backfills/${id}`);
  assert.deepEqual([shown.state, shown.ended, shown.by], ["done", { succeeded: 7 }, "the API"]);
  const [, list] = await asked(test, "backfills?task=daily");
  assert.equal((list.backfills as unknown[]).length, 1);
  assert.deepEqual((await asked(test, "backfills?task=other"))[1], { backfills: [] });
});

Deno.test("what cannot be is refused with a sentence, and starts nothing", async () => {
  await using test = await startStill({ "tasks/daily.ts": DAILY, "tasks/hand.ts": BY_HAND });
  const range = { from: "2026-03-02", to: "2026-03-04" };
  const cases: [string, unknown, number, RegExp][] = [
    ["nobody", range, 404, /no task "nobody"/],
    ["hand", range, 409, /has no trigger, so there are no due instants/],
    ["daily", { from: "yesterday", to: "2026-03-04" }, 422, /from: "yesterday" is not a date and time/],
    [
      "daily",
      { from: "2026-03-04", to: "2026-03-02" },
      422,
      /ends before it begins: from 2026-03-04 00:00:00 to 2026-03-02 23:59:59/,
    ],
    ["daily", { from: "2026-04-01", to: "2026-04-02" }, 422, /no instant in the past/],
    ["daily", { from: "2026-03-07", to: "2026-03-08" }, 422, /no instant in the past/],
    ["daily", { ...range, at_once: 0 }, 422, /0 is not a whole number from 1 to 100/],
    ["daily", { from: "1970-01-01", to: "2026-03-04" }, 422, /more than 10000 instants/],
    ["daily", { ...range, params: { shp: "x" } }, 422, /shp: unknown parameter; did you mean "shop"/],
    ["daily", { ...range, params: { begin: "never" } }, 422, /begin: /],
    ["daily", { ...range, colour: "red" }, 400, /cannot be read/],
    ["daily", "{", 400, /the body is not JSON/],
    ["daily", `{"from":"${"x".repeat(200_000)}"}`, 400, /from: .*<=100 characters/],
    ["daily", `{"from":"${"x".repeat(1_100_000)}"}`, 413, /more than 1024 KB/],
  ];
  for (const [task, body, expected, sentence] of cases) {
    const [status, { message }] = await asked(test, `tasks/${task}/backfills`, body);
    assert.equal(status, expected, `${task} ${JSON.stringify(body).slice(0, 80)} ${message}`);
    assert.match(String(message), sentence);
  }
  assert.deepEqual(test.carillon.queries.backfills.all(), []);
  assert.equal((await asked(test, "backfills/bf-none-0000"))[0], 404);
  assert.equal((await asked(test, "backfills/bf-none-0000/cancel", {}))[0], 404);
});

Deno.test("after a restart it goes on where it was; two of one task do not go on at one time; cancelled, it stays so", async () => {
  await using test = await startCarillon({ "tasks/slow.ts": SLOW }, { flags: { "scheduler-grace": "0s" } });
  const { operations } = test.carillon;
  const answer = await operations.backfill(TESTER, "slow", { from: "2026-03-01", to: "2026-03-03" });
  assert.ok(answer.ok);
  const { id } = answer.progress.plan;
  await assert.rejects(
    () => operations.backfill(TESTER, "slow", { from: "2026-03-01", to: "2026-03-02" }),
    /Backfill "bf-.*" of task "slow" is still going/,
  );
  const restarted = test.restart();
  await passWhile(restarted, test.clock, { seconds: 1 });
  await using again = await restarted;
  const [going] = again.carillon.queries.backfills.all();
  assert.deepEqual([going?.plan.id, going?.state, going?.waiting, going?.going.length], [id, "going", 2, 1]);
  again.carillon.operations.cancelBackfill({ channel: "page", name: "Anna" }, id);
  assert.throws(() => again.carillon.operations.cancelBackfill(TESTER, id), /is over already: cancelled/);
  const stopped = again.restart();
  await passWhile(stopped, again.clock, { seconds: 1 });
  await using last = await stopped;
  assert.equal(last.carillon.queries.backfills.get(id).state, "cancelled");
  assert.equal(last.carillon.queries.runs.unfinished().length, 0);
});

Deno.test("secrets among its parameters: the runs get them, also after a restart; nothing shows them", async () => {
  await using test = await startCarillon({
    "tasks/daily.ts": `import { cron, defineTask, z } from "carillon";
export default defineTask({ trigger: cron({ hour: 6 }),
  params: z.object({ own: z.string().default("s3cret-of-the-crm"), typed: z.string() }),
  run: ({ params }) => [params.own.length, params.typed.length].join(" ") });`,
  }, { ini: "[secrets]\ncrm = s3cret-of-the-crm\n" });
  const said: unknown[] = [];
  test.carillon.events.on("backfill.started", (event) => said.push(event));
  test.carillon.events.on("backfill.ended", (event) => said.push(event));
  const [begun, answer] = await asked(test, "tasks/daily/backfills", {
    from: "2026-03-02",
    to: "2026-03-03",
    // The first one comes from a form, as it was shown in it.
    params: { own: "•••", typed: "s3cret-of-the-crm" },
  });
  assert.equal(begun, 202, JSON.stringify(answer));
  const { id } = answer.backfill as { id: string };
  await done(test, id);
  const file = join(test.config.scheduler.data, "backfills", `${id}.ndjson`);
  assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  const runs = await test.carillon.queries.runs.recent("daily");
  assert.deepEqual(runs.map(({ message }) => message), ["17 17", "17 17"]);
  // As if it had been cut off: the file has the parameters as they were given.
  Deno.writeTextFileSync(
    file,
    Deno.readTextFileSync(file).split("\n")[0]?.replaceAll(id, "bf-again-0000") ?? "",
  );
  Deno.renameSync(file, file.replace(id, "bf-again-0000"));
  await using again = await test.restart();
  await done(again, "bf-again-0000");
  assert.deepEqual(
    (await again.carillon.queries.runs.recent("daily")).map(({ message }) => message),
    Array(4).fill("17 17"),
  );
  const shown = [
    JSON.stringify([answer, said]),
    JSON.stringify(await asked(again, "backfills/bf-again-0000")),
    JSON.stringify(await asked(again, "backfills")),
    await (await again.fetch("/backfills/bf-again-0000")).text(),
    await (await again.fetch("/tasks/daily/backfill")).text(),
  ];
  for (const text of shown) assert.doesNotMatch(text, /s3cret/);
  assert.match(shown[1] ?? "", /"typed":"•••"/);
});

Deno.test("a file that a crash cut off at any byte is read as far as it goes, or said to be damaged", async () => {
  await using folder = makeFolder();
  const damaged: string[] = [];
  const files = new BackfillFiles(join(folder.path, "backfills"), (sentence) => damaged.push(sentence));
  assert.deepEqual(files.read(), []);
  const plan: BackfillPlan = {
    id: "bf-test-0000",
    taskId: "a",
    from: 0,
    to: 10,
    instants: [1, 2],
    atOnce: 1,
    params: { a: [1, null] },
    by: "安娜",
    askedAt: 5,
  };
  files.begin(plan);
  assert.throws(() => files.begin(plan), /it is there already/);
  files.add(plan.id, { kind: "ended", instant: 1, run: "x", status: "succeeded" });
  files.add(plan.id, { kind: "cancelled", at: 3 });
  const path = join(folder.path, "backfills", "bf-test-0000.ndjson");
  const whole = Deno.readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    const told = damaged.length;
    const [record] = files.read();
    if (!record) {
      assert.equal(damaged.length, told + 1);
      continue;
    }
    assert.deepEqual(record.plan, plan);
    files.add(plan.id, { kind: "ended", instant: 2, run: "y", status: "failed" });
    const [more] = files.read();
    assert.deepEqual(more?.entries.at(-1), { kind: "ended", instant: 2, run: "y", status: "failed" });
    assert.ok((more?.entries.length ?? 0) === record.entries.length + 1);
  }
  assert.ok(damaged.length > 50 && damaged.length < whole.length);
  Deno.writeTextFileSync(join(folder.path, "backfills", "notes.txt"), "mine");
  files.remove(plan.id);
  assert.deepEqual(files.read(), []);
});
