/** Every answer that the document promises is seen, and is what the document says it is. */
import assert from "node:assert/strict";
import type { Route } from "../../app/api/route.ts";
import { ROUTES } from "../../app/api/v1/routes.ts";
import { checkedAnswer, documentedAnswers } from "../support/api_seen.ts";
import { decided } from "../support/approval_house.ts";
import {
  logged,
  passWhile,
  startCarillon,
  startRun,
  type TestCarillon,
  TESTER,
} from "../support/carillon.ts";

const FILES = {
  "tasks/quick.ts": `import { cron, defineTask, log, z } from "carillon";
export default defineTask({ title: "Quick", tags: "fast", trigger: cron({ hour: 6 }),
  params: z.object({ n: z.number().default(1), word: z.string().optional() }),
  run({ params }) { log.info("one"); log.info("two"); return { n: params.n }; } });`,
  "tasks/strict.ts": `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ n: z.number() }), run() {} });`,
  "tasks/planner.ts": `import { defineTask, schedule } from "carillon";
export default defineTask({ run() { schedule("quick", "2030-01-01T00:00:00Z", { n: 3 }); } });`,
  "tasks/bad.ts": `import { defineTask } from "carillon";
export default defineTask({ run() { throw new Error("no"); } });`,
  "tasks/slow.ts": `import { cron, defineTask, log } from "carillon";
export default defineTask({ trigger: cron({ hour: 6 }),
  run: ({ signal }) => new Promise((_, no) => { log.info("going"); signal.onabort = no; }) });`,
  "tasks/leaver.ts": `import { artifact, defineTask } from "carillon";
export default defineTask({ async run() {
  const file = Deno.makeTempDirSync() + "/out.csv";
  Deno.writeTextFileSync(file, "a,b");
  await artifact(file);
} });`,
  "tasks/broken.ts": `import { defineTask } from "carillon"; export default 5;`,
  "database.ini": "[local]\ntype = sqlite\ndatabase = local.db\n",
};

const post = (body?: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers,
  body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
});

/** Puts a request so that one documented answer comes of it. */
type Ask = (test: TestCarillon) => Promise<Response>;

async function endedRun(test: TestCarillon, task: string): Promise<string> {
  const { id } = await startRun(test, task);
  await test.ended(id);
  return id;
}

async function goingRun(test: TestCarillon): Promise<string> {
  const { id } = await startRun(test, "slow");
  await logged(test, id, "going");
  return id;
}

/** The first events of a stream that has no end. */
async function beginning(answer: Response, enough: RegExp): Promise<Response> {
  assert.ok(answer.body);
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!enough.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return new Response(text, answer);
}

/** Routes that nobody asks anything of that could be wrong share these: made for each from what it declares. */
const ROWS: Readonly<Record<string, Ask>> = {
  "listTasks 200": (test) => test.fetch("/api/v1/tasks?tag=fast&limit=1"),
  "getTask 200": (test) => test.fetch("/api/v1/tasks/quick"),
  "listInstants 200": (test) => test.fetch("/api/v1/tasks/quick/next?limit=3"),
  "getTaskReport 200": (test) => test.fetch("/api/v1/tasks/quick/report?from=2026-03-01"),
  "getTaskReport 422": (test) => test.fetch("/api/v1/tasks/quick/report?from=soon"),
  "getTaskSource 200 text/plain": (test) => test.fetch("/api/v1/tasks/quick/source"),
  "startRun 200": (test) => test.fetch("/api/v1/tasks/quick/runs?wait=30s", post({ params: { n: 2.5 } })),
  "startRun 202": (test) => test.fetch("/api/v1/tasks/quick/runs", post()),
  "startRun 422": (test) => test.fetch("/api/v1/tasks/strict/runs", post({ params: { n: "1" } })),
  "pauseTask 200": (test) =>
    test.fetch("/api/v1/tasks/quick/pause", post({ until: "2026-03-11 08:00", note: "moving" })),
  "pauseTask 422": (test) => test.fetch("/api/v1/tasks/quick/pause", post({ until: "2020-01-01" })),
  "pauseTask 409": (test) => test.fetch("/api/v1/tasks/bad/pause", post()),
  "resumeTask 200": (test) => test.fetch("/api/v1/tasks/quick/resume", post()),
  "resumeTask 409": (test) => test.fetch("/api/v1/tasks/bad/resume", post()),
  "listRuns 200": async (test) => {
    await endedRun(test, "bad");
    return await test.fetch("/api/v1/runs?status=failed,succeeded&cause=manual&limit=1");
  },
  "getRun 200": async (test) => await test.fetch(`/api/v1/runs/${await endedRun(test, "bad")}`),
  "getRunLog 200 text/plain": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/log`),
  "getRunLog 200 application/x-ndjson": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/log?format=ndjson&from=1`),
  "getRunLog 200 text/event-stream": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/log`, {
      headers: { accept: "text/event-stream" },
    }),
  "getRunResult 200": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/result`),
  "listRunArtifacts 200": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/artifacts`),
  "getRunArtifact 200 application/octet-stream": async (test) => {
    const id = await endedRun(test, "leaver");
    const { artifacts: [left] } = await (await test.fetch(`/api/v1/runs/${id}/artifacts`)).json();
    return await test.fetch(`/api/v1/runs/${id}/artifacts/${left.file}`);
  },
  "cancelRun 202": async (test) => await test.fetch(`/api/v1/runs/${await goingRun(test)}/cancel`, post()),
  "cancelRun 409": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/cancel`, post()),
  "rerun 200": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/rerun?wait=1m`, post()),
  "rerun 202": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/rerun`, post()),
  "rerun 422": async (test) => {
    const { id } = await startRun(test, "strict", { n: "1" });
    await test.ended(id);
    test.folder.write(
      "tasks/strict.ts",
      FILES["tasks/strict.ts"].replace("z.number()", "z.number().min(5)"),
    );
    await test.carillon.operations.reload(TESTER);
    return await test.fetch(`/api/v1/runs/${id}/rerun`, post());
  },
  "approveRun 202": () => decided("approve", "person"),
  "approveRun 403": () => decided("approve", "token"),
  "approveRun 409": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/approve`, post()),
  "approveRun 422": () => decided("approve", "person", { note: "n".repeat(1_001) }),
  "declineRun 200": () => decided("decline", "person", { note: "not today" }),
  "declineRun 403": () => decided("decline", "token"),
  "declineRun 409": async (test) =>
    await test.fetch(`/api/v1/runs/${await endedRun(test, "quick")}/decline`, post()),
  "declineRun 422": () => decided("decline", "person", { note: "n".repeat(1_001) }),
  "getReport 200": (test) => test.fetch("/api/v1/report"),
  "getReport 404": (test) => test.fetch("/api/v1/report?task=nobody"),
  "getReport 422": (test) => test.fetch("/api/v1/report?from=2026-03-10&to=2026-03-01"),
  "startMany 200": (test) => test.fetch("/api/v1/bulk/start", post({ tasks: ["quick", "strict", "nobody"] })),
  "rerunFailed 200": async (test) => {
    await endedRun(test, "bad");
    return await test.fetch("/api/v1/bulk/rerun-failed", post({ filter: { status: "failed" } }));
  },
  "cancelMany 200": async (test) => {
    await goingRun(test);
    return await test.fetch("/api/v1/bulk/cancel", post({ tasks: ["slow"] }));
  },
  "pauseMany 200": (test) => test.fetch("/api/v1/bulk/pause", post({ filter: {} })),
  "pauseMany 422": (test) => test.fetch("/api/v1/bulk/pause", post({ filter: {}, until: "later" })),
  "resumeMany 200": (test) => test.fetch("/api/v1/bulk/resume", post({ filter: {} })),
  "listPlanned 200": async (test) => {
    await endedRun(test, "planner");
    return await test.fetch("/api/v1/planned?task=quick");
  },
  "cancelPlanned 200": async (test) => {
    const [plan] = test.carillon.queries.tasks.planned();
    assert.ok(plan);
    return await test.fetch(`/api/v1/planned/${plan.id}/cancel`, post());
  },
  "listBackfills 200": (test) => test.fetch("/api/v1/backfills"),
  "startBackfill 200": (test) =>
    test.fetch("/api/v1/tasks/quick/backfills", post({ from: "2026-03-08", to: "2026-03-09", dry: true })),
  "startBackfill 202": (test) =>
    test.fetch("/api/v1/tasks/slow/backfills", post({ from: "2026-03-08", to: "2026-03-09" })),
  "startBackfill 409": (test) =>
    test.fetch("/api/v1/tasks/slow/backfills", post({ from: "2026-03-08", to: "2026-03-09" })),
  "startBackfill 422": (test) =>
    test.fetch("/api/v1/tasks/slow/backfills", post({ from: "2026-03-08", to: "2026-03-01" })),
  "getBackfill 200": (test) => test.fetch(`/api/v1/backfills/${backfillOf(test)}`),
  "cancelBackfill 202": (test) => test.fetch(`/api/v1/backfills/${backfillOf(test)}/cancel`, post()),
  "cancelBackfill 409": (test) => test.fetch(`/api/v1/backfills/${backfillOf(test)}/cancel`, post()),
  "getSystem 200": (test) => test.fetch("/api/v1/system"),
  "reload 200": (test) => test.fetch("/api/v1/reload", post()),
  "listDatabases 200": (test) => test.fetch("/api/v1/databases"),
  "testDatabase 200": (test) => test.fetch("/api/v1/databases/local/test", post()),
  "followEvents 200 text/event-stream": async (test) => {
    const answer = test.fetch("/api/v1/events", { headers: { "last-event-id": "another.1" } });
    const text = beginning(await answer, /run\.ended/);
    await endedRun(test, "quick");
    return await text;
  },
};

function backfillOf({ carillon }: TestCarillon): string {
  const [newest] = carillon.queries.backfills.all();
  assert.ok(newest);
  return newest.plan.id;
}

/** Addresses with what is in them, for those where it need not exist. */
function addressOf({ path }: Route, id: string): string {
  return `/api/v1${path.replace(/:\w+/g, id)}`;
}

/** Answers that come of what a route declares, whatever it does. */
function generalRows(route: Route): Record<string, Ask> {
  const { name, method, path, query, body } = route;
  const address = addressOf(route, "nobody");
  const asked = (more: RequestInit = {}): RequestInit => ({ method, ...more });
  const reads = Object.keys(query.shape).length > 0;
  const takes = body.def.type !== "undefined";
  return {
    [`${name} default`]: (test) => test.fetch(address, { method: "PUT" }),
    ...(path.includes(":")
      ? { [`${name} 404`]: (test) => test.fetch(address, asked(validBody(route))) }
      : {}),
    ...(reads ? { [`${name} 400`]: (test) => test.fetch(`${address}?colour=red`, asked()) } : {}),
    ...(takes
      ? {
        [`${name} 400`]: (test) => test.fetch(address, asked({ body: "{" })),
        [`${name} 413`]: (test) => test.fetch(address, asked({ body: " ".repeat(1_100_000) })),
      }
      : {}),
  };
}

function validBody({ name }: Route): RequestInit {
  return name === "startBackfill" ? { body: JSON.stringify({ from: "2026-03-08", to: "2026-03-09" }) } : {};
}

async function unchanged(test: TestCarillon, route: Route): Promise<Response> {
  const ask = ROWS[`${route.name} 200`];
  assert.ok(ask);
  let address = "";
  const first = await ask({
    ...test,
    fetch(path, init) {
      address = path;
      return test.fetch(path, init);
    },
  });
  await first.body?.cancel();
  const tag = first.headers.get("etag");
  assert.ok(tag);
  return await test.fetch(address, { headers: { "if-none-match": `"other", ${tag}` } });
}

Deno.test("every documented answer of every route is seen, and fits its schema", async () => {
  await using test = await startCarillon(FILES, {
    keepsHostReady: false,
    flags: { "scheduler-grace": "10s" },
  });
  const seen = new Set<string>();
  const wanted = ROUTES.flatMap((route) => documentedAnswers(route).map((key) => ({ route, key })));
  const stopping: { route: Route; key: string }[] = [];
  // In the order of the table: what one row leaves, the next may need.
  const inOrder = [
    ...Object.keys(ROWS).flatMap((key) => wanted.filter((each) => each.key === key)),
    ...wanted.filter(({ key }) => !Object.hasOwn(ROWS, key)),
  ];
  for (const { route, key } of inOrder) {
    if (key.endsWith(" 503")) {
      stopping.push({ route, key });
      continue;
    }
    const ask = ROWS[key] ?? generalRows(route)[key] ??
      (key.endsWith(" 304") ? (each: TestCarillon) => unchanged(each, route) : undefined);
    assert.ok(ask, `no row brings about the documented answer "${key}"`);
    assert.equal(await checkedAnswer(route, await ask(test)), key);
    seen.add(key);
  }
  // While Carillon stops it starts nothing; a run that does not end holds the stop up.
  const run = await endedRun(test, "quick");
  await goingRun(test);
  const stopped = test.carillon.stop();
  for (const { route, key } of stopping) {
    const address = addressOf(route, route.path.startsWith("/runs") ? run : "slow");
    const answer = await test.fetch(address, { method: route.method, ...validBody(route) });
    assert.equal(await checkedAnswer(route, answer), key);
    seen.add(key);
  }
  await passWhile(stopped, test.clock, { seconds: 1 });
  assert.deepEqual(wanted.map(({ key }) => key).filter((key) => !seen.has(key)), []);
  assert.deepEqual(Object.keys(ROWS).filter((key) => !seen.has(key)), [], "rows that nothing documents");
});
