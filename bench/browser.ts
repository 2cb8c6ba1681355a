/// <reference lib="dom" />
/** What a browser makes of the pages: when the largest thing is painted, what moves, how long the thread is held, what a refresh costs. */
import type { CDPSession, Page } from "../tests/support/browser.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { startCarillon, startRun } from "../tests/support/carillon.ts";
import { makePageWorld } from "./page_world.ts";
import { figure, percentile, printTable, say } from "./measure.ts";

const PASSES = 10;
const REFRESHES = 10;
const LOG_LINES = 100_000;

interface Paint {
  readonly lcp: number;
  readonly cls: number;
  readonly longest: number;
}

/** Watches from before the first byte; what it has seen stands in `window.seen`. */
function watch(): void {
  const seen = { lcp: 0, cls: 0, longest: 0 };
  Object.assign(globalThis, { seen });
  const on = (type: string, look: (entry: PerformanceEntry & { value?: number }) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(look)).observe({ type, buffered: true });
  on("largest-contentful-paint", (entry) => seen.lcp = entry.startTime);
  on("layout-shift", (entry) => seen.cls += entry.value ?? 0);
  on("longtask", (entry) => seen.longest = Math.max(seen.longest, entry.duration));
}

async function load(page: Page, address: string): Promise<Paint> {
  await page.goto(address, { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return await page.evaluate(() => ({ ...(globalThis as unknown as { seen: Paint }).seen }));
}

/** Milliseconds of the page's own thread so far: script, style, layout and the rest. */
async function taskMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1_000;
}

const browser = await launchBrowser();
const rows: string[][] = [];
try {
  for (const tasks of [100, 2_000]) {
    await using world = await makePageWorld(tasks, 10);
    const { app, carillon } = world;
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
    const root = `http://127.0.0.1:${server.addr.port}`;
    const change = async () => {
      const answer = await carillon.operations.run({ channel: "page" }, "task_7", []);
      if (!answer.ok) throw new Error("task_7 takes no parameters");
      for await (const run of carillon.queries.runs.follow(answer.run.id)) {
        if (run.finishedAt !== undefined) return answer.run.id;
      }
    };
    await change();
    for (const path of ["/", "/tasks", "/runs", "/tasks/task_7", "/timeline"]) {
      const paints: Paint[] = [];
      const followed: Paint[] = [];
      for (let pass = 0; pass < PASSES; pass++) {
        const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
        const page = await context.newPage();
        await page.addInitScript(watch);
        paints.push(await load(page, root + path));
        await load(page, `${root}/system`);
        followed.push(await load(page, root + path));
        await context.close();
      }
      const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send("Performance.enable");
      await page.goto(root + path, { waitUntil: "networkidle" });
      const costs: number[] = [];
      for (let refresh = 0; refresh < REFRESHES; refresh++) {
        await change();
        const before = await taskMs(session);
        await page.evaluate(() => document.dispatchEvent(new CustomEvent("carillon:changed")));
        await page.waitForLoadState("networkidle");
        costs.push(await taskMs(session) - before);
      }
      const elements = await page.evaluate(() => document.querySelectorAll("*").length);
      await context.close();
      rows.push([
        `${tasks} tasks, ${path}`,
        ...[paints, followed].map((each) => figure(percentile(each.map(({ lcp }) => lcp), 0.5))),
        Math.max(...paints.map(({ cls }) => cls)).toFixed(3),
        ...[paints, followed].map((each) => figure(percentile(each.map(({ longest }) => longest), 0.5))),
        figure(percentile(costs, 0.5)),
        String(elements),
      ]);
    }
    await server.shutdown();
  }
  printTable(
    [
      "",
      "first visit: LCP, ms",
      "next page: LCP, ms",
      "CLS",
      "longest task, ms",
      "refresh, ms of its thread",
      "elements",
    ],
    rows,
  );
  await measureLog();
} finally {
  await browser.close();
}

/** A log of 100,000 lines: its last ones, and all of them as one page of text. */
async function measureLog(): Promise<void> {
  await using test = await startCarillon({
    "tasks/loud.ts": `import { defineTask } from "carillon";
export default defineTask({ async run({ log }) {
  for (let i = 1; i <= ${LOG_LINES}; i++) {
    log.info("row " + i + " was written, with some words behind it that fill a line");
    if (i % 1_000 === 0) await new Promise((done) => setTimeout(done));
  }
} });`,
  });
  const { id } = await startRun(test, "loud");
  await test.ended(id);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    return test.fetch(pathname + search, { headers: request.headers });
  });
  const page = await browser.newPage();
  await page.addInitScript(watch);
  for (const path of [`/runs/${id}`, `/runs/${id}?lines=all`]) {
    const begun = performance.now();
    const { longest } = await load(page, `http://127.0.0.1:${server.addr.port}${path}`);
    const took = performance.now() - begun;
    const looked = performance.now();
    const found = await page.evaluate(
      (text) => (globalThis as unknown as { find(text: string): boolean }).find(text),
      `row ${LOG_LINES - 5} was`,
    );
    const elements = await page.evaluate(() => document.querySelectorAll("*").length);
    say(
      `${path.replace(id, "<id>")}: shown after ${figure(took)} ms, longest task ${
        figure(longest)
      } ms, ${elements} elements; a line near its end is ${found ? "" : "not "}found, in ${
        figure(performance.now() - looked)
      } ms`,
    );
  }
  await page.close();
  await server.shutdown();
}
