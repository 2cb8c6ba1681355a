/// <reference lib="dom" />
/** What nobody plans for: very long names and errors, right-to-left text, pauses far away; and pages without a script. */
import assert from "node:assert/strict";
import { noPassword } from "../../app/auth/passwords.ts";
import { violations } from "../support/axe.ts";
import { browserProgram, launchBrowser, type Page } from "../support/browser.ts";
import { startCarillon, startRun, TESTER } from "../support/carillon.ts";
import { NIGHT_ZONE, startNight } from "../support/night.ts";

const ignore = browserProgram() === undefined && Deno.env.get("CI") !== "true";
const YEAR_MS = 366 * 86_400_000;

const task = (title: string, body: string, more = "") =>
  `import { defineTask, every } from "carillon";
export default defineTask({ title: ${
    JSON.stringify(title)
  }, ${more} trigger: every("1h"), run() { ${body} } });`;

const LINES = 'Array.from({ length: 500 }, (_, i) => "line " + i + " " + "x".repeat(i % 300)).join("\\n")';
const FILES = {
  "tasks/long.ts": task(`${"Q".repeat(100)} ${"w".repeat(99)}`, "return 1;", `tags: ["${"t".repeat(40)}"],`),
  [`tasks/${"f".repeat(100)}/${"n".repeat(100)}.ts`]: task("In a long folder", "return 2;"),
  "tasks/rtl.ts": task(
    "\u0645\u0632\u0627\u0645\u0646\u0629 (ERP)",
    'throw new Error("\u062e\u0637\u0623");',
  ),
  "tasks/wall.ts": task("Wall of errors", `throw new Error(${LINES});`),
  "tasks/wide.ts": task(
    "Wide result",
    'return [Object.fromEntries(Array.from({ length: 200 }, (_, i) => ["column_" + i, i]))];',
  ),
  "tasks/word.ts": task("One long word", 'throw new Error("x".repeat(5_000));'),
  "tasks/ask.ts": task("Asks first", "return 1;", 'approval: { by: "admin" },'),
};

/** Tags whose words end where the tag does, and not where the column does. */
async function cutTags(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".c-tag .tag > :not(svg, .sr)")]
      .filter((words) => words.checkVisibility() && words.scrollWidth > words.clientWidth + 1)
      .map((words) => words.textContent ?? "")
  );
}

Deno.test({
  name: "long names and errors widen no page, and no tag is cut off",
  ignore,
  async fn() {
    await using test = await startCarillon(FILES, { ini: "[auth]\nmode = password\n" });
    const { auth } = test.carillon;
    auth.users.add("anna", noPassword(), ["admin"], test.clock.now());
    const session = auth.sessions.begin({ kind: "password", name: "anna", groups: [] });
    const ids: string[] = [];
    for (const id of ["long", "rtl", "wall", "wide", "word"]) {
      const run = await startRun(test, id);
      ids.push((await test.ended(run.id)).id);
    }
    await startRun(test, "ask");
    const until = test.clock.now() + 3 * 86_400_000;
    await test.carillon.operations.pause(TESTER, ["rtl"], { until, note: "n".repeat(200) });
    await test.carillon.operations.pause(TESTER, ["long"], { until: until + YEAR_MS });
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("cookie", `carillon_session=${session}`);
      return test.fetch(pathname + search, { headers });
    });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ locale: "en-GB", timezoneId: "UTC" });
      const wide: string[] = [];
      const paths = ["/", "/tasks", "/timeline", "/tasks/long", "/runs", ...ids.map((id) => `/runs/${id}`)];
      for (const path of paths) {
        await page.goto(`http://127.0.0.1:${server.addr.port}${path}`);
        for (const width of [360, 480, 768, 960, 1440]) {
          await page.setViewportSize({ width, height: 900 });
          const over = await page.evaluate(() =>
            document.documentElement.scrollWidth - document.documentElement.clientWidth
          );
          if (over > 0) wide.push(`${path} at ${width}: ${over}`);
        }
        assert.deepEqual(await violations(page), [], path);
        if (path !== "/tasks") continue;
        // A moment more than a year away says so in its title; all else is read as it stands.
        assert.deepEqual((await cutTags(page)).filter((words) => !/20\d\d/.test(words)), []);
      }
      assert.deepEqual(wide, []);
      // What follows a wall of text is near all the same.
      await page.goto(`http://127.0.0.1:${server.addr.port}/runs/${ids[2]}`);
      const log = await page.locator("#log").boundingBox();
      assert.ok(log && log.y < 1_200, `the log begins at ${log?.y}`);
    } finally {
      await browser.close();
      await server.shutdown();
    }
  },
});

Deno.test({
  name: "without a script every page is read, and tasks are run, paused and resumed",
  ignore,
  async fn() {
    await using night = await startNight();
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({
        javaScriptEnabled: false,
        locale: "en-GB",
        timezoneId: NIGHT_ZONE,
      });
      const page = await context.newPage();
      const failed = `/runs/${night.failed.get("sync_orders")}`;
      const pages: readonly (readonly [string, string])[] = [
        ["/", "7 still need you"],
        ["/tasks?status=failed", "7 of 68 tasks"],
        ["/runs?window=night&status=failed", "28 failed"],
        ["/tasks/sync_orders", "How long runs took"],
        ["/tasks/sync_orders/year", "Days with failures"],
        [failed, "What changed since the last good run"],
        [`${failed}?level=error`, "ORA-12541"],
        ["/timeline", "27 runs failed"],
        ["/timeline?view=week", "The coming week"],
        ["/system", "2 task files cannot be loaded"],
        ["/system/users", "Nobody signs in here"],
        ["/search?q=sync", "Sync orders"],
        ["/report", "Due instants"],
        ["/keys", "Keyboard"],
      ];
      for (const [path, words] of pages) {
        const answer = await page.goto(night.address + path);
        assert.equal(answer?.status(), 200, path);
        const text = (await page.locator("main").innerText()).replace(/\s+/g, " ");
        assert.ok(text.includes(words), `${path}: ${text.slice(0, 300)}`);
        // Nothing is offered that does nothing.
        assert.equal(await page.locator("[data-script-only]:visible").count(), 0, path);
      }
      await page.goto(`${night.address}/tasks/sync_items`);
      await page.getByRole("button", { name: "Run Sync items" }).click();
      await page.getByRole("button", { name: "Run now" }).click();
      await page.waitForURL(/\/runs\//);
      await page.goto(`${night.address}/tasks/sync_items`);
      await page.getByRole("button", { name: "Pause Sync items" }).click();
      await page.getByLabel("Note, for the others").fill("stocktaking");
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await page.getByText("stocktaking").first().waitFor();
      await page.getByRole("button", { name: "Change the pause of Sync items" }).click();
      assert.equal(await page.getByLabel("Note, for the others").inputValue(), "stocktaking");
      await page.getByRole("link", { name: "Close" }).click();
      await page.getByRole("button", { name: "Resume Sync items" }).click();
      await page.getByRole("button", { name: "Resume", exact: true }).click();
      await page.getByRole("button", { name: "Pause Sync items" }).waitFor();
      assert.equal(night.carillon.queries.tasks.get("sync_items").paused, false);
    } finally {
      await browser.close();
    }
  },
});
