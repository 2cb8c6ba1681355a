/** Long logs are read and written in slices: however many read at one time, none of them holds up the others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventLoopTurn } from "../../app/base/event_loop_turn.ts";
import { sliceTurn } from "../../app/base/slices.ts";
import { openHistory } from "../../app/history/open.ts";
import type { NumberedLine } from "../../app/model/run.ts";
import { quickFolder } from "../history/damages.ts";
import { idOf, makeRun, NOW } from "../history/runs.ts";
import { startCarillon, startRun } from "../support/carillon.ts";

const LINES = 12_000;
/** What a slice has at the most: lines, and characters of them with what stands before each. */
const SLICE_LINES = 1_000;
const SLICE_CHARACTERS = 400_000;
const READERS = 12;

/** Adds up what is done in each turn of the event loop; the most of one turn. */
async function mostInATurn(work: (done: (amount: number) => void) => Promise<unknown>): Promise<number> {
  let [most, now] = [0, 0];
  let isOver = false;
  const working = work((amount) => {
    now += amount;
    most = Math.max(most, now);
  }).finally(() => isOver = true);
  while (!isOver) {
    await eventLoopTurn();
    now = 0;
  }
  await working;
  return most;
}

Deno.test("of all who work in slices one works in each turn of the event loop, in the order in which they came", async () => {
  const order: number[] = [];
  const most = await mostInATurn((done) =>
    Promise.all(Array.from({ length: READERS }, async (_, i) => {
      for (let slice = 0; slice < 5; slice++) {
        await sliceTurn();
        order.push(i);
        done(1);
      }
    }))
  );
  assert.equal(most, 1);
  assert.deepEqual(order, Array.from({ length: 5 * READERS }, (_, i) => i % READERS));
});

for (const ended of [false, true]) {
  Deno.test(`twelve readers of the log of a run that ${ended ? "has ended" : "goes on"} read one slice a turn`, async () => {
    using folder = quickFolder();
    const settings = { limit: 100, keep: 10_000, keepMs: 1e12, keepLogsMs: 1e12 };
    const history = openHistory(
      { ...settings, file: join(folder.path, "history.db") },
      { now: () => NOW },
      () => {},
    );
    history.save(makeRun(1, "running"));
    for (let number = 0; number < 2 * LINES; number++) {
      history.log(idOf(1), { at: NOW + number, level: "info", text: `line ${number}` });
    }
    if (ended) {
      history.save(makeRun(1, "succeeded"));
      while (history.maintain(NOW)) continue;
    }
    const most = await mostInATurn((done) =>
      Promise.all(Array.from({ length: READERS }, async (_, i) => {
        let next = i;
        for await (const part of history.logParts(idOf(1), { from: i })) {
          done(part.length);
          for (const { number } of part) assert.equal(number, next++);
        }
        assert.equal(next, 2 * LINES);
      }))
    );
    assert.ok(most <= SLICE_LINES, `${most} lines in one turn`);
    const searched = await mostInATurn(async (done) => {
      for await (const part of history.logParts(idOf(1), { text: "LINE 23999" })) done(part.length);
    });
    assert.equal(searched, 1);
    await history.close();
  });
}

Deno.test("who follows a run whose log grows beyond what is at hand misses no line", async () => {
  using folder = quickFolder();
  const settings = { limit: 100, keep: 10_000, keepMs: 1e12, keepLogsMs: 1e12 };
  const history = openHistory(
    { ...settings, file: join(folder.path, "history.db") },
    { now: () => NOW },
    () => {},
  );
  history.save(makeRun(1, "running"));
  let written = 0;
  const write = (count: number) => {
    for (const end = written + count; written < end; written++) {
      history.log(idOf(1), { at: NOW, level: "info", text: `line ${written}` });
    }
  };
  write(LINES);
  let next = 0;
  for await (const part of history.logParts(idOf(1))) {
    for (const { number } of part) assert.equal(number, next++);
    // Faster than it is read, for a while.
    if (written < 4 * LINES) write(2_500);
  }
  assert.equal(next, written);
  // Whoever comes back for what is new is led to its place in the file.
  write(10);
  const news: NumberedLine[] = [];
  for await (const part of history.logParts(idOf(1), { from: next })) news.push(...part);
  assert.deepEqual(news.map(({ number }) => number), Array.from({ length: 10 }, (_, i) => next + i));
  await history.close();
});

Deno.test("pages, files and answers of a long log come in pieces, and no more are made than are read", async () => {
  await using test = await startCarillon({
    "tasks/loud.ts": `import { defineTask } from "carillon"; export default defineTask({ run({ log }) {
      for (let i = 1; i <= ${LINES}; i++) log.info("line " + i);
    } });`,
  });
  const { id } = await startRun(test, "loud");
  await test.ended(id);
  const { reader } = test.carillon.queries.runs.parts;
  const own = reader.logParts.bind(reader);
  let parts = 0;
  reader.logParts = async function* (...asked) {
    for await (const part of own(...asked)) {
      parts++;
      yield part;
    }
  };
  const answers: readonly [string, RegExp][] = [
    [`/runs/${id}?lines=all`, / {2}line \d+\n/g],
    [`/runs/${id}/log.txt`, / line \d+\n/g],
    [`/api/v1/runs/${id}/log?format=text`, / line \d+\n/g],
    [`/api/v1/runs/${id}/log?format=ndjson`, /"text":"line \d+"/g],
    [`/api/v1/runs/${id}/log?format=sse`, /"text":"line \d+"/g],
  ];
  for (const [path, line] of answers) {
    const sizes: number[] = [];
    let text = "";
    const { body } = await test.fetch(path);
    assert.ok(body, path);
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      sizes.push(piece.length);
      text += piece;
    }
    assert.equal(text.match(line)?.length, LINES, path);
    assert.ok(sizes.length >= LINES / SLICE_LINES, `${path}: ${sizes.length} pieces`);
    assert.ok(Math.max(...sizes) <= SLICE_CHARACTERS, `${path}: a piece of ${Math.max(...sizes)}`);
    parts = 0;
    const slow = (await test.fetch(path)).body?.getReader();
    await slow?.read();
    for (let turn = 0; turn < 200; turn++) await eventLoopTurn();
    assert.ok(parts <= 3, `${path}: ${parts} parts for a client that has read one`);
    await slow?.cancel();
  }
});
