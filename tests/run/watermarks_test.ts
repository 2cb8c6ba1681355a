/** How far a task has come: kept between runs, after success alone. */
import assert from "node:assert/strict";
import { OperatorError } from "../../app/base/errors.ts";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";

const COUNTING = `import { defineTask, watermark, z } from "carillon";
export default defineTask({
  params: z.object({ fail: z.boolean().default(false) }),
  run({ params }) {
    const mark = watermark();
    mark.set(Number(mark.value ?? 0) + 1);
    watermark("day").set(Temporal.PlainDate.from("2026-03-10"));
    mark.set(undefined);
    if (params.fail) throw new Error("no");
    return "was " + mark.value + " " + watermark("day").value;
  },
});`;

async function outcome(
  test: TestCarillon,
  task: string,
  params: Record<string, string> = {},
): Promise<string> {
  const run = await test.ended((await startRun(test, task, params)).id);
  return run.message ?? `${run.status}: ${run.error?.message}`;
}

Deno.test("a watermark counts for the next run, once its run has succeeded, and after a restart", async () => {
  await using test = await startCarillon({ "tasks/counting.ts": COUNTING, "tasks/other.ts": COUNTING });
  assert.equal(await outcome(test, "counting"), "was undefined undefined");
  assert.equal(await outcome(test, "counting"), "was 1 2026-03-10");
  assert.equal(await outcome(test, "counting", { fail: "true" }), "failed: no");
  assert.equal(await outcome(test, "counting"), "was 2 2026-03-10");
  assert.equal(await outcome(test, "other"), "was undefined undefined");
  assert.equal((Deno.statSync(`${test.folder.path}/history.db`).mode ?? 0) & 0o777, 0o600);
  await using again = await test.restart();
  assert.equal(await outcome(again, "counting"), "was 3 2026-03-10");
});

Deno.test("a watermark may be called like something that every object has", async () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const task = `import { defineTask, watermark } from "carillon";
export default defineTask({ run() {
  const marks = ${JSON.stringify(names)}.map((name) => watermark(name));
  const before = marks.map(({ value }) => String(value)).join(" ");
  marks.forEach((mark, i) => mark.set(i));
  return before;
} });`;
  await using test = await startCarillon({ "tasks/odd.ts": task });
  assert.equal(await outcome(test, "odd"), "undefined undefined undefined undefined");
  assert.equal(await outcome(test, "odd"), "0 1 2 3");
  await using again = await test.restart();
  assert.equal(await outcome(again, "odd"), "0 1 2 3");
});

Deno.test("the watermarks of an earlier version are taken over once", async () => {
  const file = JSON.stringify({ counting: { default: 7, day: "2026-03-09" } });
  await using test = await startCarillon({ "tasks/counting.ts": COUNTING, "data/watermarks.json": file });
  assert.equal(await outcome(test, "counting"), "was 7 2026-03-09");
  await using again = await test.restart();
  assert.equal(await outcome(again, "counting"), "was 8 2026-03-10");
});

Deno.test("a damaged file of watermarks is told of, and nothing is begun anew behind one's back", async () => {
  for (const [text, why] of [["{", /JSON/], ['{"a": {"b": []}}', /a\.b: /]] as const) {
    await assert.rejects(
      startCarillon({ "data/watermarks.json": text }),
      (error) => {
        assert.ok(error instanceof OperatorError, String(error));
        assert.match(error.message, /watermarks\.json: it does not hold the watermarks of tasks/);
        assert.match(error.message, why);
        return true;
      },
    );
  }
});

Deno.test("a watermark that cannot be written is told of in the run's log, and counts until the end", async () => {
  // A folder stands where the history file would be written.
  await using test = await startCarillon({ "tasks/counting.ts": COUNTING, "taken/x": "" }, {
    flags: { "history-file": "taken" },
  });
  const run = await test.ended((await startRun(test, "counting")).id);
  assert.equal(run.status, "succeeded");
  const [line] = await test.carillon.queries.runs.lines(run.id);
  assert.match(
    line?.text ?? "",
    /^the watermark could not be kept: history file .*taken cannot be used: .*; it counts until Carillon ends$/,
  );
  assert.equal(await outcome(test, "counting"), "was 1 2026-03-10");
});

Deno.test("rows are copied from where the last run has come to", async () => {
  await using test = await startCarillon({
    "database.ini": "[db]\ntype = sqlite\ndatabase = x.db\nschema = x.sql\n",
    "x.sql": `CREATE TABLE orders (id INTEGER PRIMARY KEY, changed TEXT);
      CREATE TABLE copied (id INTEGER PRIMARY KEY, changed TEXT);
      INSERT INTO orders VALUES (1, '2026-01-01'), (2, '2026-01-03'), (3, '2026-01-02');`,
    "tasks/sync.ts": `import { copyRows, defineTask, execute, watermark } from "carillon";
export default defineTask({
  async run({ run }) {
    const mark = watermark();
    const count = await copyRows(
      { database: "db", sql: "SELECT * FROM orders WHERE changed > :since", params: { since: mark.value ?? "" } },
      { database: "db", table: "copied" },
      { upsert: "id", watermark: { mark, column: "changed" } },
    );
    await execute("db", "INSERT OR IGNORE INTO orders VALUES (4, '2026-02-01')");
    return count + " since " + mark.value;
  },
});`,
  });
  assert.equal(await outcome(test, "sync"), "3 since undefined");
  assert.equal(await outcome(test, "sync"), "1 since 2026-01-03");
  assert.equal(await outcome(test, "sync"), "0 since 2026-02-01");
  assert.equal(await outcome(test, "sync"), "0 since 2026-02-01");
});

Deno.test("outside of a run there is no watermark", async () => {
  await using test = await startCarillon({
    "tasks/early.ts": `import { defineTask, watermark } from "carillon";
watermark();
export default defineTask({ run() {} });`,
  });
  assert.match(
    test.carillon.queries.tasks.broken()[0]?.message ?? "",
    /watermark\(\) was called outside of a run/,
  );
});

Deno.test("tasks share the API of carillon.ini, and its secret shows nowhere", async () => {
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname} ${request.headers.get("authorization")}`);
    return Response.json(
      pathname === "/token" ? { access_token: "t", expires_in: 3_600 } : { code: 200, rows: [1] },
    );
  });
  const ini = `[api]
base_url = http://127.0.0.1:${server.addr.port}
app_id = app
token_path = /token
[secrets]
api_secret = hidden-value
`;
  await using test = await startCarillon({
    "tasks/ask.ts": `import { apiDelete, apiGet, apiPost, apiPut, defineTask } from "carillon";
export default defineTask({
  async run() {
    await apiPost("/a", { x: 1 });
    await apiPut("/b");
    await apiDelete("/c");
    return JSON.stringify(await apiGet("/d"));
  },
});`,
  }, { ini });
  assert.equal(await outcome(test, "ask"), '{"code":200,"rows":[1]}');
  assert.deepEqual(asked, [
    `POST /token Basic ${btoa("app:hidden-value")}`,
    "POST /a Bearer t",
    "PUT /b Bearer t",
    "DELETE /c Bearer t",
    "GET /d Bearer t",
  ]);
  await using without = await startCarillon({
    "tasks/ask.ts": `import { apiGet, defineTask } from "carillon";
export default defineTask({ run: () => apiGet("/d") });`,
  });
  assert.equal(
    await outcome(without, "ask"),
    "failed: [api] of carillon.ini has no base_url; name the API's address there",
  );
});
