/** Requests are made of the document itself: what it allows is answered as it says, what it does not is a problem. */
import assert from "node:assert/strict";
import { openApiOf } from "../../app/api/openapi/document.ts";
import { PROBLEM_TYPE } from "../../app/api/problem.ts";
import { ROUTES } from "../../app/api/v1/routes.ts";
import { passWhile, startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { fc } from "../support/fast_check.ts";
import {
  brokenRequest,
  type Known,
  type MadeRequest,
  operationsOf,
  validRequest,
} from "../support/openapi_requests.ts";
import { Ajv2020 } from "../support/openapi_validator.ts";

const DOCUMENT = openApiOf(ROUTES, "1.2.3", "en");
const OPERATIONS = operationsOf(DOCUMENT);
const REQUESTS = 300;
/** Another one each time; `SEED` takes one again that a name of these tests has. */
const SEED = Number(Deno.env.get("SEED") ?? Math.trunc(Math.random() * 2 ** 31));

const FILES = {
  "tasks/a.ts": `import { cron, defineTask, z } from "carillon";
export default defineTask({ trigger: cron({ hour: 6 }), tags: "x", params: z.object({ a: z.any().optional(), n: z.number().optional() }),
  run({ log }) { log.info("done"); return { ok: true }; } });`,
  "tasks/b.ts":
    `import { defineTask } from "carillon"; export default defineTask({ run() { throw new Error("no"); } });`,
  "database.ini": "[local]\ntype = sqlite\ndatabase = local.db\n",
};

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(JSON.parse(JSON.stringify(DOCUMENT)), "doc");

/** Checks a value by the document's own schema at a place, with a validator that is not ours. */
function expectFits(place: readonly string[], value: unknown, where: string): void {
  const pointer = place.map((each) => each.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
  const check = ajv.getSchema(`doc#/${encodeURI(pointer).replaceAll("%7B", "{").replaceAll("%7D", "}")}`);
  assert.ok(check, pointer);
  assert.ok(
    check(value),
    `${where}\n${JSON.stringify(check.errors)}\n${JSON.stringify(value).slice(0, 1_000)}`,
  );
}

function shown({ operation, address, init, wrong }: MadeRequest): string {
  return `${operation.operationId}: ${init.method} ${address} ${init.body ?? ""} ${wrong ?? ""}`;
}

async function send(test: TestCarillon, { address, init }: MadeRequest): Promise<Response> {
  return await test.fetch(`/api/v1${address}`, init);
}

async function knownIds(test: TestCarillon): Promise<Known> {
  const runs: string[] = [];
  for (const task of ["a", "b"]) {
    const { id } = await startRun(test, task);
    await test.ended(id);
    runs.push(id);
  }
  const over = new Promise<void>((resolve) => test.carillon.events.on("backfill.ended", () => resolve()));
  const answer = await test.fetch("/api/v1/tasks/a/backfills", {
    method: "POST",
    body: JSON.stringify({ from: "2026-03-08", to: "2026-03-09" }),
  });
  const { backfill } = await answer.json() as { backfill: { id: string } };
  // What it starts is not taken for something that a request has started.
  await passWhile(over, test.clock, { milliseconds: 10 });
  return { tasks: ["a", "b"], runs, backfills: [backfill.id], databases: ["local"] };
}

const FREE = { flags: { "server-api-rate": "0" } };

Deno.test(`what the document allows is answered as it says (seed ${SEED})`, async (t) => {
  await using test = await startCarillon(FILES, FREE);
  const known = await knownIds(test);
  for (const operation of OPERATIONS) {
    await t.step(operation.operationId, async () => {
      const request = validRequest(DOCUMENT, operation, known);
      const runs = Math.ceil(REQUESTS / OPERATIONS.length);
      for (const made of fc.sample(request, { seed: SEED, numRuns: runs })) {
        const answer = await send(test, made);
        const { status } = answer;
        const where = `${shown(made)} → ${status}`;
        const key = String(status) in operation.responses ? String(status) : undefined;
        if (key === undefined || status === 400) assert.fail(`${where} ${await answer.text()}`);
        const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
        if (type === "text/event-stream") {
          await answer.body?.cancel();
          continue;
        }
        const text = await answer.text();
        assert.ok(status === 304 || operation.responses[key]?.content?.[type], `${where} ${type}`);
        const [ways] = Object.entries(DOCUMENT.paths).find(([path]) => path === operation.path) ?? [];
        const place = [
          "paths",
          ways ?? "",
          operation.method.toLowerCase(),
          "responses",
          key,
          "content",
          type,
          "schema",
        ];
        if (type.endsWith("json") && !type.endsWith("ndjson")) expectFits(place, JSON.parse(text), where);
      }
    });
  }
});

Deno.test(`what the document does not allow is a problem that names the field (seed ${SEED})`, async (t) => {
  await using test = await startCarillon(FILES, FREE);
  const known = await knownIds(test);
  const before = (await test.carillon.queries.runs.search({ limit: 1_000 })).length;
  for (const operation of OPERATIONS) {
    await t.step(operation.operationId, async () => {
      const request = brokenRequest(DOCUMENT, operation, known);
      const runs = Math.ceil(REQUESTS / OPERATIONS.length);
      for (const made of fc.sample(request, { seed: SEED, numRuns: runs })) {
        const answer = await send(test, made);
        const text = await answer.text();
        const where = `${shown(made)} → ${answer.status} ${text}`;
        assert.equal(answer.status, 400, where);
        assert.equal(answer.headers.get("content-type"), PROBLEM_TYPE, where);
        const problem = JSON.parse(text) as { errors?: { name: string }[] };
        expectFits(["components", "schemas", "Problem"], problem, where);
        const { field } = made;
        assert.ok(field === undefined || problem.errors?.some(({ name }) => name.startsWith(field)), where);
      }
    });
  }
  assert.equal(
    (await test.carillon.queries.runs.search({ limit: 1_000 })).length,
    before,
    "nothing was started",
  );
});
