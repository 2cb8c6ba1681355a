/** What is done to several at once: what can be done is, and of the rest it is said what and why. */
import assert from "node:assert/strict";
import { logged, startCarillon, startRun, type TestCarillon, TESTER } from "../support/carillon.ts";

const TASK = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), run() {} });`;
const FILES = { "tasks/a.ts": TASK, "tasks/b.ts": TASK };

async function send({ fetch }: TestCarillon, path: string, fields: Readonly<Record<string, string>>) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "hx-request": "true" },
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, html: await answer.text() };
}

async function withoutB(test: TestCarillon) {
  test.folder.remove("tasks/b.ts");
  await test.carillon.operations.reload(TESTER);
  assert.equal(test.carillon.queries.tasks.find("b"), undefined);
}

Deno.test("of ticked runs those are run again that can be, and of the others it is said why not", async () => {
  await using test = await startCarillon(FILES);
  const [a, b] = [await startRun(test, "a"), await startRun(test, "b")];
  for (const { id } of [a, b]) await test.ended(id);
  await withoutB(test);
  const asked = await (await test.fetch(`/selected/rerun?run=${a.id}&run=${b.id}&run=none`)).text();
  assert.match(asked, new RegExp(`name="runs" value="${a.id},${b.id}"`));
  const gone = "0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69";
  const { status, html } = await send(test, "/selected/rerun", {
    question: "q",
    runs: `${b.id},${a.id},${gone}`,
  });
  assert.equal(status, 200);
  assert.match(html, /Run of a was started|a was started/);
  assert.match(html, /Not started: b: There is no task &quot;b&quot;\.; There is no run &quot;0195b3c1-/);
  for (const { id } of test.carillon.queries.runs.unfinished()) await test.ended(id);
  assert.equal((await test.carillon.queries.runs.recent("a")).length, 2);
  const none = await send(test, "/selected/rerun", { question: "r", runs: b.id });
  assert.equal(none.status, 404, "nothing was started, for one reason");
  assert.match(none.html, /Not started: b: There is no task/);
});

Deno.test("of chosen tasks those are run, paused and resumed that there are", async () => {
  await using test = await startCarillon(FILES);
  await withoutB(test);
  const chosen = "a,b";
  const run = await send(test, "/selected/run", { question: "q", chosen });
  assert.match(run.html, /Not started: b: There is no task/);
  const { queries } = test.carillon;
  for (const { id } of queries.runs.unfinished()) await test.ended(id);
  const pause = await send(test, "/pause", { chosen, note: "the ERP moves" });
  assert.equal(pause.status, 200);
  assert.match(pause.html, /1 tasks? (?:is|are) paused\. Not done: b: There is no task/);
  assert.equal(queries.tasks.get("a").paused, true);
  const resume = await send(test, "/resume", { chosen });
  assert.match(resume.html, /Not done: b: There is no task/);
  assert.equal(queries.tasks.get("a").paused, false);
  const known = await send(test, "/selected/acknowledge", { chosen, cause: "x", note: "" });
  assert.equal(known.status, 200);
  assert.match(known.html, /Acknowledged\. Not done: b: There is no task/);
});

Deno.test("only runs that were going on are counted as being ended", async () => {
  await using test = await startCarillon({
    ...FILES,
    "tasks/b.ts": TASK.replace(
      "run() {}",
      'run({ log, signal }) { log.info("begun"); return new Promise((_, end) => signal.addEventListener("abort", end)); }',
    ),
  });
  const over = await startRun(test, "a");
  await test.ended(over.id);
  const first = await send(test, "/selected/cancel", { runs: `${over.id},${over.id}` });
  assert.match(first.html, /None of these runs was going on any more\./);
  const going = await startRun(test, "b");
  await logged(test, going.id, "begun");
  const gone = "0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69";
  const { status, html } = await send(test, "/selected/cancel", { runs: `${gone},${over.id},${going.id}` });
  assert.equal(status, 200);
  assert.match(html, /1 run is being ended\. Not done: There is no run/);
  assert.equal((await test.ended(going.id)).status, "cancelled");
});

Deno.test("several tasks that were started by hand are looked at as runs by hand", async () => {
  await using test = await startCarillon(FILES);
  const { html } = await send(test, "/selected/run", { question: "q", chosen: "a,b" });
  assert.match(html, /href="\/runs\?cause=manual"/);
  for (const { id } of test.carillon.queries.runs.unfinished()) await test.ended(id);
});
