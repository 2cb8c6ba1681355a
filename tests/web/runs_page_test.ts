/** The page of runs counts what its filter selects, and shows it. */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Run } from "../../app/model/run.ts";
import { START, startCarillon, type TestCarillon } from "../support/carillon.ts";

const NOW = Date.parse(START);
const MINUTE_MS = 60_000;
const FILES = {
  "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
};

function made(queuedAt: number, n: number, more: Partial<Run> = {}): Run {
  const time = queuedAt.toString(16).padStart(12, "0");
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`,
    taskId: "a",
    status: "succeeded",
    cause: "schedule",
    queuedAt,
    startedAt: queuedAt,
    finishedAt: queuedAt + 1_000,
    attempt: 1,
    instants: 1,
    params: {},
    ...more,
  };
}

function historyOf(runs: readonly Run[]): MemoryHistory {
  const history = new MemoryHistory(10_000);
  for (const run of runs) history.save(run);
  return history;
}

async function page({ fetch }: TestCarillon, query: string) {
  const answer = await fetch(`/runs?${query}`);
  assert.equal(answer.status, 200, query);
  const html = await answer.text();
  return {
    html,
    head: /<h1>([^<]*)<\/h1>/.exec(html)?.[1],
    rows: [...html.matchAll(/<tr id="run-/g)].length,
  };
}

Deno.test("all runs of a task are counted, however many they are", async () => {
  const begin = NOW - 20 * 60 * MINUTE_MS;
  const runs = Array.from(
    { length: 3_600 },
    (_, i) => made(begin + i * 20_000, i, i < 300 ? { status: "failed" } : {}),
  );
  await using test = await startCarillon(FILES, { history: historyOf(runs) });
  const all = "3600 runs in the last 24 hours; 300 failed, in 1 tasks.";
  assert.equal((await page(test, "")).head, all);
  assert.equal((await page(test, "task=a")).head, all);
  const failed = await page(test, "task=a&status=failed");
  assert.equal(failed.head, "300 runs in the last 24 hours; 300 failed, in 1 tasks.");
  assert.equal(failed.rows, 100);
  assert.match(
    await (await test.fetch("/tasks")).text(),
    /<a class="bad" href="[^"]*">300<\/a>/,
    "in its row too",
  );
});

Deno.test("a cause, a text and an outcome count what they select", async () => {
  const at = (i: number) => NOW - (i + 1) * MINUTE_MS;
  const runs = Array.from({ length: 2_500 }, (_, i) => made(NOW - 20 * 60 * MINUTE_MS + i * 10_000, i));
  const old = made(NOW - 21 * 60 * MINUTE_MS, 9_000, { cause: "hook", status: "failed", message: "boom" });
  const retry = made(at(0), 9_001, { cause: "retry" });
  await using test = await startCarillon(FILES, { history: historyOf([old, ...runs, retry]) });
  const hook = await page(test, "cause=hook");
  assert.equal(hook.rows, 1, "also one that is older than thousands of others");
  assert.equal(hook.head, "1 runs in the last 24 hours; 1 failed, in 1 tasks.");
  const boom = await page(test, "q=boom");
  assert.equal(boom.rows, 1);
  assert.equal(boom.head, "1 runs in the last 24 hours; 1 failed, in 1 tasks.");
  assert.doesNotMatch(boom.html, /2502/, "chips too");
  const good = await page(test, "status=succeeded");
  assert.equal(good.head, "2501 runs in the last 24 hours; none failed.");
  assert.match(
    good.html,
    /href="\/runs\?from=[^"]*&amp;to=[^"]*&amp;status=succeeded"/,
    "the bars keep the filter",
  );
});

Deno.test("one record of a missed stretch is told apart from the instants that it stands for", async () => {
  const every = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("5m", { startDate: "2026-03-01T00:00:00Z" }), run() {} });`;
  await using test = await startCarillon({ "tasks/a.ts": every });
  await using again = await test.restart({ hours: 20 });
  await again.clock.advance({ seconds: 1 });
  const report = await (await again.fetch("/report?from=2026-03-10T10%3A01&to=2026-03-11T05%3A59")).text();
  const [, missed = ""] = /<td class="num bad">(\d+)/.exec(report) ?? [];
  assert.equal(missed, "239");
  const said = async (path: string, language: string) =>
    await (await again.fetch(path, { headers: { "accept-language": language } })).text();
  assert.match(await said("/", "en"), /<b>1<\/b> recorded as skipped or missed/);
  assert.match(await said("/", "en"), />a: 239 instants were missed</);
  assert.match(await said("/", "zh"), />a：错过 239 个时刻</);
  assert.match(
    await said("/runs", "en"),
    /Records of what was skipped or missed: 1, which stand for 239 instants\./,
  );
  assert.match(await said("/runs?task=a&status=missed", "zh"), /1 条跳过或错过的记录代表 239 个时刻/);
});
