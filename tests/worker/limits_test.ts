/** Texts are cut to what they may be. */
import assert from "node:assert/strict";
import { cut } from "../../app/worker/limits.ts";

Deno.test("a text that is cut says by how much, in signs of one byte, and has the length that it may have", () => {
  const text = cut("x".repeat(1_000_007), 16_000);
  assert.match(text, /^x+\.\.\. \(\d+ more characters\)$/);
  assert.equal(text.length, 16_000);
  assert.equal(cut("x".repeat(16_000), 16_000).length, 16_000);
});
