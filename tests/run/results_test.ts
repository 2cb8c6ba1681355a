/** What a task returns: kept as JSON, shown in a line, handed to the task that follows. Real hosts. */
import assert from "node:assert/strict";
import { startCarillon, startRun } from "../support/carillon.ts";

const COUNT = `import { defineTask, secret, z } from "carillon";
export default defineTask({
  params: z.object({ what: z.string().default("rows") }),
  run({ params }) {
    if (params.what === "much") return "x".repeat(70_000);
    if (params.what === "circle") { const a = {}; a.a = a; return a; }
    if (params.what === "secret") return { token: "it is " + secret("crm_token") };
    if (params.what === "nothing") return undefined;
    return { rows: 12345678901234567890n, list: [1, "二"] };
  },
});`;
const FOLLOWS = `import { defineTask } from "carillon";
export default defineTask({ after: "count", run: ({ cause }) => ({ task: cause.task, rows: cause.result?.rows, params: cause.params }) });`;

Deno.test("a result is kept as JSON, with the version of the code, and handed to the task that follows", async () => {
  await using test = await startCarillon({ "tasks/count.ts": COUNT, "tasks/follows.ts": FOLLOWS });
  const { runs } = test.carillon.queries;
  const run = await test.ended((await startRun(test, "count", { what: "rows" })).id);
  assert.deepEqual(run.result, { rows: "12345678901234567890", list: [1, "二"] });
  assert.equal(run.message, `{"rows":"12345678901234567890","list":[1,"二"]}`);
  assert.match(run.codeVersion ?? "", /^[\da-f]{16}$/);
  assert.equal(run.host, Deno.hostname());
  const [follower] = await runs.recent("follows");
  assert.ok(follower);
  const followed = await test.ended(follower.id);
  assert.deepEqual(followed.result, {
    task: "count",
    rows: "12345678901234567890",
    params: { what: "rows" },
  });
  await using again = await test.restart();
  assert.deepEqual((await again.carillon.queries.runs.get(run.id)).result, run.result);
});

Deno.test("whoever repeats a run that followed another one is told of that one, as often as it is repeated", async () => {
  await using test = await startCarillon({ "tasks/count.ts": COUNT, "tasks/follows.ts": FOLLOWS });
  const first = await test.ended((await startRun(test, "count", { what: "rows" })).id);
  const [follower] = await test.carillon.queries.runs.recent("follows");
  assert.ok(follower);
  const expected = (await test.ended(follower.id)).result;
  // Another one since then: it is not the one that was followed.
  await test.ended((await startRun(test, "count", { what: "nothing" })).id);
  await using again = await test.restart();
  const { operations } = again.carillon;
  let id = follower.id;
  for (let times = 1; times <= 2; times++) {
    const answer = await operations.rerun({ channel: "page" }, id);
    assert.ok(answer.ok);
    id = answer.run.id;
    const run = await again.ended(id);
    assert.deepEqual([run.status, run.result, run.after], ["succeeded", expected, first.id]);
  }
});

Deno.test("a result that is too large or no JSON is not kept and the log says so; secrets are taken out", async () => {
  await using test = await startCarillon({ "tasks/count.ts": COUNT }, {
    ini: "[secrets]\ncrm_token = s3cret-of-the-crm\n",
  });
  for (
    const [what, said] of [["much", /not kept: it has 70002 bytes/], [
      "circle",
      /cannot be written as JSON/,
    ]] as const
  ) {
    const run = await test.ended((await startRun(test, "count", { what })).id);
    assert.equal(run.status, "succeeded");
    assert.equal(run.result, undefined);
    const [line] = await test.carillon.queries.runs.lines(run.id);
    assert.match(line?.text ?? "", said);
  }
  const nothing = await test.ended((await startRun(test, "count", { what: "nothing" })).id);
  assert.deepEqual([nothing.result, nothing.message], [undefined, undefined]);
  const secret = await test.ended((await startRun(test, "count", { what: "secret" })).id);
  assert.equal(secret.status, "succeeded");
  assert.ok(!JSON.stringify(secret).includes("s3cret-of-the-crm"), JSON.stringify(secret));
});
