/** What an entry leaves in a line: no secret, nothing endless, and one line whatever is in it. */
import assert from "node:assert/strict";
import { recordOf } from "../../app/audit/record.ts";
import { verify } from "../../app/audit/verify.ts";
import { createMask, MASKED } from "../../app/base/mask.ts";
import type { AuditEntry } from "../../app/model/audit.ts";
import { makeFolder } from "../support/folder.ts";
import { entry, House, NOW } from "./house.ts";

const SECRET = 's3cret "value"';

function record(rest: Partial<AuditEntry>) {
  return recordOf(entry("act", rest), NOW, createMask([SECRET]));
}

Deno.test("a secret is in no field of a line, whatever field it was given in", () => {
  const line = JSON.stringify(record({
    actor: { channel: "api", name: SECRET, token: SECRET, address: SECRET },
    target: `task/${SECRET}`,
    message: `it said ${SECRET}`,
    params: { [SECRET]: 1, deep: { list: [SECRET, { x: `a${SECRET}b` }] }, coded: btoa(`x${SECRET}`) },
  }));
  assert.ok(!line.includes("s3cret"), line);
  assert.ok(line.includes("•••"));
});

Deno.test("what is long or deep is cut, and a line stays short", () => {
  const deep: Record<string, unknown> = {};
  let at = deep;
  for (let i = 0; i < 1_000; i++) at = at.x = {};
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const all = record({
    actor: { channel: "page", name: "n".repeat(10_000), address: "a".repeat(10_000) },
    target: "t".repeat(10_000),
    message: "m".repeat(100_000),
    params: {
      text: "x".repeat(100_000),
      list: Array.from({ length: 5_000 }, (_, i) => i),
      deep,
      circle,
      nothing: undefined,
      big: 10n ** 40n,
      never: Number.NaN,
      day: new Date(NaN),
      call: () => 1,
      sign: Symbol("x"),
    },
  });
  assert.ok(JSON.stringify(all).length < 12_000, String(JSON.stringify(all).length));
  const wide = record({
    params: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, "y".repeat(400)])),
  });
  assert.match(JSON.stringify(wide.params), /characters; the first names are k0, k1/);
});

Deno.test("line feeds, half characters and prototype names make no second line and break no seal", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  const nasty = [
    "a\nb",
    "\u2028",
    "\ud800",
    "x".repeat(499) + "😀",
    '"}',
    '","hash":"' + "0".repeat(64) + '"}',
    "\0",
  ];
  for (const text of nasty) {
    const params = JSON.parse(`{"__proto__": ${JSON.stringify(text.toWellFormed())}, "constructor": "x"}`);
    audit.record(
      entry(text, { target: text, message: text, params, actor: { channel: "page", name: text } }),
    );
  }
  assert.deepEqual(verify(house.folder).problems, []);
  assert.equal(house.lines().length, nasty.length);
});

Deno.test("an entry that cannot even be read is no error of whoever records it", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  const params = {
    get boom(): never {
      throw new Error("boom");
    },
  };
  audit.record(entry("act", { params }));
  assert.match(house.said.join(), /an entry of the audit could not be made: boom/);
  audit.record(entry("next"));
  assert.equal(house.lines().at(-1)?.action, "next");
});

Deno.test("a number that is a secret is taken out as a text is; one that only has its digits stays", () => {
  const { params } = recordOf(
    entry("act", { params: { pin: 123456, deep: [{ n: 9123456 }] } }),
    NOW,
    createMask(["123456"]),
  );
  assert.deepEqual(params, { pin: MASKED, deep: [{ n: 9123456 }] });
});
