import assert from "node:assert/strict";
import { z } from "zod";
import { paramsOf } from "../../app/task/description.ts";
import { problemText, readParams } from "../../app/task/params.ts";

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
