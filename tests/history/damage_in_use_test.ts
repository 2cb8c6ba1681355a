/** What somebody does to the history file while it is in use: it is noticed, reported, and nothing that was reported is lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { History } from "../../app/contracts.ts";
import { FileBackedHistory } from "../../app/history/file_backed.ts";
import { historyFile, openHistory } from "../../app/history/open.ts";
import { HistoryFileError } from "../../app/history/sqlite/errors.ts";
import { openToRead } from "../../app/history/sqlite/reading.ts";
import { SqliteLedger } from "../../app/history/sqlite/store.ts";
import {
  askEverything,
  CLOCK,
  damage,
  IN_FILE,
  makeTemplate,
  quickFolder,
  randomFrom,
  RUNS,
  SETTINGS,
  settle,
} from "./damages.ts";
import { idOf, makeRun, NOW, numberOf } from "./runs.ts";

interface InUse extends Disposable {
  readonly folder: string;
  readonly file: string;
  readonly history: History;
  readonly reported: string[];
}

/** A history with 240 runs of an earlier Carillon, 7 of this one, and one that is going on. */
function inUse(): InUse {
  const folder = quickFolder();
  const data = join(folder.path, "data");
  Deno.mkdirSync(data);
  const file = join(data, "history.db");
  Deno.writeFileSync(file, template.main);
  Deno.writeFileSync(`${file}-wal`, template.wal);
  const reported: string[] = [];
  const history = openHistory({ ...SETTINGS, file }, CLOCK, (sentence) => reported.push(sentence));
  for (let i = 0; i < 7; i++) {
    const run = makeRun(RUNS + i, "running", { taskId: `new ${i}`, startedAt: NOW });
    history.save(run);
    history.log(run.id, { at: NOW, level: "info", text: `said by ${i}` });
    history.save({ ...run, status: "succeeded", finishedAt: NOW + 1 });
  }
  history.save(makeRun(RUNS + 7, "running", { taskId: "new 7" }));
  settle(history);
  assert.deepEqual(reported, []);
  return { folder: data, file, history, reported, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const template = makeTemplate();

async function finish({ history, file, reported }: InUse, leastOld: number): Promise<void> {
  await askEverything(history);
  settle(history);
  history.save(makeRun(RUNS + 7, "succeeded", { taskId: "new 7", message: "ended" }));
  assert.equal(history.health().trouble, undefined, reported.join("; "));
  await history.close();
  // Damage of what SQLite had in its own memory is found at the next start.
  const next = openHistory({ ...SETTINGS, file }, CLOCK, (sentence) => reported.push(sentence));
  settle(next);
  await next.close();
  const reading = openToRead(file);
  const runs = [...reading.runs()];
  const numbers = runs.map(({ id }) => numberOf(id));
  const old = numbers.filter((number) => number < RUNS);
  assert.ok(old.length >= leastOld, `${old.length} of ${leastOld}: ${reported.join("; ")}`);
  assert.deepEqual(numbers.filter((number) => number >= RUNS), [0, 1, 2, 3, 4, 5, 6, 7].map((i) => RUNS + i));
  for (let i = 0; i < 7; i++) {
    assert.deepEqual(
      reading.lines(idOf(RUNS + i)).map(({ text }) => text),
      [`said by ${i}`],
      reported.join("; "),
    );
  }
  assert.equal(runs.at(-1)?.status, "succeeded");
  reading.close();
}

async function checkStates(history: History): Promise<void> {
  assert.equal((await history.state("task 3"))?.paused, true);
  assert.equal((await history.state("task 3"))?.pause?.note, "kept");
  assert.deepEqual(await history.watermarks("task 5"), { "": 5 });
}

const REPLACED = /was deleted or replaced while it was in use; it is written again from memory/;

Deno.test("a file that is deleted is noticed at the next look, written again, and has all that was in it", async () => {
  using used = inUse();
  Deno.removeSync(used.file);
  used.history.maintain(NOW + 5_000);
  assert.match(used.reported[0] ?? "", REPLACED);
  assert.equal(used.history.health().rewrittenAt, NOW + 5_000);
  assert.equal((Deno.statSync(used.file).mode ?? 0) & 0o777, 0o600);
  await finish(used, RUNS);
  assert.match(used.reported.at(-1) ?? "", /of the deleted history file were brought over/);
});

Deno.test("so is one whose whole folder is deleted", async () => {
  using used = inUse();
  Deno.removeSync(used.folder, { recursive: true });
  used.history.maintain(NOW + 5_000);
  assert.match(used.reported[0] ?? "", REPLACED);
  await checkStates(used.history);
  await finish(used, RUNS);
});

Deno.test("a file that takes its place is used, and gets what was in the other one", async () => {
  using used = inUse();
  const other = new SqliteLedger(join(used.folder, "other.db"), SETTINGS, NOW);
  other.save(makeRun(-5, "succeeded", { taskId: "theirs" }));
  other.close();
  Deno.renameSync(join(used.folder, "other.db"), used.file);
  used.history.maintain(NOW + 5_000);
  assert.match(used.reported[0] ?? "", REPLACED);
  assert.equal((await used.history.recent("theirs")).length, 1);
  await finish(used, RUNS + 1);
});

Deno.test("a file of nonsense that takes its place is set aside", async () => {
  using used = inUse();
  Deno.writeTextFileSync(join(used.folder, "x"), "nonsense".repeat(1_000));
  Deno.renameSync(join(used.folder, "x"), used.file);
  used.history.maintain(NOW + 5_000);
  assert.match(used.reported[1] ?? "", /is damaged; it is kept as/);
  await checkStates(used.history);
  await finish(used, RUNS);
});

Deno.test("a file that is copied over it in place is found out, and nothing reported is lost", async () => {
  using used = inUse();
  Deno.writeFileSync(used.file, template.main.subarray(0, template.main.length - 20 * 4_096));
  used.history.maintain(NOW + 5_000);
  await finish(used, 60);
});

Deno.test("a WAL that is deleted, and a lock that is, are made again", async () => {
  for (const part of ["-wal", ".lock"]) {
    using used = inUse();
    Deno.removeSync(`${used.file}${part}`);
    used.history.maintain(NOW + 5_000);
    used.history.save(makeRun(RUNS + 6, "succeeded", { taskId: "new 6" }));
    assert.ok(Deno.statSync(`${used.file}${part}`).isFile, part);
    await finish(used, RUNS);
  }
});

Deno.test("a file that SQLite takes for a full disk, though there is room, is damaged", () => {
  using used = inUse();
  const { file } = used;
  const reported: string[] = [];
  let asides = 0;
  // Each time it is opened, it says so.
  const history = new FileBackedHistory(
    10,
    {
      ...historyFile({ ...SETTINGS, file: `${file}2` }, CLOCK),
      open: (isActive) => {
        if (asides === 0) throw new HistoryFileError("database or disk is full", "unavailable");
        return new SqliteLedger(`${file}2`, SETTINGS, NOW, isActive);
      },
      setAside: () => {
        asides++;
        return file;
      },
    },
    (sentence) => reported.push(sentence),
    { logs: `${file}.logs`, artifacts: `${file}.artifacts`, keepLogsMs: 1e12 },
  );
  for (let i = 1; i <= 5; i++) history.maintain(NOW + i * 10_000);
  assert.equal(asides, 0);
  history.maintain(NOW + 60_000);
  assert.equal(asides, 1);
  assert.equal(history.health().trouble, undefined, reported.join("; "));
  void history.close();
});

Deno.test("what was not brought over to its end goes on at the next start", async () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  Deno.writeFileSync(file, template.main);
  using raw = Deno.openSync(file, { write: true });
  raw.writeSync(new Uint8Array(100).fill(7));
  const reported: string[] = [];
  const open = () => openHistory({ ...SETTINGS, file }, CLOCK, (sentence) => reported.push(sentence));
  const first = open();
  first.maintain(NOW);
  const before = (await first.find({ limit: 1_000 })).length;
  assert.ok(before < IN_FILE, `${before} runs after the first step`);
  await first.close();
  const next = open();
  settle(next);
  assert.equal((await next.find({ limit: 1_000 })).length, IN_FILE, reported.join("; "));
  assert.match(reported.at(-1) ?? "", /brought over/);
  await next.close();
  const last = open();
  settle(last);
  await last.close();
  assert.equal(reported.length, 2, reported.join("; "));
});

Deno.test("what Carillon writes itself is nobody else's doing", () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  for (let start = 0; start < 2; start++) {
    const ledger = new SqliteLedger(file, { ...SETTINGS, keep: 50 }, NOW);
    for (let i = 0; i < 4_000; i++) {
      ledger.save(
        makeRun(start * 4_000 + i, "succeeded", { message: `m ${i}`, params: { x: "x".repeat(i % 500) } }),
      );
      if (i % 40 !== 0) continue;
      ledger.maintain(NOW + i * 1_000);
      assert.equal(ledger.look(), undefined, `${start}, ${i}`);
    }
    assert.ok(ledger.checkpoints.count > 2);
    ledger.close();
  }
});

Deno.test("a folder in the file's place is reported, and the file is written once it is gone", async () => {
  using used = inUse();
  Deno.removeSync(used.file);
  Deno.mkdirSync(used.file);
  used.history.maintain(NOW + 5_000);
  assert.match(used.history.health().trouble ?? "", /history file .* cannot be used: /);
  await askEverything(used.history);
  Deno.removeSync(used.file);
  used.history.maintain(NOW + 20_000);
  await finish(used, RUNS);
});

for (let block = 0; block < 4; block++) {
  Deno.test(`15 random damages while it is in use, seeds from ${block * 15}`, async () => {
    for (let seed = block * 15; seed < block * 15 + 15; seed++) {
      using used = inUse();
      const { what, lost } = damage(used.file, template, randomFrom(seed));
      used.reported.push(`seed ${seed}, ${what}`);
      await askEverything(used.history);
      used.history.maintain(NOW + 5_000);
      await finish(used, what.startsWith("truncated") ? 0 : RUNS - lost);
    }
  });
}
