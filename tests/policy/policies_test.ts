/** The table of policies: what is read, what survives JSON, what the page says. */
import assert from "node:assert/strict";
import { POLICY_KEYS, readPolicies, type TaskPolicies, wordsOf } from "../../app/policy/policies.ts";
import type { Definition, TaskWarning } from "../../app/policy/policy.ts";

async function read(given: Definition): Promise<{ policies: TaskPolicies; warnings: TaskWarning[] }> {
  const warnings: TaskWarning[] = [];
  const policies = await readPolicies(given, {
    calendarFile: () => Promise.reject(new Error("no calendar file is expected")),
    warn: (warning) => warnings.push(warning),
  });
  return { policies, warnings };
}

/** Every key with something that is not as usual. */
const EVERYTHING: Definition = {
  timeout: "10m",
  priority: 5,
  locks: ["x", "y"],
  retry: { attempts: 3, delay: "5s", backoff: 2, only: "NetworkError" },
  overlap: "allow",
  concurrency: 4,
  misfire: { catchUp: "all", limit: 7 },
  trigger: {},
  window: { from: "begin", to: "end" },
  jitter: "30s",
  blackout: [{ from: "22:00", to: "06:00", weekdays: "fri" }, { from: "2026-12-24T18:00", to: "2027-01-02" }],
  calendar: {},
  after: ["a", { task: "b", on: "failure" }, { all: ["c", "d"] }],
  watch: { files: ["in/*.csv", "in/*.txt"], param: "path", still: "10s" },
  hook: { secret: "gh", verify: "github", param: "body" },
  executor: "process",
  permissions: { net: ["example.com"], run: true, sys: ["hostname"] },
  interrupted: "again",
  secrets: ["crm_token"],
  databases: [],
  keep: 500,
  keepDays: 30,
  pauseAfter: 3,
  expect: "every",
  budget: "20m",
  doneBy: "8:00",
  notify: false,
  ping: "https://hc.example/gehe1mnis",
  confirm: "name",
  approval: { by: "operator", expires: "2h" },
};

Deno.test("the page says what is not as usual, in its language", async () => {
  const { policies } = await read(EVERYTHING);
  assert.deepEqual(Object.fromEntries(wordsOf(policies, "en").map(({ name, value }) => [name, value])), {
    "Time limit": "10 min",
    "Priority": "5",
    "Locks": "x and y",
    "Retry": "up to 3 attempts, 5 s apart, each wait 2 times the one before",
    "While a run goes on": "runs side by side",
    "Runs at one time": "4",
    "What was missed": "every instant is caught up, 7 at the most",
    "Window": "since the due instant before; begin – end",
    "Spread over": "30 s",
    "Blackout": "22:00–06:00 fri and 2026-12-24T18:00 – 2027-01-02",
    "Calendar": "on working days only",
    "Runs after": "a succeeded, b did not succeed and c and d have each succeeded",
    "New files": "the path is the parameter path; a file is complete once it has not changed for 10 s",
    "Webhook": 'started by POST /hooks/…, signed as GitHub does with the secret "gh"',
    "Runs in": "a process of its own",
    "Permissions": "net: example.com; run; sys: hostname",
    "When it is cut off": "it starts again",
    "Secrets": "crm_token",
    "Databases": "none",
    "Runs kept": "500",
    "History kept": "30 days",
    "Pauses itself": "after 3 failed runs in a row",
    "Expected": "every due instant runs",
    "Reported when longer than": "20 min",
    "Done by": "08:00",
    "Notifies": "nobody",
    "Pings": "hc.example",
    "Asked before a run by hand": "the task's id has to be typed",
    "Approval of runs by hand": "by another person with the role operator, within 2 h",
  });
  const chinese = wordsOf(policies, "zh");
  assert.equal(chinese.length, POLICY_KEYS.length);
  assert.equal(chinese[0]?.name, "时限");
  assert.deepEqual(wordsOf((await read({})).policies, "en"), []);
});

Deno.test("every key has a case here, and what is read survives JSON", async () => {
  const keys = Object.keys(EVERYTHING).filter((key) => key !== "trigger");
  assert.deepEqual(keys.sort(), [...POLICY_KEYS].sort());
  for (const given of [EVERYTHING, {}, { overlap: "allow" }]) {
    const { policies } = await read(given);
    const copied = JSON.parse(JSON.stringify(policies)) as Record<string, unknown>;
    for (const [key, value] of Object.entries(policies)) {
      assert.equal(JSON.stringify(copied[key]), JSON.stringify(value), key);
      if (typeof value === "number") assert.equal(copied[key], value, key);
    }
  }
});

Deno.test("inline is an old name of shared, and the author is told", async () => {
  assert.deepEqual(
    await read({ executor: "inline" }).then(({ policies, warnings }) => [policies.executor, warnings]),
    [
      "shared",
      [{ key: "warning.executor_inline", values: {} }],
    ],
  );
  const { policies, warnings } = await read({ executor: "shared" });
  assert.equal(policies.executor, "shared");
  assert.deepEqual(warnings, []);
});
