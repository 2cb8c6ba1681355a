/** What pages offer: nothing that would be refused to whoever looks, and all that would not. */
import assert from "node:assert/strict";
import { type BrowserLike, browserLike, signedIn } from "../support/browser_like.ts";
import { startRun, startStill, type TestCarillon } from "../support/carillon.ts";

const INI = `[auth]
mode = password
[role:finance]
tasks = finance/*
rights = view, run, pause
[role:reader]
rights = view
[role:boss]
rights = view, parameters
[role:keeper]
rights = view, system
`;
const TASK = `import { cron, defineTask } from "carillon";
export default defineTask({ trigger: cron("0 3 * * *"), run() { throw new Error("no"); } });`;
const FILES = {
  "tasks/finance/ledger.ts": TASK,
  "tasks/hr/salaries.ts": TASK,
  "tasks/pay.ts": `import { defineTask } from "carillon";
export default defineTask({ approval: { by: "boss" }, run: () => "paid" });`,
  "database.ini": "[main]\ntype = sqlite\ndatabase = main.db\n",
};

/** What leads to something being done: the address without what stands behind it. */
const ACTS =
  /(?:href|hx-get|formaction|action)="(\/(?:tasks\/[\w-]+\/(?:run|pause|resume|backfill|source)|runs\/[\w-]+\/(?:cancel|retry|approve|decline)|selected\/[\w-]+|pause|resume|system\/databases\/\w+\/test))["?]/g;

/** The acts that a page offers, each once. */
async function offered(browser: BrowserLike, address: string): Promise<string[]> {
  const answer = await browser.ask(address);
  assert.equal(answer.status, 200, address);
  const html = await answer.text();
  return [...new Set([...html.matchAll(ACTS)].map(([, act = ""]) => act))].toSorted();
}

interface House {
  readonly test: TestCarillon;
  readonly run: Record<string, string>;
}

async function openHouse(): Promise<House & AsyncDisposable> {
  const test = await startStill(FILES, { ini: `${INI}[datasource]\nfile = database.ini\n` });
  const run: Record<string, string> = {};
  for (const id of ["ledger", "salaries"]) run[id] = (await test.ended((await startRun(test, id)).id)).id;
  return { test, run, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

Deno.test("whoever may only look is offered nothing to do, on any page", async () => {
  await using house = await openHouse();
  const { test, run } = house;
  for (const role of ["viewer", "reader"]) {
    const browser = await signedIn(test, `the-${role}`, [role]);
    const pages = [
      "/",
      "/tasks",
      "/runs",
      "/tasks/ledger",
      "/tasks/ledger/more",
      `/runs/${run.ledger}`,
      "/search?q=",
    ];
    for (const page of pages) assert.deepEqual(await offered(browser, page), [], `${role} ${page}`);
    const html = await (await browser.ask("/tasks")).text();
    assert.doesNotMatch(html, /type="checkbox"[^>]*name="task"|data-all|href="\/system"/);
    assert.doesNotMatch(await (await browser.ask("/runs")).text(), /type="checkbox"[^>]*name="run"|data-all/);
  }
});

Deno.test("an operator is offered everything there is to do", async () => {
  await using house = await openHouse();
  const { test, run } = house;
  const browser = await signedIn(test, "otto", ["operator"]);
  assert.deepEqual(await offered(browser, "/tasks/ledger"), [
    "/tasks/ledger/backfill",
    "/tasks/ledger/pause",
    "/tasks/ledger/run",
    "/tasks/ledger/source",
  ]);
  assert.ok((await offered(browser, `/runs/${run.ledger}`)).includes(`/runs/${run.ledger}/retry`));
  assert.deepEqual(await offered(browser, "/system"), ["/system/databases/main/test"]);
  const today = await offered(browser, "/");
  for (
    const act of [
      "/pause",
      "/resume",
      "/selected/acknowledge",
      "/selected/cancel",
      "/selected/rerun",
      "/selected/run",
      "/tasks/ledger/run",
      "/tasks/salaries/run",
    ]
  ) assert.ok(today.includes(act), act);
});

Deno.test("a role of a folder is offered what it may do there, and questions name nothing else", async () => {
  await using house = await openHouse();
  const { test, run } = house;
  const browser = await signedIn(test, "fay", ["finance", "reader"]);
  const list = await offered(browser, "/tasks");
  assert.ok(list.includes("/tasks/ledger/run"));
  assert.ok(!list.includes("/tasks/salaries/run"));
  assert.ok(!list.includes("/selected/cancel"));
  const html = await (await browser.ask("/tasks")).text();
  assert.deepEqual(
    [...html.matchAll(/name="task" value="([^"]+)"/g)].map(([, id]) => id),
    ["ledger"],
  );
  assert.deepEqual(await offered(browser, "/tasks/salaries"), []);
  assert.deepEqual(await offered(browser, `/runs/${run.salaries}`), []);
  assert.ok((await offered(browser, `/runs/${run.ledger}`)).includes(`/runs/${run.ledger}/retry`));
  // All that are shown: the question and the act are about those that it may pause.
  const question = await (await browser.ask("/pause")).text();
  assert.match(question, /name="chosen" value="ledger"/);
  assert.equal((await browser.send("/pause", { chosen: "ledger", question: "q" })).status, 303);
  assert.equal(test.carillon.queries.tasks.find("ledger")?.paused, true);
  assert.equal(test.carillon.queries.tasks.find("salaries")?.paused, false);
  // What is not offered is refused all the same.
  assert.equal((await browser.send("/pause", { chosen: "ledger,salaries" })).status, 403);
  assert.match(await (await browser.ask("/selected/rerun?status=failed")).text(), /value="[\w-]+"/);
  assert.ok(
    !(await (await browser.ask("/selected/rerun?status=failed")).text()).includes(run.salaries ?? "?"),
  );
});

Deno.test("rows and pages that were made for one are not given to another who may do less", async () => {
  await using house = await openHouse();
  const { test } = house;
  const otto = await signedIn(test, "otto", ["operator"]);
  const vera = await signedIn(test, "vera", ["viewer"]);
  for (let times = 0; times < 3; times++) {
    assert.ok((await offered(otto, "/")).includes("/tasks/ledger/run"));
    assert.deepEqual(await offered(vera, "/"), []);
  }
  test.carillon.auth.users.setRoles("vera", ["operator"], test.clock.now());
  assert.ok((await offered(vera, "/")).includes("/tasks/ledger/run"));
});

Deno.test("the role that approves without the right to is told so, not led to a refusal", async () => {
  await using house = await openHouse();
  const { test } = house;
  const otto = await signedIn(test, "otto", ["operator"]);
  const bea = await signedIn(test, "bea", ["boss"]);
  const asked = await otto.send("/tasks/pay/run", { question: "q" });
  const address = asked.headers.get("location") ?? "";
  assert.deepEqual(await offered(bea, address), []);
  assert.match(await (await bea.ask(address)).text(), /it takes the right .*approve/);
});

Deno.test("the page of the system is whole for whoever may see it but not the databases", async () => {
  await using house = await openHouse();
  const kim = await signedIn(house.test, "kim", ["keeper"]);
  assert.deepEqual(await offered(kim, "/system"), []);
  assert.match(await (await kim.ask("/")).text(), /href="\/system"/);
});

Deno.test("where nobody signs in everything is offered", async () => {
  await using test = await startStill(FILES);
  const browser = browserLike(test);
  assert.ok((await offered(browser, "/tasks")).includes("/tasks/ledger/run"));
});
