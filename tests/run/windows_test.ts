/** Which window each run gets: on time, late, attempted again, by hand, once more; and the parameters filled from it. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { RunOrder } from "../../app/model/order.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { z } from "zod";
import { startCarillon, startRun } from "../support/carillon.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, tasksOf } from "../support/dispatch.ts";

function shown({ window }: RunOrder): string {
  return window ? `${instantOf(window.from)} ${instantOf(window.to)}`.replaceAll("2026-03-", "") : "none";
}

Deno.test("a catch-up and every attempt get the window of their instant", async () => {
  const tasks = await tasksOf({
    a: {
      trigger: every({ hours: 1, startDate: "2026-03-10T00:00:00Z" }),
      window: "sinceLastDue",
      misfire: { catchUp: "all" },
      retry: { attempts: 2, delay: "5m" },
    },
    plain: { trigger: every({ hours: 1, startDate: "2026-03-10T00:00:00Z" }) },
  });
  const orders: RunOrder[] = [];
  const going = await assemble(tasks, {
    clock: new VirtualClock("2026-03-10T10:30:00Z"),
    behave(_id, order) {
      orders.push(order);
      const fails = order.attempt === 1 && order.taskId === "a";
      return {
        ms: 0,
        answer: fails ? { kind: "failed", error: { name: "E", message: "x" } } : { kind: "succeeded" },
      };
    },
  });
  await going.clock.advance({ hours: 1 });
  await going.clock.jump({ hours: 2, minutes: 10 });
  await going.clock.advance({ minutes: 30 });
  const told = (id: string) =>
    orders.filter(({ taskId }) => taskId === id).map((each) => `${each.cause} ${shown(each)}`);
  assert.deepEqual(told("a"), [
    "schedule 10T10:00:00Z 10T11:00:00Z",
    "schedule 10T10:00:00Z 10T11:00:00Z",
    "catch_up 10T11:00:00Z 10T12:00:00Z",
    "catch_up 10T11:00:00Z 10T12:00:00Z",
    "catch_up 10T12:00:00Z 10T13:00:00Z",
    "catch_up 10T12:00:00Z 10T13:00:00Z",
    "schedule 10T13:00:00Z 10T14:00:00Z",
    "schedule 10T13:00:00Z 10T14:00:00Z",
  ]);
  assert.deepEqual(new Set(told("plain").map((each) => each.split(" ")[1])), new Set(["none"]));
  await going.scheduler.stop();
});

Deno.test("parameters are filled as their schema wants them, on the wall clock of the task's zone", async () => {
  const local = z.iso.datetime({ local: true });
  const kinds = {
    local: local.optional(),
    day: z.iso.date(),
    utc: z.iso.datetime(),
    offset: z.iso.datetime({ offset: true }),
    text: z.string(),
    shaped: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  };
  const expected: Record<keyof typeof kinds, string> = {
    local: "2026-03-11T06:00:00",
    day: "2026-03-11",
    utc: "2026-03-10T22:00:00Z",
    offset: "2026-03-10T22:00:00Z",
    text: "2026-03-11 06:00:00",
    shaped: "2026-03-11",
  };
  for (const [kind, schema] of Object.entries(kinds)) {
    const params = z.object({ begin: schema, end: schema });
    const tasks = await tasksOf({
      a: {
        trigger: cron({ hour: 6, timezone: "Asia/Shanghai" }),
        params,
        window: { from: "begin", to: "end" },
      },
    });
    const orders: RunOrder[] = [];
    const going = await assemble(tasks, {
      behave(_id, order) {
        orders.push(order);
        return { ms: 0 };
      },
    });
    await going.clock.advance({ hours: 24 });
    const [order] = orders;
    const wanted = expected[kind as keyof typeof kinds];
    assert.equal(order?.params.end, wanted, kind);
    assert.equal(order?.params.begin, wanted.replace("03-11", "03-10").replace("03-10T22", "03-09T22"), kind);
    assert.ok(params.safeParse(order?.params).success, kind);
    await going.scheduler.stop();
  }
});

Deno.test("in the task it is two instants; by hand it ends now; what is given goes before it; once more it is the same", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": `import { cron, defineTask, z } from "carillon";
export default defineTask({ trigger: cron({ hour: "*/4" }), window: { from: "begin", to: "end" },
  params: z.object({ begin: z.iso.datetime({ local: true }), end: z.iso.datetime({ local: true }) }),
  run: ({ window: { from, to }, params }) => [from, to, params.begin, params.end].join(" ") });`,
    "tasks/none.ts": `import { defineTask } from "carillon";
export default defineTask({ run: ({ window }) => String(window.from) });`,
  }, { start: "2026-03-10T10:30:00Z" });
  const first = await test.ended((await startRun(test, "a")).id);
  assert.equal(
    first.message,
    "2026-03-10T08:00:00Z 2026-03-10T10:30:00Z 2026-03-10T08:00:00 2026-03-10T10:30:00",
  );
  const given = await test.ended((await startRun(test, "a", { begin: "2026-01-01" })).id);
  assert.match(given.message ?? "", / 2026-01-01T00:00:00 2026-03-10T10:30:00$/);
  await test.clock.advance({ minutes: 20 });
  const again = await test.carillon.operations.rerun({ channel: "page" }, first.id);
  assert.ok(again.ok);
  assert.equal((await test.ended(again.run.id)).message, first.message);
  const twice = await test.carillon.operations.rerun({ channel: "page" }, again.run.id);
  assert.ok(twice.ok);
  assert.equal((await test.ended(twice.run.id)).message, first.message);
  const none = await test.ended((await startRun(test, "none")).id);
  assert.match(none.error?.message ?? "", /the task has no window; write window: "sinceLastDue"/);
});
