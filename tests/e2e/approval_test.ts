/// <reference lib="dom" />
/** Asking for a run and deciding about it, and the audit of it, in a real browser: on a phone, in the dark, in Chinese. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { type BinaryRun, hasBinary, runBinary, startBinary } from "../support/binary.ts";
import {
  type Browser,
  type BrowserContextOptions,
  browserProgram,
  launchBrowser,
  type Page,
} from "../support/browser.ts";

const inCI = Deno.env.get("CI") === "true";
const ignore = !hasBinary() || (browserProgram() === undefined && !inCI);

const PASSWORD = "correct horse 17 battery";
const FILES = {
  "tasks/pay.ts": `import { defineTask, z } from "carillon";
export default defineTask({ title: "Pay the salaries of everybody in the company", approval: { by: "admin" },
  params: z.object({ day: z.string().default("2026-03-10"), account: z.string().default("DE0210".repeat(8)) }),
  run: () => "paid" });`,
  "carillon.ini": "[auth]\nmode = password\n",
};
const PEOPLE = { anna: "operator", bob: "admin", vera: "viewer" };
const PHONE = { width: 360, height: 740 };

async function people(app: BinaryRun): Promise<void> {
  for (const [name, role] of Object.entries(PEOPLE)) {
    const added = await runBinary(
      ["user", "add", name, "--role", role],
      app.folder.path,
      `${PASSWORD}\n`,
    );
    assert.equal(added.code, 0, added.stderr);
  }
}

async function signIn(
  browser: Browser,
  app: BinaryRun,
  name: string,
  options: BrowserContextOptions,
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${app.address}/sign-in`);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(PASSWORD);
  await page.locator("form.sign-card button[type=submit]").click();
  await page.locator("#main h1").first().waitFor();
  return page;
}

/** Nothing that axe blames, and nothing that scrolls sideways. */
async function isGood(page: Page, where: string): Promise<void> {
  const over = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth
  );
  assert.ok(over <= 0, `${where} scrolls ${over} px sideways`);
  assert.deepEqual(await violations(page), [], where);
}

Deno.test({
  name: "a run is asked for, found on Today, approved and audited: phone, dark, Chinese",
  ignore,
  async fn() {
    await using app = await startBinary(FILES);
    await people(app);
    const browser = await launchBrowser();
    try {
      const anna = await signIn(browser, app, "anna", { locale: "en-GB", viewport: PHONE });
      await anna.goto(`${app.address}/tasks/pay/run`);
      await anna.locator("[name=note]").fill("the month is over");
      await anna.getByRole("button", { name: "Run now" }).click();
      await anna.waitForURL(/\/runs\/[\w-]+$/);
      const run = new URL(anna.url()).pathname;
      await anna.getByText("asked for by you").waitFor();
      assert.equal(await anna.locator(`[href="${run}/approve"]`).count(), 0);
      await isGood(anna, "the run, for whoever asked");
      const looks: readonly BrowserContextOptions[] = [
        { locale: "en-GB", colorScheme: "light", viewport: PHONE },
        { locale: "zh-CN", colorScheme: "dark", viewport: PHONE },
        { locale: "en-GB", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
      ];
      for (const options of looks) {
        const bob = await signIn(browser, app, "bob", options);
        const { locale, colorScheme, viewport } = options;
        for (const path of ["/", run, `${run}/approve`, `${run}/decline`, "/audit", "/audit?q=nothing"]) {
          await bob.goto(app.address + path);
          await isGood(bob, `${path} ${locale} ${colorScheme} ${viewport?.width}`);
        }
        await bob.context().close();
      }
      const bob = await signIn(browser, app, "bob", {
        locale: "zh-CN",
        colorScheme: "dark",
        viewport: PHONE,
      });
      await bob.goto(app.address);
      await bob.locator("#awaiting a.btn").click();
      await bob.waitForURL(`${app.address}${run}`);
      await bob.locator(`[href="${run}/approve"]`).click();
      const dialog = bob.getByRole("dialog");
      await dialog.locator("[name=note]").fill("go on");
      await isGood(bob, "the dialog");
      await dialog.locator("button[type=submit]").click();
      await app.logged(/succeeded/);
      await bob.goto(app.address);
      assert.equal(await bob.locator("#awaiting").count(), 0);
      await bob.goto(`${app.address}/audit`);
      await bob.locator("details", { hasText: "go on" }).first().locator("summary").click();
      await bob.getByText("go on").first().waitFor();
      await isGood(bob, "the audit of it");
      await anna.goto(app.address + run);
      await anna.getByText("Approved by bob").waitFor();
    } finally {
      await browser.close();
    }
  },
});

Deno.test({
  name: "whoever may only look finds no button to act with, by hand or by keyboard",
  ignore,
  async fn() {
    await using app = await startBinary(FILES);
    await people(app);
    const browser = await launchBrowser();
    try {
      const vera = await signIn(browser, app, "vera", { locale: "en-GB" });
      for (const path of ["/", "/tasks", "/tasks/pay", "/runs"]) {
        await vera.goto(app.address + path);
        await isGood(vera, path);
        await vera.keyboard.press("j");
        await vera.keyboard.press("x");
        await vera.keyboard.press("r");
        assert.equal(await vera.locator("[data-kind=run], .selection:visible").count(), 0, path);
        assert.equal(await vera.locator("dialog[open]").count(), 0, path);
      }
    } finally {
      await browser.close();
    }
  },
});
