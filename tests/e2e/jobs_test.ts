/// <reference lib="dom" />
/** Ten things that people come for, counted in clicks, on the morning after a bad night. */
import assert from "node:assert/strict";
import { browserProgram, launchBrowser, type Locator, type Page } from "../support/browser.ts";
import { MORNING, type Night, NIGHT_ZONE, startNight } from "../support/night.ts";

const ignore = browserProgram() === undefined && Deno.env.get("CI") !== "true";

interface Job {
  readonly name: string;
  readonly clicks: number;
  /** True where it changes something. */
  readonly acts?: boolean;
  readonly from?: (night: Night) => string;
  readonly work: (page: Page, click: (target: Locator) => Promise<void>, night: Night) => Promise<void>;
}

/** True where the whole of it is seen without scrolling. */
async function isInView(target: Locator): Promise<boolean> {
  return await target.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
}

const cause = (page: Page) => page.locator(".cause").first().locator(".msg a");
const failedRun = (night: Night) => `/runs/${night.failed.get("sync_orders")}`;

const JOBS: readonly Job[] = [
  {
    name: "last night's failures",
    clicks: 0,
    async work(page) {
      await page.getByText("7 still need you").waitFor();
      assert.ok(await isInView(page.locator(".causes").first()));
      assert.equal(await page.locator(".cause").count(), 5);
    },
  },
  {
    name: "why it failed",
    clicks: 1,
    async work(page, click) {
      await click(cause(page));
      await page.locator("#error-text").getByText("ORA-12541").waitFor();
      await page.locator(".failure .hot").waitFor();
    },
  },
  {
    name: "run again with other dates",
    acts: true,
    clicks: 2,
    from: failedRun,
    async work(page, click) {
      await click(page.getByRole("button", { name: "Run again with changes…" }));
      await page.getByLabel("begin").fill("2026-11-25T08:00:00");
      await click(page.getByRole("button", { name: "Run now" }));
      await page.getByText("Sync orders was started.").waitFor();
    },
  },
  {
    name: "rerun all that failed",
    acts: true,
    clicks: 2,
    async work(page, click) {
      await click(page.getByRole("button", { name: "Rerun all 7…" }));
      await click(page.getByRole("dialog").getByRole("button", { name: "Rerun 7" }));
      await page.getByText("7 tasks were started.").waitFor();
    },
  },
  {
    name: "pause a folder",
    acts: true,
    clicks: 2,
    async work(page, click) {
      await page.locator("#head-gerp").hover();
      await click(page.getByRole("button", { name: "Pause erp/…" }));
      await click(page.getByRole("dialog").getByRole("button", { name: "Pause 16" }));
      await page.getByText("16 tasks are paused.").waitFor();
    },
  },
  {
    name: "what comes in the next hour",
    clicks: 0,
    async work(page) {
      const next = page.locator("#rail section").filter({ hasText: "Next hour" });
      assert.ok(await isInView(next));
      await next.locator(".next-list").getByText("08:13").waitFor();
    },
  },
  {
    name: "the slowest task",
    clicks: 1,
    async work(page, click) {
      await click(page.getByRole("link", { name: "Took" }));
      await page.waitForURL(/sort=-took/);
      const first = await page.locator("tbody tr[data-row] .c-took").first().textContent();
      assert.match(first ?? "", /min/);
    },
  },
  {
    name: "compare durations",
    clicks: 1,
    async work(page, click) {
      await click(page.locator("#task-fact_sales").getByRole("link", { name: "Sales facts" }));
      await page.getByText("How long runs took").waitFor();
      assert.ok(await page.locator(".chart-box svg a").count() > 5);
    },
  },
  {
    name: "download a log",
    clicks: 2,
    async work(page, click) {
      await click(cause(page));
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        click(page.getByRole("link", { name: "Download" })),
      ]);
      assert.match(await Deno.readTextFile(await download.path()), /ORA-12541/);
    },
  },
  {
    name: "copy an error with its address",
    clicks: 2,
    async work(page, click) {
      await click(cause(page));
      await click(page.getByRole("button", { name: "Copy with address" }));
      await page.getByText("Copied").waitFor();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /ORA-12541[\s\S]*\/runs\//);
    },
  },
];

Deno.test({
  name: "ten jobs take no more clicks than they should",
  ignore,
  async fn(t) {
    await using night = await startNight();
    const browser = await launchBrowser();
    try {
      // Those that only look come first: what is done in the others stays.
      for (const job of JOBS.toSorted((a, b) => Number(a.acts ?? false) - Number(b.acts ?? false))) {
        await t.step(`${job.name}: ${job.clicks}`, async () => {
          const context = await browser.newContext({
            locale: "en-GB",
            timezoneId: NIGHT_ZONE,
            viewport: { width: 1440, height: 900 },
          });
          await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: night.address });
          const page = await context.newPage();
          await page.clock.setFixedTime(new Date(MORNING));
          await page.goto(night.address + (job.from?.(night) ?? "/"));
          let clicks = 0;
          await job.work(page, async (target) => {
            clicks++;
            await target.click();
          }, night);
          assert.equal(clicks, job.clicks);
          await context.close();
        });
      }
    } finally {
      await browser.close();
    }
  },
});

/** Words of the first rows that run into those of the next cell. */
async function overlapping(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    // What a cell cuts off runs into nothing.
    const seen = (cell: Element) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const words = range.getBoundingClientRect();
      const edge = cell.getBoundingClientRect();
      const isCut = getComputedStyle(cell).overflowX !== "visible";
      const { left, top, bottom } = words;
      return { cell, left, top, bottom, right: isCut ? Math.min(words.right, edge.right) : words.right };
    };
    const rows = [...document.querySelectorAll(".table tbody tr[data-row]")].slice(0, 12);
    return rows.flatMap((row) => {
      const cells = [...row.children].filter((cell) => cell.checkVisibility() && cell.textContent !== "").map(
        seen,
      );
      return cells.filter((a) =>
        cells.some((b) =>
          a.cell !== b.cell && a.left < b.left && a.right > b.left + 1 && a.top < b.bottom - 2 &&
          b.top < a.bottom - 2
        )
      ).map(({ cell }) => `${cell.className} "${cell.textContent}"`);
    });
  });
}

Deno.test({
  name: "no page scrolls sideways from 320 pixels (a zoom of 400 %) to 2560, in either language",
  ignore,
  async fn() {
    await using night = await startNight();
    const browser = await launchBrowser();
    const paths = [
      "/",
      "/tasks",
      "/runs?window=night",
      "/tasks/sync_orders",
      failedRun(night),
      "/timeline",
      "/system",
      "/report",
      "/tasks/sync_items/backfill?from=2026-11-25T00%3A00&to=2026-11-25T23%3A59",
      "/tasks/sync_orders/pause",
    ];
    try {
      const wide: string[] = [];
      for (const locale of ["en-GB", "zh-CN"]) {
        const context = await browser.newContext({ locale, timezoneId: NIGHT_ZONE });
        const page = await context.newPage();
        for (const path of paths) {
          await page.goto(night.address + path);
          for (const width of [320, 360, 420, 640, 701, 768, 861, 960, 1110, 1280, 1440, 2560]) {
            await page.setViewportSize({ width, height: 900 });
            const over = await page.evaluate(() =>
              document.documentElement.scrollWidth - document.documentElement.clientWidth
            );
            if (over > 0) wide.push(`${path} at ${width}, ${locale}: ${over}`);
            const cells = await overlapping(page);
            if (cells.length > 0) wide.push(`${path} at ${width}, ${locale}: ${cells[0]} overlaps`);
          }
        }
        await context.close();
      }
      assert.deepEqual(wide, []);
    } finally {
      await browser.close();
    }
  },
});
