/** How much is kept at hand of a log. */
import assert from "node:assert/strict";
import {
  EXTRA_LINES,
  HEAD_LINES,
  KeptLog,
  MAX_LINE_LENGTH,
  SHORT_CHARACTERS,
  SHORT_LINES,
  TAIL_CHARACTERS,
  TAIL_LINES,
} from "../../app/history/log/kept_log.ts";
import { fc } from "../support/fast_check.ts";
import { NOW } from "./runs.ts";

Deno.test("a log of few but long lines loses its middle too", () => {
  const log = new KeptLog();
  const most = HEAD_LINES + TAIL_CHARACTERS / MAX_LINE_LENGTH;
  for (let i = 0; i < most; i++) log.add({ at: NOW, level: "info", text: "x".repeat(MAX_LINE_LENGTH) });
  assert.equal(log.isOutgrown, false);
  assert.equal(log.isFull, true);
  log.add({ at: NOW, level: "info", text: "x" });
  assert.equal(log.isOutgrown, true);
  assert.equal(log.lines().length, most);
  assert.equal(log.count, most + 1);
});

Deno.test("a log that is shortened keeps its first and last lines, counts all, and goes on", () => {
  const log = new KeptLog();
  for (let i = 0; i < 3_000; i++) log.add({ at: NOW, level: "error", text: `line ${i}` });
  const before = log.weight;
  log.shorten();
  const numbers = log.lines().map(({ number }) => number);
  assert.deepEqual([numbers[0], numbers.at(-1), numbers.length], [0, 2_999, 2 * SHORT_LINES]);
  assert.ok(log.isShortened && log.isOutgrown);
  assert.ok(log.weight < before / 10, `${log.weight} of ${before}`);
  log.add({ at: NOW, level: "info", text: "late" });
  assert.equal(log.count, 3_001);
  assert.equal(log.lines().at(-1)?.text, "late");
});

Deno.test("a shortened log of long lines is short too, and a short log loses nothing", () => {
  const log = new KeptLog();
  for (let i = 0; i < 150; i++) log.add({ at: NOW, level: "info", text: "x".repeat(MAX_LINE_LENGTH) });
  log.shorten();
  assert.ok(log.weight < 2 * MAX_LINE_LENGTH + 2 * SHORT_CHARACTERS, `${log.weight}`);
  assert.equal(log.lines().at(-1)?.number, 149);
  const few = new KeptLog();
  for (let i = 0; i < 5; i++) few.add({ at: NOW, level: "info", text: "x" });
  few.shorten();
  assert.equal(few.lines().length, 5);
  assert.equal(few.isShortened, false);
});

Deno.test("a long line is cut, and says by how much", () => {
  const line = new KeptLog().add({ at: NOW, level: "info", text: "x".repeat(MAX_LINE_LENGTH + 7) });
  assert.match(line.text, /x\.\.\. \(7 more characters\)$/);
  // A sign beyond Latin-1 would make each of them take two bytes.
  assert.match(line.text, /^[\0-\xff]+$/);
});

Deno.test("a line that had to go is not kept in memory", () => {
  const module = new URL("../../app/history/log/kept_log.ts", import.meta.url).href;
  const code = `import { KeptLog, MAX_LINE_LENGTH } from "${module}";
    const text = "x".repeat(MAX_LINE_LENGTH);
    const log = new KeptLog();
    const added = Array.from({ length: 2_000 }, () => new WeakRef(log.add({ at: 0, level: "info", text })));
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc();
    console.log(added.filter((line) => line.deref()).length === log.lines().length, log.lines().length);`;
  const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--v8-flags=--expose-gc", code],
  }).outputSync();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(said, `true ${HEAD_LINES + TAIL_CHARACTERS / MAX_LINE_LENGTH}\n`);
});

Deno.test("whatever is logged, lines stay in order, the newest are there, and what is kept is bounded", () => {
  const lines = fc.array(fc.record({ warn: fc.boolean(), times: fc.integer({ min: 1, max: 3_000 }) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, (stretches) => {
      const log = new KeptLog();
      for (const { warn, times } of stretches) {
        for (let i = 0; i < times; i++) log.add({ at: NOW, level: warn ? "error" : "debug", text: "x" });
      }
      const numbers = log.lines().map(({ number }) => number);
      assert.ok(numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)));
      assert.ok(numbers.length <= HEAD_LINES + EXTRA_LINES + TAIL_LINES);
      assert.equal(log.isOutgrown, log.count > HEAD_LINES + TAIL_LINES);
      const newest = Math.min(log.count, TAIL_LINES);
      assert.deepEqual(
        numbers.slice(-newest),
        Array.from({ length: newest }, (_, i) => log.count - newest + i),
      );
    }),
    { numRuns: 30 },
  );
});
