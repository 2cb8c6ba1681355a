/** What the pages show and do beyond starting a run, asked of a whole Carillon. */
import assert from "node:assert/strict";
import { startCarillon, startRun, startStill, type TestCarillon, TESTER } from "../support/carillon.ts";

const SYNC = `import { defineTask, every, z } from "carillon";
export default defineTask({
  title: "Sync",
  tags: ["night", "shop"],
  trigger: every("1h"),
  params: z.object({
    mode: z.enum(["full", "delta"]).default("delta"),
    dry: z.boolean().default(true).meta({ title: "Dry run", description: "Writes nothing." }),
    note: z.string().meta({ multiline: true }).optional(),
    day: z.iso.date().optional(),
    ids: z.array(z.int()).optional(),
    count: z.int().nullable().optional(),
  }),
  run({ params, log }) {
    log.debug("begun");
    log.info("mode " + params.mode);
    log.warn("odd <thing>");
    if (params.note === "fail") throw new TypeError("it went <wrong>");
    return JSON.stringify(params);
  },
});`;
const PLAIN = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("10m"), run: () => "ok" });`;
const MANUAL = `import { defineTask } from "carillon";
export default defineTask({ tags: "shop", run: () => "ok" });`;

const FILES = { "tasks/sync.ts": SYNC, "tasks/reports/daily.ts": PLAIN, "tasks/reports/manual.ts": MANUAL };

function form(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: "POST", body: new URLSearchParams(fields) };
}

async function page(test: TestCarillon, path: string, status = 200): Promise<string> {
  const answer = await test.fetch(path);
  const body = await answer.text();
  assert.equal(answer.status, status, `${path}: ${body.slice(0, 400)}`);
  return body;
}

/** Ids of the tasks that a list shows, in their order. */
function shown(html: string): string[] {
  return [...html.matchAll(/<tr id="task-([^"]+)"/g)].map(([, id]) => id ?? "");
}

Deno.test("the list is grouped by folder and filtered by name, tag and status", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const all = await page(test, "/");
  assert.deepEqual(shown(all), ["sync", "daily", "manual"]);
  assert.match(all, /\(top folder\)[\s\S]*reports\//);
  assert.match(all, /3 tasks/);
  await test.ended((await startRun(test, "sync", { note: "fail" })).id);
  const cases = [
    ["/?q=SYN", ["sync"]],
    ["/?q=shop", ["sync", "manual"]],
    ["/?tag=night", ["sync"]],
    ["/?status=failed", ["sync"]],
    ["/?status=never", ["daily", "manual"]],
    ["/?status=never&tag=shop", ["manual"]],
    ["/?q=nothing", []],
  ] as const;
  for (const [path, ids] of cases) assert.deepEqual(shown(await page(test, path)), ids, path);
  assert.match(await page(test, "/?q=SYN"), /1 of 3 tasks/);
  assert.match(
    await page(test, "/"),
    /href="\/\?status=failed" ><svg class="sign bad"[^>]*>.*?<\/svg>Failed<span class="n">1</,
  );
  const byTag = await page(test, "/?group=tag");
  assert.deepEqual(shown(byTag), ["daily", "sync", "manual"]);
  assert.deepEqual([...byTag.matchAll(/<tr class="folder"[\s\S]*?<b>([^<]+)</g)].map(([, name]) => name), [
    "(no tag)",
    "night",
    "shop",
  ]);
  await page(test, "/?group=odd", 400);
  assert.match(await page(test, "/?status=odd", 400), /status: &quot;odd&quot; is not one of running/);
  assert.match(await page(test, "/?q=%3Cscript%3E"), /value="&lt;script&gt;"/);
});

Deno.test("the part that htmx asks for keeps its filter, and gives the address as short as may be", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const answer = await test.fetch("/?q=shop&status=&tag=", { headers: { "hx-request": "true" } });
  assert.equal(answer.headers.get("hx-replace-url"), "/?q=shop");
  assert.match(await answer.text(), /^<div id="live" hx-get="\/\?q=shop&amp;since=[\w.]+"/);
});

Deno.test("a list that has not changed is a 304 without a body; any change of a run makes another one", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const first = await test.fetch("/", { headers: { "hx-request": "true" } });
  await first.text();
  const headers = { "hx-request": "true", "if-none-match": first.headers.get("etag") ?? "" };
  const second = await test.fetch("/", { headers });
  assert.deepEqual([second.status, await second.text()], [304, ""]);
  assert.equal((await test.fetch("/?q=x", { headers })).status, 200);
  assert.equal((await test.fetch("/", { headers: { ...headers, "accept-language": "zh" } })).status, 200);
  assert.equal(
    (await test.fetch("/", { headers: { ...headers, cookie: "carillon_theme=dark" } })).status,
    200,
  );
  const { id } = await startRun(test, "manual");
  assert.equal((await test.fetch("/", { headers })).status, 200);
  await test.ended(id);
  await test.carillon.operations.pause(TESTER, ["daily"]);
  assert.equal((await test.fetch("/", { headers })).status, 200);
});

Deno.test("the lane has the last runs by shape, and in words", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  await test.ended((await startRun(test, "sync")).id);
  await test.ended((await startRun(test, "sync", { note: "fail" })).id);
  const html = await page(test, "/");
  assert.match(html, /aria-label="Sync: 1 failed in 24 hours"/);
  assert.match(html, /<title>10:00 succeeded, [^<]+<\/title><path class="o"/);
  assert.match(html, /<title>10:00 failed, [^<]+<\/title><path class="f"[^>]*><\/path><path class="head"/);
});

Deno.test("runs that succeeded between two other marks of a row are one link to all of them", async () => {
  await using test = await startCarillon({
    "tasks/sync.ts": `import { defineTask, z } from "carillon";
export default defineTask({ title: "Sync", params: z.object({ note: z.string() }), run({ params }) {
  if (params.note === "fail") throw new Error("on purpose");
} });`,
  }, { keepsHostReady: false });
  const runs = async (...notes: readonly string[]) => {
    for (const note of notes) {
      await test.ended((await startRun(test, "sync", { note })).id);
      await test.clock.advance({ minutes: 30 });
    }
  };
  await runs("good", "good", "good", "fail", "good", "fail", "good", "good");
  const lane = /<svg class="lane" role="group" aria-label="Sync: 2 failed[\s\S]*?<\/td>/.exec(
    await page(test, "/"),
  )?.[0];
  const links = [...(lane ?? "").matchAll(/<a href="([^"]+)"><title>([^<]+)<\/title><path class="(\w+)"/g)];
  assert.deepEqual(links.map(([, , title = "", kind]) => [title.replace(/, .*/, ""), kind]), [
    ["10:00\u201311:00: 3 succeeded", "o"],
    ["11:30 failed", "f"],
    ["12:00 succeeded", "o"],
    ["12:30 failed", "f"],
    ["13:00\u201313:30: 2 succeeded", "o"],
  ]);
  assert.equal(lane?.match(/ d="([^"]+)"/)?.[1]?.match(/M/g)?.length, 3);
  const all = (links[0]?.[1] ?? "").replaceAll("&amp;", "&");
  assert.equal([...(await page(test, all)).matchAll(/status-succeeded/g)].length, 3);
});

Deno.test("pausing and resuming ask, and do so for one task or for all", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  assert.match(
    await page(test, "/tasks/sync/pause"),
    /Pause “Sync”\?[\s\S]*action="\/tasks\/sync\/pause"|action="\/tasks\/sync\/pause"[\s\S]*Pause “Sync”\?/,
  );
  assert.equal((await test.fetch("/tasks/sync/pause", form({}))).status, 303);
  assert.ok(test.carillon.queries.tasks.get("sync").paused);
  assert.match(await page(test, "/pause"), /Pause 1 task\?/);
  const toast = await test.fetch("/pause", { ...form({}), headers: { "hx-request": "true" } });
  assert.match(await toast.text(), /1 tasks are paused\./);
  assert.equal(toast.headers.get("hx-trigger"), "carillon:changed");
  assert.ok(test.carillon.queries.tasks.get("daily").paused);
  assert.deepEqual(shown(await page(test, "/?status=paused")), ["sync", "daily"]);
  await test.fetch("/resume", form({}));
  assert.ok(
    !test.carillon.queries.tasks.get("sync").paused && !test.carillon.queries.tasks.get("daily").paused,
  );
  assert.match(await page(test, "/tasks/manual/pause", 409), /has no trigger/);
});

Deno.test("the form of a run is made from the task's zod object", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const html = await page(test, "/tasks/sync/run");
  assert.match(
    html,
    /<select class="input" id="param-mode" name="param.mode"[^>]*>[\s\S]*<option value="delta" selected/,
  );
  assert.match(
    html,
    /name="off.dry" value="false"[^>]*>\s*<input type="checkbox" role="switch" value="true" checked/,
  );
  assert.match(html, /Dry run <code>dry<\/code>[\s\S]*id="param-dry-help" class="quiet">Writes nothing\./);
  assert.match(html, /<textarea class="input" rows="4" id="param-note"/);
  assert.match(html, /id="param-day" name="param.day" value="" type="date"/);
  assert.match(html, /<textarea class="input" rows="4" id="param-ids"/);
  assert.match(html, /id="param-count" name="param.count" value="" type="number" step="1"/);
  assert.doesNotMatch(html, /as last time/);
  const started = await test.fetch(
    "/tasks/sync/run",
    form({ "param.mode": "full", "off.dry": "false", "param.note": "a\nb", "param.ids": "[1, 2]" }),
  );
  const run = await test.ended((started.headers.get("location") ?? "").slice("/runs/".length));
  assert.deepEqual(JSON.parse(run.message ?? ""), { mode: "full", dry: false, note: "a\nb", ids: [1, 2] });
  const on = await test.fetch("/tasks/sync/run", form({ "off.dry": "false", "param.dry": "true" }));
  assert.match((await test.ended((on.headers.get("location") ?? "").slice(6))).message ?? "", /"dry":true/);
});

Deno.test("a form is filled in as last time or as a certain run, and a run is tried again as it was", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const first = await startRun(test, "sync", { mode: "full", dry: "false", note: "fail" });
  await test.ended(first.id);
  const ask = await page(test, "/tasks/sync/run");
  assert.ok(ask.includes(`href="/tasks/sync/run?as=${first.id}"`));
  const filled = await page(test, `/tasks/sync/run?as=${first.id}`);
  assert.match(filled, /<option value="full" selected/);
  assert.match(filled, />fail<\/textarea>/);
  assert.doesNotMatch(filled, /value="true" checked/);
  assert.equal((await test.fetch(`/tasks/daily/run?as=${first.id}`)).status, 404);
  const question = await page(test, `/runs/${first.id}/retry`);
  assert.match(question, /<code>mode<\/code>[\s\S]*full/);
  const answers = await Promise.all(
    [1, 2].map(() => test.fetch(`/runs/${first.id}/retry`, form({ question: "q" }))),
  );
  const [again, twice] = answers.map(({ headers }) => headers.get("location"));
  assert.equal(again, twice);
  const run = await test.ended((again ?? "").slice("/runs/".length));
  assert.deepEqual([run.cause, run.params, run.status], ["retry", first.params, "failed"]);
});

Deno.test("a run whose parameters do not fit any more is not tried again", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const { id } = await startRun(test, "sync", { mode: "full" });
  await test.ended(id);
  test.folder.write("tasks/sync.ts", SYNC.replace(`["full", "delta"]`, `["all", "delta"]`));
  await test.carillon.operations.reload(TESTER);
  const answer = await test.fetch(`/runs/${id}/retry`, form({}));
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /The parameters do not fit the task: mode: /);
});

Deno.test("a task's page has its next instants, how it has done, and its runs page by page", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  for (let i = 0; i < 53; i++) await test.ended((await startRun(test, "daily")).id);
  const html = await page(test, "/tasks/daily");
  assert.match(html, /53 of the last 53 finished runs succeeded \(100\u00a0%\)\./);
  assert.match(html, /Durations of the last 53 successful runs: half took at most/);
  assert.match(html, /The next 10 runs/);
  const rail = /<ol class="times-list">([\s\S]*?)<\/ol>/.exec(html)?.[1] ?? "";
  assert.equal([...rail.matchAll(/<li><time /g)].length, 10);
  const rows = (body: string) => [...body.matchAll(/<tr id="run-/g)].length;
  assert.equal(rows(html), 50);
  const older = /href="(\/tasks\/daily\?before=[^"]+)">Older runs/.exec(html)?.[1] ?? "";
  const next = await page(test, older);
  assert.equal(rows(next), 3);
  assert.match(next, /href="\/tasks\/daily">Newest runs/);
  assert.equal(rows(await page(test, "/tasks/daily?status=failed")), 0);
  assert.match(await page(test, "/tasks/daily?status=failed"), /No run matches\./);
  assert.equal(rows(await page(test, "/tasks/daily?status=succeeded&q=zzz")), 0);
  await page(test, "/tasks/daily?status=odd", 400);
  await page(test, "/tasks/daily?before=<x>", 400);
});

Deno.test("a task's page lists its parameters, and its source has an address for each line", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const html = await page(test, "/tasks/sync");
  assert.match(html, /<code>mode<\/code> <span class="quiet">full \| delta = &quot;delta&quot;/);
  const source = await page(test, "/tasks/sync/source");
  assert.match(source, /<span id="L4" class="line">/);
  assert.match(source, /<span class="code-keyword">import<\/span>/);
  assert.match(source, /it went &lt;wrong&gt;/);
  test.folder.write("tasks/sync.ts", "export default {\n  broken(\n");
  await test.carillon.operations.reload(TESTER);
  assert.match(await page(test, "/tasks/sync/source"), /class="line line-bad"/);
});

Deno.test("a log is filtered by level and text, and downloaded as a whole", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const { id } = await startRun(test, "sync");
  await test.ended(id);
  const lines = (body: string) => [...body.matchAll(/<li class="level-(\w+)"/g)].map(([, level]) => level);
  assert.deepEqual(lines(await page(test, `/runs/${id}`)), ["debug", "info", "warn"]);
  assert.deepEqual(lines(await page(test, `/runs/${id}?level=info`)), ["info", "warn"]);
  assert.deepEqual(lines(await page(test, `/runs/${id}?q=MODE`)), ["info"]);
  assert.match(await page(test, `/runs/${id}?q=zzz`), /No line matches\./);
  await page(test, `/runs/${id}?level=odd`, 400);
  const part = await test.fetch(`/runs/${id}/log?level=warn&q=`, { headers: { "hx-request": "true" } });
  assert.equal(part.headers.get("hx-replace-url"), `/runs/${id}?level=warn`);
  assert.match(await part.text(), /^<div id="log"/);
  const whole = await test.fetch(`/runs/${id}/log?level=warn`);
  assert.deepEqual([whole.status, whole.headers.get("location")], [303, `/runs/${id}?level=warn`]);
  const file = await test.fetch(`/runs/${id}/log.txt`);
  assert.match(file.headers.get("content-disposition") ?? "", /^attachment; filename="run-/);
  assert.match(
    await file.text(),
    /^2026-03-10T10:00:00\.000Z DEBUG begun\n.* INFO {2}mode delta\n.* WARN {2}odd <thing>\n$/,
  );
});

Deno.test("the timeline has the past as bars and what is to come as ticks, day by day", async () => {
  await using test = await startStill({ ...FILES, "tasks/b.ts": PLAIN, "tasks/c.ts": PLAIN });
  await test.ended((await startRun(test, "sync", { note: "fail" })).id);
  const html = await page(test, "/timeline");
  assert.match(html, /<h1>Tuesday,? 10 March/);
  assert.match(html, /runs 1, failed 1, to come 13/);
  assert.match(html, /<title>10:00 failed, [^<]+<\/title><path class="f"[^>]*><\/path><path class="head"/);
  assert.match(html, /Crowded minutes: 11:00 \(4 tasks\), 12:00 \(4 tasks\)/);
  assert.match(await page(test, "/timeline?day=2026-03-11"), /runs 0, failed 0, to come 24/);
  const past = await page(test, "/timeline?day=2026-03-09");
  assert.match(past, /Nothing on this day\./);
  assert.match(past, /href="\/timeline">Today/);
  // A phone, whose script has said so, gets some hours, which go on with the time; the whole day is one of its chips.
  const phone = { headers: { cookie: "carillon_width=narrow" } };
  const hours = await (await test.fetch("/timeline", phone)).text();
  assert.match(hours, /data-width="narrow"/);
  assert.match(hours, /href="\/timeline" aria-current="true">4 hours/);
  assert.match(hours, /href="\/timeline\?span=day"[^>]*>Day/);
  assert.match(hours, /hx-get="\/timeline"/);
  assert.match(hours, /<text [^>]*>08</);
  assert.doesNotMatch(hours, /<text [^>]*>20</);
  const whole = await (await test.fetch("/timeline?span=day", phone)).text();
  assert.match(whole, /<text [^>]*>20</);
  assert.match(whole, /href="\/timeline"[^>]*>4 hours/);
  assert.match(await page(test, "/timeline?day=soon", 400), /day: &quot;soon&quot; is not a date/);
  const chinese = await (await test.fetch("/timeline", { headers: { "accept-language": "zh" } })).text();
  assert.match(chinese, /3月10日/);
});

Deno.test("a year is a calendar of days, those with failures marked and named", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  await test.ended((await startRun(test, "sync")).id);
  await test.ended((await startRun(test, "sync", { note: "fail" })).id);
  const html = await page(test, "/tasks/sync/year");
  assert.match(html, /Runs: 2\. Failed: 1\. Days with failures: 1\./);
  assert.match(html, /2026-03-10: runs 2, failed 1/);
  assert.match(html, />Mar<\/text>/);
  assert.equal([...html.matchAll(/<rect class="day /g)].length, 365);
  assert.equal(
    [...(await page(test, "/tasks/sync/year?year=2024")).matchAll(/<rect class="day day-0"/g)].length,
    366,
  );
  await page(test, "/tasks/sync/year?year=x", 400);
});

Deno.test("the system page tells how Carillon is, and a button tries a database", async () => {
  await using test = await startCarillon({
    ...FILES,
    "database.ini":
      "[good]\ntype = sqlite\ndatabase = x.db\n[bad]\ntype = postgresql\nhost = 127.0.0.1\nport = 1\ndatabase = d\nuser = u\n",
  });
  await test.clock.advance({ hours: 1 });
  for (const { id } of test.carillon.queries.runs.unfinished()) await test.ended(id);
  const html = await page(test, "/system");
  assert.match(html, /1\.2\.3 \(Deno /);
  assert.match(html, /At work for<\/dt><dd>1 h</);
  assert.match(html, /half began within 0 ms, 95 % within 0 ms/);
  assert.match(html, /history\.db<\/code> [\d.]+ kB/);
  const good = await test.fetch("/system/databases/good/test", {
    ...form({}),
    headers: { "hx-request": "true" },
  });
  assert.match(await good.text(), /^<span class="good">SQLite [\d.]+ answers in [\d.]+ ms<\/span>$/);
  const bad = await test.fetch("/system/databases/bad/test", form({}));
  assert.match(await bad.text(), /PostgreSQL bad: cannot connect to 127\.0\.0\.1:1 \(connection refused\)/);
  assert.equal((await test.fetch("/system/databases/other/test", form({}))).status, 404);
  test.folder.write("database.ini", "[good]\ntype = odd\n");
  assert.match(await page(test, "/system"), /database\.ini, line 2, section \[good\], key &quot;type&quot;/);
});

Deno.test("what has failed is told to those who ask", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  await test.ended((await startRun(test, "manual")).id);
  const { id } = await startRun(test, "sync", { note: "fail" });
  await test.ended(id);
  const answer = await (await test.fetch("/news")).json();
  assert.ok(Number.isInteger(answer[0].endedAt));
  assert.deepEqual(answer, [{
    id,
    endedAt: answer[0].endedAt,
    title: "Sync",
    message: "it went <wrong>",
  }]);
});

Deno.test("colours are light, dark or the system's, by a switch", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  assert.doesNotMatch(await page(test, "/"), /data-theme/);
  const dark = await test.fetch("/theme", form({ theme: "dark", back: "/?q=x" }));
  assert.equal(dark.headers.get("location"), "/?q=x");
  const cookie = (dark.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  assert.match(await (await test.fetch("/", { headers: { cookie } })).text(), /data-theme="dark"/);
  const system = await test.fetch("/theme", form({ theme: "system", back: "/" }));
  assert.match(system.headers.get("set-cookie") ?? "", /carillon_theme=; Max-Age=0/);
  assert.equal((await test.fetch("/theme", form({ theme: "pink" }))).status, 400);
});

Deno.test("tags are words, and a task file says what is wrong with them", async () => {
  await using test = await startStill({
    "tasks/a.ts": `import { defineTask } from "carillon";
export default defineTask({ tags: ["ok", 7 as unknown as string], run() {} });`,
  });
  assert.match(
    test.carillon.queries.tasks.broken()[0]?.message ?? "",
    /defineTask: tags has 7; write a word/,
  );
});

Deno.test("the first page, with all that it needs, is under 60 KB compressed", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const size = async (path: string) => {
    const answer = await test.fetch(path, { headers: { "accept-encoding": "gzip" } });
    assert.equal(answer.headers.get("content-encoding"), "gzip", path);
    return (await answer.arrayBuffer()).byteLength;
  };
  const html = await page(test, "/");
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? "");
  const needed = new Set(["/", ...assets.filter((each) => !each.endsWith(".svg"))]);
  assert.equal(needed.size, 4);
  let total = 0;
  for (const path of needed) total += await size(path);
  assert.ok(total < 60_000, `${total} bytes`);
});
