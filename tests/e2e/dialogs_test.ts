/// <reference lib="dom" />
/** The dialog, the rows that are ticked and the search, where answers come late, twice, or in another order, in a real browser. */
import assert from "node:assert/strict";
import { browse as browseTo, type Visit } from "../support/browse.ts";
import type { Page } from "../support/browser.ts";

/** What comes late comes so late. */
const LATE_MS = 1_000;

const task = (title: string) =>
  `import { defineTask, every, z } from "carillon";
export default defineTask({
  title: "${title}",
  trigger: every("24h"),
  params: z.object({ word: z.string().min(3).default("none") }),
  run: ({ params }) => "${title} " + params.word,
});`;
const FILES = {
  "tasks/alpha/first.ts": task("First"),
  "tasks/alpha/second.ts": task("Second"),
  "tasks/beta/third.ts": task("Third"),
};

function browse(name: string, check: (visit: Visit) => Promise<void>): void {
  browseTo(
    name,
    async (visit) => {
      // Before the script is ready its buttons are links.
      await visit.page.locator(".search-form[data-htmx-powered]").waitFor();
      await check(visit);
    },
    // A form that is refused is refused on purpose.
    { files: FILES, path: "/tasks", wanted: /status of 422/ },
  );
}

/** Lets the answers to what matches come late, the first so many of them; ends when they have all come. */
async function late(page: Page, method: string, path: string, times = 1): Promise<() => Promise<void>> {
  const waits: Promise<void>[] = [];
  await page.route((url) => url.pathname === path, async (route) => {
    if (route.request().method() !== method || waits.length >= times) return await route.continue();
    const wait = (async () => {
      const answer = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, LATE_MS));
      // The page may have given up on it.
      await route.fulfill({ response: answer }).catch(() => {});
    })();
    waits.push(wait);
    await wait;
  });
  return async () => {
    await Promise.all(waits);
    // What has come is put into the page in the next turns of its loop.
    await page.waitForTimeout(200);
  };
}

const run = (page: Page, title: string) => page.getByRole("button", { name: `Run ${title}`, exact: true });
const dialogOf = (page: Page) => page.getByRole("dialog");
const word = (page: Page) => dialogOf(page).getByLabel("word");

browse("the last question that was asked is the one that is answered", async ({ page }) => {
  const settled = await late(page, "GET", "/tasks/first/run");
  await run(page, "First").click();
  await run(page, "Second").click();
  await word(page).fill("typed");
  await settled();
  assert.equal(await word(page).inputValue(), "typed");
  await dialogOf(page).getByText("Run “Second”").waitFor();
});

browse("two clicks on one question ask it once", async ({ page }) => {
  const settled = await late(page, "GET", "/tasks/first/run", 2);
  await run(page, "First").dblclick();
  await word(page).fill("typed");
  await settled();
  assert.equal(await word(page).inputValue(), "typed");
});

browse("two presses of the keys for the search open it once", async ({ page }) => {
  const settled = await late(page, "GET", "/search", 2);
  for (let i = 0; i < 3; i++) await page.keyboard.press("Control+k");
  await dialogOf(page).getByRole("searchbox").fill("third");
  await settled();
  assert.equal(await dialogOf(page).getByRole("searchbox").inputValue(), "third");
});

browse("a dialog that was closed stays so when an answer to it comes", async ({ page }) => {
  const settled = await late(page, "GET", "/tasks/first/pause");
  await page.getByRole("button", { name: "More on First" }).click();
  await dialogOf(page).getByRole("button", { name: "Pause First" }).click();
  await page.keyboard.press("Escape");
  await settled();
  assert.equal(await dialogOf(page).isVisible(), false);
});

browse("a run that was started late closes no other dialog", async ({ page }) => {
  const settled = await late(page, "POST", "/tasks/first/run");
  await run(page, "First").click();
  await dialogOf(page).getByRole("button", { name: "Run now" }).click();
  await dialogOf(page).getByRole("button", { name: "Close" }).click();
  await run(page, "Second").click();
  await word(page).fill("typed");
  await settled();
  await page.getByText("First was started.").waitFor();
  assert.equal(await word(page).inputValue(), "typed");
});

browse("a form that is refused after it was closed is told of, and changes no other", async ({ page }) => {
  const settled = await late(page, "POST", "/tasks/first/run");
  await run(page, "First").click();
  await word(page).fill("ab");
  await dialogOf(page).getByRole("button", { name: "Run now" }).click();
  await dialogOf(page).getByRole("button", { name: "Close" }).click();
  await run(page, "Second").click();
  await word(page).fill("typed");
  await settled();
  assert.equal(await word(page).inputValue(), "typed");
  assert.match(await page.locator("#toasts").innerText(), /First.*3/);
});

const box = (page: Page, title: string) =>
  page.getByRole("checkbox", { name: `Choose ${title}`, exact: true });
const fold = (page: Page, folder: string) => page.locator(`button[data-folder="${folder}"]`);

browse("ticks in a folder that is folded are neither counted nor acted on", async ({ page }) => {
  const bar = page.locator(".selection");
  await box(page, "First").check();
  await box(page, "Second").check();
  assert.match(await bar.innerText(), /^2 /);
  await fold(page, "alpha").click();
  await bar.waitFor({ state: "hidden" });
  await box(page, "Third").check();
  assert.match(await bar.innerText(), /^1 /);
  await bar.getByRole("button", { name: "Pause" }).click();
  await dialogOf(page).getByText("Pause 1 task?").waitFor();
  await dialogOf(page).getByRole("button", { name: "Pause", exact: true }).click();
  await dialogOf(page).waitFor({ state: "hidden" });
  await page.locator("#task-third").getByText("paused").waitFor();
  await fold(page, "alpha").click();
  assert.match(await bar.innerText(), /^3 /);
  assert.equal(await page.locator("#list").getByText("paused", { exact: true }).count(), 1);
});

browse("rows that the filter hides are neither counted nor acted on", async ({ page }) => {
  const bar = page.locator(".selection");
  for (const title of ["First", "Second", "Third"]) await box(page, title).check();
  // The server's answer would take the rows away.
  await page.route((url) => url.searchParams.has("q"), () => {});
  await page.locator("[data-search]").fill("third");
  assert.match(await bar.innerText(), /^1 /);
  await bar.getByRole("button", { name: "Pause" }).click();
  await dialogOf(page).getByText("Pause 1 task?").waitFor();
});

browse("a tick goes with its row, and stays with it where others move", async ({ page, app }) => {
  const bar = page.locator(".selection");
  await box(page, "First").check();
  await box(page, "Third").check();
  await Deno.remove(`${app.folder.path}/tasks/alpha/first.ts`);
  await Deno.writeTextFile(`${app.folder.path}/tasks/alpha/another.ts`, task("Another"));
  await box(page, "First").waitFor({ state: "detached" });
  await box(page, "Another").waitFor();
  assert.equal(await box(page, "Another").isChecked(), false);
  assert.equal(await box(page, "Second").isChecked(), false);
  assert.equal(await box(page, "Third").isChecked(), true);
  assert.match(await bar.innerText(), /^1 /);
});

browse("a run that is ticked stays so while newer ones push it down", async ({ page, app }) => {
  const start = (id: string) => fetch(`${app.address}/trigger/${id}`, { method: "POST" });
  await start("first");
  await page.goto(`${app.address}/runs`);
  await box(page, "First").check();
  await start("second");
  await start("third");
  await box(page, "Third").waitFor();
  await box(page, "Second").waitFor();
  assert.equal(await box(page, "First").isChecked(), true);
  assert.equal(await page.locator("input[name=run]:checked").count(), 1);
  await page.locator(".selection").getByRole("button").first().click();
  await dialogOf(page).getByRole("heading", { name: "First" }).waitFor();
  assert.equal(await dialogOf(page).locator(".plan li").count(), 1);
});

browse(
  "what was typed into a form that was refused is kept from Escape and a click outside",
  async ({ page }) => {
    await run(page, "First").click();
    await word(page).fill("ab");
    await dialogOf(page).getByRole("button", { name: "Run now" }).click();
    await dialogOf(page).locator("[aria-invalid=true]").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.mouse.click(3, 3);
    assert.equal(await word(page).inputValue(), "ab");
    await dialogOf(page).getByRole("button", { name: "Close" }).click();
    await dialogOf(page).waitFor({ state: "hidden" });
    // The next question is a new one.
    await run(page, "First").click();
    await word(page).waitFor();
    await page.keyboard.press("Escape");
    await dialogOf(page).waitFor({ state: "hidden" });
  },
);

browse("Enter in the search goes to what was found for what stands in it", async ({ page, app }) => {
  const settled = await late(page, "GET", "/search", 3);
  await page.keyboard.press("Control+k");
  const field = dialogOf(page).getByRole("searchbox");
  await field.pressSequentially("Third");
  await field.press("Enter");
  await page.waitForURL(`${app.address}/tasks/third`);
  await settled();
});

browse("Enter in the search is taken back by what is typed after it", async ({ page, app }) => {
  await page.keyboard.press("Control+k");
  const field = dialogOf(page).getByRole("searchbox");
  await field.pressSequentially("Third");
  await field.press("Enter");
  await field.press("Backspace");
  await dialogOf(page).getByRole("link", { name: "Third" }).waitFor();
  await page.locator('#found[data-for="Thir"]').waitFor();
  assert.equal(page.url(), `${app.address}/tasks`);
  await field.press("Enter");
  await page.waitForURL(`${app.address}/tasks/third`);
});

browse("a search for spaces, or for what is not there, goes where it should", async ({ page, app }) => {
  await page.keyboard.press("Control+k");
  const field = dialogOf(page).getByRole("searchbox");
  await field.fill("nothing like it");
  await field.press("Enter");
  await dialogOf(page).getByText("Nothing matches.").waitFor();
  await field.fill("  Second ");
  await field.press("Enter");
  await page.waitForURL(`${app.address}/tasks/second`);
});

browse("keys that are pressed while the search is on its way ask nothing else", async ({ page }) => {
  await page.locator("#task-first [data-open]").focus();
  const settled = await late(page, "GET", "/search");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("rx?");
  await dialogOf(page).getByRole("searchbox").waitFor();
  await settled();
  await dialogOf(page).getByRole("searchbox").waitFor();
  assert.equal(await box(page, "First").isChecked(), false);
  await page.keyboard.press("Escape");
  await dialogOf(page).waitFor({ state: "hidden" });
  await page.keyboard.press("r");
  await word(page).waitFor();
});

browse("Enter that is pressed more than once in a dialog acts once", async ({ page, app }) => {
  const settled = await late(page, "POST", "/tasks/first/run", 5);
  await run(page, "First").click();
  await word(page).fill("typed");
  for (let i = 0; i < 3; i++) await word(page).press("Enter");
  await dialogOf(page).waitFor({ state: "hidden" });
  await settled();
  await page.goto(`${app.address}/tasks/first`);
  assert.equal(await page.locator("tr[id^=run-]").count(), 1);
});

browse(
  "after a dialog the focus is where it was, or in the page where that has gone",
  async ({ page, app }) => {
    const focused = () => page.evaluate(() => document.activeElement?.id);
    const open = page.locator("#task-first [data-open]");
    await open.focus();
    await page.keyboard.press("r");
    await word(page).waitFor();
    await page.keyboard.press("Escape");
    await dialogOf(page).waitFor({ state: "hidden" });
    assert.ok(await open.evaluate((element) => element === document.activeElement));
    await page.keyboard.press("r");
    await word(page).waitFor();
    await Deno.remove(`${app.folder.path}/tasks/alpha/first.ts`);
    await page.locator("#task-first").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await dialogOf(page).waitFor({ state: "hidden" });
    await page.waitForTimeout(100);
    assert.equal(await focused(), "main");
  },
);
