/// <reference lib="dom" />
/** The page of the API in a real browser: read, and tried. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { browse } from "../support/browse.ts";
import type { BrowserContextOptions, Locator, Page } from "../support/browser.ts";

const FILES = {
  "tasks/greet.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ name: z.string().default("you") }),
  run: ({ params, log }) => { log.info("greeting"); return "hello " + params.name; },
});`,
};

function visit(
  name: string,
  check: (page: Page, address: string) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  // A wrong request is sent on purpose.
  const wanted = /status of 400/;
  browse(name, ({ page, app }) => check(page, app.address), { files: FILES, path: "/api", options, wanted });
}

/** Opens a route's part of the page. */
async function opened(page: Page, name: string): Promise<Locator> {
  const part = page.locator(`details#${name}`);
  await part.locator("> summary").click();
  await part.locator("form.try").waitFor();
  return part.locator("form.try");
}

visit("a run is started, its log followed, and a wrong request answered, all from the page", async (page) => {
  const start = await opened(page, "startRun");
  await start.locator('[name="path.id"]').fill("greet");
  await start.locator('[name="query.wait"]').fill("30s");
  await start.locator('[name="body"]').fill('{"params": {"name": "Anna"}}');
  await start.getByRole("button", { name: "Send" }).click();
  await start.getByRole("status").getByText(/^200 OK/).waitFor();
  const { run } = JSON.parse(await start.locator(".answer").innerText());
  assert.equal(run.message, "hello Anna");
  const log = await opened(page, "getRunLog");
  await log.locator('[name="path.id"]').fill(run.id);
  await log.locator('[name="query.format"]').fill("sse");
  await log.getByRole("button").first().click();
  await log.locator(".answer").getByText(/event: end/).waitFor();
  const events = await opened(page, "followEvents");
  await events.getByRole("button").first().click();
  await events.getByRole("status").getByText(/^200 OK/).waitFor();
  await start.getByRole("button", { name: "Send" }).click();
  await events.locator(".answer").getByText(/run\.ended/).waitFor();
  await events.getByRole("button", { name: "Stop" }).click();
  await events.getByRole("button", { name: "Stop" }).waitFor({ state: "hidden" });
  const list = await opened(page, "listRuns");
  await list.locator('[name="query.limit"]').fill("0");
  await list.getByRole("button").first().click();
  await list.getByRole("status").getByText(/^400 /).waitFor();
  await list.locator(".answer").getByText(/"name": "limit"/).waitFor();
});

visit("answers without an end, asked for again and again, keep no connection", async (page, address) => {
  const events = await opened(page, "followEvents");
  for (let times = 0; times < 10; times++) {
    await events.getByRole("button").first().click();
    await events.getByRole("status").getByText(/^200 OK/).waitFor();
  }
  // One that is held by each of them would leave none of the six for this.
  const list = await opened(page, "listTasks");
  await list.getByRole("button").first().click();
  await list.getByRole("status").getByText(/^200 OK/).waitFor();
  const start = await opened(page, "startRun");
  await start.locator('[name="path.id"]').fill("greet");
  await start.getByRole("button", { name: "Send" }).click();
  await events.locator(".answer").getByText(/run\.ended/).waitFor();
  const told = await events.locator(".answer").innerText();
  assert.equal(told.match(/event: run\.ended/g)?.length, 1, told);
  await page.goto(address);
  await page.getByText("greet").first().waitFor();
});

visit("a file that holds markup is answered as text, and one without an answer says so", async (page) => {
  const start = await opened(page, "startRun");
  await start.locator('[name="path.id"]').fill("<img src=x onerror=alert(1)>/../../x");
  await start.locator('[name="body"]').fill("{");
  await start.getByRole("button", { name: "Send" }).click();
  await start.getByRole("status").getByText(/^400 /).waitFor();
  assert.equal(await page.locator(".answer img").count(), 0);
});

for (
  const [locale, colorScheme, width, title] of [
    ["en-GB", "light", 360, "API"],
    ["zh-CN", "dark", 360, "API"],
    ["en-GB", "dark", 1280, "API"],
  ] as const
) {
  visit(`every part of the page is good: ${locale}, ${colorScheme}, ${width} px`, async (page) => {
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await page.evaluate(() => {
      for (const part of document.querySelectorAll("details")) part.open = true;
    });
    const over = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth
    );
    assert.ok(over <= 0, `it scrolls ${over} px sideways`);
    assert.deepEqual(await violations(page), []);
  }, { locale, colorScheme, viewport: { width, height: 800 } });
}

visit("without a script all of it can be read, and nothing is offered that would not work", async (page) => {
  await page.getByRole("heading", { level: 1 }).waitFor();
  const part = page.locator("details#startRun");
  await part.locator("> summary").click();
  await part.getByText("curl").waitFor();
  assert.equal(await page.locator("form.try:visible").count(), 0);
}, { javaScriptEnabled: false });
