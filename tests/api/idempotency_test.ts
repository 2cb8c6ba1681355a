/** A request that comes again is acted on once: for a day, of its own task, with the same parameters. */
import assert from "node:assert/strict";
import { IdempotencyKeys } from "../../app/service/idempotency.ts";
import { startCarillon, startStill, type TestCarillon } from "../support/carillon.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask, z } from "carillon";
export default defineTask({ concurrency: 100, params: z.object({ n: z.number().default(1) }), run() { return "done"; } });`,
  "tasks/a b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  "tasks/b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
};

interface Answer {
  readonly status: number;
  readonly run?: { readonly id: string; readonly status: string };
  readonly detail?: string;
}

async function start(
  test: TestCarillon,
  task: string,
  key: string,
  body: unknown = {},
  query = "",
): Promise<Answer> {
  const answer = await test.fetch(`/api/v1/tasks/${task}/runs${query}`, {
    method: "POST",
    headers: { "idempotency-key": key },
    body: JSON.stringify(body),
  });
  return { ...await answer.json() as Answer, status: answer.status };
}

const runsOf = async (test: TestCarillon, task: string) =>
  (await test.carillon.queries.runs.recent(task)).length;

Deno.test("50 equal requests at one time start one run, and each is told of it", async () => {
  await using test = await startStill(FILES);
  const answers = await Promise.all(
    Array.from(
      { length: 50 },
      (_, i) => start(test, "a", "k", { params: { n: 2 } }, i % 2 === 0 ? "" : "?wait=30s"),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ run }) => run?.id))].length, 1);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 202]);
  assert.equal(await runsOf(test, "a"), 1);
  // Those who come later get the run as it is by then.
  const later = await start(test, "a", "k", { params: { n: 2 } });
  assert.deepEqual([later.status, later.run?.status], [200, "succeeded"]);
  assert.equal(await runsOf(test, "a"), 1);
});

Deno.test("where an id has spaces, and a key has, each task is started", async () => {
  await using test = await startCarillon(FILES);
  const spaced = await start(test, "a b", "c");
  const divided = await start(test, "a", "b c");
  assert.deepEqual([spaced.status, divided.status], [202, 202]);
  assert.notEqual(spaced.run?.id, divided.run?.id);
});

Deno.test("a key is its task's; with other parameters, or after a day, it is not the same request", async () => {
  await using test = await startCarillon(FILES);
  const first = await start(test, "a", "k");
  const other = await start(test, "b", "k");
  assert.notEqual(first.run?.id, other.run?.id);
  const changed = await start(test, "a", "k", { params: { n: 5 } });
  assert.equal(changed.status, 422);
  assert.match(changed.detail ?? "", /was used for another request before/);
  await test.clock.jump({ hours: 23 });
  assert.equal((await start(test, "a", "k")).run?.id, first.run?.id);
  await test.clock.jump({ hours: 1, seconds: 1 });
  assert.notEqual((await start(test, "a", "k")).run?.id, first.run?.id);
  assert.equal(await runsOf(test, "a"), 2);
  for (const key of ["", "x".repeat(201)]) assert.equal((await start(test, "a", key)).status, 400);
});

Deno.test("a request that started nothing does not use its key up", async () => {
  await using test = await startStill(FILES);
  assert.equal((await start(test, "a", "k", { params: { n: "many" } })).status, 422);
  const right = await start(test, "a", "k", { params: { n: 3 } });
  assert.equal(right.status, 202);
  assert.equal(await runsOf(test, "a"), 1);
});

Deno.test("many tasks at once, sent again, start each once", async () => {
  await using test = await startStill(FILES);
  const startMany = async () => {
    const answer = await test.fetch("/api/v1/bulk/start", {
      method: "POST",
      headers: { "idempotency-key": "k" },
      body: JSON.stringify({ tasks: ["a", "b", "nobody"] }),
    });
    return await answer.json() as { done: number; results: { runs: string[]; problem: string | null }[] };
  };
  const [one, two] = await Promise.all([startMany(), startMany()]);
  assert.deepEqual(one, two);
  assert.equal(one.done, 2);
  assert.match(one.results[2]?.problem ?? "", /no task "nobody"/);
  assert.deepEqual([await runsOf(test, "a"), await runsOf(test, "b")], [1, 1]);
});

Deno.test("an act that fails is not remembered, and keys are not kept without end", async () => {
  let acts = 0;
  const keys = new IdempotencyKeys<string>({
    now: () => 0,
    idOf: (answer) => answer,
    again: (id) => Promise.resolve(`${id} again`),
  });
  await assert.rejects(keys.once("k", "", () => Promise.reject(new Error("no host"))));
  const act = () => Promise.resolve(`act ${++acts}`);
  assert.equal(await keys.once("k", "", act), "act 1");
  assert.equal(await keys.once("k", "", act), "act 1 again");
  assert.equal(await keys.once(undefined, "", act), "act 2");
  for (let i = 0; i < 20_001; i++) await keys.once(`other ${i}`, "", act);
  assert.match(await keys.once("k", "", act), /^act \d+$/, "the oldest goes first");
});
