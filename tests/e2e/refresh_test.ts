/// <reference lib="dom" />
/** What refreshes itself, when an answer is an error, late, doubled, or for somebody who has signed out. */
import assert from "node:assert/strict";
import { browse as browseTo, trigger, type Visit } from "../support/browse.ts";
import type { Page } from "../support/browser.ts";

const GREET = `import { defineTask, z } from "carillon";
export default defineTask({
  title: "Greet",
  description: "Says a friendly word",
  tags: ["people"],
  params: z.object({ name: z.string().default("you") }),
  run: ({ params }) => params.name,
});`;
const CHATTY = `import { defineTask } from "carillon";
export default defineTask({
  title: "Chatty",
  async run({ log, signal }) {
    for (let i = 0; !signal.aborted; i++) {
      log.info("line " + i);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw signal.reason;
  },
});`;
const FILES = { "tasks/greet.ts": GREET, "tasks/chatty.ts": CHATTY };
const BAD_GATEWAY = {
  status: 502,
  contentType: "text/html",
  body: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
};

function browse(name: string, check: (visit: Visit) => Promise<void>, files: Record<string, string> = FILES) {
  // Errors are what it is about.
  browseTo(name, check, { files, wanted: /./, goesElsewhere: files !== FILES });
}

/** Runs something while each refresh is answered like this. */
async function whileRefreshIs(
  page: Page,
  answer: { readonly status: number; readonly body: string; readonly contentType: string },
  check: () => Promise<void>,
): Promise<void> {
  await page.route("**/*", async (route) => {
    const { "hx-request": byHtmx, "hx-source": source } = route.request().headers();
    if (byHtmx && /^div#(?:live|log-poll)/.test(source ?? "")) await route.fulfill(answer);
    else await route.fallback();
  });
  await check();
  await page.unroute("**/*");
}

browse("a refresh that is answered with an error changes nothing, says so, and goes on", async (visit) => {
  const { page, app } = visit;
  const run = await trigger(visit, "chatty");
  for (const address of ["/tasks", "/runs", "/tasks/greet", `/runs/${run}`]) {
    await page.goto(app.address + address);
    const title = await page.title();
    for (const status of address === "/tasks" ? [502, 500, 429] : [502]) {
      await whileRefreshIs(page, { ...BAD_GATEWAY, status }, async () => {
        await page.locator("#lost").waitFor();
      });
      assert.equal(await page.getByText("502 Bad Gateway").count(), 0, address);
      await page.locator("#lost").waitFor({ state: "hidden" });
    }
    assert.equal(await page.title(), title);
    assert.ok(await page.locator("[data-refresh]").count() > 0, address);
  }
});

browse("a refresh that Carillon refuses says why, in its words", async (visit) => {
  const { page, app } = visit;
  await page.goto(`${app.address}/tasks/greet`);
  await Deno.rename(`${app.folder.path}/tasks/greet.ts`, `${app.folder.path}/greet.kept`);
  await page.locator("#stale", { hasText: 'There is no task "greet".' }).waitFor();
  await page.getByRole("heading", { name: "Greet", exact: true }).waitFor();
  await Deno.rename(`${app.folder.path}/greet.kept`, `${app.folder.path}/tasks/greet.ts`);
  await page.locator("#stale").waitFor({ state: "hidden" });
});

browse(
  "an error that nobody has thought of is a toast, and leaves the dialog as it is",
  async ({ page, app }) => {
    await page.goto(`${app.address}/tasks/greet`);
    const title = await page.title();
    await page.route("**/run", (route) => route.fulfill(BAD_GATEWAY));
    await page.getByRole("button", { name: "Run Greet" }).click();
    await page.getByText("The server answered with error 502: nothing was done.").waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0);
    await page.unroute("**/run");
    await page.getByRole("button", { name: "Run Greet" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("name").fill("Bo");
    for (const status of [413, 400, 403, 422, 503]) {
      await page.route("**/run", (route) => route.fulfill({ ...BAD_GATEWAY, status }));
      await dialog.getByRole("button", { name: "Run now" }).click();
      const told = status === 503 ? "whether it was done is not known" : "nothing was done";
      await page.locator(".toast", { hasText: `error ${status}: ${told}` }).waitFor();
      await page.unroute("**/run");
    }
    assert.equal(await page.getByText("502 Bad Gateway").count(), 0);
    assert.equal(await page.title(), title);
    assert.equal(await dialog.getByLabel("name").inputValue(), "Bo");
    await dialog.getByRole("button", { name: "Run now" }).click();
    await page.getByText("Greet was started.").waitFor();
  },
);

browse("a list is refreshed whatever its filter asks for, in any order", async (visit) => {
  const { page, app } = visit;
  for (const query of ["task=greet&status=succeeded&cause=api", "status=succeeded&q=you&task=greet"]) {
    await page.goto(`${app.address}/runs?${query}`);
    const rows = page.locator("tbody tr");
    const before = await rows.count();
    await trigger(visit, "greet");
    await rows.nth(before).waitFor();
  }
  for (const query of ["folder=.&group=tag", "sort=-name&group=tag&tag=people&q=e", "tag=gone"]) {
    await page.goto(`${app.address}/tasks?${query}`);
    const total = Number(/(\d+) tasks/.exec(await page.locator("#list-head").innerText())?.[1]);
    await Deno.writeTextFile(`${app.folder.path}/tasks/more${total}.ts`, GREET);
    await page.locator("#list-head", { hasText: `${total + 1} tasks` }).waitFor();
  }
});

browse(
  "a log whose answers are late has each line once, and one question goes on at a time",
  async (visit) => {
    const { page, app } = visit;
    await page.goto(`${app.address}/runs/${await trigger(visit, "chatty")}`);
    const asked = new Set<string>();
    let going = 0;
    let most = 0;
    await page.route("**/log?*", async (route) => {
      asked.add(route.request().url());
      most = Math.max(most, ++going);
      const answer = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      going--;
      await route.fulfill({ response: answer });
    });
    for (let i = 0; i < 8; i++) {
      await page.waitForTimeout(1_000);
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    }
    const numbers = await page.locator("#lines .n").allTextContents();
    assert.ok(asked.size >= 2, "it goes on asking");
    assert.equal(most, 1);
    assert.deepEqual(numbers, [...new Set(numbers)]);
  },
);

browse("what changes while a refresh is under way is asked for after it", async ({ page, app }) => {
  await page.goto(`${app.address}/tasks`);
  let asked = 0;
  await page.route("**/tasks?since=*", async (route) => {
    asked++;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.fallback();
  });
  await page.waitForRequest("**/tasks?since=*");
  await page.evaluate(() => {
    for (let i = 0; i < 3; i++) document.dispatchEvent(new Event("carillon:changed"));
  });
  await page.waitForResponse("**/tasks?since=*");
  await page.waitForTimeout(500);
  assert.equal(asked, 2);
});

browse("a line that is there already is not appended once more", async (visit) => {
  const { page, app } = visit;
  await page.goto(`${app.address}/runs/${await trigger(visit, "chatty")}`);
  // Each answer begins anew, as if the page had no line yet.
  await page.route("**/log?*", async (route) => {
    await route.continue({ url: route.request().url().replace(/after=\d+/, "after=0") });
  });
  for (let i = 0; i < 3; i++) await page.waitForResponse("**/log?*");
  await page.waitForTimeout(300);
  const numbers = await page.locator("#lines .n").allTextContents();
  assert.ok(numbers.length > 50);
  assert.deepEqual(numbers, [...new Set(numbers)]);
});

browse("a task that is found by a word of its description is shown", async ({ page, app }) => {
  await page.goto(`${app.address}/tasks`);
  const search = page.getByRole("searchbox");
  await search.pressSequentially("friendly", { delay: 30 });
  await page.getByText("1 of 2 tasks").waitFor();
  await page.locator("#task-greet").waitFor();
  await search.fill("friendly wor");
  await page.waitForURL(/friendly\+wor$/);
  await page.locator("#task-greet").waitFor();
  await search.fill("chat");
  await page.locator("#task-chatty").waitFor();
  await page.locator("#task-greet").waitFor({ state: "hidden" });
});

browse("a run that fails after one that was queued later is told of as well", async (visit) => {
  const { page, app } = visit;
  await page.context().grantPermissions(["notifications"], { origin: app.address });
  await page.addInitScript(() => {
    const told: string[] = [];
    Object.assign(globalThis, {
      told,
      Notification: class {
        static requestPermission(): Promise<string> {
          return Promise.resolve("granted");
        }
        constructor(title: string) {
          told.push(title);
        }
        addEventListener() {}
      },
    });
    // One does not wait a quarter of a minute here.
    const { setInterval: every } = globalThis;
    Object.assign(globalThis, {
      setInterval: (act: () => void, ms: number) => every(act, Math.min(ms, 500)),
    });
  });
  await page.goto(app.address);
  await page.getByRole("button", { name: /^Menu/ }).click();
  const wish = page.getByRole("button", { name: "Notify me of failures" });
  await Promise.all([page.waitForResponse(/\/news$/), wish.click()]);
  const told = (titles: string) =>
    page.waitForFunction(
      (wanted) => (globalThis as unknown as { told: string[] }).told.join() === wanted,
      titles,
    );
  await trigger(visit, "long");
  await trigger(visit, "short");
  await told("Short failed");
  await Deno.writeTextFile(`${app.folder.path}/go`, "");
  await told("Short failed,Long failed");
}, {
  "tasks/long.ts": `import { defineTask } from "carillon";
export default defineTask({ title: "Long", async run() {
  while (!(await Deno.stat("go").catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 50));
  throw new Error("late");
} });`,
  "tasks/short.ts": `import { defineTask } from "carillon";
export default defineTask({ title: "Short", run() { throw new Error("soon"); } });`,
});

async function signIn(page: Page, password: string): Promise<void> {
  await page.locator("#name").fill("Anna");
  await page.locator("#password, #new-password").fill(password);
  await page.locator("form.sign-card button[type=submit]").click();
}

browse(
  "a session that ends leaves the page as it is, with a link that comes back to it",
  async ({ page, app }) => {
    const password = "a few words in a row";
    await app.logged(/\/setup\/[\w-]+/);
    await page.goto(/https?:\/\/\S+\/setup\/[\w-]+/.exec(app.log())?.[0] ?? "");
    await signIn(page, password);
    await page.getByRole("button", { name: "Run Greet" }).waitFor();
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/tasks?tag=people`);
    await page.getByRole("button", { name: "Run Greet" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("name").fill("Bo");
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    const stale = page.locator("#stale");
    await stale.getByText("You are not signed in any more").waitFor();
    assert.equal(await dialog.getByLabel("name").inputValue(), "Bo");
    await page.context().addCookies(cookies);
    await stale.waitFor({ state: "hidden" });
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await page.context().clearCookies();
    await stale.getByRole("link", { name: "Sign in" }).click();
    await page.waitForURL(`${origin}/sign-in?back=%2Ftasks%3Ftag%3Dpeople`);
    await signIn(page, password);
    await page.waitForURL(`${origin}/tasks?tag=people`);
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Run Greet" }).click();
    await page.waitForURL(`${origin}/sign-in?back=%2Ftasks%3Ftag%3Dpeople`);
  },
  { ...FILES, "carillon.ini": "[auth]\nmode = password\n" },
);
