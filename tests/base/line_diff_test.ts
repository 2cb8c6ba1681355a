import assert from "node:assert/strict";
import { type DiffLine, diffLines, hunksOf } from "../../app/base/line_diff.ts";
import { fc } from "../support/fast_check.ts";

/** The two texts that a difference is made of. */
function texts(lines: readonly DiffLine[]) {
  const of = (kind: DiffLine["kind"]) => lines.filter((each) => each.kind !== kind).map(({ text }) => text);
  return { before: of("new"), now: of("gone") };
}

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`).join(" ");

Deno.test("a changed, an added and a removed line are told with their numbers", () => {
  const lines = diffLines(["a", "b", "c", "d"], ["a", "B", "c", "d", "e"]);
  assert.equal(shown(lines), " a -b +B  c  d +e");
  assert.deepEqual(lines.map(({ number }) => number), [1, 2, 2, 3, 4, 5]);
  assert.equal(shown(diffLines([], ["a"])), "+a");
  assert.equal(shown(diffLines(["a"], [])), "-a");
  assert.equal(shown(diffLines([], [])), "");
});

Deno.test("whatever the texts, the difference has all of both, and no more changes than are needed", () => {
  const line = fc.constantFrom("a", "b", "c", "", "a ");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 30 }), (before, now) => {
      const lines = diffLines(before, now);
      assert.deepEqual(texts(lines), { before, now });
      const changes = lines.filter(({ kind }) => kind !== "same").length;
      assert.equal(changes, before.length + now.length - 2 * longestCommon(before, now));
      const changed = hunksOf(lines, 2).flat();
      assert.equal(changed.filter(({ kind }) => kind !== "same").length, changes);
      assert.equal(new Set(changed).size, changed.length, "no line stands in two hunks");
    }),
  );
});

Deno.test("texts with nothing in common, of any length, take no time to speak of", () => {
  const of = (name: string) => Array.from({ length: 20_000 }, (_, i) => `${name} ${i}`);
  const lines = diffLines(of("a"), of("b"));
  assert.equal(lines.length, 40_000);
  assert.deepEqual(texts(lines), { before: of("a"), now: of("b") });
});

/** Length of the longest common subsequence, by the textbook. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    b.forEach((y, j) => next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
