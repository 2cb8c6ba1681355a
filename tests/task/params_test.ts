import assert from "node:assert/strict";
import { z } from "zod";
import { codePoint, fc } from "../support/fast_check.ts";
import { paramsOf } from "../../app/task/description.ts";
import {
  MAX_PARAMS_BYTES,
  paramsProblem,
  problemText,
  readParams,
  schemaProblems,
} from "../../app/task/params.ts";

const params = paramsOf(z.object({
  text: z.string().optional(),
  count: z.int().optional(),
  ratio: z.number().optional(),
  on: z.boolean().optional(),
  list: z.array(z.number()).optional(),
  must: z.string(),
  either: z.union([z.number(), z.string()]).optional(),
}));

Deno.test("texts become what the schema wants", () => {
  const given = { text: "5", count: "5", ratio: "1.5e3", on: "yes", list: "[1,2]", must: "", either: "7" };
  assert.deepEqual(readParams(Object.entries(given), params), {
    ok: true,
    params: { text: "5", count: 5, ratio: 1500, on: true, list: [1, 2], must: "", either: "7" },
  });
});

Deno.test("an empty text leaves out what may be left out", () => {
  assert.deepEqual(readParams([["count", ""], ["text", ""], ["must", "x"]], params), {
    ok: true,
    params: { must: "x" },
  });
});

Deno.test("everything that is wrong is told at once, by name", () => {
  const read = readParams(
    [["count", "many"], ["on", "perhaps"], ["lst", "1"], ["text", "a"], ["text", "b"]],
    params,
  );
  assert.ok(!read.ok);
  assert.equal(
    problemText(read.problems),
    `count: "many" is not a whole number; on: "perhaps" is not true or false; ` +
      `lst: unknown parameter; did you mean "list"? Known are: text, count, ratio, on, list, must, either; text: given more than once`,
  );
});

Deno.test("names that objects have anyway are no parameters", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const read = readParams([[name, "x"]], params);
    assert.ok(!read.ok, name);
  }
});

const dated = paramsOf(z.object({
  at: z.iso.datetime({ local: true }).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  day: z.iso.date().optional(),
  maybe: z.iso.date().nullable(),
  either: z.union([z.int(), z.iso.date()]).optional(),
  free: z.union([z.iso.date(), z.string()]).optional(),
}));

const DATES: [string, string, unknown][] = [
  ["at", "2026-11-25 10:00:00", "2026-11-25T10:00:00"],
  ["at", "2026-11-25T10:00", "2026-11-25T10:00"],
  ["at", "2026-11-25", "2026-11-25T00:00:00"],
  ["at", "2021-11-9 15:00:00", "2021-11-09T15:00:00"],
  ["from", "2026-11-25T10:00:00+08:00", "2026-11-25T10:00:00+08:00"],
  ["day", "2026-11-25", "2026-11-25"],
  ["day", "2026/1/5", "2026-01-05"],
  ["maybe", "", null],
  ["either", "7", 7],
  ["either", "2026-1-5", "2026-01-05"],
  ["free", "2026-1-5", "2026-1-5"],
];

for (const [name, text, expected] of DATES) {
  Deno.test(`a date as people write it: ${name}=${text}`, () => {
    assert.deepEqual(readParams([[name, text]], dated), { ok: true, params: { [name]: expected } });
  });
}

Deno.test("what is no date is told with an example", () => {
  const read = readParams([["at", "soon"], ["day", "2026-02-30"], ["either", "x"]], dated);
  assert.ok(!read.ok);
  assert.equal(
    problemText(read.problems),
    `at: "soon" is not a date and time such as "2026-01-31 08:00:00"; day: "2026-02-30" is not a date such as "2026-01-31"; ` +
      `either: "x" is not a whole number or a date such as "2026-01-31"`,
  );
  const schema = z.object({ at: z.iso.datetime({ offset: true }), n: z.int() });
  const checked = schema.safeParse({ at: "2026-11-25T10:00:00", n: 1.5 });
  assert.equal(
    problemText(schemaProblems(checked.error?.issues ?? [])),
    `at: Invalid ISO datetime; write it as "2026-01-31T08:00:00" or, with an offset, "2026-01-31T08:00:00+08:00"; n: Invalid input: expected int, received number`,
  );
});

Deno.test("parameters have 64 KB in all, names included", () => {
  const open = paramsOf(z.looseObject({}));
  const big = "年".repeat(MAX_PARAMS_BYTES / 3 - 1);
  assert.equal(readParams([["a", big]], open).ok, true);
  for (
    const given of [[["a", `${big}年年`]], [[big, big]], [["a".repeat(20_000_000), ""]]] as [
      string,
      string,
    ][][]
  ) {
    const read = readParams(given, open);
    assert.ok(!read.ok);
    assert.match(
      problemText(read.problems),
      /^the parameters have \d+ KB; 64 KB at the most, names included$/,
    );
  }
  assert.equal(paramsProblem({ a: big.slice(10) }), undefined);
  assert.match(paramsProblem({ a: { b: [big] } })?.message ?? "", /64 KB at the most/);
});

Deno.test("names that change objects are refused whatever the task takes, others of that kind are names like any", () => {
  const open = paramsOf(z.looseObject({}));
  const read = readParams([["constructor", "x"], ["toString", "y"]], open);
  assert.deepEqual(read, { ok: true, params: { constructor: "x", toString: "y" } });
  assert.deepEqual(readParams([["__proto__", "x"]], open), {
    ok: false,
    problems: [{ name: "__proto__", message: "no parameter can have this name" }],
    params: {},
  });
  const forged = JSON.parse(`{"__proto__": {"admin": true}}`) as Record<string, unknown>;
  assert.equal(paramsProblem(forged)?.name, "__proto__");
  const declared = paramsOf(z.object({ constructor: z.int(), hasOwnProperty: z.string().optional() }));
  assert.deepEqual(readParams([["constructor", "5"]], declared), { ok: true, params: { constructor: 5 } });
  assert.throws(
    () => paramsOf(z.object({ ["__proto__"]: z.string() })),
    /params: no parameter can have the name "__proto__"/,
  );
});

Deno.test("values that would break others are refused: too deep, too large for a number", () => {
  const wide = paramsOf(z.object({ list: z.array(z.unknown()), n: z.number() }));
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const read = readParams([["list", deep], ["n", "12345678901234567890"]], wide);
  assert.ok(!read.ok);
  assert.equal(
    problemText(read.problems),
    `list: it has more than 50 lists and objects within each other; n: "12345678901234567890" is too large to be kept exactly; a text parameter can hold it`,
  );
  assert.equal(readParams([["n", "1e999"]], wide).ok, false);
  let nested: unknown = 1;
  for (let i = 0; i < 60; i++) nested = { nested };
  assert.match(paramsProblem({ nested })?.message ?? "", /within each other/);
});

Deno.test("a flood of wrong names is told in a few, quickly", () => {
  const fields = paramsOf(
    z.object(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, z.string()]))),
  );
  const read = readParams(
    Array.from({ length: 2_000 }, (_, i): [string, string] => [`wrong${i}`, ""]),
    fields,
  );
  assert.ok(!read.ok);
  assert.equal(read.problems.length, 21);
  assert.equal(read.problems.at(-1)?.message, "and 1980 more");
  assert.ok(problemText(read.problems).length < 20_000);
});

Deno.test("any texts for any schema: read or refused, and what is read passes JSON", () => {
  const texts = fc.array(fc.tuple(
    fc.oneof(
      fc.constantFrom(...[...dated.fields, ...params.fields].map(({ name }) => name), "__proto__"),
      fc.string(),
    ),
    fc.oneof(
      fc.string({ unit: codePoint }),
      fc.json(),
      fc.date().map(String),
      fc.double().map(String),
      fc.constantFrom("", " ", "2026-1-1"),
    ),
  ));
  fc.assert(
    fc.property(texts, fc.constantFrom(dated, params, paramsOf(z.looseObject({}))), (given, wanted) => {
      const read = readParams(given, wanted);
      if (read.ok) assert.deepEqual(JSON.parse(JSON.stringify(read.params)), { ...read.params });
      else {
        assert.ok(read.problems.length > 0);
        assert.ok(problemText(read.problems).length > 0);
      }
    }),
    { numRuns: 1_000 },
  );
});
