/** Logs that outgrow what is kept at hand: whole, in a file of their own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { History } from "../../app/contracts.ts";
import { asText } from "../../app/history/log/block.ts";
import { HEAD_LINES, TAIL_LINES } from "../../app/history/log/kept_log.ts";
import { openHistory } from "../../app/history/open.ts";
import type { LogLevel } from "../../app/base/log_level.ts";
import { quickFolder } from "./damages.ts";
import { DAY_MS, idOf, makeRun, NOW } from "./runs.ts";

const SETTINGS = { limit: 100, keep: 10_000, keepMs: 1e12, keepLogsMs: 7 * DAY_MS };
const LINES = 20_000;

function textOf(number: number): string {
  return number % 1_000 === 7 ? `two\nlines of ${number}\t\n` : `line ${number} 数据`;
}

function open(
  file: string,
  logLimits?: { runBytes: number; totalBytes: number },
  reported: string[] = [],
): History {
  return openHistory(
    { ...SETTINGS, file, logLimits },
    { now: () => NOW },
    (sentence) => reported.push(sentence),
  );
}

function write(history: History, run = 1, lines = LINES, level: LogLevel = "info"): void {
  history.save(makeRun(run, "running"));
  for (let number = 0; number < lines; number++) {
    history.log(idOf(run), { at: NOW + number, level, text: textOf(number) });
  }
}

async function whole(history: History, run = 1): Promise<string> {
  const parts: string[] = [];
  for await (const part of history.logParts(idOf(run))) parts.push(part.map(asText).join(""));
  return parts.join("");
}

const asLine = (number: number) =>
  `${new Date(NOW + number).toISOString()} info ${textOf(number).replaceAll("\n", "\n\t")}\n`;
const EVERYTHING = Array.from({ length: LINES }, (_, number) => asLine(number)).join("");

Deno.test("a long log is whole while its run goes on, once it has ended, and after a restart", async () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  let history = open(file);
  write(history);
  assert.equal(await whole(history), EVERYTHING);
  history.save(makeRun(1, "succeeded"));
  assert.equal(await whole(history), EVERYTHING);
  while (history.maintain(NOW)) continue;
  await history.close();
  history = open(file);
  assert.equal(await whole(history), EVERYTHING);
  const path = join(folder.path, "logs", `${idOf(1)}.log.gz`);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.equal(new TextDecoder().decode(gunzipSync(Deno.readFileSync(path))), EVERYTHING);
  assert.equal((await history.logSize(idOf(1))).lines, LINES);
  assert.equal((await history.logSize(idOf(1))).fileBytes, Deno.statSync(path).size);
  const lines = await history.lines(idOf(1), { from: 9_005, limit: 4 });
  assert.deepEqual(
    lines.map(({ number, text }) => [number, text]),
    [9_005, 9_006, 9_007, 9_008].map((number) => [
      number,
      textOf(number),
    ]),
  );
  const found = await history.lines(idOf(1), { text: "LINES OF 1", limit: 3 });
  assert.deepEqual(found.map(({ number }) => number), [1_007, 10_007, 11_007]);
  // At hand are the beginning and the end, which are searched with all the others.
  assert.equal((await history.lines(idOf(1))).length, HEAD_LINES + TAIL_LINES);
  assert.equal((await history.find({ text: `line ${LINES - 1} `, limit: 5 })).length, 1);
  await history.close();
});

Deno.test("what a killed Carillon had flushed of a long log is there, and the rest is missing", async () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const first = open(file);
  write(first);
  first.maintain(NOW);
  first.log(idOf(1), { at: NOW, level: "info", text: "never flushed" });
  const copy = join(folder.path, "copy");
  Deno.mkdirSync(join(copy, "logs"), { recursive: true });
  for (const name of ["history.db", "history.db-wal", `logs/${idOf(1)}.log.gz`]) {
    Deno.copyFileSync(join(folder.path, name), join(copy, name));
  }
  const next = open(join(copy, "history.db"));
  assert.equal((await next.get(idOf(1)))?.status, "interrupted");
  assert.equal(await whole(next), EVERYTHING);
  await next.close();
  await first.close();
});

Deno.test("a file has its limit; the end of the log is at hand nevertheless, with a gap before it", async () => {
  using folder = quickFolder();
  const history = open(join(folder.path, "history.db"), { runBytes: 10_000, totalBytes: 1e9 });
  write(history);
  history.save(makeRun(1, "succeeded"));
  while (history.maintain(NOW)) continue;
  const { fileBytes = 0, lines } = await history.logSize(idOf(1));
  assert.ok(fileBytes >= 10_000 && fileBytes < 30_000, String(fileBytes));
  assert.equal(lines, LINES);
  const text = await whole(history);
  assert.ok(text.startsWith(asLine(0)) && text.endsWith(asLine(LINES - 1)));
  const [after] = await history.lines(idOf(1), { from: 10_000, limit: 1 });
  assert.equal(after?.number, LINES - TAIL_LINES);
  await history.close();
});

Deno.test("files go when they are old, when all take too much, and with their run", async () => {
  using folder = quickFolder();
  const names = () => [...Deno.readDirSync(join(folder.path, "logs"))].map(({ name }) => name).toSorted();
  const nameOf = (run: number) => `${idOf(run)}.log.gz`;
  const file = join(folder.path, "history.db");
  const history = open(file);
  for (const run of [1, 2, 3]) {
    write(history, run, 6_000);
    history.save(makeRun(run, "succeeded"));
  }
  while (history.maintain(NOW)) continue;
  assert.deepEqual(names(), [1, 2, 3].map(nameOf));
  await history.close();
  const { size } = Deno.statSync(join(folder.path, "logs", nameOf(3)));
  const small = open(file, { runBytes: 1e9, totalBytes: Math.floor(size * 2.5) });
  while (small.maintain(NOW)) continue;
  assert.deepEqual(names(), [2, 3].map(nameOf));
  while (small.maintain(NOW + 8 * DAY_MS)) continue;
  assert.deepEqual(names(), []);
  await small.close();
});

Deno.test("a damaged part of a file is left out, and the lines after it are there", async () => {
  using folder = quickFolder();
  const history = open(join(folder.path, "history.db"));
  write(history);
  history.save(makeRun(1, "succeeded"));
  const path = join(folder.path, "logs", `${idOf(1)}.log.gz`);
  const bytes = Deno.readFileSync(path);
  bytes.fill(0x55, 100, 200);
  Deno.writeFileSync(path, bytes);
  const [first] = await history.lines(idOf(1), { from: 0, limit: 1 });
  assert.equal(first?.text, textOf(first?.number ?? 0));
  assert.ok((first?.number ?? 0) > 0);
  assert.ok((await whole(history)).endsWith(asLine(LINES - 1)));
  await history.close();
});

Deno.test("where the folder of the logs cannot be written, it is reported, and the end of the log is kept", async () => {
  using folder = quickFolder();
  const reported: string[] = [];
  Deno.writeTextFileSync(join(folder.path, "logs"), "a file in its place");
  const history = open(join(folder.path, "history.db"), undefined, reported);
  write(history);
  history.save(makeRun(1, "succeeded"));
  while (history.maintain(NOW)) continue;
  assert.equal(reported.length, 1);
  assert.match(reported[0] ?? "", /^the log of run .* cannot be written to .*logs: /);
  assert.equal((await history.lines(idOf(1))).at(-1)?.text, textOf(LINES - 1));
  assert.equal(history.health().trouble, undefined);
  await history.close();
});

Deno.test("once the folder can be written again the log goes on in its file, without what could not be", async () => {
  using folder = quickFolder();
  const reported: string[] = [];
  const history = open(join(folder.path, "history.db"), undefined, reported);
  history.save(makeRun(1, "running"));
  const log = (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      history.log(idOf(1), { at: NOW + number, level: "info", text: textOf(number) });
    }
  };
  const [logs, away] = [join(folder.path, "logs"), join(folder.path, "away")];
  const path = join(logs, `${idOf(1)}.log.gz`);
  log(0, 8_000);
  Deno.renameSync(logs, away);
  Deno.writeTextFileSync(logs, "a file in its place");
  log(8_000, 12_000);
  assert.equal(reported.length, 1);
  Deno.removeSync(logs);
  Deno.renameSync(away, logs);
  // What a write leaves behind that ends in the middle, as on a full disk.
  Deno.writeTextFileSync(path, "half a block", { append: true });
  log(12_000, LINES);
  history.save(makeRun(1, "succeeded"));
  while (history.maintain(NOW)) continue;
  const lines = (await whole(history)).split("\n").length;
  const text = await whole(history);
  assert.ok(text.startsWith(EVERYTHING.slice(0, 100_000)) && text.endsWith(EVERYTHING.slice(-100_000)));
  const missing = EVERYTHING.split("\n").length - lines;
  assert.ok(missing >= 3_000 && missing <= 5_010, String(missing));
  assert.equal(reported.length, 1);
  await history.close();
});

Deno.test("a file that somebody removes is begun again, and what is in it is read", async () => {
  using folder = quickFolder();
  const history = open(join(folder.path, "history.db"));
  write(history, 1, 8_000);
  Deno.removeSync(join(folder.path, "logs"), { recursive: true });
  for (let number = 8_000; number < LINES; number++) {
    history.log(idOf(1), { at: NOW + number, level: "info", text: textOf(number) });
  }
  const [first] = await history.lines(idOf(1), { from: 9_500, limit: 1 });
  assert.equal(first?.text, textOf(9_500));
  history.save(makeRun(1, "succeeded"));
  assert.ok((await whole(history)).endsWith(EVERYTHING.slice(-100_000)));
  await history.close();
});
