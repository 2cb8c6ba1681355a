/** What a host says is taken apart: what belongs there gets through, all else is an error and never anything worse. */
import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import { checkedMessage, MessageError } from "../../app/worker/check_message.ts";
import { DescriptionError } from "../../app/worker/check_description.ts";

const STATE = { clean: true, left: [], modules: 1 };
const PIECE = { kind: "artifact", id: 1, title: "T", name: "a.csv", data: "eA==", last: true };
const SPAN = {
  spanId: "00f067aa0ba902b7",
  parentSpanId: "a3ce929d0e0e4736",
  name: "query SELECT",
  ms: 1.5,
  attributes: { "db.namespace": "main", n: 3 },
};
const GOOD: readonly unknown[] = [
  { kind: "news", run: 1, news: PIECE },
  { kind: "news", run: 1, news: { kind: "span", span: SPAN } },
  { kind: "news", run: 1, news: { kind: "span", span: { ...SPAN, error: "x" } } },
  { kind: "ready" },
  { kind: "began", run: 1 },
  { kind: "news", run: 1, news: { kind: "log", level: "info", text: "hi" } },
  { kind: "news", run: 1, news: { kind: "progress", fraction: 0.5, note: "half" } },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", message: "done", watermarks: { a: 1, b: "x" } },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", plans: [{ taskId: "t", at: 5, params: { a: [1] } }] },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "failed", error: { name: "E", message: "m" } },
    state: STATE,
    waited: true,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "refused", problems: [{ name: "n", message: "m" }] },
    state: STATE,
    waited: true,
  },
  { kind: "stray", error: { name: "E", message: "m", stack: "s" } },
  { kind: "pong", n: 3 },
];

for (const message of GOOD) {
  Deno.test(`${JSON.stringify(message).slice(0, 80)} gets through as it is`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(checkedMessage(message))), message);
  });
}

const FORGED: readonly unknown[] = [
  null,
  5,
  "ready",
  [],
  {},
  { kind: "hello" },
  { kind: "__proto__" },
  { kind: "began" },
  { kind: "began", run: -1 },
  { kind: "began", run: 1.5 },
  { kind: "began", run: "1" },
  { kind: "news", run: 1 },
  { kind: "news", run: 1, news: { kind: "log", level: "info", text: 123 } },
  { kind: "news", run: 1, news: { kind: "log", level: "loud", text: "x" } },
  { kind: "news", run: 1, news: { kind: "log", level: "info", text: "x".repeat(16_001) } },
  { kind: "news", run: 1, news: { kind: "progress", fraction: null } },
  ...[{ id: -1 }, { title: 5 }, { name: "x".repeat(201) }, { data: {} }, { data: "x".repeat(128_001) }].map(
    (wrong) => ({ kind: "news", run: 1, news: { ...PIECE, ...wrong } }),
  ),
  // What the clock finds by itself no host may say.
  { kind: "news", run: 1, news: { kind: "hosted" } },
  ...[
    { spanId: "x" },
    { spanId: "00F067AA0BA902B7" },
    { parentSpanId: undefined },
    { name: 5 },
    { name: "x".repeat(201) },
    { ms: -1 },
    { ms: null },
    { ms: 1e300 },
    { attributes: [] },
    { attributes: { a: {} } },
    { attributes: { a: "x".repeat(201) } },
    { attributes: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, i])) },
    { error: {} },
  ].map((wrong) => ({ kind: "news", run: 1, news: { kind: "span", span: { ...SPAN, ...wrong } } })),
  { kind: "news", run: 1, news: { kind: "progress", fraction: 2 } },
  { kind: "news", run: 1, news: { kind: "progress", fraction: 0, note: {} } },
  { kind: "end", run: 1, answer: { kind: "succeeded", message: {} }, state: STATE, waited: true },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", message: "x".repeat(501) },
    state: STATE,
    waited: true,
  },
  { kind: "end", run: 1, answer: { kind: "failed" }, state: STATE, waited: true },
  {
    kind: "end",
    run: 1,
    answer: { kind: "failed", error: { name: "x".repeat(3_000_000), message: "" } },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", watermarks: { a: "x".repeat(64_001) } },
    state: STATE,
    waited: true,
  },
  { kind: "end", run: 1, answer: { kind: "succeeded", watermarks: { a: {} } }, state: STATE, waited: true },
  { kind: "end", run: 1, answer: { kind: "succeeded", plans: {} }, state: STATE, waited: true },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", plans: [{ taskId: "t", at: "5", params: {} }] },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", plans: [{ taskId: 5, at: 5, params: {} }] },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", plans: [{ taskId: "t", at: 5, params: [] }] },
    state: STATE,
    waited: false,
  },
  {
    kind: "end",
    run: 1,
    answer: { kind: "succeeded", plans: [{ taskId: "t", at: 5, params: { a: "x".repeat(256_000) } }] },
    state: STATE,
    waited: false,
  },
  { kind: "end", run: 1, answer: { kind: "refused", problems: "all" }, state: STATE, waited: true },
  { kind: "end", run: 1, answer: { kind: "interrupted", message: "no" }, state: STATE, waited: true },
  { kind: "end", run: 1, answer: { kind: "succeeded" } },
  { kind: "end", run: 1, answer: { kind: "succeeded" }, state: { clean: true, left: "nothing", modules: 1 } },
  { kind: "answer", n: 1, answer: { kind: "described", descriptions: [] }, state: STATE, waited: true },
  {
    kind: "answer",
    n: 1,
    answer: { kind: "described", descriptions: [{ tags: [] }] },
    state: STATE,
    waited: true,
  },
  { kind: "pong", n: Infinity },
];

for (const message of FORGED) {
  Deno.test(`${(JSON.stringify(message) ?? "undefined").slice(0, 90)} is refused`, () => {
    assert.throws(
      () => checkedMessage(message),
      (error) => error instanceof MessageError || error instanceof DescriptionError,
    );
  });
}

Deno.test("a state that names what is left behind is not clean, whatever it says", () => {
  const message = checkedMessage({
    kind: "end",
    run: 1,
    answer: { kind: "succeeded" },
    state: { clean: true, left: ["a timer"], modules: 1 },
  });
  assert.equal(message.kind === "end" && message.state.clean, false);
});

Deno.test("nothing that JSON can hold does more than be refused", () => {
  const kinds = fc.constantFrom("token", "ready", "began", "news", "end", "answer", "stray", "pong", "log");
  const anything = fc.record({
    kind: kinds,
    run: fc.jsonValue(),
    n: fc.jsonValue(),
    news: fc.jsonValue(),
    answer: fc.jsonValue(),
    state: fc.jsonValue(),
    error: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.oneof(anything, fc.jsonValue()), (message) => {
      try {
        checkedMessage(message);
      } catch (error) {
        assert.ok(error instanceof MessageError || error instanceof DescriptionError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
