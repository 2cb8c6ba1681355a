/** What a kill leaves of the WAL, at each write of SQLite, is no damage: nothing is said, and nothing old comes back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { historyFile } from "../../app/history/open.ts";
import { rescueWal } from "../../app/history/sqlite/salvage/wal.ts";
import { CLOCK, quickFolder, SETTINGS } from "./damages.ts";
import { makeRun } from "./runs.ts";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const PAGE_BYTES = 4_096;

/** The WAL at the end of a round, and when some transactions of the next one have taken its place. */
function twoRounds(file: string): { readonly before: Uint8Array; readonly after: Uint8Array } {
  const ledger = historyFile({ ...SETTINGS, file }, CLOCK).open();
  const write = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      ledger.save(makeRun(i, "succeeded", { message: `message ${i} ${"x".repeat(i % 2_000)}` }));
    }
  };
  write(0, 60);
  ledger.checkpoints.run();
  const before = Deno.readFileSync(`${file}-wal`);
  write(60, 75);
  const after = Deno.readFileSync(`${file}-wal`);
  ledger.close();
  return { before, after };
}

/** Where SQLite's writes of a round end: its header, then of each frame the header and the page. */
function* writesOf(before: Uint8Array, after: Uint8Array): Generator<number> {
  const salts = (bytes: Uint8Array, at: number) => bytes.subarray(at, at + 8).join();
  assert.notEqual(salts(before, 16), salts(after, 16));
  yield 0;
  yield HEADER_BYTES;
  for (let at = HEADER_BYTES; at < after.length && salts(after, at + 8) === salts(after, 16);) {
    yield at += FRAME_HEADER_BYTES;
    yield at += PAGE_BYTES;
  }
}

Deno.test("a WAL that a kill has cut off at any of its writes is whole, and one that is damaged before its last transaction is not", () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const { before, after } = twoRounds(file);
  const writes = [...writesOf(before, after)];
  assert.ok(writes.length > 60, `${writes.length} writes`);
  for (const end of writes) {
    const wal = Uint8Array.from(before);
    if (after.length > wal.length) assert.fail("the second round is the longer one");
    wal.set(after.subarray(0, end));
    Deno.writeFileSync(`${file}-wal`, wal);
    assert.deepEqual(rescueWal(file), [], `written up to ${end}`);
    // The same at the end of a file, which nothing stands behind.
    Deno.writeFileSync(`${file}-wal`, after.subarray(0, end));
    assert.deepEqual(rescueWal(file), [], `cut off at ${end}`);
  }
  const last = writes.at(-1) ?? 0;
  for (
    const at of [0, 20, HEADER_BYTES + 9, HEADER_BYTES + FRAME_HEADER_BYTES + 4_000, Math.floor(last / 2)]
  ) {
    const wal = Uint8Array.from(after);
    wal[at] = (wal[at] ?? 0) ^ 0x55;
    Deno.writeFileSync(`${file}-wal`, wal);
    assert.ok(rescueWal(file).some(({ kind }) => kind === "run"), `bits are wrong at ${at}`);
  }
  const wal = Uint8Array.from(after);
  wal.fill(0, 0, HEADER_BYTES);
  Deno.writeFileSync(`${file}-wal`, wal);
  assert.ok(rescueWal(file).some(({ kind }) => kind === "run"), "a header of zeros");
});
