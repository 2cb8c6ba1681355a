import assert from "node:assert/strict";
import { EventBus } from "../../app/events/bus.ts";
import { Metrics } from "../../app/metrics/metrics.ts";
import { OtlpExporter } from "../../app/metrics/otlp.ts";
import { type Span, spanIdOf, traceIdOf } from "../../app/metrics/spans.ts";
import { READINGS } from "./readings.ts";
import { VirtualClock } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";
import { passWhile, startCarillon, startRun } from "../support/carillon.ts";
import { plainServer } from "../notify/providers.ts";

interface Sent {
  readonly kind: number;
  readonly attributes: readonly { readonly key: string }[];
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
}

const spansIn = (body: Record<string, unknown>): Sent[] =>
  (body as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] }).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans)
  );

const TASK = `import { defineTask } from "carillon";
export default defineTask({ retry: { attempts: 2, delay: "1m" }, run({ run }) { if (run.attempt === 1) throw new Error("x"); } });`;

Deno.test("a run is a trace: its wait, each attempt, and the whole of it", async () => {
  let down = true;
  await using collector = plainServer(() => down ? new Response("", { status: 503 }) : Response.json({}));
  await using app = await startCarillon({ "tasks/a.ts": TASK }, {
    ini: `[otel]\nendpoint = ${collector.url}\nservice = etl\n`,
  });
  const { id } = await startRun(app, "a");
  await passWhile(app.ended(id), app.clock, { seconds: 30 });
  while (collector.requests.length === 0) await app.clock.advance({ seconds: 5 });
  assert.equal(collector.taken.length, 0);
  down = false;
  const taken = () => collector.taken.flatMap(spansIn);
  while (taken().length < 6) await app.clock.advance({ seconds: 5 });
  const hosts = taken().filter(({ name }) => name === "host start");
  assert.deepEqual(
    hosts.map(({ parentSpanId }) => parentSpanId),
    [1, 2].map((n) => spanIdOf(id, `attempt ${n}`)),
  );
  const spans = taken().filter(({ name }) => name !== "host start");
  assert.deepEqual(spans.map(({ name }) => name), ["queued", "attempt 1", "attempt 2", "run a"]);
  assert.ok(spans.every(({ traceId }) => traceId === traceIdOf(id) && /^[\da-f]{32}$/.test(traceId)));
  const [, first, second, root] = spans;
  assert.deepEqual([first?.status.code, second?.status.code, root?.status.code], [2, 1, 1]);
  assert.ok(spans.slice(0, 3).every(({ parentSpanId }) => parentSpanId === root?.spanId));
  assert.ok(spans.every((span) => BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)));
  assert.equal(second?.spanId, spanIdOf(id, "attempt 2"));
  assert.equal(first?.spanId, spanIdOf(id, "attempt 1"));
  assert.equal(collector.requests[0]?.path, "/v1/traces");
  assert.equal(app.lines.filter((line) => /traces are not taken/.test(line)).length, 1);
});

Deno.test("without a collector nothing is sent and nothing is kept", async () => {
  await using app = await startCarillon({ "tasks/a.ts": TASK.replace("attempts: 2", "attempts: 1") });
  await app.ended((await startRun(app, "a")).id);
  assert.ok(app.lines.every((line) => !line.includes("traces")));
});

const CALLS =
  `import { apiGet, copyRows, defineTask, execute, insertMany, query, transaction } from "carillon";
export default defineTask({ async run() {
  await execute("main", "CREATE TABLE a (n INTEGER)");
  await execute("main", "CREATE TABLE b (n INTEGER)");
  await insertMany("main", "a", [{ n: 1 }]);
  await transaction("main", (tx) => tx.query("-- c\\n SELECT n FROM a"));
  await copyRows({ database: "main", sql: "SELECT n FROM a WHERE n = 1" }, { database: "main", table: "b" });
  await apiGet("/orders");
  await apiGet("/gone").catch(() => {});
} });`;

Deno.test("what a run asks elsewhere is in its trace, the trace goes out with it, and comes in with who asks for the run", async () => {
  await using collector = plainServer(() => Response.json({}));
  await using api = plainServer((request) =>
    new URL(request.url).pathname === "/token"
      ? Response.json({ access_token: "x", expires_in: 3600 })
      : new URL(request.url).pathname === "/orders"
      ? Response.json([])
      : new Response("{}", { status: 404 })
  );
  await using databases = makeFolder();
  await using app = await startCarillon({
    "tasks/calls.ts": CALLS,
    "database.ini": `[main]\ntype = sqlite\ndatabase = ${databases.path}/main.db\n`,
  }, {
    ini: `[otel]\nendpoint = ${collector.url}/v1/traces\n` +
      `[api]\nbase_url = ${api.url}\ntoken_path = /token\napp_id = a\n[secrets]\napi_secret = gehe1mnis\n`,
  });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const started = await app.fetch("/api/v1/tasks/calls/runs", {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    body: "{}",
  });
  const answer = await started.text();
  assert.equal(started.status, 202, answer + app.lines.join("\n"));
  const { run: { id } } = JSON.parse(answer) as { run: { id: string } };
  const run = await app.ended(id);
  assert.equal(run.status, "succeeded", run.error?.message ?? "");
  const taken = () => collector.taken.flatMap(spansIn);
  while (!taken().some(({ name }) => name === "run calls")) await app.clock.advance({ seconds: 5 });
  const spans = taken();
  const named = (name: string) => spans.find((each) => each.name === name);
  assert.ok(spans.every((span) => span.traceId === traceId), "all of it is a part of the caller's trace");
  assert.equal(named("run calls")?.parentSpanId, "00f067aa0ba902b7");
  const attempt = named("attempt 1")?.spanId;
  for (
    const name of [
      "host start",
      "query CREATE",
      "query SELECT",
      "insert into a",
      "copy to b",
      "GET /orders",
      "GET /gone",
    ]
  ) {
    assert.equal(named(name)?.parentSpanId, attempt, `${name}: ${spans.map((each) => each.name)}`);
  }
  assert.deepEqual([named("GET /orders")?.kind, named("GET /orders")?.status.code], [3, 1]);
  assert.equal(named("GET /gone")?.status.code, 2);
  const orders = api.requests.find(({ path }) => path === "/orders");
  assert.equal(orders?.headers.get("traceparent"), `00-${traceId}-${named("GET /orders")?.spanId}-01`);
  assert.doesNotMatch(JSON.stringify(spans), /gehe1mnis|SELECT n FROM/);
});

const FORGED = [
  "",
  "00-0-0-0",
  `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
  `00-${"a".repeat(32)}-${"0".repeat(16)}-01`,
  `ff-${"a".repeat(32)}-00f067aa0ba902b7-01`,
  `00-${"A".repeat(32)}-00f067aa0ba902b7-01`,
  "x".repeat(4_000),
];

Deno.test("a traceparent that is none makes a run no part of another trace", async () => {
  await using collector = plainServer(() => Response.json({}));
  await using app = await startCarillon({ "tasks/a.ts": TASK.replace("attempts: 2", "attempts: 1") }, {
    ini: `[otel]\nendpoint = ${collector.url}\n`,
  });
  const ids: string[] = [];
  for (const traceparent of FORGED) {
    const answer = await app.fetch("/api/v1/tasks/a/runs", {
      method: "POST",
      headers: { "content-type": "application/json", traceparent },
      body: "{}",
    });
    assert.equal(answer.status, 202, traceparent);
    const { run: { id } } = await answer.json() as { run: { id: string } };
    await app.ended(id);
    ids.push(traceIdOf(id));
  }
  const roots = () => collector.taken.flatMap(spansIn).filter(({ name }) => name === "run a");
  while (roots().length < FORGED.length) await app.clock.advance({ seconds: 5 });
  assert.deepEqual(roots().map(({ traceId }) => traceId).toSorted(), ids.toSorted());
  assert.ok(roots().every(({ parentSpanId }) => parentSpanId === undefined));
});

function span(n: number): Span {
  return { traceId: "a".repeat(32), spanId: "b".repeat(16), name: `s${n}`, from: 0, to: 1, attributes: {} };
}

function exporter(endpoint: string) {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const said: string[] = [];
  let dropped = 0;
  const made = new OtlpExporter({
    endpoint,
    service: "x",
    clock,
    onTrouble: (sentence) => said.push(sentence),
    onDropped: (count) => dropped += count,
  });
  return { clock, said, made, dropped: () => dropped };
}

/** What a collector answers, and how many of ten spans are lost by it at once. */
const ANSWERS: readonly (readonly [what: string, answer: () => Response, dropped: number])[] = [
  ["200", () => Response.json({}), 0],
  ["200 and garbage", () => new Response("\u0000<html>"), 0],
  [
    "a partial success",
    () => Response.json({ partialSuccess: { rejectedSpans: "4", errorMessage: "x" } }),
    4,
  ],
  ["more rejected than sent", () => Response.json({ partialSuccess: { rejectedSpans: 1e9 } }), 10],
  ["400", () => new Response("", { status: 400 }), 10],
  ["404", () => new Response("", { status: 404 }), 10],
  ["a redirect", () => new Response("", { status: 307, headers: { location: "http://127.0.0.1:1/" } }), 10],
  ["429", () => new Response("", { status: 429 }), 0],
  ["500", () => new Response("", { status: 500 }), 0],
  ["503", () => new Response("", { status: 503 }), 0],
];

for (const [what, answer, expected] of ANSWERS) {
  Deno.test(`a collector that answers with ${what} loses ${expected} of ten spans`, async () => {
    await using server = plainServer(answer);
    const { made, clock, dropped } = exporter(server.url);
    for (let n = 0; n < 10; n++) made.add(span(n));
    made.start();
    while (server.requests.length === 0) await clock.advance({ seconds: 1 });
    // The answer is read: another look would send what is left.
    const asked = server.requests.length;
    made.add(span(10));
    while (server.requests.length === asked) await clock.advance({ seconds: 5 });
    assert.ok(dropped() >= expected && dropped() <= expected + 1, String(dropped()));
    await made.stop();
  });
}

Deno.test("while a collector is away the newest spans are kept, the others counted, and one line says so", async () => {
  const { made, clock, said, dropped } = exporter("http://user:gehe1mnis@127.0.0.1:1/");
  made.start();
  for (let n = 0; n < 5_000; n++) made.add(span(n));
  while (said.length === 0) await clock.advance({ seconds: 5 });
  await clock.advance({ minutes: 5 });
  assert.equal(dropped(), 5_000 - 4_096);
  assert.equal(said.length, 1);
  assert.doesNotMatch(said.join(), /gehe1mnis/);
  await made.stop();
  assert.equal(dropped(), 5_000, "what is still there at the end is gone, and counted");
});

Deno.test("a collector that never answers does not hold up the end for longer than a moment", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { made, dropped } = exporter(`http://127.0.0.1:${listener.addr.port}`);
  made.add(span(1));
  made.start();
  const connection = await listener.accept();
  // The limit of an answer is ten seconds, that of a stop two.
  const begin = performance.now();
  await made.stop();
  assert.ok(performance.now() - begin < 9_000);
  assert.equal(dropped(), 1);
  connection.close();
  listener.close();
});

Deno.test("dropped spans are counted in the metrics", () => {
  const events = new EventBus((sentence) => assert.fail(sentence));
  const metrics = new Metrics(events, READINGS);
  events.emit("trace.dropped", { count: 7 });
  assert.match(metrics.text("1"), /^carillon_trace_spans_dropped_total 7$/m);
});
