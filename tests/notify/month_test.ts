/** A virtual month of random trouble, bad lines and kills; what may never happen is looked for in what left the house. */
import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import { makeFolder } from "../support/folder.ts";
import type { Answer } from "../../app/notify/channel.ts";
import type { Delivery } from "../../app/notify/delivery.ts";
import type { Notice } from "../../app/notify/notice.ts";
import { buildHouse, OK, type Sent, trouble } from "./house.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TASKS = 6;
const ERRORS = ["disk full", "timeout", "connection refused"];
const DOWN: Answer = { kind: "none", why: "no route" };
const BUSY: Answer = { kind: "http", status: 429, headers: { "retry-after": "90" }, body: "" };

/** How the world answers; `dead`: never. */
type Line = "good" | "down" | "busy" | "dead";

/** What happens next, after so many minutes. */
const step = fc.record({
  after: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 24 * 60 })),
  task: fc.integer({ min: 0, max: TASKS - 1 }),
  what: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom("fail", "fail", "succeed") },
    { weight: 3, arbitrary: fc.constantFrom("storm", "line", "kill", "kill while sending") },
  ),
  error: fc.integer({ min: 0, max: ERRORS.length - 1 }),
});

Deno.test("over a month of trouble and kills nothing is lost, no rate is passed, and nothing repeats without a reason", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 40, maxLength: 160 }),
      fc.integer({ min: 0, max: 2 }),
      async (steps, lines) => {
        await using folder = makeFolder();
        let line: Line = "good";
        /** Ids whose last answer did not say that they arrived. */
        const open = new Set<string>();
        const repeated: string[] = [];
        const delivered = new Set<string>();
        const house = buildHouse({
          ini: "[notify:ops]\ntype = webhook\nurl = http://127.0.0.1/\nelse = none\n",
          file: `${folder.path}/notify.db`,
          answer({ id }) {
            if (delivered.has(id) && !open.has(id)) repeated.push(id);
            const given = line === "good" ? OK : line === "down" ? DOWN : line === "busy" ? BUSY : undefined;
            if (given === OK) open.delete(id);
            else open.add(id);
            if (given === OK || given === undefined) delivered.add(id);
            return given;
          },
        });
        const heard: Notice[] = [];
        const successes: Notice[] = [];
        const fail = (task: string, error: string) => {
          const notice = trouble(task, house.clock.now(), error);
          heard.push(notice);
          house.notifier.hear(notice);
        };
        for (const { after, task, what, error } of steps) {
          await house.clock.advance({ minutes: after });
          const name = `t${task}`;
          if (what === "fail") fail(name, ERRORS[error] ?? "");
          else if (what === "succeed") {
            const success = trouble(name, house.clock.now(), "", "recovered");
            successes.push(success);
            house.notifier.hear(success);
          } else if (what === "storm") { for (let i = 0; i < 30; i++) fail(`s${i}`, `${ERRORS[error]}`); }
          else if (what === "line") {
            line = line === "good" && lines > 0 ? (lines === 1 ? "down" : "busy") : "good";
          } else if (what === "kill") {
            house.kill();
            house.restart();
          } else {
            const kept: Line = line;
            line = "dead";
            fail(name, ERRORS[error] ?? "");
            await house.clock.advance({ seconds: 1 });
            house.kill();
            line = kept;
            house.restart();
          }
        }
        line = "good";
        await house.clock.advance({ days: 3 });
        const arrived = house.sent.filter(({ id }) => delivered.has(id) || !open.has(id));
        expectAllTold(heard, arrived, house.given);
        assert.ok(lines > 0 || house.given.length === 0);
        assert.deepEqual(repeated, [], "a message that arrived was sent again");
        expectRate(house.sent, 10, 1_000);
        // On a bad line messages leave long after they were made, and some in one.
        if (lines === 0) {
          expectReasons(heard, arrived);
          expectQuiet(arrived, successes);
        }
        assert.deepEqual(house.faults, []);
        const before = house.sent.length;
        await house.clock.advance({ days: 10 });
        assert.equal(house.sent.length, before, "when nothing happens nothing is said");
        await house.stop();
      },
    ),
    {
      endOnFailure: true,
      numRuns: Number(Deno.env.get("CARILLON_TEST_RUNS") ?? 12),
      seed: Number(Deno.env.get("CARILLON_TEST_SEED") ?? 20_261_125),
    },
  );
});

/** Each trouble is in a message that arrived, or was given up for all to see, within a day and an hour or two. */
function expectAllTold(heard: readonly Notice[], sent: readonly Sent[], given: readonly Delivery[]): void {
  const says =
    (subject: string, from: number) => ({ at, items, more }: Pick<Sent, "at" | "items" | "more">) =>
      at >= from && (more > 0 || items.some((each) => each.subject === subject));
  const givenUp = given.map(({ doneAt = 0, draft }) => ({
    at: doneAt,
    more: draft.more,
    items: draft.items.map(({ notice }) => notice),
  }));
  const all = [...sent, ...givenUp].toSorted((a, b) => a.at - b.at);
  for (const { subject, at } of heard) {
    const told = all.find(says(subject, at));
    assert.ok(told, `nobody was told of ${subject} at ${new Date(at).toISOString()}`);
    // The longest space, and the hour after which a message is given up.
    assert.ok(told.at - at <= 26 * HOUR, `${subject} was told ${(told.at - at) / HOUR} h later`);
  }
}

function expectRate(sent: readonly Sent[], count: number, ms: number): void {
  for (const [i, { at }] of sent.entries()) {
    const first = sent[i - count];
    assert.ok(
      first === undefined || at - first.at >= ms,
      `${count + 1} messages within ${at - (first?.at ?? 0)} ms`,
    );
  }
}

/** Of each trouble of each subject every message has something to say that has happened since the one before. */
function expectReasons(heard: readonly Notice[], sent: readonly Sent[]): void {
  for (const { subject, messages } of bySubject(sent)) {
    const told = new Map<string, number>();
    for (const { at, items } of messages) {
      for (const { likeness } of items.filter((each) => each.subject === subject && each.kind === "failed")) {
        const last = told.get(likeness) ?? -Infinity;
        const news = heard.some((each) =>
          each.subject === subject && each.likeness === likeness && each.at > last - MINUTE && each.at <= at
        );
        assert.ok(news, `a message about ${subject} at ${at} says nothing new`);
        told.set(likeness, at);
      }
    }
  }
}

/**
 * The same trouble of one subject is told again after 15 minutes at the earliest (14, where the first one waited for others),
 * or after a success in between, and that no more than twice an hour.
 */
function expectQuiet(sent: readonly Sent[], successes: readonly Notice[]): void {
  for (const { subject, messages } of bySubject(sent)) {
    const likenesses = new Set(messages.flatMap(({ items }) => items.map(({ likeness }) => likeness)));
    for (const likeness of likenesses) {
      if (likeness === "recovered") continue;
      const times = messages.filter(({ items }) =>
        items.some((each) => each.subject === subject && each.likeness === likeness)
      ).map(({ at }) => at);
      const early = times.slice(1).filter((at, i) => at - (times[i] ?? 0) < 14 * MINUTE).map((at) => at);
      for (const at of early) {
        const before = times[times.indexOf(at) - 1] ?? 0;
        const excused = successes.some((each) =>
          each.subject === subject && each.at >= before - MINUTE && each.at <= at
        );
        assert.ok(excused, `${subject} was told of "${likeness}" again after ${(at - before) / MINUTE} min`);
        const inHour = early.filter((each) => each > at - HOUR && each <= at).length;
        assert.ok(inHour <= 2, `${subject} was told of "${likeness}" ${inHour + 1} times in an hour`);
      }
    }
  }
}

function bySubject(sent: readonly Sent[]) {
  const once = [...new Map(sent.map((each) => [each.id, each])).values()];
  const subjects = new Set(once.flatMap(({ items }) => items.map(({ subject }) => subject)));
  return [...subjects].map((subject) => ({
    subject,
    messages: once.filter(({ items }) => items.some((each) => each.subject === subject)),
  }));
}
