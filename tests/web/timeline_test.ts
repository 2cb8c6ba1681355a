/** The timeline shows all that reaches into its span, on days of every length. */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Run } from "../../app/model/run.ts";
import { logged, startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";

const HOUR_MS = 3_600_000;
const LASTS = `import { defineTask } from "carillon";
export default defineTask({ run({ log, signal }) {
  log.info("begun");
  return new Promise((_, end) => signal.addEventListener("abort", end));
} });`;
const HOURLY = `import { cron, defineTask } from "carillon";
export default defineTask({ trigger: cron({ minute: 30, timezone: "Europe/Berlin" }), run() {} });`;
const DAYS = [
  ["2026-10-24", "2026-10-25", "2026-10-26", 25],
  ["2026-03-28", "2026-03-29", "2026-03-30", 23],
] as const;
const BERLIN = { headers: { cookie: "carillon_timezone=Europe%2FBerlin" } };

async function page({ fetch }: TestCarillon, path: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(path, init);
  assert.equal(answer.status, 200, path);
  return await answer.text();
}

Deno.test("a run that goes on has its mark, whenever it began, and a long one that has ended", async () => {
  await using test = await startCarillon({ "tasks/lasts.ts": LASTS }, { start: "2026-03-10T20:00:00Z" });
  const { id } = await startRun(test, "lasts");
  await logged(test, id, "begun");
  await test.clock.advance({ hours: 11 });
  const mark = new RegExp(`<a href="/runs/${id}"><title>[^<]*running</title><path class="b" d="M0 `);
  for (const address of ["/timeline", "/timeline?span=4h", "/timeline?span=1h"]) {
    assert.match(await page(test, address), mark, address);
  }
  await test.carillon.operations.cancel({ channel: "page" }, id);
  await test.ended(id);
  for (const address of ["/timeline", "/timeline?span=4h", "/timeline?day=2026-03-10"]) {
    assert.match(await page(test, address), new RegExp(`<a href="/runs/${id}">`), address);
  }
  assert.doesNotMatch(await page(test, "/timeline?day=2026-03-11&span=1h&hour=9"), new RegExp(id));
});

Deno.test("a run that reached into a day that is over has its mark there", async () => {
  const queuedAt = Date.parse("2026-03-06T20:00:00Z");
  const time = queuedAt.toString(16).padStart(12, "0");
  const run: Run = {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000001`,
    taskId: "gone",
    status: "succeeded",
    cause: "schedule",
    queuedAt,
    startedAt: queuedAt,
    finishedAt: queuedAt + 30 * HOUR_MS,
    attempt: 1,
    instants: 1,
    params: {},
  };
  const history = new MemoryHistory(100);
  history.save(run);
  await using test = await startCarillon({}, { history });
  for (
    const [day, isShown] of [["06", true], ["07", true], ["08", true], ["09", false], ["05", false]] as const
  ) {
    const html = await page(test, `/timeline?day=2026-03-${day}`);
    assert.equal(html.includes(`href="/runs/${run.id}"`), isShown, day);
  }
});

Deno.test("each hour of a day of 25 and of one of 23 hours is reached by going on", async () => {
  for (const [before, date, next, hours] of DAYS) {
    await using test = await startCarillon({ "tasks/hourly.ts": HOURLY }, { start: `${before}T08:00:00Z` });
    let address = `/timeline?day=${date}&span=1h&hour=0`;
    const starts: string[] = [];
    const seen = new Set<string>();
    for (let i = 0; i < hours; i++) {
      assert.ok(!seen.has(address), address);
      seen.add(address);
      const html = await page(test, address, BERLIN);
      starts.push(/<svg class="axis"[^>]*>[\s\S]*?<text[^>]*>\s*(\d\d)/.exec(html)?.[1] ?? "");
      address = (/href="([^"]+)" aria-label="Later"/.exec(html)?.[1] ?? "").replaceAll("&amp;", "&");
      assert.match(address, /^\/timeline/);
    }
    assert.equal(starts[0], "00");
    assert.equal(starts.at(-1), "23");
    assert.equal(new URL(address, "http://x").searchParams.get("day") ?? next, next);
    assert.equal(new URL(address, "http://x").searchParams.get("hour"), "0");
    const zoomed = await page(test, `/timeline?day=${date}&span=day`, BERLIN);
    assert.equal([...zoomed.matchAll(/A closer look at \d\d:00/g)].length, hours);
  }
});

Deno.test("a cell of the week leads to its hour where the clock is changed", async () => {
  await using test = await startCarillon({ "tasks/hourly.ts": HOURLY }, { start: "2026-10-24T08:00:00Z" });
  const html = await page(test, "/timeline?view=week", BERLIN);
  const cells = [...html.matchAll(/href="\/timeline\?day=2026-10-25&amp;span=(\w+)&amp;hour=(\d+)">(\d+)</g)]
    .map(([, span, hour, starts]) => [span, Number(hour), Number(starts)]);
  assert.deepEqual(cells, [
    ["1h", 0, 1],
    ["1h", 1, 1],
    ["4h", 2, 2],
    ...Array.from({ length: 21 }, (_, i) => ["1h", i + 4, 1]),
  ]);
});
