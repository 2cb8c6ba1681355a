/** Definitions by anybody: whatever stands in a key, there is a sentence or a description, never anything else. */
import assert from "node:assert/strict";
import { closedBecause } from "../../app/policy/closed.ts";
import { jitterOf } from "../../app/policy/jitter.ts";
import { onWorkingDays } from "../../app/policy/moved_trigger.ts";
import { wordsOf } from "../../app/policy/policies.ts";
import { retryDelay } from "../../app/policy/retry.ts";
import { defineTask } from "../../app/task/define.ts";
import { describeTask, type TaskDescription } from "../../app/task/description.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { every } from "../../app/trigger/declare.ts";
import { fc } from "../support/fast_check.ts";

const KEYS = [
  "id",
  "title",
  "description",
  "tags",
  "trigger",
  "params",
  "timeout",
  "retry",
  "overlap",
  "concurrency",
  "misfire",
  "jitter",
  "priority",
  "locks",
  "blackout",
  "calendar",
  "after",
  "executor",
  "permissions",
  "interrupted",
  "secrets",
  "databases",
  "keep",
  "keepDays",
  "pauseAfter",
  "expect",
  "budget",
  "doneBy",
  "notify",
  "__proto__",
  "constructor",
];

/** Names that lead deeper into the options, so that their readers are reached too. */
const INNER = [
  "attempts",
  "delay",
  "backoff",
  "maxDelay",
  "only",
  "grace",
  "catchUp",
  "limit",
  "from",
  "to",
  "weekdays",
  "holidays",
  "workingDays",
  "file",
  "country",
  "onHoliday",
  "task",
  "on",
  "all",
  "net",
  "read",
  "write",
  "env",
  "run",
  "en",
  "zh",
  "kind",
  "fields",
  "line",
  "date",
  "every",
  "of",
  "timezone",
  "startDate",
  "hour",
  "seconds",
  "__proto__",
  "constructor",
  "toString",
];

/** Words that some reader takes. */
const WORDS = [
  "",
  " ",
  "worker",
  "inline",
  "shared",
  "skip",
  "queue",
  "allow",
  "replace",
  "none",
  "latest",
  "all",
  "success",
  "cn",
  "next",
  "previous",
  "again",
  "every",
  "10s",
  "1h30m",
  "-5m",
  "1e9s",
  "99999999999999w",
  "22:00",
  "06:00",
  "24:00",
  "2026-10-01",
  "2026-10-01/2026-10-07",
  "2026-10-07/2026-10-01",
  "+275760-09-13",
  "-271821-04-19/+275760-09-13",
  "mon-fri",
  "*",
  "fri-mon",
  "cron",
  "crontab",
  "interval",
  "date",
  "any",
  "x".repeat(5_000),
  "\u0000",
  "\ud800",
  "__proto__",
];

const word = fc.constantFrom(...WORDS);
const number = fc.oneof(
  fc.integer({ min: -3, max: 1_100 }),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, 1e308, 2 ** 53, 0.1),
);
const leaf = fc.oneof(
  word,
  word,
  number,
  fc.boolean(),
  fc.constantFrom(null, undefined, 5n, Symbol("s"), () => true, new Date(NaN)),
  fc.string(),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...INNER), tie("any"), { maxKeys: 4 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 2, noNullPrototype: false }),
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
  ),
})).any;

function noFile(): Promise<never> {
  return Promise.reject(new TypeError("defineTask: calendar.file: there is no such file beside the task"));
}

async function described(given: Readonly<Record<string, unknown>>): Promise<TaskDescription | undefined> {
  try {
    return await describeTask(defineTask({ ...given, run() {} } as never), noFile);
  } catch (error) {
    assert.ok(error instanceof TypeError, `not a sentence: ${error}`);
    assert.match(error.message, /^defineTask: \S+/);
    assert.ok(error.message.length < 3_000, `a sentence of ${error.message.length} characters`);
    // The runtime's own words for a mistake of ours.
    assert.doesNotMatch(
      error.message,
      /Cannot (?:read|convert|mix|set|destructure)|is not (?:a function|iterable)|undefined or null|object Object|serialize a BigInt|Maximum call stack|Invalid (?:array|string) length/,
    );
    return undefined;
  }
}

/** What comes after the reading: nothing of it may throw, or take long. */
function used({ policies, triggers, title, params }: TaskDescription): void {
  for (const locale of ["en", "zh"] as const) {
    assert.ok(wordsOf(policies, locale).every(({ value }) => value !== ""));
  }
  for (const at of [0, Date.parse("2026-10-03T10:00:00Z"), Date.parse("2999-12-31T23:00:00Z")]) {
    closedBecause(at, "Asia/Shanghai", policies.blackout, policies.calendar);
    const late = jitterOf("a", at, policies.jitterMs);
    assert.ok(late >= 0 && late <= policies.jitterMs);
    const next = onWorkingDays(
      compileTrigger(every("7h"), { timezone: "Europe/Stockholm", anchor: 0 }),
      policies.calendar,
    ).nextMs(at);
    assert.ok(next === null || next > at);
  }
  for (const attempt of [1, 2, 99]) {
    const wait = retryDelay(policies.retry, attempt, { status: "failed", error: "Error" });
    assert.ok(wait === undefined || (wait >= 0 && wait <= (policies.retry?.maxDelayMs ?? 0)));
  }
  for (const spec of triggers) compileTrigger(spec, { timezone: "UTC", anchor: 0 }).nextMs(0);
  assert.ok(title === undefined || typeof title === "object" || title.length <= 200);
  assert.ok(params.fields.length === 0);
}

Deno.test("one key with anything in it is refused with a sentence, or read into what survives JSON", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...KEYS), value, async (key, given) => {
      const description = await described(Object.fromEntries([[key, given]]));
      if (!description) return;
      read++;
      const json = JSON.stringify(description);
      assert.equal(JSON.stringify(JSON.parse(json)), json);
      used(JSON.parse(json) as TaskDescription);
      used(description);
    }),
    { numRuns: 6_000 },
  );
  // Else the values were all nonsense, and nothing after the reading was tried.
  assert.ok(read > 300, `only ${read} were read`);
});

Deno.test("an option object with anything in one of its keys is refused with a sentence, or read", async () => {
  const options: Readonly<Record<string, readonly string[]>> = {
    retry: ["attempts", "delay", "backoff", "maxDelay", "only"],
    misfire: ["grace", "catchUp", "limit"],
    blackout: ["from", "to", "weekdays"],
    calendar: ["country", "weekdays", "holidays", "workingDays", "file", "onHoliday"],
    after: ["task", "on", "all"],
    permissions: ["net", "read", "write", "env", "run"],
    title: ["en", "zh"],
  };
  const option = fc.constantFrom(...Object.entries(options)).chain(([key, inner]) =>
    fc.tuple(
      fc.constant(key),
      fc.dictionary(fc.constantFrom(...inner), fc.oneof(word, word, number, value), { maxKeys: 4 }),
    )
  );
  let read = 0;
  await fc.assert(
    fc.asyncProperty(option, async ([key, given]) => {
      const whole = key === "retry" && given.attempts === undefined ? { attempts: 3, ...given } : given;
      const description = await described({ [key]: whole });
      if (!description) return;
      read++;
      used(JSON.parse(JSON.stringify(description)) as TaskDescription);
    }),
    { numRuns: 4_000 },
  );
  assert.ok(read > 150, `only ${read} were read`);
});

Deno.test("objects that fight back are refused with a sentence", async () => {
  const circle: Record<string, unknown> = {};
  circle.circle = circle;
  const long: unknown[] = Array(2_000_000).fill("x");
  const wild: unknown[] = [
    circle,
    [circle],
    long,
    new Array(4e9),
    { [`${"k".repeat(1e6)}`]: 1 },
    "x".repeat(5e6),
  ];
  for (const key of KEYS.filter((each) => each !== "__proto__")) {
    for (const given of wild) {
      const description = await described({ [key]: given });
      assert.equal(description, undefined, key);
    }
  }
});
