/** Today, the table by its revision, runs, and what is done to several tasks, asked of a whole Carillon. */
import assert from "node:assert/strict";
import { startCarillon, startRun, startStill, type TestCarillon, TESTER } from "../support/carillon.ts";

const fails = (message: string) =>
  `import { defineTask, every } from "carillon";
let failing = true;
export default defineTask({ trigger: every("1h"), run() { if (failing) throw new Error(${
    JSON.stringify(message)
  }); } });`;
const GOOD = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), run: () => "ok" });`;
const FLAKY = `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ bad: z.boolean().default(false) }), run({ params }) {
  if (params.bad) throw new Error("now and then");
  return "ok";
} });`;
const FILES = {
  "tasks/erp/orders.ts": fails("ORA-12541: no listener at 10.3.4.17:1521"),
  "tasks/erp/items.ts": fails("ORA-12541: no listener at 10.3.4.18:1522"),
  "tasks/crm/calls.ts": fails("ORA-01017: invalid password"),
  "tasks/crm/leads.ts": GOOD,
  "tasks/flaky.ts": FLAKY,
};

async function page(test: TestCarillon, path: string, status = 200): Promise<string> {
  const answer = await test.fetch(path);
  const body = await answer.text();
  assert.equal(answer.status, status, `${path}: ${body.slice(-400)}`);
  return body;
}

/** The answer to a page's own question for what has changed. */
async function poll(test: TestCarillon, address: string) {
  const answer = await test.fetch(address, { headers: { "hx-request": "true" } });
  return { status: answer.status, body: await answer.text() };
}

function pollAddress(html: string): string {
  return (/id="live" hx-get="([^"]+)"/.exec(html)?.[1] ?? "").replaceAll("&amp;", "&");
}

function rows(html: string): string[] {
  return [...html.matchAll(/<tr id="task-([^"]+)"/g)].map(([, id]) => id ?? "");
}

/** The sentence that is the page's heading, without its markup. */
function verdict(html: string): string {
  return (/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? "").replace(/<[^>]*>/g, "").trim();
}

function form(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: "POST", body: new URLSearchParams(fields) };
}

async function oneHour(test: TestCarillon): Promise<void> {
  await test.clock.advance({ hours: 1 });
  for (const { id } of test.carillon.queries.runs.unfinished()) await test.ended(id);
}

Deno.test("Today says in a sentence what failed, and names each cause once with its tasks", async () => {
  await using test = await startCarillon(FILES);
  assert.equal(verdict(await page(test, "/")), "All is well: no task failed in the last 24 hours.");
  await test.ended((await startRun(test, "flaky", { bad: "true" })).id);
  await test.ended((await startRun(test, "flaky")).id);
  await oneHour(test);
  const html = await page(test, "/");
  assert.equal(verdict(html), "4 of 5 tasks failed in the last 24 hours; 1 recovered, 3 still need you.");
  const causes = [...html.matchAll(/<li id="[^"]+" class="cause">([\s\S]*?)<\/li>/g)].map(([, each]) =>
    each ?? ""
  );
  assert.equal(causes.length, 2, "the address is folded away, the code is not");
  assert.match(
    causes[0] ?? "",
    /ORA-12541[\s\S]*href="\/tasks\/items"[\s\S]*href="\/tasks\/orders"|ORA-12541[\s\S]*href="\/tasks\/orders"[\s\S]*href="\/tasks\/items"/,
  );
  assert.match(causes[0] ?? "", /Rerun 2…/);
  assert.match(causes[1] ?? "", /ORA-01017[\s\S]*Rerun…/);
  assert.match(html, /1 task failed and recovered by itself[\s\S]*href="\/tasks\/flaky"/);
});

Deno.test("windows are read from the address, over midnight too, and a wrong one is refused", async () => {
  await using test = await startCarillon(FILES, { start: "2026-03-10T02:30:00Z" });
  await oneHour(test);
  for (const window of ["night", "day", "weekend"]) await page(test, `/?window=${window}`);
  assert.match(
    verdict(await page(test, "/?window=night")),
    /^3 of 5 tasks failed last night; 3 still need you\.$/,
  );
  assert.match(
    verdict(await page(test, "/?window=weekend")),
    /^All is well: no task failed at the weekend\. 3 failed before/,
  );
  assert.match(verdict(await page(test, "/?from=2026-03-10T00:00&to=2026-03-10T03:00")), /^All is well/);
  assert.match(
    verdict(await page(test, "/?from=2026-03-10T03:00&to=2026-03-10T04:00")),
    /^3 of 5 tasks failed/,
  );
  await page(test, "/?window=year", 400);
  await page(test, "/?from=2026-03-10T05:00&to=2026-03-10T04:00", 400);
  await page(test, "/?from=soon", 400);
});

Deno.test("a failure that somebody knows of is out of the way until its cause is another one, over a restart", async () => {
  await using test = await startCarillon(FILES);
  await oneHour(test);
  const address = /hx-get="(\/selected\/acknowledge\?[^"]*calls[^"]*)"/.exec(await page(test, "/"))?.[1] ??
    "";
  assert.notEqual(address, "");
  const ask = await page(test, address.replaceAll("&amp;", "&"));
  assert.match(ask, /name="note"/);
  const field = (name: string) =>
    (new RegExp(`name="${name}" value="([^"]*)"`).exec(ask)?.[1] ?? "").replaceAll("&quot;", '"');
  const answer = await test.fetch(
    "/selected/acknowledge",
    form({ chosen: field("chosen"), cause: field("cause"), note: "<b>partner</b> knows" }),
  );
  assert.equal(answer.status, 303);
  const html = await page(test, "/");
  assert.match(verdict(html), /2 still need you/);
  assert.match(html, /1 known causes[\s\S]*&lt;b&gt;partner&lt;\/b&gt; knows/);
  await using again = await test.restart();
  await oneHour(again);
  assert.match(verdict(await page(again, "/")), /2 still need you/, "it fails again for the same cause");
  again.folder.write("tasks/crm/calls.ts", fails("ORA-00942: no such table"));
  await again.carillon.operations.reload(TESTER);
  await oneHour(again);
  assert.match(verdict(await page(again, "/")), /3 still need you/, "it fails for another one");
});

Deno.test("outcome, running and skipped are separate facts: none hides another", async () => {
  await using test = await startCarillon({
    "tasks/slow.ts": `import { defineTask, every, z } from "carillon";
export default defineTask({ trigger: every("1h"), params: z.object({ bad: z.boolean().default(true) }), run({ params, signal, log }) {
  if (params.bad) throw new Error("it failed");
  log.info("waits");
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
} });`,
    "tasks/other.ts": GOOD,
  });
  await test.ended((await startRun(test, "slow")).id);
  const going = await startRun(test, "slow", { bad: "false" });
  await test.clock.advance({ hours: 1 });
  for (
    const [status, ids] of [["failed", ["slow"]], ["running", ["slow"]], ["skipped", ["slow"]], [
      "succeeded",
      [],
    ]] as const
  ) {
    assert.deepEqual(
      rows(await page(test, `/tasks?status=${status}`)).filter((id) => id === "slow"),
      ids,
      status,
    );
  }
  const row = /<tr id="task-slow"[\s\S]*?<\/tr>/.exec(await page(test, "/tasks"))?.[0] ?? "";
  assert.match(row, /status-failed[\s\S]*class="tag busy" href="\/runs\//);
  await test.carillon.operations.cancel(TESTER, going.id);
  await test.ended(going.id);
});

Deno.test("a list asks by its revision: nothing changed is a 304, one change is one row", async () => {
  await using test = await startStill(FILES);
  for (const start of ["/tasks", "/"]) {
    const address = pollAddress(await page(test, start));
    assert.match(address, /since=/, start);
    assert.deepEqual(await poll(test, address), { status: 304, body: "" }, start);
    await test.ended((await startRun(test, "flaky")).id);
    const { status, body } = await poll(test, address);
    assert.equal(status, 200);
    assert.deepEqual(rows(body), ["flaky"], start);
    const row = /<tr id="task-flaky"[\s\S]*?<\/tr>/.exec(body)?.[0] ?? "";
    assert.ok(row.length < 3_000, `${row.length} bytes`);
    const next = pollAddress(body);
    assert.notEqual(next, address);
    assert.equal((await poll(test, next)).status, 304, start);
  }
});

Deno.test("a list whose tasks or lanes are others than the page knows comes as a whole", async () => {
  await using test = await startCarillon(FILES);
  const address = pollAddress(await page(test, "/tasks"));
  test.folder.write("tasks/new.ts", GOOD);
  await test.carillon.operations.reload(TESTER);
  const { body } = await poll(test, address);
  assert.deepEqual(rows(body).toSorted(), ["calls", "flaky", "items", "leads", "new", "orders"]);
  await test.clock.advance({ minutes: 31 });
  assert.equal(rows((await poll(test, pollAddress(body))).body).length, 6, "the lanes have moved on");
  for (const forged of ["x", "x.1.2", "00000000.99999999.1", "1e9", "..", "%00"]) {
    assert.equal(rows((await poll(test, `/tasks?since=${forged}`)).body).length, 6, forged);
  }
});

Deno.test("above two hundred rows folders are folded, name their tasks, and open one by one", async () => {
  const files = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`tasks/f${i % 2}/t${i}.ts`, GOOD]));
  await using test = await startStill(files);
  const html = await page(test, "/tasks");
  assert.equal(rows(html).length, 0);
  assert.equal([...html.matchAll(/href="\/tasks\/t\d+"/g)].length, 201);
  const open = (/href="(\/tasks\?open=f1)"/.exec(html)?.[1] ?? "").replaceAll("&amp;", "&");
  const opened = await page(test, open);
  assert.equal(rows(opened).length, 100);
  await test.ended((await startRun(test, "t1")).id);
  await test.ended((await startRun(test, "t2")).id);
  assert.deepEqual(
    rows((await poll(test, pollAddress(opened))).body),
    ["t1"],
    "t2 is in a folder that is folded",
  );
  assert.equal(rows(await page(test, "/tasks?q=t20")).length, 2);
});

Deno.test("what is filtered is what is acted on", async () => {
  await using test = await startStill(FILES);
  const html = await page(test, "/tasks?q=crm%20&folder=crm");
  assert.equal(rows(html).length, 0, "a text with a space at its end is looked for without it");
  const pause = /hx-get="(\/pause\?[^"]*folder=crm[^"]*)"/.exec(await page(test, "/tasks?folder=crm"))?.[1] ??
    "";
  const ask = await page(test, pause.replaceAll("&amp;", "&"));
  assert.match(ask, /Pause 2 tasks\?/);
  const chosen = /name="chosen" value="([^"]+)"/.exec(ask)?.[1] ?? "";
  assert.equal(chosen, "calls,leads");
  await test.fetch("/pause", form({ chosen }));
  const paused = test.carillon.queries.tasks.all().filter((each) => each.paused).map(({ task }) => task.id);
  assert.deepEqual(paused.toSorted(), ["calls", "leads"]);
  await test.fetch("/resume?task=leads", form({}));
  assert.ok(
    !test.carillon.queries.tasks.get("leads").paused && test.carillon.queries.tasks.get("calls").paused,
  );
  const top = await page(test, "/pause?folder=.");
  assert.match(top, /None of these tasks can be paused\./);
  await test.fetch("/pause", form({ chosen: "" }));
  assert.equal(test.carillon.queries.tasks.pausedCount, 1, "nobody was asked about, so nobody is paused");
});

Deno.test("what failed is run again, once each, with its parameters; a double click starts nothing more", async () => {
  await using test = await startStill(FILES);
  await test.ended((await startRun(test, "flaky", { bad: "true" })).id);
  await test.ended((await startRun(test, "orders")).id);
  const ask = await page(test, "/selected/rerun?status=failed");
  assert.match(ask, /Rerun 2 tasks\?[\s\S]*bad true/);
  const runs = /name="runs" value="([^"]+)"/.exec(ask)?.[1] ?? "";
  const answers = await Promise.all(
    [1, 2].map(() => test.fetch("/selected/rerun", form({ question: "q", runs }))),
  );
  assert.deepEqual(answers.map(({ status }) => status), [303, 303]);
  for (const { id } of test.carillon.queries.runs.unfinished()) await test.ended(id);
  const again = await test.carillon.queries.runs.recent("flaky");
  assert.deepEqual(again.map(({ cause, params }) => [cause, params]), [["retry", { bad: true }], ["manual", {
    bad: true,
  }]]);
  assert.match(await page(test, "/selected/rerun?task=leads"), /None of these tasks has failed\./);
  await page(test, "/selected/rerun?run=nobody", 404);
});

Deno.test("runs are listed by window, outcome, cause, task and text; failed means the same everywhere", async () => {
  await using test = await startCarillon(FILES);
  await test.ended((await startRun(test, "flaky", { bad: "true" })).id);
  await oneHour(test);
  const listed = async (query: string) =>
    [...(await page(test, `/runs?${query}`)).matchAll(/<tr id="run-/g)].length;
  assert.equal(await listed(""), 5);
  assert.equal(await listed("status=failed"), 4);
  assert.equal(await listed("status=failed&cause=manual"), 1);
  assert.equal(await listed("task=leads"), 1);
  assert.equal(await listed("q=ora-01017"), 1);
  assert.equal(await listed("from=2026-03-09T00:00:00Z&to=2026-03-09T01:00:00Z"), 0);
  assert.match(
    await page(test, "/runs?task=flaky"),
    /<h1>1 runs in the last 24 hours; 1 failed, in 1 tasks\.<\/h1>/,
  );
  for (const wrong of ["status=lost", "cause=luck", "before=%3Cx%3E", "window=x"]) {
    await page(test, `/runs?${wrong}`, 400);
  }
});

Deno.test("a failed run shows the author's line and what changed since the last good one", async () => {
  await using test = await startStill({
    "tasks/sync.ts": `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ mode: z.string().default("a") }), run({ params, log }) {
  log.info("\\u001b[31mred\\u001b[0m start 17");
  if (params.mode === "b") log.error("no answer");
  else log.info("connected");
  if (params.mode === "b") throw new Error("it broke here");
  return "ok";
} });`,
  });
  await test.ended((await startRun(test, "sync")).id);
  const { id } = await startRun(test, "sync", { mode: "b" });
  await test.ended(id);
  const html = await page(test, `/runs/${id}`);
  assert.match(html, /<a class="mono" href="\/tasks\/sync\/source#L6">sync\.ts:6<\/a>/);
  assert.match(html, /<span class="hot"><i>6<\/i>/);
  assert.match(html, /mode – <span[^>]*>→<\/span> <b>b<\/b>/);
  assert.match(
    html,
    /from line 2<\/a> <del class="minus">connected<\/del> <ins class="plus">no answer<\/ins>/,
  );
  assert.match(html, /<span class="a1">red<\/span> start 17/);
  assert.match(html, /href="#L2">First error/);
  const whole = await page(test, `/runs/${id}?lines=all`);
  assert.match(whole, /1 {2}10:00:00\.000 {2}info {3}red start 17\n/);
  const after = await test.fetch(`/runs/${id}/log?after=1`, { headers: { "hx-request": "true" } });
  assert.deepEqual([...(await after.text()).matchAll(/id="L(\d+)"/g)].map(([, n]) => n), ["2"]);
});

Deno.test("a search finds tasks, errors and actions", async () => {
  await using test = await startStill(FILES);
  await test.ended((await startRun(test, "calls")).id);
  assert.match(await page(test, "/search?q=lead"), /href="\/tasks\/leads"/);
  assert.match(await page(test, "/search?q=01017"), /href="\/runs\/[^"]+"[\s\S]*ORA-01017/);
  assert.match(await page(test, "/search?q=pause"), /href="\/pause"/);
  assert.match(await page(test, "/search?q=%3Cscript%3E"), /value="&lt;script&gt;"[\s\S]*Nothing matches\./);
});

Deno.test("what a refresh may move on Today has an id of its own, which stays with what it stands for", async () => {
  await using test = await startStill(FILES);
  const named = (html: string) =>
    [...html.matchAll(/<li(?: id="([^"]+)")?(?: class="cause")?>/g)].map(([whole, id]) => id ?? whole);
  const causeOf = (html: string, task: string) =>
    [...html.matchAll(/<li id="(cause-[^"]+)"[^]*?<\/li>/g)].find(([whole]) =>
      whole.includes(`/tasks/${task}"`)
    )?.[1];
  await test.ended((await startRun(test, "calls")).id);
  const before = await page(test, "/");
  for (const id of ["orders", "items"]) await test.ended((await startRun(test, id)).id);
  await test.carillon.operations.pause(TESTER, ["leads"], {});
  const after = await page(test, "/");
  // Two tasks have failed alike since: their cause stands first now.
  const ids = named(after);
  assert.ok(ids.indexOf(causeOf(after, "orders") ?? "none") < ids.indexOf(causeOf(after, "calls") ?? ""));
  assert.equal(causeOf(after, "calls"), causeOf(before, "calls"));
  assert.notEqual(causeOf(after, "calls"), undefined);
  assert.deepEqual(ids.filter((id) => id.startsWith("<li")), []);
  assert.ok(ids.some((id) => id.startsWith("paused-")), ids.join(" "));
  const all = [...after.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(all.filter((id, i) => all.indexOf(id) !== i), []);
});
