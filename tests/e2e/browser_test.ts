/// <reference lib="dom" />
/** The executable's pages in a real browser. */
import assert from "node:assert/strict";
import { hasBinary, startBinary } from "../support/binary.ts";
import { type Browser, browserProgram, launchBrowser, type Page } from "../support/browser.ts";

const inCI = Deno.env.get("CI") === "true";
const ignore = !hasBinary() || (browserProgram() === undefined && !inCI);

const TICK = `import { defineTask, every } from "carillon";
export default defineTask({ title: "Tick", trigger: every("300ms"), run: () => "tick" });`;
const GREET = `import { defineTask, z } from "carillon";
export default defineTask({
  title: { en: "Greet", zh: "问候" },
  params: z.object({ name: z.string().default("you"), times: z.int().max(3).optional() }),
  run: ({ params, log }) => { log.info("<b>greeting</b>"); return "hello " + params.name; },
});`;

async function withPage(
  files: Record<string, string>,
  check: (page: Page, address: string) => Promise<void>,
): Promise<void> {
  await using app = await startBinary(files);
  const browser: Browser = await launchBrowser();
  try {
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Tokyo" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      // A refused form is an answer like another one; the browser notes its status all the same.
      if (message.type() === "error" && !message.text().includes("status of 422")) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(app.address);
    await check(page, app.address);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

Deno.test({
  name: "the list refreshes by itself, in the viewer's zone, and keeps the focus",
  ignore,
  fn: () =>
    withPage({ "tasks/tick.ts": TICK, "tasks/greet.ts": GREET }, async (page) => {
      const time = page.locator("#task-tick .c-last time");
      await page.locator(`time[title$="Asia/Tokyo"]`).first().waitFor();
      const button = page.getByRole("button", { name: "Run Greet" });
      await button.focus();
      const before = await time.getAttribute("datetime");
      for (let refreshes = 0, seen = before; refreshes < 2; refreshes++) {
        await page.waitForFunction(
          (old) => document.querySelector("#task-tick .c-last time")?.getAttribute("datetime") !== old,
          seen,
        );
        seen = await time.getAttribute("datetime");
      }
      assert.ok(await button.evaluate((element) => element === document.activeElement));
    }),
});

Deno.test({
  name: "Run asks, confirming runs, and the history shows it",
  ignore,
  fn: () =>
    withPage({ "tasks/greet.ts": GREET }, async (page) => {
      await page.getByRole("button", { name: "Run Greet" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("Run “Greet”?").waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await dialog.waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Run Greet" }).click();
      await dialog.getByLabel("name").fill("Anna");
      await dialog.getByLabel("times").fill("7");
      await dialog.getByRole("button", { name: "Run now" }).click();
      await dialog.getByText("Too big: expected number to be <=3").waitFor();
      assert.equal(await dialog.getByLabel("name").inputValue(), "Anna");
      await dialog.getByLabel("times").fill("2");
      await dialog.getByRole("button", { name: "Run now" }).dblclick();
      await page.getByRole("status").getByText("Greet was started.").waitFor();
      await dialog.waitFor({ state: "hidden" });
      await page.locator("#task-greet").getByText("succeeded", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Greet", exact: true }).click();
      await page.getByRole("cell", { name: "hello Anna" }).waitFor();
      assert.equal(await page.locator("tbody tr").count(), 1);
      await page.locator("tbody").getByRole("link", { name: "succeeded", exact: true }).click();
      await page.getByText("<b>greeting</b>").waitFor();
    }),
});

Deno.test({
  name: "without a script a run is started by a form",
  ignore,
  async fn() {
    await using app = await startBinary({ "tasks/greet.ts": GREET });
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({ javaScriptEnabled: false, locale: "zh-CN" });
      const page = await context.newPage();
      await page.goto(app.address);
      await page.getByRole("button", { name: "运行 问候" }).click();
      await page.getByLabel("name").fill("Bo");
      await page.getByRole("button", { name: "立即运行" }).click();
      await page.waitForURL(/\/runs\//);
      while (!(await page.getByText("hello Bo").count())) await page.reload();
    } finally {
      await browser.close();
    }
  },
});

Deno.test({
  name: "the page says when it has lost the server, or an answer of it",
  ignore,
  async fn() {
    await using app = await startBinary({ "tasks/greet.ts": GREET });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(app.address);
      await page.getByText("Greet").first().waitFor();
      // An answer that is lost on its way is no run less, and asking again no run more.
      await page.goto(`${app.address}/tasks/greet`);
      await page.getByRole("button", { name: "Run Greet" }).click();
      const confirm = page.getByRole("dialog").getByRole("button", { name: "Run now" });
      await confirm.waitFor();
      await page.route("**/run", async (route) => {
        await route.fetch();
        await route.abort("connectionreset");
      });
      await confirm.click();
      await page.getByText("whether it was done is not known").waitFor();
      await page.unroute("**/run");
      await confirm.click();
      await page.getByText("Greet was started.").waitFor();
      const answer = await fetch(`${app.address}/api/v1/runs?task=greet`);
      assert.equal((await answer.json()).runs.length, 1);
      await app.end("SIGTERM");
      await page.getByText("The server does not answer.").waitFor();
    } finally {
      await browser.close();
    }
  },
});
