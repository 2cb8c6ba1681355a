/** Runs by hand through the door: notes, typed names, and the word of another person. */
import assert from "node:assert/strict";
import type { Actor } from "../../app/model/actor.ts";
import { EVERYTHING } from "../../app/model/access.ts";
import { openOffline } from "../../app/cli/offline.ts";
import { Refusal, type RefusalKind } from "../../app/service/refusal.ts";
import {
  passWhile,
  startCarillon,
  startStill,
  type TestCarillon,
  type TestOptions,
} from "../support/carillon.ts";

const TASK = (options: string) =>
  `import { defineTask, z } from "carillon";
   export default defineTask({ params: z.object({ day: z.string().default("1"), n: z.number().optional() }), ${options}
     run: ({ params }) => "did " + params.day });`;

const FILES = {
  "tasks/pay.ts": TASK(`approval: { by: "boss", expires: "2h" },`),
  "tasks/wipe.ts": TASK(`confirm: "name",`),
  "tasks/plain.ts": TASK(""),
};

/** Where people sign in, approval is possible. */
const SIGNED: TestOptions = {
  flags: { "auth-mode": "password" },
  ini: "[secrets]\nbank = s3cret-value\n",
};

function person(name: string, ...roles: string[]): Actor {
  return { channel: "page", name, roles, access: EVERYTHING };
}

const ANNA = person("anna", "operator");
const BOB = person("bob", "boss");
const ROOT = person("root", "admin");

async function refused(kind: RefusalKind, key: string, work: () => unknown): Promise<void> {
  await assert.rejects(
    async () => await work(),
    (error) => {
      assert.ok(error instanceof Refusal, String(error));
      assert.deepEqual([error.kind, error.key], [kind, `problem.${key}`]);
      return true;
    },
  );
}

/** The page of a run, as somebody with a token sees it. */
async function pageOf({ fetch, carillon }: TestCarillon, id: string): Promise<string> {
  const token = carillon.auth.tokens.create({ name: crypto.randomUUID(), rights: "view, parameters" });
  return await (await fetch(`/runs/${id}`, { headers: { authorization: `Bearer ${token}` } })).text();
}

async function ask(
  { carillon: { operations } }: TestCarillon,
  id: string,
  actor: Actor = ANNA,
  asked: { note?: string; confirm?: string } = {},
) {
  const answer = await operations.run(actor, id, [["day", "7"]], undefined, asked);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.run;
}

Deno.test("a note stays with its run, without secrets and hidden characters, and is found", async () => {
  await using test = await startCarillon(FILES, SIGNED);
  const note = "  the bank was late:\r\ns3cret-value \u202etxt.exe\0\x1b[31m  ";
  const run = await ask(test, "plain", ANNA, { note });
  await test.ended(run.id);
  const { runs } = test.carillon.queries;
  const kept = await runs.get(run.id);
  assert.equal(kept.note, "the bank was late:\n••• txt.exe[31m");
  assert.equal(kept.by, "anna");
  assert.deepEqual((await runs.search({ text: "BANK was", limit: 5 })).map(({ id }) => id), [run.id]);
  assert.deepEqual(await runs.search({ text: "s3cret", limit: 5 }), []);
  const page = await pageOf(test, run.id);
  assert.match(page, /the bank was late/);
  assert.ok(!page.includes("s3cret"));
  const again = await test.restart();
  assert.equal((await again.carillon.queries.runs.get(run.id)).note, kept.note);
  await again[Symbol.asyncDispose]();
});

Deno.test("a note that is huge is refused with its length, one of the most characters is kept", async () => {
  await using test = await startStill(FILES);
  await refused("invalid", "note", () => ask(test, "plain", ANNA, { note: "x".repeat(1_001) }));
  await refused("invalid", "note", () => ask(test, "plain", ANNA, { note: "x".repeat(5_000_000) }));
  const { id } = await ask(test, "plain", ANNA, { note: "x".repeat(1_000) });
  assert.equal((await test.carillon.queries.runs.get(id)).note?.length, 1_000);
  const blank = await ask(test, "plain", ANNA, { note: " \n\t " });
  assert.equal(blank.note, undefined);
});

Deno.test("a task that asks for its name starts with it and with nothing else, whoever asks in whatever way", async () => {
  await using test = await startStill(FILES);
  const { operations } = test.carillon;
  for (const confirm of [undefined, "", "wip", "WIPE", "wipe ok", "plain", "wipe\0"]) {
    await refused("invalid", "confirm", () => ask(test, "wipe", ANNA, { confirm }));
  }
  assert.deepEqual(await test.carillon.queries.runs.recent("wipe"), []);
  const run = await ask(test, "wipe", ANNA, { confirm: " wipe " });
  await test.ended(run.id);
  await refused("invalid", "confirm", () => operations.rerun(ANNA, run.id));
  assert.ok((await operations.rerun(ANNA, run.id, undefined, { confirm: "wipe" })).ok);
  await refused(
    "invalid",
    "confirm",
    () => operations.backfill(ANNA, "wipe", { from: "2026-03-01", to: "2026-03-02" }),
  );
  // The pages and PyScheduler's address ask the same.
  const bare = await test.fetch("/trigger/wipe?day=3", { method: "POST" });
  assert.equal(bare.status, 422);
  assert.match((await bare.json()).message, /asks for its id before a run by hand/);
  const confirmed = await test.fetch("/trigger/wipe?day=3&confirm=wipe", { method: "POST" });
  assert.equal(confirmed.status, 200);
  const { run_id } = await confirmed.json();
  assert.deepEqual((await test.carillon.queries.runs.get(run_id)).params, { day: "3" });
  const form = new URLSearchParams({
    "param.day": "4",
    confirm: "wope",
    note: "<b>because</b>",
    question: "q",
  });
  const wrong = await test.fetch("/tasks/wipe/run", { method: "POST", body: form });
  assert.equal(wrong.status, 422);
  const page = await wrong.text();
  assert.match(page, /asks for its id/);
  assert.match(page, /&lt;b&gt;because&lt;\/b&gt;/);
  assert.match(page, /value="wope"/);
  form.set("confirm", "wipe");
  assert.equal((await test.fetch("/tasks/wipe/run", { method: "POST", body: form })).status, 303);
  const many = await test.fetch("/selected/run", {
    method: "POST",
    body: new URLSearchParams({ chosen: "wipe", question: "w" }),
  });
  assert.equal(many.status, 422);
});

Deno.test("scheduled runs are asked nothing", async () => {
  const files = {
    "tasks/wipe.ts": TASK(`confirm: "name", trigger: every("10m"),`).replace(
      "defineTask,",
      "defineTask, every,",
    ),
  };
  await using test = await startCarillon(files);
  await passWhile(
    (async () => {
      for (;;) {
        const [run] = await test.carillon.queries.runs.recent("wipe");
        if (run) return await test.ended(run.id);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })(),
    test.clock,
    { minutes: 1 },
  );
  assert.equal((await test.carillon.queries.runs.recent("wipe"))[0]?.cause, "schedule");
});

Deno.test("another person of the role approves; nobody else does, and never whoever asked", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations, queries } = test.carillon;
  const run = await ask(test, "pay", ANNA, { note: "salaries" });
  assert.equal(run.status, "awaiting_approval");
  const cases: readonly (readonly [Actor, string])[] = [
    [ANNA, "decide_own"],
    [person("anna", "boss", "admin"), "decide_own"],
    [person("ANNA ", "admin"), "decide_own"],
    [person("ａｎｎａ", "admin"), "decide_own"],
    [person("carl", "operator", "viewer"), "decide_role"],
    [person("carl"), "decide_role"],
    [{ channel: "page", access: EVERYTHING }, "decide_no_person"],
    [{ channel: "page", name: "bob", access: EVERYTHING }, "decide_no_person"],
    [{ channel: "api", name: "ci", token: "ci", roles: ["admin"], access: EVERYTHING }, "decide_no_person"],
  ];
  for (const [actor, key] of cases) {
    await refused("forbidden", key, () => operations.approve(actor, run.id));
    await refused("forbidden", key, () => operations.decline(actor, run.id));
  }
  assert.deepEqual(queries.runs.awaiting().map(({ id }) => id), [run.id]);
  await operations.approve(BOB, run.id, "go on");
  const ended = await test.ended(run.id);
  assert.deepEqual([ended.status, ended.message, ended.approval?.decidedBy, ended.approval?.note], [
    "succeeded",
    "did 7",
    "bob",
    "go on",
  ]);
  await refused("conflict", "already_approved", () => operations.approve(ROOT, run.id));
  await refused("conflict", "already_approved", () => operations.decline(ROOT, run.id));
});

Deno.test("of those who decide at once one is the first, and one run is started at the most", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations } = test.carillon;
  const wanted = await ask(test, "pay");
  const approvals = await Promise.allSettled(
    [1, 2, 3, 4].map((i) => operations.approve(i % 2 === 0 ? BOB : ROOT, wanted.id)),
  );
  assert.equal(approvals.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal((await test.ended(wanted.id)).attempt, 1);
  assert.equal((await test.carillon.queries.runs.recent("pay")).length, 1);
  const run = await ask(test, "pay");
  const answers = await Promise.allSettled([
    operations.approve(BOB, run.id),
    operations.approve(ROOT, run.id),
    operations.decline(ROOT, run.id),
    operations.approve(BOB, run.id),
    operations.cancel(ANNA, run.id),
  ]);
  // Declining and cancelling need no look at the parameters, so they are first.
  const done = answers.filter(({ status }) => status === "fulfilled").length;
  assert.equal(done, 1);
  const { status } = await test.carillon.queries.runs.get(run.id);
  assert.equal(status, "cancelled");
});

Deno.test("what does not wait cannot be decided: forged ids, runs of others, runs that are over", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations } = test.carillon;
  for (
    const id of ["", "x", "__proto__", "01957fd5-0000-7000-8000-000000000000", "../../x", "a".repeat(100_000)]
  ) {
    await refused("unknown", "no_run", () => operations.approve(BOB, id));
    await refused("unknown", "no_run", () => operations.decline(BOB, id));
  }
  const plain = await ask(test, "plain");
  await test.ended(plain.id);
  await refused("conflict", "not_awaiting", () => operations.approve(BOB, plain.id));
  const declined = await ask(test, "pay");
  await operations.decline(BOB, declined.id, "no");
  await refused("conflict", "already_declined", () => operations.approve(ROOT, declined.id));
  const cancelled = await ask(test, "pay");
  await operations.cancel(ANNA, cancelled.id);
  await refused("conflict", "not_awaiting", () => operations.approve(ROOT, cancelled.id));
  await refused(
    "invalid",
    "note",
    async () => operations.approve(BOB, (await ask(test, "pay")).id, "x".repeat(2_000)),
  );
});

Deno.test("what is asked again, for a past range, or on the command line goes round no approval", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations, queries } = test.carillon;
  const run = await ask(test, "pay");
  await operations.approve(BOB, run.id);
  await test.ended(run.id);
  const again = await operations.rerun(BOB, run.id);
  assert.ok(again.ok && again.run.status === "awaiting_approval");
  await refused("forbidden", "decide_own", () => operations.approve(BOB, again.run.id));
  await refused(
    "conflict",
    "backfill_approval",
    () => operations.backfill(ANNA, "pay", { from: "2026-03-01", to: "2026-03-02" }),
  );
  await using beside = await openOffline(test.config);
  await refused("conflict", "approval_offline", () => beside.operations.run({ channel: "cli" }, "pay", []));
  const trigger = await test.carillon.operations.run({ channel: "pyscheduler", token: "old" }, "pay", []);
  assert.ok(trigger.ok && trigger.run.status === "awaiting_approval");
  assert.equal(trigger.run.approval?.askedBy, "old");
  assert.equal(queries.runs.awaiting().length, 2);
});

Deno.test("a run with a secret among its parameters cannot wait: what is kept of it is not what it would need", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations } = test.carillon;
  await refused("invalid", "approval_secret", () => operations.run(ANNA, "pay", [["day", "s3cret-value"]]));
  assert.deepEqual(test.carillon.queries.runs.awaiting(), []);
  const plain = await operations.run(ANNA, "plain", [["day", "s3cret-value"]]);
  assert.ok(plain.ok);
});

Deno.test("a double click asks once; a hundred runs may wait, and no more", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations, queries } = test.carillon;
  const answers = await Promise.all([1, 2, 3].map(() => operations.run(ANNA, "pay", [], "key")));
  assert.equal(new Set(answers.map((each) => each.ok && each.run.id)).size, 1);
  for (let i = 1; i < 100; i++) await ask(test, "pay");
  await refused("conflict", "too_many_awaiting", () => ask(test, "pay"));
  assert.equal(queries.runs.awaiting().length, 100);
});

Deno.test("a file that went away or changed while a run waited: it cannot begin as it was asked for", async () => {
  await using test = await startStill(FILES, SIGNED);
  const { operations } = test.carillon;
  const run = await ask(test, "pay");
  const path = `${test.folder.path}/tasks/pay.ts`;
  const text = Deno.readTextFileSync(path);
  Deno.removeSync(path);
  await operations.reload(ROOT);
  await refused("conflict", "approve_no_task", () => operations.approve(BOB, run.id));
  Deno.writeTextFileSync(path, text.replace('day: z.string().default("1")', "day: z.iso.date()"));
  await operations.reload(ROOT);
  await refused("conflict", "approve_params", () => operations.approve(BOB, run.id));
  assert.match(await pageOf(test, run.id), /The task&#39;s code was changed since/);
  Deno.writeTextFileSync(path, text);
  await operations.reload(ROOT);
  await operations.approve(BOB, run.id);
  assert.equal((await test.ended(run.id)).status, "succeeded");
});

Deno.test("what waits is there after a restart, and is decided by what it was asked for under", async () => {
  await using test = await startCarillon(FILES, SIGNED);
  const run = await ask(test, "pay", ANNA, { note: "why" });
  const again = await test.restart({ minutes: 30 });
  try {
    const { operations, queries } = again.carillon;
    assert.deepEqual(queries.runs.awaiting().map(({ id, note }) => [id, note]), [[run.id, "why"]]);
    await refused("forbidden", "decide_own", () => operations.approve(ANNA, run.id));
    await operations.approve(BOB, run.id);
    assert.equal((await again.ended(run.id)).status, "succeeded");
  } finally {
    await again[Symbol.asyncDispose]();
  }
});

Deno.test("where nobody signs in a file with an approval is refused with a sentence, and others are not", async () => {
  await using test = await startStill(FILES);
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.ids().toSorted(), ["plain", "wipe"]);
  const [broken] = tasks.broken();
  assert.match(broken?.message ?? "", /approval: .*\[auth\] mode/);
});
