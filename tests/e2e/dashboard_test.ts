/// <reference lib="dom" />
/** Every action of the dashboard, by hand and by keyboard, in a real browser; and what axe says of every page. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { browse as browseTo, trigger, type Visit, type VisitOptions } from "../support/browse.ts";
import type { Page } from "../support/browser.ts";

const TICK = `import { defineTask, every } from "carillon";
export default defineTask({ title: "Tick", tags: "clock", trigger: every("300ms"), run: () => "tick" });`;
const GREET = `import { defineTask, z } from "carillon";
export default defineTask({
  title: "Greet",
  tags: ["people"],
  params: z.object({
    name: z.string().default("you"),
    loud: z.boolean().default(false),
    tone: z.enum(["warm", "cool"]).default("warm"),
    words: z.string().meta({ multiline: true }).optional(),
  }),
  run({ params, log }) {
    log.info("greeting");
    if (params.name === "nobody") throw new Error("there is <nobody>");
    return JSON.stringify(params);
  },
});`;
const CHATTY = `import { defineTask } from "carillon";
export default defineTask({
  title: "Chatty",
  async run({ log, signal, progress }) {
    for (let i = 0; !signal.aborted; i++) {
      log[i % 5 === 0 ? "warn" : "info"]("line " + i);
      progress(Math.min(1, i / 1000), "at " + i);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw signal.reason;
  },
});`;
const BROKEN = "export default defineTask({\n  trigger: every(,\n});\n";
const FILES = {
  "tasks/tick.ts": TICK,
  "tasks/people/greet.ts": GREET,
  "tasks/chatty.ts": CHATTY,
  "database.ini": "[shop]\ntype = sqlite\ndatabase = shop.db\n",
};

function browse(
  name: string,
  check: (visit: Visit) => Promise<void>,
  { files = FILES, options }: Partial<Pick<VisitOptions, "files" | "options">> = {},
): void {
  // An address that is not there is asked for on purpose.
  browseTo(name, check, { files, options, wanted: /status of 404/ });
}

/** Language, colours and notifications stand in one menu. */
async function openMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^(?:Menu|菜单)/ }).click();
}

/** Waits for so many answers to a page's question for its live part. */
async function refreshes(page: Page, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await page.waitForResponse((answer) => answer.request().headers()["hx-request"] === "true");
  }
}

browse(
  "a filter is typed into through ten refreshes without losing a letter, and stands in the address",
  async ({ page, app }) => {
    const search = page.getByRole("searchbox");
    const typed = "tick and tock";
    for (const [i, letter] of [...typed].entries()) {
      await search.press(letter === " " ? "Space" : letter);
      // The list asks anew each second while the task runs; wait for one such answer between the letters.
      if (i < 10) await refreshes(page, 1);
      assert.equal(await search.inputValue(), typed.slice(0, i + 1));
      assert.ok(await search.evaluate((element) => element === document.activeElement));
    }
    await page.waitForURL(`${app.address}/?q=tick+and+tock`);
    await page.getByText("0 of 3 tasks").waitFor();
    await search.fill("greet");
    await page.locator("#task-greet").waitFor();
    await page.locator("#task-tick").waitFor({ state: "detached" });
    await page.reload();
    assert.equal(await page.getByRole("searchbox").inputValue(), "greet");
    await page.getByText("1 of 3 tasks").waitFor();
    await page.getByRole("searchbox").fill("");
    await page.locator("select[name=tag]").selectOption("clock");
    await page.locator("#task-greet").waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).search, "?tag=clock");
  },
);

browse(
  "a list that is asked for by something its form has no field for is refreshed all the same",
  async ({ page, app }) => {
    await page.goto(`${app.address}/?tag=gone`);
    await page.getByText("0 of 1 tasks").waitFor();
    await Deno.writeTextFile(`${app.folder.path}/tasks/other.ts`, GREET.replace(`tags: ["people"],`, ""));
    await page.getByText("0 of 2 tasks").waitFor();
  },
  { files: { "tasks/plain.ts": GREET.replace(`tags: ["people"],`, "") } },
);

browse("pausing and resuming ask in words, one task or all, and tell what came of it", async (visit) => {
  const { page } = visit;
  const row = page.locator("#task-tick");
  const dialog = page.getByRole("dialog");
  const ask = async () => {
    await row.getByRole("button", { name: "More on Tick" }).click();
    await dialog.getByRole("button", { name: "Pause Tick" }).click();
    await dialog.getByText("Pause “Tick”?").waitFor();
  };
  await ask();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
  await ask();
  await dialog.getByRole("button", { name: "Pause", exact: true }).dblclick();
  await page.getByRole("status").getByText("Tick is paused.").waitFor();
  await row.getByText("paused").waitFor();
  await page.getByRole("button", { name: "Resume all" }).click();
  await dialog.getByText("Resume 1 task?").waitFor();
  await dialog.getByRole("button", { name: "Resume", exact: true }).click();
  await row.getByText("paused").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Pause all" }).click();
  await dialog.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("status").getByText("1 tasks are paused.").waitFor();
  await row.getByText("paused").waitFor();
});

browse("a run's parameters are switches, choices and texts, and come back as last time", async ({ page }) => {
  await page.getByRole("button", { name: "Run Greet" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("name").fill("Anna");
  await dialog.getByRole("switch").check();
  await dialog.getByLabel("tone").selectOption("cool");
  await dialog.getByLabel("words").fill("one\ntwo");
  await dialog.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("status").getByRole("link", { name: "Show the run" }).click();
  await page.getByText(`{"name":"Anna","loud":true,"tone":"cool","words":"one\\ntwo"}`).waitFor();
  await page.getByRole("button", { name: "Run again with changes…" }).click();
  assert.equal(await dialog.getByLabel("name").inputValue(), "Anna");
  assert.ok(await dialog.getByRole("switch").isChecked());
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Run again", exact: true }).click();
  await dialog.getByText("Anna").waitFor();
  await dialog.getByRole("button", { name: "Run now" }).dblclick();
  await page.getByRole("status").getByText("Greet was started.").waitFor();
  await page.getByRole("heading", { level: 1 }).getByRole("link", { name: "Greet" }).click();
  await page.locator("tbody tr").nth(1).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await page.getByRole("button", { name: "Run Greet" }).click();
  assert.equal(await dialog.getByLabel("name").inputValue(), "you");
  await dialog.getByRole("link", { name: "Fill in as last time" }).click();
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#param-name")?.value === "Anna");
});

browse(
  "a log follows its end, stops when it is paused, is filtered, and its run is cancelled",
  async (visit) => {
    const { page, app } = visit;
    const id = await trigger(visit, "chatty");
    await page.goto(`${app.address}/runs/${id}`);
    const log = page.locator("#log .log");
    const isLong = () => document.documentElement.scrollHeight > innerHeight + 400;
    await page.waitForFunction(isLong);
    // Whoever reads above is left there; whoever is at the end is kept there.
    await page.evaluate(() => scrollTo(0, 0));
    await refreshes(page, 3);
    assert.equal(await page.evaluate(() => scrollY), 0);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.waitForFunction(
      (before) =>
        document.documentElement.scrollHeight > before + 200 &&
        (document.querySelector("[data-end]")?.getBoundingClientRect().top ?? Infinity) <= innerHeight + 80,
      height,
    );
    await page.getByLabel("Pause").check();
    const held = await log.textContent();
    await refreshes(page, 2);
    assert.equal(await log.textContent(), held);
    await page.getByLabel("Pause").uncheck();
    await page.waitForFunction((old) => document.querySelector("#log .log")?.textContent !== old, held);
    await page.getByLabel("From level").selectOption("warn");
    await page.waitForFunction(() => document.querySelectorAll("#log li:not(.level-warn)").length === 0);
    await page.getByLabel("Text").fill("line 5");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("#log li")].every((line) => line.textContent?.includes("line 5"))
    );
    assert.equal(new URL(page.url()).search, "?q=line+5&level=warn");
    await refreshes(page, 3);
    assert.equal(await page.getByLabel("Text").inputValue(), "line 5");
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel run" }).click();
    await page.locator("h1 .status-cancelled").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `run-${id}.txt`);
    assert.match(await Deno.readTextFile(await download.path()), /INFO {2}line 1\n/);
  },
);

browse("the text of an error is copied with one click", async (visit) => {
  const { page, app, context } = visit;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: app.address });
  const id = await trigger(visit, "greet?name=nobody");
  await page.goto(`${app.address}/runs/${id}`);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("status").getByText("Copied").waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    `Error: there is <nobody>\n${app.address}/runs/${id}`,
  );
});

browse("the keyboard searches, moves, opens, runs and helps", async ({ page }) => {
  const focused = () => page.evaluate(() => document.activeElement?.closest("[data-row]")?.id);
  await page.keyboard.press("/");
  assert.ok(await page.getByRole("searchbox").evaluate((element) => element === document.activeElement));
  await page.keyboard.type("j");
  assert.equal(await page.getByRole("searchbox").inputValue(), "j");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Escape");
  await page.locator("#task-greet").waitFor();
  const rows = await page.locator("[data-row]").evaluateAll((all) => all.map(({ id }) => id));
  await page.keyboard.press("j");
  assert.equal(await focused(), rows[0]);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.equal(await focused(), rows[2]);
  await page.keyboard.press("k");
  assert.equal(await focused(), "task-tick");
  assert.equal(rows[1], "task-tick");
  // Enter opens the row's task, and not the run that its outcome leads to.
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[data-open]")));
  await page.keyboard.press("r");
  await page.getByRole("dialog").getByRole("button", { name: "Run now" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Next and previous row").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#task-greet [data-open]").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Greet", level: 1 }).waitFor();
});

browse("what is selected, scrolled and opened stays so while the page refreshes", async ({ page, app }) => {
  await page.goto(`${app.address}/tasks/tick`);
  const details = page.locator("details").first();
  await details.locator("summary").click();
  await page.evaluate(() => {
    const title = document.querySelector("h1");
    if (title) getSelection()?.selectAllChildren(title);
    scrollTo(0, 120);
  });
  await refreshes(page, 3);
  assert.ok(await details.evaluate((element) => (element as HTMLDetailsElement).open));
  assert.equal(await page.evaluate(() => String(getSelection())), "Tick");
  assert.ok(await page.evaluate(() => scrollY) > 0);
});

browse("the countdown counts, and a database is tried by a button", async ({ page, app }) => {
  await page.goto(`${app.address}/tasks/tick`);
  await page.locator(".countdown").first().getByText(/^in \d+ sec/).waitFor();
  await page.goto(`${app.address}/system`);
  await page.getByRole("button", { name: "Test shop" }).click();
  await page.getByRole("status").getByText(/^SQLite [\d.]+ answers in/).waitFor();
});

browse("failures are told in the title of a hidden page, to those who want it", async (visit) => {
  const { page, app, context } = visit;
  await context.grantPermissions(["notifications"], { origin: app.address });
  const wish = page.getByRole("button", { name: "Notify me of failures" });
  await openMenu(page);
  await Promise.all([page.waitForResponse(/\/news$/), wish.click()]);
  assert.equal(await wish.getAttribute("aria-pressed"), "true");
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(globalThis, {
      told,
      Notification: class {
        constructor(title: string) {
          told.push(title);
        }
        addEventListener() {}
      },
    });
    Object.defineProperty(document, "hidden", { get: () => true });
  });
  await trigger(visit, "greet?name=nobody");
  await page.waitForFunction(() => document.title.startsWith("(1) "), undefined, { timeout: 60_000 });
  assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { told: string[] }).told), [
    "Greet failed",
  ]);
});

browse("colours and language are switched, and one comes back to where one was", async ({ page, app }) => {
  await page.goto(`${app.address}/?q=greet`);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await openMenu(page);
  await page.getByRole("button", { name: "Dark" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  assert.notEqual(await ground(), before);
  assert.equal(new URL(page.url()).search, "?q=greet");
  await openMenu(page);
  await page.getByRole("button", { name: "System", exact: true }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === undefined);
  assert.equal(await ground(), before);
  await openMenu(page);
  await page.getByRole("button", { name: "简体中文" }).click();
  await page.getByRole("link", { name: "今天" }).waitFor();
  assert.equal(new URL(page.url()).search, "?q=greet");
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
});

browse("days, years and lines of source are gone to by links", async (visit) => {
  const { page, app } = visit;
  await app.logged(/task tick: run \S+ succeeded/);
  await page.getByRole("link", { name: "Timeline" }).click();
  await page.getByRole("group", { name: /^runs \d+, failed 0, to come/ }).first().waitFor();
  const today = await page.getByRole("heading", { level: 1 }).textContent();
  await page.getByRole("link", { name: "Previous day" }).click();
  await page.getByText("Nothing on this day.").waitFor();
  await page.getByRole("navigation", { name: "Days" }).getByRole("link", { name: "Today" }).click();
  await page.getByRole("heading", { name: today ?? "" }).waitFor();
  await page.getByRole("link", { name: "Tick", exact: true }).click();
  await page.getByRole("link", { name: "Year" }).first().click();
  await page.getByText(/^Runs: \d+\. Failed: 0/).waitFor();
  await page.getByRole("navigation", { name: "Years" }).getByRole("link").click();
  await page.getByText("Runs: 0. Failed: 0").waitFor();
  await page.getByRole("link", { name: "Tick", exact: true }).click();
  await page.getByRole("link", { name: "tick.ts" }).first().click();
  await page.locator("#L2").getByText("defineTask").waitFor();
  await Deno.writeTextFile(`${app.folder.path}/tasks/tick.ts`, BROKEN);
  await page.goto(`${app.address}/tasks/tick`);
  await page.getByRole("link", { name: "tick.ts:2:18" }).click();
  assert.equal(new URL(page.url()).hash, "#L2");
  await page.locator("#L2.line-bad").waitFor();
});

browse("older runs are on the next page, and the form of runs finds one", async (visit) => {
  const { page, app } = visit;
  const ids: string[] = [];
  for (let i = 0; i < 52; i++) ids.push(await trigger(visit, `greet?name=guest${i}`));
  await app.logged(`run ${ids.at(-1)} succeeded`);
  await page.goto(`${app.address}/tasks/greet`);
  await page.locator(`#run-${ids[2]}`).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 50);
  await page.getByRole("link", { name: "Older runs" }).click();
  await page.locator(`#run-${ids[0]}`).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await page.getByRole("link", { name: "Newest runs" }).click();
  await page.locator(`#run-${ids[51]}`).waitFor();
  await page.getByLabel("Status").selectOption("failed");
  await page.getByText("No run matches.").waitFor();
  await page.getByLabel("Status").selectOption("");
  await page.locator(`#run-${ids[51]}`).waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  browse(`axe finds nothing to blame on any page, ${colorScheme}`, async (visit) => {
    const { page, app } = visit;
    const id = await trigger(visit, "greet?name=nobody");
    const going = await trigger(visit, "chatty");
    await app.logged(`run ${id} failed`);
    const paths = [
      // It has the fewest lines now.
      `/runs/${going}`,
      "/",
      "/?q=nothing",
      "/tasks",
      "/runs",
      "/runs?status=failed&window=night",
      "/timeline?view=week",
      "/timeline?span=1h",
      "/search?q=tick",
      "/tasks/greet/more",
      "/selected/rerun?status=failed",
      "/pause",
      "/tasks/tick",
      "/tasks/greet",
      "/tasks/greet/run",
      "/tasks/tick/pause",
      "/tasks/greet/source",
      "/tasks/tick/year",
      `/runs/${id}`,
      `/runs/${id}/retry`,
      "/timeline",
      "/system",
      "/keys",
      "/nowhere",
    ];
    // The dark look has the same elements in other colours.
    const of = colorScheme === "dark" ? "colours" : "everything";
    for (const path of paths) {
      await page.goto(`${app.address}${path}`).catch(() => {});
      assert.deepEqual(await violations(page, of), [], path);
    }
    await page.goto(app.address);
    await page.getByRole("button", { name: "Run Greet" }).click();
    await page.getByRole("dialog").getByRole("switch").waitFor();
    assert.deepEqual(await violations(page, of), [], "the dialog");
  }, { files: { ...FILES, "tasks/broken.ts": BROKEN }, options: { colorScheme } });
}

const TICKED = { ...FILES, "tasks/tick.ts": TICK.replace('trigger: every("300ms"), ', "") };

for (const javaScriptEnabled of [true, false]) {
  browse(
    `rows that are ticked have a bar, ${javaScriptEnabled ? "which counts them" : "also without a script"}`,
    async ({ page, app }) => {
      await page.goto(`${app.address}/tasks`);
      const bar = page.locator(".selection");
      const box = (title: string) => page.getByRole("checkbox", { name: `Choose ${title}`, exact: true });
      assert.equal(await bar.isVisible(), false);
      await box("Greet").check();
      await bar.waitFor({ state: "visible" });
      if (javaScriptEnabled) {
        const all = page.locator("[data-all]");
        assert.match(await bar.innerText(), /^1 /);
        assert.equal(await all.evaluate((each) => (each as HTMLInputElement).indeterminate), true);
        await refreshes(page, 1);
        await page.evaluate(() => document.dispatchEvent(new CustomEvent("carillon:changed")));
        await refreshes(page, 1);
        assert.equal(await box("Greet").isChecked(), true);
        assert.ok(await bar.isVisible());
        await all.check();
        assert.match(await bar.innerText(), /^3 /);
        await bar.getByRole("button", { name: "Choose none" }).click();
        assert.equal(await all.isChecked(), false);
      } else await box("Greet").uncheck();
      await bar.waitFor({ state: "hidden" });
    },
    { files: TICKED, options: { javaScriptEnabled } },
  );
}
