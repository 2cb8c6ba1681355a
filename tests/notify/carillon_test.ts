/** Notifications of a whole Carillon: tasks that fail, a server that takes the messages, pages that show them. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { passWhile, startCarillon, startRun, TESTER } from "../support/carillon.ts";
import { carillon } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { dingtalkServer, plainServer } from "./providers.ts";

const flaky = (options = "") =>
  `import { defineTask, z } from "carillon";
  export default defineTask({
    title: { en: "Sync orders", zh: "同步订单" },
    params: z.object({ good: z.enum(["yes", "no"]).default("no") }),
    ${options}
    run({ params }) {
      if (params.good === "no") throw new TypeError("no table <orders>\\nline 2");
      return "done";
    },
  });`;

Deno.test("a task that fails is told once after its last attempt, in the target's language, and once when it is fine again", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini =
    `[server]\nbase_url = https://carillon.example\n[notify:ops]\ntype = webhook\nlanguage = zh\nurl = ${server.url}\n`;
  await using app = await startCarillon({
    "tasks/etl/sync.ts": flaky(`retry: { attempts: 3, delay: "1m" },`),
  }, { ini });
  const run = await startRun(app, "sync");
  const failed = app.ended(run.id);
  await passWhile(failed, app.clock, { seconds: 30 });
  const message = await server.arrived(1) as {
    title: string;
    detail: string;
    link: string;
    facts: Record<string, string>;
  };
  assert.equal(message.title, "同步订单 失败");
  assert.equal(message.detail, "TypeError: no table <orders>\nline 2");
  assert.equal(message.link, `https://carillon.example/runs/${run.id}`);
  assert.equal(message.facts["尝试次数"], "3");
  assert.equal(message.facts["上次成功"], "尚无");
  const good = await startRun(app, "sync", { good: "yes" });
  await app.ended(good.id);
  assert.equal((await server.arrived(2)).title, "同步订单 已恢复正常");
  await app.clock.advance({ hours: 1 });
  assert.equal(server.taken.length, 2);
  const page = await (await app.fetch("/deliveries")).text();
  assert.match(page, /Sync orders failed/);
  assert.match(page, /Sync orders is fine again/);
});

Deno.test("what changed since the last good run is said, and how many failed alike", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini = `[notify:ops]\ntype = webhook\nurl = ${server.url}\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky() }, { ini });
  await app.ended((await startRun(app, "sync", { good: "yes" })).id);
  for (const at of [1, 2]) {
    await app.ended((await startRun(app, "sync", { good: "no" })).id);
    if (at === 1) await server.arrived(1);
    await app.clock.advance({ minutes: 16 });
  }
  const message = await server.arrived(2) as { facts: Record<string, string> };
  assert.match(message.facts["Changed since"] ?? "", /parameters: good|the task's file/);
  assert.equal(message.facts["Alike"], "1 earlier ones failed in the same way");
});

Deno.test("what failed and was recorded before a kill is told after the next start", async () => {
  await using server = plainServer(() => new Response("ok"));
  await using app = await startCarillon({ "tasks/sync.ts": flaky() }, {
    ini: `[notify:ops]\ntype = webhook\nurl = ${server.url}\n`,
  });
  await app.clock.advance({ minutes: 1 });
  const run = await startRun(app, "sync");
  await app.ended(run.id);
  await server.arrived(1);
  const next = await app.restart();
  await using _next = next;
  assert.equal(server.taken.length, 1, "what was told is not told again");
  await next.carillon.stop();
  // As if the process had ended between the run's record and its notice.
  const memory = new DatabaseSync(`${app.folder.path}/data/notify.db`);
  memory.exec("DELETE FROM heard; DELETE FROM delivery; DELETE FROM incident; DELETE FROM burst");
  memory.close();
  await using last = await next.restart();
  await server.arrived(2);
  assert.equal(last.carillon.queries.notify.deliveries(5).length, 1);
});

Deno.test("what nobody took is on the page, can be sent again, and no secret is in it", async () => {
  let refuse = true;
  await using server = plainServer(() =>
    refuse ? new Response("token gehe1mnis is bad", { status: 403 }) : new Response("ok")
  );
  const ini = `[notify:ops]\ntype = webhook\nurl = ${server.url}/hook/gehe1mnis\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky() }, { ini });
  await app.ended((await startRun(app, "sync")).id);
  while (app.carillon.queries.notify.undelivered().length === 0) await app.clock.advance({ seconds: 1 });
  const page = await (await app.fetch("/deliveries")).text();
  assert.match(page, /not delivered/);
  assert.match(await (await app.fetch("/tasks")).text(), /1 messages of the last day reached nobody/);
  assert.doesNotMatch(page, /gehe1mnis/);
  refuse = false;
  const [{ id = "" } = {}] = app.carillon.queries.notify.undelivered();
  assert.equal((await app.fetch(`/deliveries/${id}/again`, { method: "POST" })).status, 200);
  await server.arrived(1);
  assert.equal((await app.fetch(`/deliveries/${id}/again`, { method: "POST" })).status, 409);
  assert.equal((await app.fetch("/deliveries/nothing/again", { method: "POST" })).status, 404);
  const tried = await app.fetch("/deliveries/targets/ops/test", { method: "POST" });
  assert.match(await tried.text(), /ops took the message/);
  assert.equal((await app.fetch("/deliveries/targets/nobody/test", { method: "POST" })).status, 404);
});

Deno.test("missed instants, a broken file and its repair, a promise that was not kept: each is told", async () => {
  await using server = plainServer(() => new Response("ok"));
  await using chinese = plainServer(() => new Response("ok"));
  const target = (name: string, url: string) => `[notify:${name}]\ntype = webhook\nurl = ${url}\n`;
  const ini = `${target("ops", server.url)}${target("yunwei", chinese.url)}language = zh\n`;
  const task = (options: string) =>
    `import { cron, defineTask } from "carillon";
    export default defineTask({ trigger: cron({ hour: 23 }), ${options} run() {} });`;
  await using app = await startCarillon({
    "tasks/report.ts": task(`doneBy: "11:00", calendar: { weekdays: "mon-fri" },`),
    "tasks/other.ts": task(`doneBy: "11:00", calendar: { weekdays: "sat" },`),
  }, { ini });
  const titles = () => server.taken.map(({ title }) => title);
  await app.clock.advance({ minutes: 61 });
  await server.arrived(1);
  assert.deepEqual(titles(), ["report was not done by 11:00 on 2026-03-10"]);
  app.folder.write("tasks/broken.ts", "export default 5;");
  await app.carillon.operations.reload({ channel: "cli" });
  await server.arrived(2);
  assert.match(String(titles()[1]), /^broken\.ts(?::\d+:\d+)?: the task file cannot be used$/);
  assert.match(String(server.taken[1]?.detail), /^the default export is 5, not a task; write/);
  await chinese.arrived(2);
  assert.match(String(chinese.taken[1]?.detail), /^默认导出是 5，不是任务；请写/);
  app.folder.write("tasks/broken.ts", task(""));
  await app.carillon.operations.reload({ channel: "cli" });
  await server.arrived(3);
  assert.equal(titles()[2], "broken.ts is fine again");
  await using next = await app.restart({ hours: 48 });
  assert.ok(next);
  await server.arrived(5);
  assert.ok(
    titles().slice(3).some((title) => /missed due times: 2/.test(String(title))),
    titles().join("\n"),
  );
});

Deno.test("notify: false tells nobody, and a run by hand on the command line neither", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini = `[notify:ops]\ntype = webhook\nurl = ${server.url}\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky("notify: false,"), "tasks/b.ts": flaky() }, {
    ini,
  });
  await app.ended((await startRun(app, "sync")).id);
  const answer = await app.carillon.operations.run({ channel: "cli" }, "b", []);
  assert.ok(answer.ok);
  await app.ended(answer.run.id);
  await app.clock.advance({ hours: 2 });
  assert.deepEqual(app.carillon.queries.notify.deliveries(5), []);
});

Deno.test("carillon notify test says what came of it, and what is wrong with a section", async () => {
  await using server = dingtalkServer({ token: "t0ken", secret: "SECright", now: () => Date.now() });
  const section = (secret: string) =>
    `[notify:ops]\ntype = dingtalk\ntoken = t0ken\nsecret = ${secret}\nurl = ${server.url}\n`;
  await using folder = makeFolder({ "carillon.ini": section("SECright") });
  const good = await carillon(folder.path, ["notify", "test", "ops"]);
  assert.deepEqual([good.code, good.stdout], [0, "[notify:ops] (dingtalk) took the message\n"]);
  folder.write("carillon.ini", section("SECwrong"));
  const bad = await carillon(folder.path, ["notify", "test", "ops"]);
  assert.deepEqual([bad.code, bad.stdout], [1, ""]);
  assert.match(bad.stderr, /did not take the message: 310000: sign not match; it would not be tried again/);
  const unknown = await carillon(folder.path, ["notify", "test", "opps"]);
  assert.deepEqual(unknown.code, 2);
  assert.match(unknown.stderr, /there is no section \[notify:opps\]; did you mean "ops"\?/);
});

Deno.test("a target gets its report at its time, once, over a restart too", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini = `[notify:boss]\ntype = webhook\nurl = ${server.url}\ntasks = none\ndigest = daily 12:00\n`;
  const task = (body: string) =>
    `import { cron, defineTask } from "carillon"; export default defineTask({ trigger: cron({ minute: 30 }), run() { ${body} } });`;
  await using app = await startCarillon({
    "tasks/good.ts": task(""),
    "tasks/bad.ts": task('throw new Error("x");'),
  }, { ini });
  // The runs of one instant have to be over before the next one is due, else that is skipped.
  for (const minutes of [30, 60]) {
    const both = Promise.withResolvers<void>();
    let ended = 0;
    const stop = app.carillon.events.on("run.ended", () => {
      if (++ended === 2) both.resolve();
    });
    await app.clock.advance({ minutes });
    await both.promise;
    stop();
  }
  await app.clock.advance({ minutes: 31 });
  const message = await server.arrived(1) as { title: string; detail: string };
  assert.match(message.title, /2 of 4 due instants went well, 2 failed, 0 were missed$/);
  assert.equal(message.detail, "bad: 2 failed");
  await using next = await app.restart();
  await next.clock.advance({ minutes: 10 });
  assert.equal(server.taken.length, 1);
});

Deno.test("what somebody knows of on the page is not repeated", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini = `[notify:ops]\ntype = webhook\nurl = ${server.url}\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky() }, { ini });
  await app.ended((await startRun(app, "sync")).id);
  await server.arrived(1);
  app.carillon.operations.acknowledge({ channel: "page", name: "anna" }, "x", ["sync"], "known");
  await app.clock.advance({ hours: 1 });
  await app.ended((await startRun(app, "sync")).id);
  await app.clock.advance({ hours: 1 });
  assert.deepEqual(server.taken.map(({ title }) => title), ["Sync orders failed"]);
});

Deno.test("a backfill is told when it begins, to who asks for that, and when it is over; the audit and the metrics have it too", async () => {
  await using server = plainServer(() => new Response("ok"));
  await using all = plainServer(() => new Response("ok"));
  const ini = `[server]\nbase_url = https://carillon.example\n` +
    `[notify:ops]\ntype = webhook\nurl = ${server.url}\n` +
    `[notify:all]\ntype = webhook\nurl = ${all.url}\nevents = backfill_started, backfill_ended\n`;
  await using app = await startCarillon({
    "tasks/daily.ts": `import { cron, defineTask } from "carillon";
      export default defineTask({ trigger: cron({ hour: 6 }), run() {} });`,
  }, { ini });
  const over = new Promise<void>((resolve) => app.carillon.events.on("backfill.ended", () => resolve()));
  const answer = await app.carillon.operations.backfill(TESTER, "daily", {
    from: "2026-03-02",
    to: "2026-03-04",
  });
  assert.ok(answer.ok);
  const { id } = answer.progress.plan;
  await passWhile(over, app.clock, { milliseconds: 10 });
  await app.clock.advance({ minutes: 2 });
  const told = await server.arrived(1) as { title: string; link: string };
  assert.equal(told.title, "The backfill of daily is over: 3 of 3 runs succeeded");
  assert.equal(told.link, `https://carillon.example/backfills/${id}`);
  await all.arrived(2);
  assert.deepEqual(all.taken.map(({ title }) => title), [
    "The backfill of daily has begun: 3 runs",
    told.title,
  ]);
  assert.equal(server.taken.length, 1);
  const { lines } = await app.carillon.queries.audit.find({ action: "backfill.end" }, 5);
  assert.deepEqual(lines.map(({ target, message }) => [target, message]), [
    [`backfill/${id}`, "it is done: 3 of 3 runs succeeded"],
  ]);
  const metrics = app.carillon.queries.metrics.text("1");
  assert.match(metrics, /^carillon_backfills_total\{event="started"\} 1$/m);
  assert.match(metrics, /^carillon_backfills_total\{event="done"\} 1$/m);
});

Deno.test("what went by another target is on every page, and no page that somebody has kept stays without it", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini =
    `[notify:ops]\ntype = webhook\nurl = http://127.0.0.1:1/\n[notify:mail]\ntype = webhook\nurl = ${server.url}\nevents = digest\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky() }, { ini });
  await app.ended((await startRun(app, "sync")).id);
  const kept = await app.fetch("/tasks");
  assert.doesNotMatch(await kept.text(), /another target has them/);
  while (app.carillon.queries.notify.passedOn().length === 0) await app.clock.advance({ minutes: 1 });
  const again = await app.fetch("/tasks", { headers: { "if-none-match": kept.headers.get("etag") ?? "" } });
  assert.match(
    await again.text(),
    /1 messages of the last day were not taken where they were meant for; another target has them/,
  );
  await server.arrived(1);
});

Deno.test("the page mutes a target and a task until a moment, takes care of trouble, and shows each message before it is sent", async () => {
  await using server = plainServer(() => new Response("ok"));
  const ini = `[notify:ops]\ntype = webhook\nurl = ${server.url}/hook/gehe1mnis\n` +
    `[notify:group]\ntype = wecom\nkey = gehe1mnis2\nurl = ${server.url}\nlanguage = zh\nevents = digest\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky(), "tasks/other.ts": flaky() }, { ini });
  const send = async (path: string, fields: Record<string, string>) => {
    const answer = await app.fetch(path, { method: "POST", body: new URLSearchParams(fields) });
    return [answer.status, await answer.text()] as const;
  };
  const inTwoHours = new Date(app.clock.now() + 7_200_000).toISOString();
  const [muted, text] = await send("/deliveries/subjects/mute", { task: "sync", until: inTwoHours });
  assert.equal(muted, 200);
  assert.match(text, /Nothing about sync is sent until/);
  const { id } = await startRun(app, "sync");
  await app.ended(id);
  await app.ended((await startRun(app, "other")).id);
  // What fails alike within a minute waits for each other.
  await app.clock.advance({ minutes: 2 });
  await server.arrived(1);
  const page = await (await app.fetch("/deliveries")).text();
  assert.match(page, /Trouble that goes on/);
  assert.equal((await send("/deliveries/subjects/acknowledge", { subject: "task/other" }))[0], 200);
  assert.match(await (await app.fetch("/deliveries")).text(), /somebody takes care of it/);
  const preview = await (await app.fetch(`/deliveries/preview?run=${id}`)).text();
  assert.match(preview, /<code>ops<\/code>/);
  assert.match(preview, /<code>group<\/code>/);
  assert.match(preview, /no table \\u003c|no table &lt;orders&gt;/);
  assert.doesNotMatch(preview, /gehe1mnis/);
  assert.equal((await app.fetch("/deliveries/preview?run=nothing")).status, 404);
  await app.clock.advance({ minutes: 117 });
  assert.equal(server.taken.length, 1, "the one of the task that nobody muted");
  await app.clock.advance({ minutes: 2 });
  assert.equal((await server.arrived(2)).title, "Sync orders failed");
  const soon = new Date(app.clock.now() + 3_600_000).toISOString();
  assert.equal((await send("/deliveries/targets/ops/mute", { until: soon }))[0], 200);
  assert.equal((await send("/deliveries/targets/ops/mute", {}))[0], 200);
  const wrong: [string, Record<string, string>, number][] = [
    ["/deliveries/targets/nobody/mute", { until: soon }, 404],
    ["/deliveries/targets/ops/mute", { until: "2020-01-01T00:00Z" }, 422],
    ["/deliveries/targets/ops/mute", { until: "whenever" }, 422],
    ["/deliveries/subjects/mute", { task: "never", until: soon }, 404],
    ["/deliveries/subjects/mute", { subject: "system/<script>", until: soon }, 404],
    ["/deliveries/subjects/acknowledge", { subject: "task/never" }, 404],
  ];
  for (const [path, fields, status] of wrong) assert.equal((await send(path, fields))[0], status, path);
  const actions = (await app.carillon.queries.audit.find({ action: "notify.mute" }, 20)).lines;
  assert.ok(actions.some(({ target, outcome }) => target === "task/sync" && outcome === "done"));
});

Deno.test("carillon notify preview shows the message of a real failed run, and sends nothing", async () => {
  const ini = `[notify:group]\ntype = wecom\nkey = gehe1mnis2\nurl = http://127.0.0.1:1/\nlanguage = zh\n`;
  await using app = await startCarillon({ "tasks/sync.ts": flaky() });
  const { id } = await startRun(app, "sync");
  await app.ended(id);
  await app.carillon.stop();
  app.folder.write("carillon.ini", `${ini}[history]\nfile = history.db\n`);
  const shown = await carillon(app.folder.path, ["notify", "preview", "group", "--run", id]);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^\[notify:group\] \(wecom, \d+ bytes\)\n {2}\{\n/);
  assert.match(shown.stdout, /sync \u5931\u8d25/);
  assert.doesNotMatch(shown.stdout, /gehe1mnis/);
  const none = await carillon(app.folder.path, ["notify", "preview", "--run", "x"]);
  assert.deepEqual([none.code, none.stdout], [2, ""]);
  assert.match(none.stderr, /there is no run x/);
});
