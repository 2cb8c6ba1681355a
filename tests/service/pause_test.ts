/** Pauses with an end and a note: they end by themselves, also over a restart, and are told to everybody. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { Events } from "../../app/model/events.ts";
import { startCarillon, type TestCarillon, TESTER } from "../support/carillon.ts";

const EACH_MINUTE = {
  "tasks/a.ts":
    `import { defineTask, every } from "carillon"; export default defineTask({ trigger: every("1m"), run() {} });`,
};
const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const NINE = "2026-03-10T10:09:00Z";

function pause({ carillon }: TestCarillon, until?: string, note?: string): Promise<number> {
  return carillon.operations.pause({ ...TESTER, name: "Anna" }, ["a"], {
    until: until === undefined ? undefined : at(until),
    note,
  });
}

/** What became of the task's instants, the oldest first. */
async function records({ carillon }: TestCarillon): Promise<string[]> {
  const runs = await carillon.queries.runs.recent("a", 100);
  return runs.map(({ status, scheduledAt, instants }) =>
    `${status} ${instantOf(scheduledAt ?? 0).toString().slice(8, 16)}${instants === 1 ? "" : ` x${instants}`}`
  ).toReversed();
}

function kept<Name extends "task.paused" | "task.resumed">({ carillon }: TestCarillon, name: Name) {
  const all: Events[Name][] = [];
  carillon.events.on(name, (event) => void all.push(event));
  return all;
}

Deno.test("a pause ends at its moment, whose own instant is due", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  const [paused, resumed] = [kept(test, "task.paused"), kept(test, "task.resumed")];
  assert.equal(await pause(test, NINE, "  ERP is being\nupgraded "), 1);
  assert.deepEqual(test.carillon.queries.tasks.get("a").pause, {
    until: at(NINE),
    note: "ERP is being upgraded",
    by: "Anna",
  });
  assert.equal(paused[0]?.until, at(NINE));
  assert.equal(paused[0]?.note, "ERP is being upgraded");
  await test.clock.advance({ minutes: 8, seconds: 59 });
  assert.deepEqual(await records(test), []);
  assert.ok(test.carillon.queries.tasks.get("a").paused);
  await test.clock.advance({ seconds: 61 });
  assert.equal(test.carillon.queries.tasks.get("a").pause, undefined);
  assert.deepEqual(resumed.map(({ actor }) => actor.channel), ["carillon"]);
  assert.deepEqual((await records(test)).map((each) => each.slice(-8)), ["10T10:09", "10T10:10"]);
  assert.match(
    test.lines.join("\n"),
    /its trigger was paused until 2026-03-10T10:09:00Z: ERP is being upgraded/,
  );
});

Deno.test("a pause is kept over a restart, with its end and its note, and ends then", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  await pause(test, NINE, "upgrade");
  await using again = await test.restart({ minutes: 2 });
  assert.deepEqual(again.carillon.queries.tasks.get("a").pause, {
    until: at(NINE),
    note: "upgrade",
    by: "Anna",
  });
  await again.clock.advance({ minutes: 7 });
  assert.deepEqual((await records(again)).map((each) => each.slice(-8)), ["10T10:09"]);
});

Deno.test("a pause that ended while Carillon was stopped leaves what came after it as missed, and nothing before", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  await pause(test, NINE);
  await using again = await test.restart({ minutes: 12, seconds: 30 });
  await again.clock.advance({ seconds: 1 });
  assert.equal(again.carillon.queries.tasks.get("a").pause, undefined);
  const [missed, late] = await records(again);
  assert.equal(missed, "missed 10T10:09 x3");
  assert.match(late ?? "", /10T10:12$/, "the newest one is fresh enough to be run");
  await using third = await again.restart();
  assert.equal(third.carillon.queries.tasks.get("a").pause, undefined, "that it is over is remembered");
});

Deno.test("another pause takes the place of the first one; the same one changes nothing", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  const paused = kept(test, "task.paused");
  assert.equal(await pause(test, NINE), 1);
  assert.equal(await pause(test, NINE), 0);
  assert.equal(await pause(test, "2026-03-10T10:02:30Z", "sooner"), 1);
  assert.equal(paused.length, 2);
  await test.clock.advance({ minutes: 3 });
  assert.deepEqual((await records(test)).map((each) => each.slice(-8)), ["10T10:03"]);
  assert.equal(await pause(test), 1);
  await using later = await test.restart({ hours: 9_600 });
  await later.clock.advance({ minutes: 2 });
  assert.equal((await records(later)).length, 1, "without an end it lasts");
  assert.equal(await later.carillon.operations.resume(TESTER, ["a"]), 1);
  await later.clock.advance({ minutes: 1 });
  assert.equal((await records(later)).length, 2);
});

Deno.test("a pause outlives a change of the task's file, and a clock that was set back", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  await pause(test, NINE);
  test.folder.write("tasks/a.ts", `${EACH_MINUTE["tasks/a.ts"]}\n// Changed.`);
  await test.carillon.operations.reload(TESTER);
  assert.equal(test.carillon.queries.tasks.get("a").pause?.until, at(NINE));
  await test.clock.advance({ minutes: 1 });
  await test.clock.set("2026-03-10T09:59:00Z");
  await test.clock.advance({ minutes: 9, seconds: 59 });
  assert.equal(test.carillon.queries.tasks.get("a").pause?.until, at(NINE));
  assert.deepEqual(await records(test), []);
  await test.clock.advance({ minutes: 2 });
  assert.equal(test.carillon.queries.tasks.get("a").pause, undefined);
});

Deno.test("an end that is over, or that no page can show, is refused and pauses nothing", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  for (const until of ["2026-03-10T10:00:00Z", "1970-01-01T00:00:00Z", "+010000-01-01T00:00:00Z"]) {
    await assert.rejects(pause(test, until), { name: "Refusal", kind: "invalid" }, until);
  }
  assert.equal(test.carillon.queries.tasks.get("a").pause, undefined);
});

Deno.test("the page asks until when and why, on the viewer's wall clock, and everybody sees it", async () => {
  await using test = await startCarillon(EACH_MINUTE);
  const headers = { cookie: "carillon_timezone=Asia/Shanghai" };
  const question = await (await test.fetch("/tasks/a/pause", { headers })).text();
  assert.match(question, /name="until_own"[^>]* min="2026-03-10T18:00"/);
  assert.match(question, /<option value="2026-03-11T00:00Z" ?>Wed 08:00<\/option>/);
  const form = new FormData();
  form.set("until_own", "2026-03-10T18:09");
  form.set("note", "<b>upgrade</b>");
  assert.equal((await test.fetch("/tasks/a/pause", { method: "POST", body: form, headers })).status, 303);
  assert.equal(test.carillon.queries.tasks.get("a").pause?.until, at(NINE));
  for (const page of ["/", "/tasks", "/tasks/a", "/tasks/a/more"]) {
    const html = await (await test.fetch(page, { headers })).text();
    assert.match(html, /18:09/, page);
    assert.match(html, /&lt;b&gt;upgrade&lt;\/b&gt;/, page);
    assert.doesNotMatch(html, /<b>upgrade/, page);
  }
  form.set("until_own", "soon");
  const wrong = await test.fetch("/tasks/a/pause", { method: "POST", body: form, headers });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /until: &quot;soon&quot; is not a date and time/);
  form.set("until_own", "2026-03-10T08:00");
  assert.equal((await test.fetch("/tasks/a/pause", { method: "POST", body: form, headers })).status, 422);
});
