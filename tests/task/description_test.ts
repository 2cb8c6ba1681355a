import assert from "node:assert/strict";
import { z } from "zod";
import { defineTask } from "../../app/task/define.ts";
import { describeTask } from "../../app/task/description.ts";
import { every } from "../../app/trigger/declare.ts";

function run() {}

function noFile(): Promise<never> {
  return Promise.reject(new Error("no calendar file is expected"));
}

Deno.test("a definition becomes plain data that can be copied between threads", async () => {
  const task = defineTask({
    title: { en: "A", zh: "甲" },
    trigger: every("5s"),
    timeout: "1m",
    params: z.object({ day: z.iso.date().describe("which day").default("2026-01-01") }),
    run,
  });
  const described = await describeTask(task, noFile);
  assert.deepEqual(structuredClone(described), described);
  assert.equal(described.policies.timeoutMs, 60_000);
  assert.deepEqual(described.triggers, [{ kind: "interval", every: 5_000 }]);
  const [day] = described.params.fields;
  assert.equal(day?.required, false);
  assert.equal(day?.schema.default, "2026-01-01");
  assert.equal(day?.schema.description, "which day");
});

const WRONG: [unknown, RegExp][] = [
  [undefined, /^the default export is missing, not a task; write "export default defineTask/],
  [{ run }, /^the default export is an object, not a task/],
  [defineTask({} as never), /^defineTask: run is missing/],
  [defineTask({ run, triger: 1 } as never), /^defineTask: unknown key "triger"; did you mean "trigger"\?/],
  [defineTask({ run, trigger: "5m" } as never), /^defineTask: trigger is "5m"; write cron/],
  [defineTask({ run, timeout: "soon" }), /^defineTask: timeout: "soon" is not a duration/],
  [defineTask({ run, timeout: "0s" }), /^defineTask: timeout: it must be longer than 0/],
  [defineTask({ run, params: {} } as never), /^defineTask: params is an object; write z\.object/],
  [
    defineTask({ run, retry: {} } as never),
    /^defineTask: retry\.attempts: undefined is not a whole number from 1/,
  ],
  [defineTask({ run, retry: { attempts: 2, tries: 3 } } as never), /^defineTask: retry: unknown key "tries"/],
  [defineTask({ run, overlap: "wait" } as never), /^defineTask: overlap: "wait" is not one of skip, queue/],
  [defineTask({ run, concurrency: 0 }), /^defineTask: concurrency: 0 is not a whole number from 1 to 1000/],
  [
    defineTask({ run, misfire: { catchUp: "some" } } as never),
    /^defineTask: misfire\.catchUp: "some" is not one of/,
  ],
  [defineTask({ run, jitter: "x" }), /^defineTask: jitter: "x" is not a duration/],
  [defineTask({ run, locks: [""] }), /^defineTask: locks: "" is not a text/],
  [defineTask({ run, watch: "" }), /^defineTask: watch: "" is not a text/],
  [defineTask({ run, watch: [] }), /^defineTask: watch: it names no files; write a pattern such as/],
  [
    defineTask({ run, watch: 5 } as never),
    /^defineTask: watch: 5 is not an object; it has files, param, still/,
  ],
  [
    defineTask({ run, watch: { file: "in/*" } } as never),
    /^defineTask: watch: unknown key "file"; did you mean/,
  ],
  [
    defineTask({ run, watch: "inbox/" }),
    /^defineTask: watch: "inbox\/": it names a folder; end it with a file/,
  ],
  [defineTask({ run, watch: "in/[a.csv" }), /^defineTask: watch: "in\/\[a\.csv": "\[" has no "\]"/],
  [
    defineTask({ run, watch: "**/*.csv" }),
    /^defineTask: watch: "\*\*\/\*\.csv": it looks through every folder/,
  ],
  [defineTask({ run, watch: "/**" }), /^defineTask: watch: "\/\*\*": it looks through every folder/],
  [defineTask({ run, watch: "~/in/*" }), /^defineTask: watch: "~\/in\/\*": "~" is not read here/],
  [defineTask({ run, watch: "!in/*" }), /^defineTask: watch: "!in\/\*": patterns only say what is meant/],
  [defineTask({ run, watch: "sftp://x/*" }), /^defineTask: watch: "sftp:\/\/x\/\*": it is an address/],
  [defineTask({ run, watch: " in/*" }), /^defineTask: watch: " in\/\*": it begins or ends with a blank/],
  [defineTask({ run, watch: "in/\0" }), /^defineTask: watch: "in\/\\u0000": a file's name cannot have/],
  [
    defineTask({ run, watch: { files: "in/*", still: "2h" } }),
    /^defineTask: watch\.still: it is longer than an hour/,
  ],
  [
    defineTask({ run, watch: "in/*", params: z.object({ path: z.string() }) }),
    /^defineTask: watch: there is no parameter "file"; .*, or name another by param/,
  ],
  [
    defineTask({ run, watch: "in/*", params: z.object({ file: z.int() }) }),
    /^defineTask: watch: the parameter "file" cannot hold a path; make it z\.string\(\)/,
  ],
  [
    defineTask({ run, watch: "in/*", params: z.object({ file: z.string(), day: z.string() }) }),
    /^defineTask: watch: the parameter "day" is required, and nobody would give it; give it a default/,
  ],
  [
    defineTask({ run, hook: { verify: "github" } } as never),
    /^defineTask: hook\.secret: it names the entry of \[secrets\]/,
  ],
  [
    defineTask({ run, hook: { secret: "S3cret!", verify: "github" } }),
    /^defineTask: hook\.secret: it is the name of an entry of \[secrets\] \(.*\), not the secret$/,
  ],
  [
    defineTask({ run, hook: { secret: "gh", verify: "sha1" } } as never),
    /^defineTask: hook\.verify: "sha1" is not one of github, standard, token/,
  ],
  [
    defineTask({
      run,
      hook: { secret: "gh", verify: "token", param: "x" },
      params: z.object({ y: z.string() }),
    }),
    /^defineTask: hook: there is no parameter "x"/,
  ],
  [
    defineTask({ run, blackout: { from: "25:00", to: "06:00" } }),
    /^defineTask: blackout\[0\]: "25:00" is neither/,
  ],
  [
    defineTask({ run, blackout: { from: "2026-02-02", to: "2026-02-01" } }),
    /^defineTask: blackout\[0\]: it ends before it begins/,
  ],
  [
    defineTask({ run, blackout: { from: "2026-11-28T18:00:00+08:00", to: "2026-11-29T02:00" } }),
    /^defineTask: blackout\[0\]: "2026-11-28T18:00:00\+08:00" carries an offset or a zone/,
  ],
  [
    defineTask({ run, calendar: { holidays: ["2026-12-24T18:00"] } }),
    /^defineTask: calendar\.holidays: .*"2026-12-24T18:00"/,
  ],
  [defineTask({ run, calendar: { weekdays: "funday" } }), /^defineTask: calendar\.weekdays: .*"funday"/],
  [
    defineTask({ run, calendar: { holidays: ["soon"] } }),
    /^defineTask: calendar\.holidays: "soon" is not a day/,
  ],
  [defineTask({ run, after: { task: "" } }), /^defineTask: after\.task: it names the other task/],
  [defineTask({ run, permissions: { disk: true } } as never), /^defineTask: permissions: unknown key "disk"/],
  [
    defineTask({ run, permissions: { sys: ["kernel"] } } as never),
    /^defineTask: permissions\.sys: "kernel" /,
  ],
  [
    defineTask({ run, permissions: { net: ["a.example", "exa mple:99999"] } }),
    /^defineTask: permissions\.net: "exa mple:99999": its port is not a number from 0 to 65535$/,
  ],
  [
    defineTask({ run, permissions: { net: ["http://x"] } }),
    /^defineTask: permissions\.net: "http:\/\/x": it is a host alone, such as .* without a scheme/,
  ],
  [defineTask({ run, permissions: { read: [""] } }), /^defineTask: permissions\.read: "" is not a text$/],
  [
    defineTask({ run, permissions: { env: ["A=1"] } }),
    /^defineTask: permissions\.env: "A=1": .*without its value$/,
  ],
  [
    defineTask({ run, executor: "inline", permissions: {} }),
    /^defineTask: permissions: a task that runs "inline" shares/,
  ],
  [
    defineTask({ run, title: { fr: "x" } } as never),
    /^defineTask: title is an object; write a text, or texts by language/,
  ],
];

for (const [exported, expected] of WRONG) {
  Deno.test(`a default export that is no task is refused: ${expected.source}`, async () => {
    await assert.rejects(describeTask(exported, noFile), (error) => {
      assert.match((error as Error).message, expected);
      return true;
    });
  });
}

const HOSTILE_PARAMS: [string, unknown, RegExp][] = [
  [
    "a default that throws",
    z.object({
      a: z.string().default(() => {
        throw new Error("no default today");
      }),
    }),
    /^defineTask: params: no default today$/,
  ],
  [
    "more parameters than a form can show",
    z.object(Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, z.string()]))),
    /^defineTask: params: it has 201 parameters; 200 at the most/,
  ],
  [
    "a schema of megabytes",
    z.object({ a: z.string().describe("x".repeat(1e6)) }),
    /^defineTask: params: its schema is larger than 256 KB/,
  ],
  ["a list", [], /^defineTask: params is a list; write z\.object/],
];

for (const [what, params, expected] of HOSTILE_PARAMS) {
  Deno.test(`parameters that are refused: ${what}`, async () => {
    await assert.rejects(describeTask(defineTask({ run, params } as never), noFile), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("defaults that JSON does not have become what it has", async () => {
  const params = z.object({
    big: z.bigint().default(5n),
    at: z.date().default(() => new Date("2026-01-01T00:00:00Z")),
    own: z.custom<() => void>().optional(),
  });
  const { params: { fields } } = await describeTask(defineTask({ run, params }), noFile);
  assert.deepEqual(JSON.parse(JSON.stringify(fields)), fields);
  assert.deepEqual(fields.map(({ name, schema }) => [name, schema.default]), [
    // zod itself leaves this one out; the task fills it in.
    ["big", undefined],
    ["at", "2026-01-01T00:00:00.000Z"],
    ["own", undefined],
  ]);
});

Deno.test("a description says what its author should know", async () => {
  const described = await describeTask(defineTask({ run, executor: "inline", id: "a.b" }), noFile);
  assert.deepEqual(described.warnings, [{ key: "warning.executor_inline", values: {} }]);
  assert.equal(described.id, "a.b");
  assert.equal(described.policies.executor, "shared");
});
