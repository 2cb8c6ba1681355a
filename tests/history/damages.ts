/** Damages a history file at random, and asks everything of a history. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { History } from "../../app/contracts.ts";
import { historyFile } from "../../app/history/open.ts";
import { idOf, makeRun, NOW } from "./runs.ts";

export const RUNS = 240;
/** So many of them are in the file itself, the others in its WAL. */
export const IN_FILE = 160;
export const SETTINGS = { limit: 100, keep: 10_000, keepMs: 1e12, keepLogsMs: 1e12 };
export const CLOCK = { now: () => NOW + RUNS };

export interface Template {
  readonly main: Uint8Array<ArrayBuffer>;
  readonly wal: Uint8Array<ArrayBuffer>;
}

/** A file as a killed Carillon leaves it: some of it in the WAL alone. */
export function makeTemplate(): Template {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const ledger = historyFile({ ...SETTINGS, file }, CLOCK).open();
  for (let i = 0; i < RUNS; i++) {
    const run = makeRun(i, "running", { taskId: `task ${i % 7}`, startedAt: NOW + i });
    ledger.save(run);
    for (let line = 0; line < i % 5; line++) {
      ledger.log(run.id, { at: NOW + i, level: "info", text: `line ${line} of ${i} ${"x".repeat(i % 300)}` });
    }
    // Some have a text that does not fit into a page.
    const message = `message ${i} ${"y".repeat(i % 40 === 0 ? 6_000 : 10)}`;
    ledger.save({ ...run, status: "succeeded", finishedAt: NOW + i + 5, message });
    if (i % 8 === 0) ledger.maintain(NOW);
    if (i === IN_FILE - 1) ledger.checkpoints.run();
  }
  for (let task = 0; task < 7; task++) {
    ledger.saveState(`task ${task}`, {
      firstSeen: 1,
      trigger: "t",
      settledTo: NOW,
      paused: task === 3,
      pause: task === 3 ? { note: "kept" } : undefined,
    });
    ledger.keepWatermarks(`task ${task}`, { "": task });
  }
  const template = { main: Deno.readFileSync(file), wal: Deno.readFileSync(`${file}-wal`) };
  ledger.close();
  assert.ok(template.main.length > 100_000 && template.wal.length > 100_000);
  return template;
}

/** Random numbers from a seed (mulberry32): a failure names the seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Damages one of the files and says how; `lost` is how many records of runs may be lost by it at the most. */
export function damage(
  file: string,
  template: Template,
  random: (below: number) => number,
): { what: string; lost: number } {
  const part = random(3) === 0 ? "-wal" : "";
  const path = `${file}${part}`;
  const size = part === "" ? template.main.length : template.wal.length;
  const length = 1 + random(4_096);
  const at = random(4) === 0 ? 0 : random(size);
  switch (random(5)) {
    case 0: {
      Deno.truncateSync(path, at);
      return { what: `truncated ${part} to ${at}`, lost: part === "" ? IN_FILE : RUNS - IN_FILE };
    }
    case 1: {
      overwrite(path, at, new Uint8Array(length));
      return { what: `zeros ${part} ${at}+${length}`, lost: 60 };
    }
    case 2: {
      // A page takes the place of another.
      const page = new Uint8Array(4_096);
      page.set(template.main.subarray(0, 4_096 * random(10) + 4_096).slice(-4_096));
      overwrite(path, at - at % 4_096, page);
      return { what: `a page at ${part} ${at - at % 4_096}`, lost: 60 };
    }
    case 3: {
      const noise = Uint8Array.from({ length: 1 + random(8) }, () => random(256));
      overwrite(path, at, noise);
      return { what: `bytes ${noise} ${part} at ${at}`, lost: 60 };
    }
    default: {
      overwrite(path, at, Uint8Array.from({ length }, () => random(256)));
      return { what: `noise ${part} ${at}+${length}`, lost: 60 };
    }
  }
}

function overwrite(path: string, at: number, bytes: Uint8Array<ArrayBuffer>): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

export async function askEverything(history: History): Promise<void> {
  for (let task = 0; task < 7; task++) {
    await history.recent(`task ${task}`);
    await history.recent(`task ${task}`, 1_000);
    await history.durations(`task ${task}`, 50);
    await history.state(`task ${task}`);
    await history.watermarks(`task ${task}`);
  }
  await history.lastRuns(["task 1", "task 2", "nobody"]);
  await history.outcomes({ from: 0, to: NOW * 2, limit: 1_000 });
  for (const text of [undefined, "message", "line", "yy"]) {
    await history.find({ limit: 100, text });
    await history.find({ limit: 100, text, taskId: "task 3", statuses: ["failed", "interrupted"] });
  }
  for (const number of [0, 40, 150, 239]) {
    await history.get(idOf(number));
    await history.lines(idOf(number));
  }
  await history.lastAlive();
}

export function settle(history: History): void {
  let steps = 0;
  while (history.maintain(NOW + RUNS + steps)) assert.ok(++steps < 20_000, "it never ends");
}

/** A temporary folder, in memory where the system has one: what is tested writes to the disk very often. */
export function quickFolder(): Disposable & { readonly path: string } {
  const dir = existsSync("/dev/shm") ? "/dev/shm" : undefined;
  const path = Deno.makeTempDirSync({ dir, prefix: "carillon-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
