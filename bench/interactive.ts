/// <reference lib="dom" />
/** How soon the executable's first page can be used, on the loopback interface, in a headless Chromium. */
import { startBinary } from "../tests/support/binary.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { figure, percentile, printTable } from "./measure.ts";

const PASSES = 20;
const TASK = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), run() {} });`;
const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`tasks/task_${i}.ts`, TASK]));

await using app = await startBinary(files);
await app.logged("task task_29: loaded");
const browser = await launchBrowser();
const measured: Record<"first" | "again", number[]> = { first: [], again: [] };
for (let pass = 0; pass < PASSES; pass++) {
  // A new context has nothing in its cache; the second look has the scripts.
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const look of ["first", "again"] as const) {
    await page.goto(app.address, { waitUntil: "load" });
    // The scripts have run when the document's content is told to be loaded: both are deferred until then.
    measured[look].push(
      await page.evaluate(() => {
        const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
        return navigation?.domContentLoadedEventEnd ?? NaN;
      }),
    );
  }
  await context.close();
}
await browser.close();
printTable(
  ["30 tasks", "median, ms", "95 %, ms"],
  Object.entries(measured).map(([look, times]) => [
    look,
    figure(percentile(times, 0.5)),
    figure(percentile(times, 0.95)),
  ]),
);
