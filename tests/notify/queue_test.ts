import assert from "node:assert/strict";
import { settled } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";
import { buildHouse, OK, type Sent, trouble } from "./house.ts";
import type { Answer } from "../../app/notify/channel.ts";
import { AUDIT_SUBJECT, overNotice, systemNotice } from "../../app/notify/notices.ts";
import { testDraft } from "../../app/notify/test_message.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOOK = "type = webhook\nurl = http://127.0.0.1/\n";
const DOWN: Answer = { kind: "none", why: "connection refused" };
const REFUSED: Answer = { kind: "http", status: 403, headers: {}, body: "no" };

const says = ({ target, says, more }: Sent) => `${target}: ${says.join(", ")}${more ? ` +${more}` : ""}`;

Deno.test("what fails is sent at once, and what is heard twice once", async () => {
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}` });
  const notice = trouble("a", house.clock.now());
  house.notifier.hear(notice);
  house.notifier.hear(notice);
  await house.clock.advance({ hours: 1 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/a"]);
  await house.stop();
});

Deno.test("routes by event, folder, tag and task; what a task says itself goes before", async () => {
  const ini =
    `[notify:all]\n${HOOK}[notify:etl]\n${HOOK}folders = etl\n[notify:urgent]\n${HOOK}tags = urgent\nevents = failed\n` +
    `[notify:sync]\n${HOOK}tasks = sync_*\n`;
  const tasks = [
    { id: "a", folder: "etl/daily", tags: ["urgent"] },
    { id: "sync_b", folder: "", tags: [] },
    { id: "c", folder: "etl", tags: ["urgent"], notify: ["sync"] },
    { id: "d", folder: "etl", tags: ["urgent"], notify: false as const },
    { id: "e", folder: "etlx", tags: [], notify: ["typo"] },
  ];
  const house = buildHouse({ ini, tasks });
  const heard = async (id: string, kind: "failed" | "missed" = "failed") => {
    const before = house.sent.length;
    house.notifier.hear(trouble(id, house.clock.now(), `${id} ${kind}`, kind));
    await house.clock.advance({ seconds: 5 });
    return house.sent.slice(before).map(({ target }) => target).toSorted();
  };
  assert.deepEqual(await heard("a"), ["all", "etl", "urgent"]);
  assert.deepEqual(await heard("a", "missed"), ["all", "etl"]);
  assert.deepEqual(await heard("sync_b"), ["all", "sync"]);
  assert.deepEqual(await heard("c"), ["sync"]);
  assert.deepEqual(await heard("d"), []);
  assert.deepEqual(await heard("e"), ["all"], "a name that there is not silences nobody");
  assert.deepEqual(await heard("gone"), ["all"]);
  await house.stop();
});

Deno.test("no rate is passed: what is too much becomes one message", async () => {
  const hooks = buildHouse({ ini: `[notify:ops]\n${HOOK}` });
  for (let i = 0; i < 500; i++) hooks.notifier.hear(trouble(`t${i}`, hooks.clock.now(), "x".repeat(i + 1)));
  await hooks.clock.advance({ minutes: 10 });
  assert.ok(hooks.sent.length <= 2, `${hooks.sent.length} messages`);
  const told = hooks.sent.reduce((sum, { says, more }) => sum + says.length + more, 0);
  assert.equal(told, 500);
  await hooks.stop();
});

Deno.test("a target that does not answer is tried again with the same id, at growing waits", async () => {
  let down = true;
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}`, answer: () => down ? DOWN : OK });
  const begin = house.clock.now();
  house.notifier.hear(trouble("a", begin));
  await house.clock.advance({ minutes: 9 });
  assert.deepEqual(house.sent.map(({ at }) => (at - begin) / 1_000), [0, 10, 40, 100, 220, 520]);
  down = false;
  await house.clock.advance({ minutes: 20 });
  assert.equal(new Set(house.sent.map(({ id }) => id)).size, 1);
  assert.equal(house.notifier.deliveries(10)[0]?.state, "sent");
  await house.stop();
});

Deno.test("what could not be delivered for an hour goes by the next target, and by no target twice", async () => {
  const ini =
    `[notify:a]\n${HOOK}[notify:b]\n${HOOK}else = a\nevents = digest\n[notify:c]\n${HOOK}events = digest\n`;
  const house = buildHouse({ ini, answer: ({ target }) => target === "c" ? OK : DOWN });
  house.notifier.hear({ ...trouble("x", house.clock.now()) });
  await house.clock.advance({ hours: 3 });
  assert.deepEqual(house.undelivered, [
    { target: "a", next: "b" },
    { target: "b", next: undefined },
  ]);
  assert.ok(!house.sent.some(({ target }) => target === "c"), "b names a, which has failed already");
  assert.ok(house.notifier.undelivered().length > 0, "it is on the pages");
  await house.stop();
});

Deno.test("without a word about it, the next section is the next target", async () => {
  const house = buildHouse({
    ini:
      `[notify:a]\n${HOOK}[notify:b]\n${HOOK}events = digest\n[notify:c]\n${HOOK}events = digest\nelse = none\n`,
    answer: ({ target }) => target === "c" ? OK : DOWN,
  });
  house.notifier.hear(trouble("x", house.clock.now()));
  await house.clock.advance({ hours: 3 });
  const last = house.sent.at(-1);
  assert.deepEqual([last?.target, last?.failedAt], ["c", ["a", "b"]]);
  assert.deepEqual(house.notifier.undelivered(), []);
  await house.stop();
});

Deno.test("what is refused for good goes by the next target at once; a target that refuses all rests for an hour", async () => {
  let refuse = true;
  const house = buildHouse({
    ini: `[notify:a]\n${HOOK}[notify:b]\n${HOOK}events = digest\nelse = none\n`,
    answer: ({ target }) => target === "a" && refuse ? REFUSED : OK,
  });
  for (let i = 0; i < 6; i++) {
    house.notifier.hear(trouble(`t${i}`, house.clock.now(), "x".repeat(i + 1)));
    await house.clock.advance({ seconds: 10 });
  }
  assert.equal(house.sent.filter(({ target }) => target === "a").length, 3);
  assert.equal(house.sent.filter(({ target }) => target === "b").length, 6);
  assert.equal(house.notifier.targets[0]?.resting, true);
  refuse = false;
  await house.clock.advance({ minutes: 61 });
  house.notifier.hear(trouble("t9", house.clock.now(), "other"));
  await house.clock.advance({ seconds: 10 });
  assert.equal(house.sent.at(-1)?.target, "a");
  await house.stop();
});

Deno.test("outside its hours a target waits, and then gets one message", async () => {
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}hours = mon-fri 08:00-20:00\n`,
    start: "2026-03-13T21:00:00Z",
  });
  for (const task of ["a", "b", "c"]) house.notifier.hear(trouble(task, house.clock.now(), task));
  house.notifier.hear(trouble("b", house.clock.now() + 1, "", "recovered"));
  await house.clock.advance({ hours: 58 });
  assert.equal(house.sent.length, 0);
  await house.clock.advance({ hours: 2 });
  assert.deepEqual(house.sent.map(says), [
    "ops: failed task/a, failed task/b, failed task/c, recovered task/b",
  ]);
  assert.equal(new Date(house.sent[0]?.at ?? 0).toISOString(), "2026-03-16T08:00:00.000Z");
  await house.stop();
});

Deno.test("what is over by the end of a maintenance window is never told, the rest is", async () => {
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}maintenance = tue 10:00-12:00\n` });
  house.notifier.hear(trouble("a", house.clock.now(), "a"));
  house.notifier.hear(trouble("b", house.clock.now(), "b"));
  await house.clock.advance({ minutes: 30 });
  house.notifier.hear(trouble("a", house.clock.now(), "", "recovered"));
  await house.clock.advance({ hours: 3 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/b"]);
  await house.stop();
});

Deno.test("what maintenance or a mute held back is not sent outside of the hours, and is dropped where it is over", async () => {
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}hours = mon-fri 08:00-20:00\nmaintenance = sun 02:00-06:00\n`,
    start: "2026-03-15T03:00:00Z",
  });
  house.notifier.hear(trouble("a", house.clock.now(), "a"));
  house.notifier.hear(trouble("b", house.clock.now(), "b"));
  await house.clock.advance({ hours: 1 });
  house.notifier.hear(trouble("a", house.clock.now(), "", "recovered"));
  await house.clock.advance({ hours: 27 });
  assert.equal(house.sent.length, 0);
  await house.clock.advance({ hours: 2 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/b"]);
  assert.equal(new Date(house.sent[0]?.at ?? 0).toISOString(), "2026-03-16T08:00:00.000Z");
  await house.stop();
});

Deno.test("what waits for the hours waits for maintenance that goes on when they begin, too", async () => {
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}hours = mon-fri 08:00-20:00\nmaintenance = mon 07:30-09:00\n`,
    start: "2026-03-16T07:00:00Z",
  });
  house.notifier.hear(trouble("a", house.clock.now(), "a"));
  house.notifier.hear(trouble("b", house.clock.now(), "b"));
  await house.clock.advance({ minutes: 90 });
  assert.equal(house.sent.length, 0);
  house.notifier.hear(trouble("a", house.clock.now(), "", "recovered"));
  await house.clock.advance({ minutes: 29 });
  assert.equal(house.sent.length, 0);
  await house.clock.advance({ minutes: 5 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/b"]);
  await house.stop();
});

Deno.test("a target that is muted while it waits for its hours stays silent", async () => {
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}hours = mon-fri 08:00-20:00\n`,
    start: "2026-03-16T07:00:00Z",
  });
  house.notifier.hear(trouble("a", house.clock.now(), "a"));
  house.notifier.queue("ops")?.mute(house.clock.now() + 3 * HOUR);
  await house.clock.advance({ minutes: 170 });
  assert.equal(house.sent.length, 0);
  await house.clock.advance({ minutes: 11 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/a"]);
  await house.stop();
});

Deno.test("what two targets hear is sent once by the one that takes it, though the other refuses it", async () => {
  const house = buildHouse({
    ini: `[notify:a]\n${HOOK}[notify:b]\n${HOOK}else = none\n`,
    answer: ({ target }) => target === "a" ? REFUSED : OK,
  });
  house.notifier.hear(trouble("x", house.clock.now()));
  await house.clock.advance({ minutes: 2 });
  house.notifier.hear(trouble("x", house.clock.now(), "", "recovered"));
  await house.clock.advance({ minutes: 10 });
  assert.deepEqual(house.sent.filter(({ target }) => target === "b").map(says), [
    "b: failed task/x",
    "b: recovered task/x",
  ]);
  assert.deepEqual(house.notifier.undelivered(), []);
  await house.stop();
});

Deno.test("a target is muted until a moment, over a restart too, and a mute can be ended", async () => {
  await using folder = makeFolder();
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}`, file: `${folder.path}/notify.db` });
  house.notifier.queue("ops")?.mute(house.clock.now() + 2 * HOUR);
  house.notifier.hear(trouble("a", house.clock.now()));
  await house.clock.advance({ minutes: 10 });
  house.kill();
  house.restart();
  await house.clock.advance({ minutes: 10 });
  assert.deepEqual(house.sent, []);
  house.notifier.queue("ops")?.mute(undefined);
  await house.clock.advance({ seconds: 5 });
  assert.deepEqual(house.sent.map(says), ["ops: failed task/a"]);
  await house.stop();
});

Deno.test("a message that was given up can be sent again", async () => {
  let answer: Answer = REFUSED;
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}`, answer: () => answer });
  house.notifier.hear(trouble("a", house.clock.now()));
  await house.clock.advance({ seconds: 5 });
  const [lost] = house.notifier.undelivered();
  assert.ok(lost);
  answer = OK;
  assert.equal(house.notifier.again(lost.id), true);
  assert.equal(house.notifier.again(lost.id), false);
  await house.clock.advance({ seconds: 5 });
  assert.equal(house.sent.length, 2);
  assert.deepEqual(house.notifier.undelivered(), []);
  await house.stop();
});

Deno.test("a kill between sending and recording repeats one message, with the same id", async () => {
  await using folder = makeFolder();
  let hang = true;
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}`,
    file: `${folder.path}/notify.db`,
    answer: () => hang ? undefined : OK,
  });
  house.notifier.hear(trouble("a", house.clock.now()));
  await settled();
  await house.clock.advance({ seconds: 1 });
  assert.equal(house.sent.length, 1);
  house.kill();
  hang = false;
  house.restart();
  await house.clock.advance({ hours: 1 });
  assert.equal(house.sent.length, 2);
  assert.equal(house.sent[0]?.id, house.sent[1]?.id);
  house.kill();
  house.restart();
  await house.clock.advance({ hours: 30 });
  assert.equal(house.sent.length, 2, "and no other");
  await house.stop();
});

Deno.test("a damaged memory is set aside, and a disk that cannot be written keeps no message back", async () => {
  await using folder = makeFolder({
    "notify.db": "not a database at all, but long enough to look like one".repeat(50),
  });
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}`, file: `${folder.path}/notify.db` });
  assert.equal(house.faults.length, 1);
  assert.match(house.faults[0] ?? "", /cannot be read and is now .*damaged-/);
  house.notifier.hear(trouble("a", house.clock.now()));
  await house.clock.advance({ seconds: 5 });
  assert.equal(house.sent.length, 1);
  await house.stop();
  const nowhere = buildHouse({
    ini: `[notify:ops]\n${HOOK}`,
    file: `${folder.path}/no/such/folder/notify.db`,
  });
  nowhere.notifier.hear(trouble("a", nowhere.clock.now()));
  await nowhere.clock.advance({ seconds: 5 });
  assert.equal(nowhere.sent.length, 1);
  assert.equal(nowhere.faults.length, 1);
  folder.write("no/such/folder/x", "");
  await nowhere.clock.advance({ minutes: 2 });
  nowhere.notifier.hear(trouble("b", nowhere.clock.now(), "b"));
  await nowhere.clock.advance({ seconds: 5 });
  await nowhere.stop();
  assert.equal((Deno.statSync(`${folder.path}/no/such/folder/notify.db`).mode ?? 0) & 0o777, 0o600);
});

Deno.test("a channel that fails to write a message holds up no other", async () => {
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}`,
    answer: () => ({ kind: "mail", ok: true, text: "" }),
  });
  house.notifier.hear(trouble("a", house.clock.now()));
  await house.clock.advance({ seconds: 5 });
  assert.equal(house.notifier.deliveries(1)[0]?.state, "undelivered");
  await house.stop();
});

Deno.test("a test goes out once, also while other messages do, and never past the rate", async () => {
  const hooks = buildHouse({ ini: `[notify:ops]\n${HOOK}` });
  const tried = hooks.notifier.test("ops", testDraft("ops", hooks.clock.now()));
  for (const task of ["a", "b", "c"]) hooks.notifier.hear(trouble(task, hooks.clock.now(), task));
  assert.equal((await tried)?.kind, "ok");
  await hooks.clock.advance({ minutes: 5 });
  assert.equal(hooks.sent.filter(({ says }) => says.some((each) => each.startsWith("test"))).length, 1);
  const verdicts = [];
  for (let i = 0; i < 12; i++) {
    verdicts.push(await hooks.notifier.test("ops", testDraft("ops", hooks.clock.now())));
  }
  assert.deepEqual(verdicts.map((each) => each?.kind), [...Array(10).fill("ok"), "retry", "retry"]);
  assert.match(JSON.stringify(verdicts[10]), /too much was sent lately; there is room in 1 s/);
  await hooks.stop();
});

Deno.test("what waits for a section that is gone from the settings goes to the first there is", async () => {
  await using folder = makeFolder();
  const file = `${folder.path}/notify.db`;
  const before = buildHouse({ ini: `[notify:old]\n${HOOK}`, file, answer: () => DOWN });
  before.notifier.hear(trouble("a", before.clock.now()));
  await before.clock.advance({ seconds: 5 });
  before.kill();
  const after = buildHouse({ ini: `[notify:new]\n${HOOK}`, file });
  await after.clock.advance({ seconds: 5 });
  assert.deepEqual(after.sent.map(says), ["new: failed task/a"]);
  assert.deepEqual(after.sent[0]?.failedAt, ["old"]);
  assert.deepEqual(after.notifier.undelivered(), []);
  assert.equal(after.notifier.passedOn().length, 1);
  await after.stop();
});

Deno.test("news that came in a maintenance window is told after it: nothing of it is over", async () => {
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}maintenance = tue 10:00-12:00\n` });
  house.notifier.hear(trouble("a", house.clock.now(), "x", "awaiting_approval"));
  await house.clock.advance({ hours: 3 });
  assert.deepEqual(house.sent.map(says), ["ops: awaiting_approval task/a"]);
  await house.stop();
});

Deno.test("an audit that is written again is told", async () => {
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}` });
  house.notifier.hear(systemNotice("audit", AUDIT_SUBJECT, house.clock.now(), { error: "disk full" }));
  await house.clock.advance({ minutes: 5 });
  house.notifier.hear(overNotice(AUDIT_SUBJECT, house.clock.now()));
  await house.clock.advance({ minutes: 5 });
  assert.deepEqual(house.sent.map(says), ["ops: audit system/audit", "ops: recovered system/audit"]);
  await house.stop();
});

Deno.test("5,000 failures within a minute are few messages, and none of them is lost", async () => {
  await using folder = makeFolder();
  const house = buildHouse({
    ini: `[notify:ops]\n${HOOK}`,
    file: `${folder.path}/notify.db`,
  });
  for (let i = 0; i < 5_000; i++) {
    house.notifier.hear(trouble(`t${i}`, house.clock.now(), `cause ${"abcdefghij"[i % 10]}`));
    if (i % 100 === 99) await house.clock.advance({ seconds: 1 });
  }
  await house.clock.advance({ minutes: 10 });
  assert.equal(house.sent.reduce((sum, { says, more }) => sum + says.length + more, 0), 5_000);
  assert.ok(house.sent.length <= 30, `${house.sent.length} messages`);
  assert.deepEqual(house.faults, []);
  await house.stop();
});

Deno.test("a subject is silent until a moment at every target, over a restart too; what is over by then is never told", async () => {
  await using folder = makeFolder();
  const file = `${folder.path}/notify.db`;
  const house = buildHouse({ ini: `[notify:ops]\n${HOOK}[notify:two]\n${HOOK}`, file });
  house.notifier.muteSubject("task/a", house.clock.now() + 2 * HOUR);
  house.notifier.muteSubject("task/b", house.clock.now() + 2 * HOUR);
  for (const task of ["a", "b", "c"]) house.notifier.hear(trouble(task, house.clock.now(), task));
  await house.clock.advance({ minutes: 1 });
  house.kill();
  house.restart();
  house.notifier.hear(trouble("b", house.clock.now(), "", "recovered"));
  await house.clock.advance({ minutes: 100 });
  assert.deepEqual(house.sent.map(says).toSorted(), ["ops: failed task/c", "two: failed task/c"]);
  assert.deepEqual(house.notifier.mutedSubjects.map(([subject]) => subject), ["task/a", "task/b"]);
  await house.clock.advance({ hours: 1 });
  assert.deepEqual(house.sent.slice(2).map(says).toSorted(), ["ops: failed task/a", "two: failed task/a"]);
  assert.deepEqual(house.notifier.mutedSubjects, []);
  house.notifier.muteSubject("task/d", house.clock.now() + HOUR);
  house.notifier.hear(trouble("d", house.clock.now(), "d"));
  await house.clock.advance({ minutes: 1 });
  house.notifier.muteSubject("task/d", undefined);
  await house.clock.advance({ seconds: 5 });
  assert.deepEqual(house.sent.slice(4).map(says).toSorted(), ["ops: failed task/d", "two: failed task/d"]);
  await house.stop();
});
