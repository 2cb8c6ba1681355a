/** Pings: what a service such as Healthchecks is told of runs and of Carillon as a whole, and what it may do without hurting them. */
import assert from "node:assert/strict";
import { Pings, type PingsParts } from "../../app/notify/pings.ts";
import { pingAddress, sendPing } from "../../app/notify/watches/ping.ts";
import { readPolicies } from "../../app/policy/policies.ts";
import { passWhile, startCarillon, startRun } from "../support/carillon.ts";
import { settled, VirtualClock } from "../support/clock.ts";

interface Asked {
  readonly address: string;
  readonly body: string;
}

/** A service that notes what it is asked, and answers as it is told. */
function service(answer: (asked: Asked) => Response = () => new Response("OK")) {
  const asked: Asked[] = [];
  let more = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const each = { address: pathname + search, body: await request.text() };
    asked.push(each);
    more.resolve();
    more = Promise.withResolvers();
    return answer(each);
  });
  return {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}/gehe1mnis`,
    asked,
    async until(count: number) {
      while (asked.length < count) await more.promise;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const task = (ping: string, body: string) =>
  `import { defineTask } from "carillon"; export default defineTask({ ping: ${ping}, async run({ log }) { ${body} } });`;

Deno.test("a run is told when it begins and when it succeeds; one that fails with the end of its log", async () => {
  await using server = service();
  await using app = await startCarillon({
    "tasks/good.ts": task(JSON.stringify(server.url), 'return "12 rows";'),
    "tasks/bad.ts": task(
      '{ secret: "hc" }',
      'for (let i = 0; i < 100; i++) log.info("line " + i); throw new TypeError("no table");',
    ),
  }, { ini: `[secrets]\nhc = ${server.url}?create=1\n` });
  const good = await startRun(app, "good");
  await app.ended(good.id);
  await server.until(2);
  assert.deepEqual(server.asked, [
    { address: `/gehe1mnis/start?rid=${good.id}`, body: "" },
    { address: `/gehe1mnis?rid=${good.id}`, body: "12 rows" },
  ]);
  const bad = await startRun(app, "bad");
  await app.ended(bad.id);
  await server.until(4);
  assert.equal(server.asked[2]?.address, `/gehe1mnis/start?create=1&rid=${bad.id}`);
  const { address, body } = server.asked[3] ?? { address: "", body: "" };
  assert.equal(address, `/gehe1mnis/fail?create=1&rid=${bad.id}`);
  const lines = body.split("\n");
  assert.equal(lines[0], "failed: no table");
  assert.ok(lines.includes("line 99") && !lines.includes("line 10"), body);
  const page = await (await app.fetch("/tasks/good/more")).text() +
    await (await app.fetch("/tasks/bad")).text();
  assert.doesNotMatch(page, /gehe1mnis/);
});

Deno.test("a service that is away holds up no run, is tried three times, told of once, and no line has its address", async () => {
  let up = false;
  await using server = service(() => new Response("", { status: up ? 200 : 503 }));
  await using app = await startCarillon({ "tasks/a.ts": task(JSON.stringify(server.url), "") });
  const first = await startRun(app, "a");
  assert.equal((await app.ended(first.id)).status, "succeeded");
  // Three tries of the beginning, then three of the end.
  while (server.asked.length < 6) await app.clock.advance({ seconds: 5 });
  await app.clock.advance({ minutes: 5 });
  assert.equal(server.asked.length, 6);
  const lines = () => app.lines.filter((line) => /pings are/.test(line));
  assert.equal(lines().length, 1);
  assert.match(lines()[0] ?? "", /task a: its pings are not taken: HTTP 503/);
  up = true;
  await app.ended((await startRun(app, "a")).id);
  await server.until(8);
  while (lines().length < 2) await app.clock.advance({ seconds: 1 });
  assert.match(lines()[1] ?? "", /task a: its pings are taken again/);
  assert.doesNotMatch(app.lines.join("\n"), /gehe1mnis/);
});

Deno.test("a run that a stop cuts off is told as one that failed", async () => {
  await using server = service();
  await using app = await startCarillon({
    "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ ping: ${
      JSON.stringify(server.url)
    }, run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))) });`,
  });
  const { id } = await startRun(app, "a");
  await server.until(1);
  await passWhile(app.carillon.stop(), app.clock, { seconds: 5 });
  assert.equal(server.asked[1]?.address, `/gehe1mnis/fail?rid=${id}`);
  assert.match(server.asked[1]?.body ?? "", /^interrupted: /);
});

Deno.test("a ping whose secret is none is said, and a run goes on without it", async () => {
  await using app = await startCarillon({ "tasks/a.ts": task('{ secret: "nowhere" }', "") });
  assert.equal((await app.ended((await startRun(app, "a")).id)).status, "succeeded");
  assert.match(app.lines.join("\n"), /task a: ping: \[secrets\] nowhere is no http or https address/);
});

Deno.test("Carillon as a whole is told each minute, and once of a service that does not take it", async () => {
  let status = 200;
  await using server = service(() => new Response("", { status }));
  await using app = await startCarillon({}, { ini: `[watch]\nping = ${server.url}\n` });
  while (server.asked.length < 2) await app.clock.advance({ seconds: 30 });
  assert.equal(server.asked[1]?.address, "/gehe1mnis");
  status = 500;
  const before = server.asked.length;
  while (server.asked.length < before + 3) await app.clock.advance({ seconds: 30 });
  const lines = app.lines.filter((line) => /\[watch\] ping/.test(line));
  assert.equal(lines.length, 1);
  assert.doesNotMatch(app.lines.join("\n"), /gehe1mnis/);
});

Deno.test("the address of each kind keeps its query", () => {
  assert.equal(pingAddress("https://hc/x/?a=1", "start", "r 1"), "https://hc/x/start?a=1&rid=r+1");
  assert.equal(pingAddress("https://hc/x", "success"), "https://hc/x");
  assert.equal(pingAddress("https://hc/x", "fail"), "https://hc/x/fail");
});

Deno.test("what is no service: a redirect, a closed port, no name: a reason without the address", async () => {
  await using moved = service(() =>
    new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } })
  );
  const never = new AbortController().signal;
  assert.equal(await sendPing(moved.url, "success", undefined, "", never), "HTTP 302");
  for (const url of ["http://127.0.0.1:1/gehe1mnis", "https://no-such-host.invalid/gehe1mnis"]) {
    const why = await sendPing(url, "fail", undefined, "", never);
    assert.doesNotMatch(why ?? "gehe1mnis", /gehe1mnis/);
  }
});

const WRONG: [unknown, RegExp][] = [
  ["gehe1mnis", /^defineTask: ping: it is no http or https address$/],
  ["ftp://x/gehe1mnis", /ping: it is no http or https address$/],
  [`https://x/${"a".repeat(2_000)}`, /ping: it is no http or https address$/],
  [{ secret: "https://hc/gehe1mnis" }, /ping\.secret: it is the name of an entry of \[secrets\]/],
  [{ url: "https://hc/gehe1mnis" }, /ping: unknown key "url"/],
  [7, /ping: 7 is not an object/],
];

for (const [ping, expected] of WRONG) {
  Deno.test(`a ping that cannot be is refused without quoting it: ${expected.source}`, async () => {
    const reading = { calendarFile: () => Promise.reject(new Error("x")), warn() {} };
    await assert.rejects(() => readPolicies({ ping }, reading), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /gehe1mnis/);
      return true;
    });
  });
}

function pingsOf(send: NonNullable<PingsParts["send"]>) {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const troubles: string[] = [];
  const pings = new Pings({ clock, onTrouble: (task, why) => troubles.push(`${task}: ${why}`), send });
  pings.start();
  const add = (task: string, n: number) =>
    pings.add({ task, run: `${n}`, kind: "success", url: "http://x/", body: () => Promise.resolve("b") });
  return { clock, pings, troubles, add };
}

Deno.test("runs of one task are told in their order, eight tasks at one time, and one that is stuck holds up no other", async () => {
  const told: string[] = [];
  let going = 0;
  let most = 0;
  const stuck = Promise.withResolvers<undefined>();
  const { pings, add } = pingsOf(async (_url, _kind, run) => {
    most = Math.max(most, ++going);
    if (run === "0") await stuck.promise;
    await settled();
    told.push(run ?? "");
    going--;
    return undefined;
  });
  add("stuck", 0);
  for (let n = 1; n <= 200; n++) add(`t${n % 20}`, n);
  while (told.length < 200) await settled();
  assert.ok(most <= 8, String(most));
  for (let lane = 0; lane < 20; lane++) {
    const own = told.map(Number).filter((n) => n % 20 === lane);
    assert.deepEqual(own, own.toSorted((a, b) => a - b));
  }
  stuck.resolve(undefined);
  await pings.stop();
  assert.equal(told.length, 201);
});

Deno.test("no more than a thousand wait, whatever the service does", async () => {
  let asked = 0;
  const { pings, troubles, add } = pingsOf(() => {
    asked++;
    return Promise.resolve("HTTP 500");
  });
  for (let n = 0; n < 5_000; n++) add("a", n);
  await settled();
  assert.deepEqual(troubles, ["a: 1000 wait already"]);
  await pings.stop();
  assert.ok(asked <= 1_001, String(asked));
  add("a", 1);
  await settled();
  assert.ok(asked <= 1_001, "what comes after the end is passed over");
});
