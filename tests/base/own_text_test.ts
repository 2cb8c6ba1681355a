/** Texts that are kept for long. */
import assert from "node:assert/strict";
import { ownText } from "../../app/base/own_text.ts";

Deno.test("a text of its own is the same text, and does not keep the one that it was cut from", () => {
  const kept: string[] = [];
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < 100; i++) {
    const long: string = JSON.parse(JSON.stringify("x\u00e9".repeat(500_000) + i));
    kept.push(ownText(long.slice(0, 4_000)));
  }
  assert.ok(kept.every((text) => text === "x\u00e9".repeat(2_000)));
  const grown = (Deno.memoryUsage().heapUsed - before) / 1e6;
  // The texts themselves are 100 MB; what is garbage may still be counted.
  assert.ok(grown < 70, `${grown} MB`);
  for (const text of ["", "a", "twelve chars", "thirteen char", "\ud83d\ude00".repeat(9)]) {
    assert.equal(ownText(text), text);
  }
});
