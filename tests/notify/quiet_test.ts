import assert from "node:assert/strict";
import { likenessOf } from "../../app/notify/likeness.ts";
import type { Notice, NoticeKind } from "../../app/notify/notice.ts";
import type { Draft } from "../../app/notify/incident.ts";
import { Quiet, SPACES_MS } from "../../app/notify/quiet.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let keys = 0;

function notice(task: string, at: number, error = "boom", kind: NoticeKind = "failed"): Notice {
  const likeness = kind === "recovered" ? "recovered" : likenessOf(kind, error);
  return { key: `k${keys++}`, kind, at, subject: `task/${task}`, likeness, task, error };
}

/** Plays notices at their times, and whatever time brings in between; a line for each message. */
function play(notices: readonly Notice[], until: number, quiet = new Quiet()): string[] {
  const said: string[] = [];
  const say = (at: number, drafts: readonly Draft[]) => {
    for (const { items, more } of drafts) {
      const names = items.map(({ notice: { kind, task }, count, over }) =>
        `${kind} ${task}${count > 1 ? ` x${count}` : ""}${over && kind !== "recovered" ? " over" : ""}`
      );
      said.push(`${at / MINUTE}m ${names.join(", ")}${more > 0 ? ` +${more}` : ""}`);
    }
  };
  let now = 0;
  const pass = (to: number) => {
    for (let next = quiet.nextAt; next !== undefined && next <= to; next = quiet.nextAt) {
      assert.ok(next >= now, "time goes on");
      const before = JSON.stringify([...quiet.incidents, ...quiet.bursts]);
      now = next;
      say(now, quiet.tick(now));
      assert.notEqual(
        JSON.stringify([...quiet.incidents, ...quiet.bursts]),
        before,
        "a look that changes nothing comes again for ever",
      );
    }
    now = to;
  };
  for (const each of notices) {
    pass(each.at);
    say(each.at, quiet.hear(each, each.at));
  }
  pass(until);
  return said;
}

Deno.test("the first failure is told at once, and its end once", () => {
  assert.deepEqual(
    play([
      notice("a", 0),
      notice("a", 10 * MINUTE, "", "recovered"),
      notice("a", 20 * MINUTE, "", "recovered"),
    ], DAY),
    [
      "0m failed a",
      "10m recovered a",
    ],
  );
});

Deno.test("a success of a task of which nothing was told is no news", () => {
  assert.deepEqual(play([notice("a", 0, "", "recovered")], DAY), []);
});

Deno.test("a task that fails each minute for two days is told at growing spaces, with how often", () => {
  const each = Array.from(
    { length: 2 * 24 * 60 },
    (_, i) => notice("a", i * MINUTE, `timeout after ${i} ms`),
  );
  assert.deepEqual(play(each, 2 * DAY), [
    "0m failed a",
    "15m failed a x14",
    "75m failed a x60",
    "315m failed a x240",
    "1035m failed a x720",
    "2475m failed a x1440",
  ]);
});

Deno.test("what fails again and then never runs is told when the space is over", () => {
  assert.deepEqual(play([notice("a", 0), notice("a", MINUTE), notice("a", 2 * MINUTE)], DAY), [
    "0m failed a",
    "15m failed a x2",
  ]);
});

Deno.test("a task that fails once a day or once a week is told each time", () => {
  for (const space of [DAY, 7 * DAY]) {
    const each = Array.from({ length: 8 }, (_, i) => notice("a", i * space));
    assert.equal(play(each, 8 * space).length, 8);
  }
});

Deno.test("another error of the same task is told at once, and again only where it is new", () => {
  const errors = ["disk full", "timeout", "disk full", "timeout", "timeout"];
  assert.deepEqual(play(errors.map((error, i) => notice("a", i * MINUTE, error)), 10 * MINUTE), [
    "0m failed a",
    "1m failed a",
  ]);
});

Deno.test("errors that never repeat are told five times and then as one kind", () => {
  const each = Array.from({ length: 60 }, (_, i) => notice("a", i * MINUTE, "x".repeat(i + 1)));
  const said = play(each, HOUR);
  assert.deepEqual(said.slice(0, 6), [
    "0m failed a",
    "1m failed a",
    "2m failed a",
    "3m failed a",
    "4m failed a",
    "5m failed a",
  ]);
  assert.ok(said.length <= 8, said.join("\n"));
});

Deno.test("fifty tasks with one cause are two messages", () => {
  const each = Array.from(
    { length: 50 },
    (_, i) => notice(`t${i}`, i * 1_000, `connect to 10.0.0.${i} refused`),
  );
  const said = play(each, 10 * MINUTE);
  assert.equal(said.length, 2);
  assert.equal(said[0], "0m failed t0");
  assert.equal(said[1]?.split(", ").length, 49);
});

Deno.test("thousands with one cause are counted, not listed", () => {
  const each = Array.from({ length: 5_000 }, (_, i) => notice(`t${i}`, i));
  const said = play(each, 10 * MINUTE);
  assert.equal(said.length, 2);
  assert.ok(said[1]?.endsWith(" +4949"), String(said[1]).slice(-20));
});

Deno.test("what has other causes does not wait for each other", () => {
  assert.deepEqual(
    play([notice("a", 0, "disk full"), notice("b", 1_000, "timeout"), notice("c", 2_000, "disk full")], DAY),
    [
      "0m failed a",
      `${1 / 60}m failed b`,
      "1m failed c",
    ],
  );
});

Deno.test("what comes and goes is told twice, and then as if it stayed", () => {
  const each = Array.from(
    { length: 40 },
    (_, i) => i % 2 === 0 ? notice("a", i * MINUTE) : notice("a", i * MINUTE, "", "recovered"),
  );
  const said = play(each, DAY);
  assert.deepEqual(said.slice(0, 4), ["0m failed a", "1m recovered a", "2m failed a", "3m recovered a"]);
  assert.ok(said.length <= 7, said.join("\n"));
  // Every one of the twenty failures is in a message.
  const told = said.filter((line) => line.includes("failed")).reduce(
    (sum, line) => sum + Number(/x(\d+)/.exec(line)?.[1] ?? 1),
    0,
  );
  assert.equal(told, 20);
});

Deno.test("after an hour of health trouble is new again", () => {
  assert.deepEqual(
    play([
      notice("a", 0),
      notice("a", MINUTE, "", "recovered"),
      notice("a", 2 * HOUR),
      notice("a", 2 * HOUR + MINUTE, "", "recovered"),
    ], DAY),
    ["0m failed a", "1m recovered a", "120m failed a", "121m recovered a"],
  );
});

Deno.test("what was kept back is not forgotten when trouble begins anew", () => {
  const flaps = [0, 1, 2, 3, 4].map((i) => notice("a", i * MINUTE, "", i % 2 === 0 ? "failed" : "recovered"));
  const later = [notice("a", 5 * MINUTE, "", "recovered"), notice("a", 2 * HOUR), notice("a", 30 * HOUR)];
  const said = play([...flaps, ...later], 3 * DAY);
  const told = said.filter((line) => line.includes("failed")).reduce(
    (sum, line) => sum + Number(/x(\d+)/.exec(line)?.[1] ?? 1),
    0,
  );
  assert.equal(told, 5, said.join("\n"));
});

Deno.test("what was missed is told, and nothing recovers from it", () => {
  assert.deepEqual(play([notice("a", 0, "x", "missed"), notice("a", MINUTE, "", "recovered")], DAY), [
    "0m missed a",
  ]);
});

Deno.test("a run that takes too long and then fails is told of both", () => {
  assert.deepEqual(
    play([notice("a", 0, "", "too_long"), notice("a", MINUTE), notice("a", HOUR, "", "recovered")], DAY),
    [
      "0m too_long a",
      "1m failed a",
      "60m recovered a x2",
    ],
  );
});

Deno.test("what somebody takes care of is not repeated, until another error shows", () => {
  const quiet = new Quiet();
  assert.equal(quiet.acknowledge("task/a"), false);
  const first = play([notice("a", 0)], MINUTE, quiet);
  assert.ok(quiet.acknowledge("task/a"));
  const later = Array.from({ length: 60 }, (_, i) => notice("a", (i + 2) * MINUTE));
  assert.deepEqual([...first, ...play(later, 3 * HOUR, quiet)], ["0m failed a"]);
  assert.deepEqual(play([notice("a", 4 * HOUR, "another")], 4 * HOUR, quiet).at(-1), "240m failed a");
});

Deno.test("what is quiet is forgotten", () => {
  const quiet = new Quiet();
  play([notice("a", 0), notice("a", MINUTE, "", "recovered")], 3 * HOUR, quiet);
  assert.deepEqual([quiet.incidents.size, quiet.bursts.size, quiet.nextAt], [0, 0, undefined]);
});

Deno.test("the spaces grow", () => {
  assert.deepEqual(SPACES_MS, SPACES_MS.toSorted((a, b) => a - b));
});

const ALIKE: [string, string][] = [
  ["timeout after 3012 ms", "timeout after 2999 ms"],
  ['no such table "a1"', 'no such table "b2"'],
  ["GET https://x.example/a?b=1 answered 500", "GET https://x.example/c answered 500"],
  [
    "order 0199a0d6-0000-7000-8000-000000000001 is locked",
    "order 0199b0d6-0000-7000-8000-00000000000f is locked",
  ],
  ["object deadbeef01 is gone", "object cafebabe02 is gone"],
  ["at 2026-11-25T08:00:00Z: x", "at 2026-11-26T09:30:01Z: x"],
];

for (const [a, b] of ALIKE) {
  Deno.test(`the same again: ${a}`, () => assert.equal(likenessOf("failed", a), likenessOf("failed", b)));
}

Deno.test("other words are another trouble, and so is another kind", () => {
  assert.notEqual(likenessOf("failed", "connection refused"), likenessOf("failed", "connection reset"));
  assert.notEqual(likenessOf("failed", "x"), likenessOf("missed", "x"));
});

Deno.test("a hostile error costs no time", () => {
  const begin = performance.now();
  for (
    const each of [
      '"'.repeat(1e6),
      "'".repeat(1e6),
      "a1".repeat(1e6),
      "http://".repeat(1e5),
      "\n".repeat(1e6),
    ]
  ) likenessOf("failed", each);
  assert.ok(performance.now() - begin < 10_000);
});
