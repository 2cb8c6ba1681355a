/** Pages and addresses, asked of a whole Carillon. */
import assert from "node:assert/strict";
import { keptJournal } from "../support/journal.ts";
import { startCarillon, startStill } from "../support/carillon.ts";

const SYNC = `import { cron, defineTask, z } from "carillon";
export default defineTask({
  title: { en: "Sync <b>data</b>", zh: "同步" },
  trigger: cron({ hour: "*/2", timezone: "Asia/Shanghai" }),
  params: z.object({ begin: z.iso.datetime({ local: true }).optional(), count: z.int().max(9).default(3) }),
  run({ params, log }) {
    log.info("<script>alert(1)</script>");
    if (params.count === 0) throw new Error("<img src=x>");
    return "<i>" + params.count + "</i> " + (params.begin ?? "no begin");
  },
});
`;

function form(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: "POST", body: new URLSearchParams(fields) };
}

Deno.test("the list shows name, trigger, next run and last run, with everything escaped", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const page = await (await test.fetch("/")).text();
  assert.match(page, /Sync &lt;b&gt;data&lt;\/b&gt;/);
  assert.match(page, /every 2 hours at minute 0, Asia\/Shanghai/);
  // To whoever looks from there the zone says nothing.
  const own = await (await test.fetch("/", { headers: { cookie: "carillon_timezone=Asia/Shanghai" } }))
    .text();
  assert.match(own, />every 2 hours at minute 0</);
  assert.doesNotMatch(own, /minute 0, Asia/);
  assert.match(page, /2026-03-10 20:00:00/);
  const started = await test.fetch("/tasks/sync/run", form({ "param.count": "0" }));
  const address = started.headers.get("location") ?? "";
  await test.ended(address.slice("/runs/".length));
  const run = await (await test.fetch(address)).text();
  assert.match(run, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.match(run, /Error: &lt;img src=x&gt;/);
  assert.ok(!run.includes("<img src=x>") && !run.includes("<script>alert"));
  assert.ok(!run.includes("/mirror/"), "the page shows the task's own file, not its copy");
  assert.match(await (await test.fetch("/")).text(), /failed/);
});

Deno.test("next run is shown in the viewer's zone too", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const headers = { cookie: "carillon_timezone=Europe%2FStockholm" };
  assert.match(await (await test.fetch("/", { headers })).text(), /13:00:00 Europe\/Stockholm/);
  const wrong = { cookie: "carillon_timezone=Mars%2F%3Cscript%3E" };
  assert.equal((await test.fetch("/", { headers: wrong })).status, 200);
});

Deno.test("htmx is given the live part alone, and a 304 where nothing has changed", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  for (const path of ["/", "/tasks/sync"]) {
    const first = await test.fetch(path, { headers: { "hx-request": "true" } });
    const body = await first.text();
    assert.ok(body.startsWith(`<div id="live"`), body.slice(0, 80));
    const etag = first.headers.get("etag") ?? "";
    const second = await test.fetch(path, { headers: { "hx-request": "true", "if-none-match": etag } });
    assert.equal(second.status, 304);
    assert.equal(await second.text(), "");
    assert.match(second.headers.get("vary") ?? "", /HX-Request/);
  }
});

Deno.test("Chinese by Accept-Language, and by the switch", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const page = await (await test.fetch("/", { headers: { "accept-language": "zh-CN" } })).text();
  assert.match(page, /<html lang="zh-CN"/);
  assert.match(page, /每 2 小时的第 0 分/);
  const switched = await test.fetch("/language", form({ language: "zh", back: "/tasks/sync" }));
  assert.equal(switched.status, 303);
  assert.equal(switched.headers.get("location"), "/tasks/sync");
  assert.match(
    switched.headers.get("set-cookie") ?? "",
    /carillon_language=zh; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax/,
  );
  for (const back of ["//evil.example", "/\\evil.example", "https://evil.example"]) {
    const answer = await test.fetch("/language", form({ language: "en", back }));
    assert.equal(answer.headers.get("location"), "/", back);
  }
  assert.equal((await test.fetch("/language", form({ language: "fr" }))).status, 400);
});

Deno.test("a run is started with parameters for this run only", async () => {
  await using test = await startCarillon({ "tasks/sync.ts": SYNC });
  const ask = await (await test.fetch("/tasks/sync/run")).text();
  assert.match(ask, /name="param.begin"[^>]*type="datetime-local"/);
  assert.match(ask, /name="param.count" value="3" type="number"/);
  const started = await test.fetch(
    "/tasks/sync/run",
    form({ "param.begin": "2026-01-01T00:00", "param.count": "7" }),
  );
  assert.equal(started.status, 303);
  const run = await test.ended((started.headers.get("location") ?? "").slice("/runs/".length));
  assert.equal(run.message, "<i>7</i> 2026-01-01T00:00");
  assert.equal(run.cause, "manual");
  await test.clock.advance({ hours: 2 });
  const scheduled = (await test.carillon.queries.runs.recent("sync")).find(({ cause }) =>
    cause === "schedule"
  );
  assert.ok(scheduled);
  assert.equal((await test.ended(scheduled.id)).message, "<i>3</i> no begin");
});

Deno.test("wrong parameters start nothing and are told at their field", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const answer = await test.fetch(
    "/tasks/sync/run",
    form({ "param.begin": "yesterday", "param.count": "10" }),
  );
  assert.equal(answer.status, 422);
  const page = await answer.text();
  assert.match(
    page,
    /value="yesterday"[^>]*aria-invalid="true" aria-describedby="param-begin-example param-begin-problem"/,
  );
  assert.match(page, /id="param-count-problem" class="problem"><svg[\s\S]*?<\/svg> Too big/);
  assert.deepEqual(await test.carillon.queries.runs.recent("sync"), []);
});

Deno.test("a question that is answered twice starts one run", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const answers = await Promise.all(
    [1, 2, 3].map(() => test.fetch("/tasks/sync/run", form({ question: "q1" }))),
  );
  assert.equal(new Set(answers.map(({ headers }) => headers.get("location"))).size, 1);
  assert.equal((await test.carillon.queries.runs.recent("sync")).length, 1);
});

Deno.test("PyScheduler's addresses answer with its JSON", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  assert.deepEqual(await (await test.fetch("/jobs")).json(), [
    {
      id: "sync",
      name: "Sync <b>data</b>",
      next_run_time: "2026-03-10 12:00:00",
      trigger: "cron[hour='*/2']",
    },
  ]);
  const started = await test.fetch("/trigger/sync?begin=2026-01-01T00:00:00&count=2", { method: "POST" });
  const body = await started.json();
  assert.equal(body.status, "success");
  assert.equal((await test.ended(body.run_id)).message, "<i>2</i> 2026-01-01T00:00:00");
  const unknown = await test.fetch("/trigger/nothing", { method: "POST" });
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), { status: "error", message: `There is no task "nothing".` });
  const wrong = await test.fetch("/trigger/sync?count=many", { method: "POST" });
  assert.equal(wrong.status, 422);
  assert.equal((await wrong.json()).message, `count: "many" is not a whole number`);
  const history = await test.fetch("/history/sync");
  assert.equal(history.headers.get("location"), "/tasks/sync");
});

Deno.test("what is not there is a 404 with a sentence", async () => {
  await using test = await startStill({});
  for (const path of ["/nowhere", "/tasks/x", "/runs/x", "/tasks/%3Cscript%3E"]) {
    const answer = await test.fetch(path);
    assert.equal(answer.status, 404, path);
    const page = await answer.text();
    assert.match(page, /There is no|There is nothing/);
    assert.ok(!page.includes("<script>"));
  }
  assert.match(await (await test.fetch("/")).text(), /No tasks yet/);
});

Deno.test("pages have a strict policy, and nothing in them breaks it", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  for (const path of ["/", "/tasks/sync", "/tasks/sync/run", "/nowhere"]) {
    const answer = await test.fetch(path);
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.ok(!policy.includes("unsafe"));
    const page = await answer.text();
    assert.ok(!/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:|https?:\/\//.test(page), path);
  }
});

Deno.test("assets are kept for ever under an address that holds their hash", async () => {
  await using test = await startStill({});
  const page = await (await test.fetch("/")).text();
  const addresses = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(new Set(addresses).size >= 4);
  for (const address of new Set(addresses)) {
    const answer = await test.fetch(address);
    assert.equal(answer.status, 200, address);
    assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
    assert.match(answer.headers.get("content-type") ?? "", /css|javascript|svg/);
    await answer.body?.cancel();
  }
});

Deno.test("a request that another site makes is refused, a program's is not", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  const attempts: [Record<string, string>, number][] = [
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ origin: "http://localhost:9999" }, 403],
    [{ origin: "http://localhost:8398", "sec-fetch-site": "same-origin" }, 200],
    [{}, 200],
  ];
  for (const [headers, status] of attempts) {
    const answer = await test.fetch("/trigger/sync", { method: "POST", headers });
    assert.equal(answer.status, status, JSON.stringify(headers));
    await answer.body?.cancel();
  }
  assert.equal((await test.carillon.queries.runs.recent("sync")).length, 2);
});

Deno.test("a request for a host name that is not ours is refused", async () => {
  await using test = await startStill({}, { flags: { "server-base-url": "https://carillon.example" } });
  const { createWebApp } = await import("../../app/web/server.ts");
  const { operations, queries, auth } = test.carillon;
  const { journal } = keptJournal();
  const app = createWebApp({ operations, queries, auth, journal, version: "1" });
  const statuses = await Promise.all(
    [
      "http://evil.example",
      "http://carillon.example",
      "http://10.0.0.1:8398",
      "http://[::1]:8398",
      "http://localhost.evil.example",
    ].map(
      async (origin) => (await app.request(`${origin}/healthz`)).status,
    ),
  );
  assert.deepEqual(statuses, [421, 200, 200, 200, 421]);
});

Deno.test("a bug is a 500 with an id that the log knows, and no stack", async () => {
  await using test = await startStill({ "tasks/sync.ts": SYNC });
  Object.defineProperty(test.carillon.queries.tasks, "all", {
    get() {
      throw new Error("secret detail");
    },
  });
  const answer = await test.fetch("/jobs");
  assert.equal(answer.status, 500);
  const { message } = await answer.json();
  const id = /error (\w{8})\.$/.exec(message)?.[1] ?? "none";
  assert.ok(!message.includes("secret"));
  assert.ok(test.lines.some((line) => line.includes(`error ${id}`) && line.includes("secret detail")));
});

Deno.test("health and readiness", async () => {
  await using test = await startStill({});
  assert.equal((await test.fetch("/healthz")).status, 200);
  assert.equal((await test.fetch("/readyz")).status, 200);
  await test.carillon.stop();
  assert.equal((await test.fetch("/readyz")).status, 503);
});

const WAITS = `import { defineTask } from "carillon";
export default defineTask({ async run({ log, signal }) {
  log.info("begun");
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
} });`;

Deno.test("a run is cancelled from its page and by the API, once", async () => {
  await using test = await startStill({ "tasks/a.ts": WAITS });
  const begin = async () => {
    const answer = await test.fetch("/trigger/a", { method: "POST" });
    const { run_id: id } = await answer.json() as { run_id: string };
    for await (const _ of test.carillon.queries.runs.follow(id)) {
      if ((await test.carillon.queries.runs.lines(id)).length > 0) break;
    }
    return id;
  };
  const first = await begin();
  assert.match(await (await test.fetch(`/runs/${first}`)).text(), /Cancel run/);
  const answer = await test.fetch(`/runs/${first}/cancel`, { method: "POST" });
  assert.equal(answer.status, 303);
  assert.equal((await test.ended(first)).message, "cancelled");
  assert.doesNotMatch(await (await test.fetch(`/runs/${first}`)).text(), /Cancel run/);

  const second = await begin();
  assert.equal((await test.fetch(`/api/v1/runs/${second}/cancel`, { method: "POST" })).status, 202);
  const run = await test.ended(second);
  assert.equal(run.message, "cancelled by the API");
  const json = await (await test.fetch(`/api/v1/runs/${second}`)).json() as Record<string, unknown>;
  assert.equal(json.status, "cancelled");
  assert.equal(json.queued_at, "2026-03-10T10:00:00.000Z");
  const again = await test.fetch(`/api/v1/runs/${second}/cancel`, { method: "POST" });
  assert.equal(again.status, 409);
  assert.match((await again.json() as { message: string }).message, /has ended already: cancelled/);
  assert.equal((await test.fetch("/api/v1/runs/nobody/cancel", { method: "POST" })).status, 404);
});

Deno.test("reasons, policies and warnings are told in the viewer's language", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), blackout: { from: "09:00", to: "12:00" }, after: "nobody",
  retry: { attempts: 3, delay: "5s", backoff: 2 }, locks: "db", run() {} });`,
  });
  await test.clock.advance({ hours: 2 });
  const chinese = { headers: { "accept-language": "zh-CN" } };
  const english = await (await test.fetch("/tasks/a")).text();
  assert.match(
    english,
    /in the blackout 09:00–12:00 \(2 instants, the last at 2026-03-10 12:00:00\)|in the blackout/,
  );
  assert.match(english, /up to 3 attempts, 5 s apart, each wait 2 times the one before/);
  assert.match(english, /there is no task &quot;nobody&quot;/);
  const page = await (await test.fetch("/tasks/a", chinese)).text();
  assert.match(page, /处于停用时段 09:00–12:00/);
  assert.match(page, /最多 3 次尝试/);
  assert.match(page, /没有任务“nobody”/);
  assert.match(await (await test.fetch("/")).text(), /there is no task &quot;nobody&quot;/);
});

Deno.test("the form shows the defaults of the moment", async () => {
  await using test = await startStill({
    "tasks/a.ts": `import { defineTask, z } from "carillon";
let count = 0;
export default defineTask({ params: z.object({ n: z.string().default(() => "call " + ++count) }), run() {} });`,
  });
  const shown = async () => /value="call (\d+)"/.exec(await (await test.fetch("/tasks/a/run")).text())?.[1];
  const first = Number(await shown());
  assert.ok(Number(await shown()) > first);
});

Deno.test("the API lists runs by task, status, time and text, and refuses what it does not know", async () => {
  await using test = await startStill({
    "tasks/good.ts":
      `import { defineTask } from "carillon"; export default defineTask({ run: () => "needle" });`,
    "tasks/bad.ts":
      `import { defineTask } from "carillon"; export default defineTask({ run() { throw new Error("x"); } });`,
  });
  for (const id of ["good", "bad"]) {
    const { run_id } = await (await test.fetch(`/trigger/${id}`, { method: "POST" })).json() as {
      run_id: string;
    };
    await test.ended(run_id);
  }
  const listed = async (query: string) => {
    const { runs } = await (await test.fetch(`/api/v1/runs?${query}`)).json() as { runs: { task: string }[] };
    return runs.map(({ task }) => task);
  };
  assert.deepEqual(await listed(""), ["bad", "good"]);
  assert.deepEqual(await listed("status=failed,timed_out"), ["bad"]);
  assert.deepEqual(await listed("text=NEEDLE"), ["good"]);
  assert.deepEqual(await listed("to=2026-03-10T09:00:00Z"), []);
  assert.deepEqual(await listed("limit=1"), ["bad"]);
  for (const wrong of ["status=lost", "from=yesterday", "limit=0", "colour=red"]) {
    const answer = await test.fetch(`/api/v1/runs?${wrong}`);
    assert.equal(answer.status, 400, wrong);
    assert.match((await answer.json() as { message: string }).message, /cannot be read/);
  }
});

Deno.test("a task that is paused fires nothing and misses nothing, also over a restart", async () => {
  await using test = await startCarillon({
    "tasks/a.ts":
      `import { defineTask, every } from "carillon"; export default defineTask({ trigger: every("1h"), run() {} });`,
    "tasks/b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  });
  assert.equal((await test.fetch("/tasks/a/pause", { method: "POST" })).status, 303);
  assert.equal((await test.fetch("/tasks/b/pause", { method: "POST" })).status, 409);
  await test.clock.advance({ hours: 5 });
  assert.match(await (await test.fetch("/")).text(), /paused/);
  await using again = await test.restart({ hours: 5 });
  await again.clock.advance({ hours: 5 });
  assert.deepEqual(await again.carillon.queries.runs.recent("a"), []);
  assert.match(await (await again.fetch("/tasks/a")).text(), /Resume/);
  await again.fetch("/tasks/a/resume", { method: "POST" });
  await again.clock.advance({ hours: 1 });
  assert.equal((await again.carillon.queries.runs.recent("a")).length, 1);
  assert.equal((await again.carillon.queries.runs.recent("a"))[0]?.cause, "schedule");
});

Deno.test("a history file that is deleted while it is in use is told of on every page, for a day", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
  });
  const { file } = test.config.history;
  const said = async (path: string, language = "en") =>
    (await (await test.fetch(path, { headers: { "accept-language": language } })).text())
      .match(/The history file was deleted or replaced \([^)]+\)|历史文件曾被删除或替换/)?.[0];
  const pages = ["/", "/tasks", "/tasks/a", "/runs", "/timeline", "/system"];
  for (const path of pages) assert.equal(await said(path), undefined, path);
  Deno.removeSync(file);
  await test.clock.advance({ seconds: 10 });
  for (const path of pages) assert.match(await said(path) ?? "", /\(.*10:00.*\)/, path);
  assert.match(await said("/", "zh-CN") ?? "", /曾被删除/);
  assert.ok(Deno.statSync(file).isFile);
  await test.clock.jump({ hours: 24 });
  for (const path of pages) assert.equal(await said(path), undefined, path);
});
