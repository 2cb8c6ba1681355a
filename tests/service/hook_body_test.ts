/** Bodies of hooks as parameters. */
import assert from "node:assert/strict";
import { z } from "zod";
import { readHookBody } from "../../app/service/hook_body.ts";
import { paramsOf } from "../../app/task/description.ts";
import type { HookPolicy } from "../../app/policy/hook.ts";

const TOKEN: HookPolicy = { secret: "x", verify: "token" };
const PUSH = z.object({
  ref: z.string(),
  repository: z.object({ full_name: z.string() }),
  n: z.int().optional(),
});

function read(type: string | undefined, body: string | Uint8Array, schema: unknown = PUSH, policy = TOKEN) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return readHookBody(type, bytes, policy, paramsOf(schema));
}

Deno.test("declared fields of the JSON are parameters with their types, what lies in them as it came", () => {
  const body = {
    ref: "main",
    repository: { full_name: "a/b", id: 7 },
    n: 3,
    sender: {},
    __proto__: { x: 1 },
  };
  const wanted = { ref: "main", repository: { full_name: "a/b", id: 7 }, n: 3 };
  for (
    const type of ["application/json", "application/json; charset=utf-8", "application/vnd.x+json", undefined]
  ) {
    assert.deepEqual(read(type, JSON.stringify(body)), { kind: "params", params: wanted });
  }
});

Deno.test("a task that takes other names gets all fields; one without parameters gets none", () => {
  assert.deepEqual(read("application/json", '{"a":1,"b":[2]}', z.looseObject({})), {
    kind: "params",
    params: { a: 1, b: [2] },
  });
  assert.deepEqual(read("application/json", '{"a":1}', undefined), { kind: "params", params: {} });
  assert.deepEqual(read("application/json", " \n", undefined), { kind: "params", params: {} });
});

Deno.test("the whole body may be one parameter, whatever it is", () => {
  const policy: HookPolicy = { ...TOKEN, param: "body" };
  const schema = z.object({ body: z.unknown() });
  for (const value of [[1, 2], "x", 5, null, { a: { b: 1 } }]) {
    assert.deepEqual(read("application/json", JSON.stringify(value), schema, policy), {
      kind: "params",
      params: { body: value },
    });
  }
  assert.deepEqual(read("application/x-www-form-urlencoded", "a=1&b=2&b=3", schema, policy), {
    kind: "params",
    params: { body: { a: "1", b: ["2", "3"] } },
  });
});

Deno.test("a number that would become another one is its text, wherever it stands", () => {
  const schema = z.looseObject({ n: z.number().optional() });
  const body =
    '{"id":1234567890123456789,"deep":[{"at":-9007199254740993}],"huge":1e400,"n":9007199254740991,"part":0.5}';
  assert.deepEqual(read("application/json", body, schema), {
    kind: "params",
    params: {
      id: "1234567890123456789",
      deep: [{ at: "-9007199254740993" }],
      huge: "1e400",
      n: 9007199254740991,
      part: 0.5,
    },
  });
});

Deno.test("fields of a form are read as what the schema wants; GitHub's form has JSON in it", () => {
  const schema = z.object({ n: z.int(), on: z.boolean().optional() });
  const form = "application/x-www-form-urlencoded";
  assert.deepEqual(read(form, "n=5&on=true&more=x", schema), { kind: "params", params: { n: 5, on: true } });
  assert.equal(read(form, "n=five", schema).kind, "invalid");
  // As curl sends it where nobody says what it is.
  assert.deepEqual(read(form, '{"n":5}', schema), { kind: "params", params: { n: 5 } });
  const payload = `payload=${encodeURIComponent('{"ref":"main","repository":{"full_name":"a/b"}}')}`;
  assert.deepEqual(read(form, payload, PUSH, { secret: "x", verify: "github" }), {
    kind: "params",
    params: { ref: "main", repository: { full_name: "a/b" } },
  });
});

Deno.test("what cannot be read is told with a sentence that has nothing of the body in it", () => {
  const kinds: [string | undefined, string | Uint8Array, string][] = [
    ["application/json", '{"password":"hunter2"', "malformed"],
    ["application/json", "hunter2", "malformed"],
    ["application/json", "[1]", "malformed"],
    ["application/json", "5", "malformed"],
    ["application/json", new Uint8Array([0x7b, 0xff, 0x7d]), "malformed"],
    ["application/json", "[".repeat(500_000), "malformed"],
    ["text/plain", "hunter2", "unsupported"],
    ["multipart/form-data; boundary=x", "hunter2", "unsupported"],
    ["application/xml", "<hunter2/>", "unsupported"],
  ];
  for (const [type, body, kind] of kinds) {
    const answer = read(type, body);
    assert.equal(answer.kind, kind, String(type));
    assert.ok(!JSON.stringify(answer).includes("hunter2"), JSON.stringify(answer));
  }
});

Deno.test("too much and too deep is refused, and a name that would change what an object is", () => {
  const open = z.looseObject({});
  const large = JSON.stringify({ ref: "x".repeat(70_000), repository: {} });
  assert.deepEqual(read("application/json", large).kind, "invalid");
  assert.equal(read("application/json", `{"a":${"[".repeat(60)}${"]".repeat(60)}}`, open).kind, "invalid");
  assert.equal(read("application/json", '{"__proto__":{"x":1}}', open).kind, "invalid");
  const ignored = read("application/json", `{"ref":"a","junk":"${"x".repeat(900_000)}"}`);
  assert.deepEqual(ignored, { kind: "params", params: { ref: "a" } });
});
