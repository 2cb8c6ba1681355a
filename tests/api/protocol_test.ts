/** What every answer of the API has in common: problems, tags, methods, limits, other sites. */
import assert from "node:assert/strict";
import { RateLimit } from "../../app/api/rate_limit.ts";
import { startCarillon, startRun } from "../support/carillon.ts";

const FILES = {
  "tasks/a.ts":
    `import { defineTask, z } from "carillon"; export default defineTask({ params: z.object({ n: z.any().optional() }), run: ({ params }) => params });`,
};

async function problemOf(answer: Response) {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  return await answer.json() as {
    type: string;
    title: string;
    status: number;
    detail: string;
    errors?: { in: string; name: string; detail: string }[];
  };
}

Deno.test("an error is a problem with its type, its sentence, and the fields it is about", async () => {
  await using test = await startCarillon(FILES);
  const unknown = await problemOf(await test.fetch("/api/v1/tasks/nobody"));
  assert.deepEqual([unknown.type, unknown.title, unknown.status, unknown.detail], [
    "/api#problem-no_task",
    "Not Found",
    404,
    'There is no task "nobody".',
  ]);
  const fields = await problemOf(await test.fetch("/api/v1/runs?limit=0&status=lost,failed&colour=red"));
  assert.deepEqual(fields.errors?.map((each) => [each.in, each.name]), [
    ["query", "status.0"],
    ["query", "limit"],
    ["query", "colour"],
  ]);
  const params = await problemOf(
    await test.fetch("/api/v1/tasks/a/runs", { method: "POST", body: '{"params": {"m": 1}}' }),
  );
  assert.deepEqual([params.status, params.errors], [422, [{
    in: "body",
    name: "params.m",
    detail: 'unknown parameter; did you mean "n"? Known are: n',
  }]]);
  for (const path of ["/api/v1/nothing", "/api/nothing", "/api/v2/runs"]) {
    assert.equal((await problemOf(await test.fetch(path))).status, 404, path);
  }
});

Deno.test("a bug is a problem with an id that is in the log", async () => {
  await using test = await startCarillon(FILES);
  test.carillon.queries.runs.search = () => Promise.reject(new Error("the disk is gone"));
  const problem = await problemOf(await test.fetch("/api/v1/runs"));
  assert.equal(problem.status, 500);
  const id = /error (\w{8})/.exec(problem.detail)?.[1] ?? "none";
  assert.ok(!JSON.stringify(problem).includes("disk"));
  assert.ok(test.lines.some((line) => line.includes(id)));
});

Deno.test("another method is refused with those there are; HEAD is a GET without a body", async () => {
  await using test = await startCarillon(FILES);
  const put = await test.fetch("/api/v1/tasks/a/backfills", { method: "DELETE" });
  assert.equal(put.headers.get("allow"), "POST");
  assert.match((await problemOf(put)).detail, /DELETE is not possible here; there is POST/);
  const head = await test.fetch("/api/v1/runs", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
});

Deno.test("an answer that is known is not sent again; one that has changed is", async () => {
  await using test = await startCarillon(FILES);
  const first = await test.fetch("/api/v1/runs");
  const tag = first.headers.get("etag") ?? "";
  assert.deepEqual(await first.json(), { runs: [], next: null });
  const ask = (field: string) => test.fetch("/api/v1/runs", { headers: { "if-none-match": field } });
  for (const field of [tag, `"x", ${tag}`, tag.replace("W/", ""), "*"]) {
    assert.equal((await ask(field)).status, 304, field);
  }
  assert.equal((await ask('"x"')).status, 200);
  await startRun(test, "a");
  assert.equal((await ask(tag)).status, 200);
});

Deno.test("parameters keep their types; a number that would lose digits is refused", async () => {
  await using test = await startCarillon(FILES);
  const start = (body: string) => test.fetch("/api/v1/tasks/a/runs?wait=10s", { method: "POST", body });
  for (const value of [5, 1.5, "5", true, null, [1, "2"], { deep: { er: [false] } }, 9_007_199_254_740_991]) {
    const answer = await start(JSON.stringify({ params: { n: value } }));
    assert.equal(answer.status, 200);
    const { run } = await answer.json() as { run: { id: string; params: unknown } };
    assert.deepEqual(run.params, { n: value });
    const { result } = await (await test.fetch(`/api/v1/runs/${run.id}/result`)).json() as {
      result: unknown;
    };
    assert.deepEqual(result, { n: value });
  }
  for (const number of ["9007199254740993", "12345678901234567890", "1e400", "-1e999"]) {
    const problem = await problemOf(await start(`{"params": {"n": [${number}]}}`));
    assert.match(problem.detail, /cannot be kept exactly as a number; send it as a text/, number);
  }
  const depth = await problemOf(
    await start(`{"params": {"n": ${"[".repeat(400_000)}${"]".repeat(400_000)}}}`),
  );
  assert.match(depth.detail, /lists and objects within each other/);
  const forged = await problemOf(await start(`{"params": {"__proto__": {"n": 1}}}`));
  assert.match(forged.detail, /__proto__: no field can have this name/);
});

Deno.test("a caller gets its requests of a minute, is told what is left, and then when to come back", async () => {
  await using test = await startCarillon(FILES, { flags: { "server-api-rate": "3" } });
  const ask = () => test.fetch("/api/v1/runs");
  const left: (string | null)[] = [];
  for (let i = 0; i < 3; i++) left.push((await ask()).headers.get("ratelimit"));
  assert.deepEqual(left, ['"api";r=2;t=20', '"api";r=1;t=40', '"api";r=0;t=60']);
  const refused = await ask();
  assert.equal(refused.headers.get("retry-after"), "20");
  assert.equal(refused.headers.get("ratelimit-policy"), '"api";q=3;w=60');
  assert.equal((await problemOf(refused)).status, 429);
  await test.clock.advance({ seconds: 20 });
  assert.equal((await ask()).status, 200);
  assert.equal((await ask()).status, 429);
  // Set back: nothing is given for it, and nobody is locked out for an hour.
  await test.clock.set("2026-03-10T09:00:00Z");
  assert.equal((await ask()).status, 429);
  await test.clock.advance({ seconds: 20 });
  assert.equal((await ask()).status, 200);
  // Pages are not counted.
  for (let i = 0; i < 5; i++) assert.equal((await test.fetch("/healthz")).status, 200);
});

Deno.test("one caller's requests are not another's, and callers are not remembered without end", () => {
  const limit = new RateLimit({ perMinute: 1, now: () => 0 });
  const context = { header() {} } as unknown as Parameters<RateLimit["take"]>[0];
  limit.take(context, "a");
  limit.take(context, "b");
  assert.throws(() => limit.take(context, "a"));
  for (let i = 0; i < 20_000; i++) limit.take(context, `other ${i}`);
  // Forgotten, as after a minute.
  limit.take(context, "a");
});

const ORIGIN = "https://dash.example";

Deno.test("pages of other sites get no word of the API unless their origin is listed", async () => {
  await using closed = await startCarillon(FILES);
  const asked = { headers: { origin: ORIGIN } };
  const answer = await closed.fetch("/api/v1/runs", asked);
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  assert.equal((await closed.fetch("/api/v1/reload", { ...asked, method: "POST" })).status, 403);
  assert.equal((await closed.fetch("/api/v1/runs", { ...asked, method: "OPTIONS" })).status, 405);

  await using open = await startCarillon(FILES, {
    ini: `[server]\napi_origins = https://other.example, ${ORIGIN}\n`,
  });
  const preflight = await open.fetch("/api/v1/tasks/a/runs", { ...asked, method: "OPTIONS" });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), ORIGIN);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /Authorization.*Idempotency-Key/);
  assert.equal(preflight.headers.get("access-control-allow-credentials"), null);
  const asking = [["/api/v1/runs", "GET"], ["/api/v1/nothing", "GET"], ["/api/v1/reload", "POST"]] as const;
  for (const [path, method] of asking) {
    const answer = await open.fetch(path, { ...asked, method });
    assert.notEqual(answer.status, 403, path);
    assert.equal(answer.headers.get("access-control-allow-origin"), ORIGIN, path);
    assert.match(answer.headers.get("vary") ?? "", /Origin/, path);
  }
  // The pages themselves stay closed, and so does the API to others.
  for (const path of ["/trigger/a", "/tasks/a/run"]) {
    assert.equal((await open.fetch(path, { ...asked, method: "POST" })).status, 403, path);
  }
  const evil = { headers: { origin: "https://dash.example.evil.org" } };
  assert.equal((await open.fetch("/api/v1/reload", { ...evil, method: "POST" })).status, 403);
  assert.equal(
    (await open.fetch("/api/v1/runs", evil)).headers.get("access-control-allow-origin"),
    null,
  );
});

Deno.test("a body where none is read is refused, and not left out without a word", async () => {
  await using test = await startCarillon(FILES);
  const post = (path: string, body: string) => test.fetch(path, { method: "POST", body });
  for (const body of ["n=1", '{"n": 1}', "[]", "garbage"]) {
    const told = await post("/trigger/a", body);
    assert.equal(told.status, 422, body);
    assert.match((await told.json() as { message: string }).message, /parameters stand in the address/);
    const problem = await problemOf(await post("/api/v1/tasks/a/resume", body));
    assert.deepEqual([problem.status, problem.type], [400, "/api#problem-request"]);
    assert.match(problem.detail, /it has a body, and none is read here/);
  }
  assert.deepEqual(await test.carillon.queries.runs.recent("a"), []);
  for (const body of ["", " ", "{}", "null"]) {
    assert.equal((await post("/trigger/a?n=1", body)).status, 200, body);
    assert.equal((await post("/api/v1/reload", body)).status, 200, body);
  }
});
