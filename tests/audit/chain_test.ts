/** The chain of the audit: what anybody does to its files shows. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Audit } from "../../app/audit/log.ts";
import { dayFiles, headPath } from "../../app/audit/files.ts";
import { MAX_LINE } from "../../app/audit/read_lines.ts";
import { verify } from "../../app/audit/verify.ts";
import { openLockFile } from "../../app/history/lock_file.ts";
import { makeFolder } from "../support/folder.ts";
import { DAY_MS, entry, House } from "./house.ts";

async function withHouse(work: (house: House, audit: Audit) => void | Promise<void>): Promise<void> {
  await using folder = makeFolder();
  const house = new House(folder.path);
  await work(house, house.open());
}

function fill(audit: Audit, count: number): void {
  for (let i = 1; i <= count; i++) audit.record(entry(`act.${i}`));
}

/** The lines of the newest file, changed. */
function edit(house: House, change: (lines: string[]) => string[], name?: string): void {
  const path = house.path(name);
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  Deno.writeTextFileSync(path, change(lines).map((line) => `${line}\n`).join(""));
}

Deno.test("lines are numbered, sealed and readable by their owner alone", () =>
  withHouse((house, audit) => {
    assert.deepEqual(verify(house.folder), {
      lines: 0,
      first: undefined,
      last: undefined,
      problems: [],
      more: 0,
    });
    fill(audit, 3);
    assert.deepEqual(house.lines().map(({ n, action, who, from, by }) => [n, action, who, from, by]), [
      [1, "act.1", "anna", "10.0.0.5", "page"],
      [2, "act.2", "anna", "10.0.0.5", "page"],
      [3, "act.3", "anna", "10.0.0.5", "page"],
    ]);
    const { lines, problems } = verify(house.folder);
    assert.deepEqual([lines, problems], [3, []]);
    for (const path of [house.path(), headPath(house.folder)]) {
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600, path);
    }
    assert.equal((Deno.statSync(house.folder).mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("the seal of a line can be checked with sha256sum", () =>
  withHouse(async (house, audit) => {
    audit.record(entry("act", { message: 'a "quoted" word, 数, ,"hash":"' }));
    const script = `sed -E 's/,"hash":"[0-9a-f]+"\\}$/}/' "$0" | tr -d '\\n' | sha256sum`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", script, house.path()] }).output();
    assert.equal(new TextDecoder().decode(stdout).slice(0, 64), house.lines()[0]?.hash);
  }));

const ATTACKS: Readonly<Record<string, readonly [(lines: string[]) => string[], RegExp]>> = {
  "a word is changed": [
    (lines) => lines.map((line, i) => i === 4 ? line.replace("anna", "bert") : line),
    /:5: line 5 was changed: its hash/,
  ],
  "a line is taken out": [(lines) => lines.toSpliced(4, 1), /:5: line 5 is missing before it/],
  "several lines are taken out": [(lines) => lines.toSpliced(2, 4), /:3: lines 3 to 6 are missing before it/],
  "the first line is taken out": [(lines) => lines.slice(1), /:1: line 1 is missing before it/],
  "the last line is taken out": [(lines) => lines.slice(0, -1), /^line 10 is missing at the end/],
  "all lines are taken out": [() => [], /^lines 1 to 10 are missing at the end/],
  "two lines change places": [
    (lines) => [...lines.slice(0, 4), lines[5] ?? "", lines[4] ?? "", ...lines.slice(6)],
    /:5: line 5 is missing before it/,
  ],
  "a line stands twice": [
    (lines) => lines.toSpliced(4, 0, lines[4] ?? ""),
    /:6: line 5 stands behind line 5/,
  ],
  "a line is cut off": [
    (lines) => lines.map((line, i) => i === 4 ? line.slice(0, 50) : line),
    /:5: the line cannot be read/,
  ],
  "a line is emptied": [(lines) => lines.map((line, i) => i === 4 ? "" : line), /:5: the line is empty/],
  "a foreign line is put in": [(lines) => lines.toSpliced(4, 0, "{}"), /:5: the line cannot be read/],
  "a line of another type": [(lines) => lines.toSpliced(4, 0, '[1,"2",null]'), /:5: the line cannot be read/],
  "a line that is far too long": [
    (lines) => lines.toSpliced(4, 0, `{"n":5,"x":"${"x".repeat(3 * MAX_LINE)}"}`),
    /:5: the line cannot be read/,
  ],
  "a line with a seal that fits, of somebody else": [
    (lines) => lines.map((line, i) => i === 4 ? resealed(line) : line),
    /:6: line 6 does not follow line 5 as it is/,
  ],
  "the last line with a seal that fits": [
    (lines) => lines.map((line, i) => i === 9 ? resealed(line) : line),
    /line 10, the last one, is not the one that/,
  ],
};

/** The line of a forger who knows how lines are sealed. */
function resealed(line: string): string {
  const read = JSON.parse(line.replace("anna", "bert"));
  delete read.hash;
  const bare = JSON.stringify(read);
  return `${bare.slice(0, -1)},"hash":"${createHash("sha256").update(bare).digest("hex")}"}`;
}

for (const [what, [attack, problem]] of Object.entries(ATTACKS)) {
  Deno.test(`it shows that ${what}`, () =>
    withHouse((house, audit) => {
      fill(audit, 10);
      edit(house, attack);
      const { problems } = verify(house.folder);
      assert.match(problems.join("\n"), new RegExp(problem.source, "m"));
    }));
}

Deno.test("every single byte that is changed shows", () =>
  withHouse((house, audit) => {
    fill(audit, 3);
    const whole = Deno.readFileSync(house.path());
    let seen = 0;
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      Deno.writeFileSync(house.path(), changed);
      if (verify(house.folder).problems.length > 0) seen++;
    }
    assert.equal(seen, whole.length);
  }));

Deno.test("wherever the file is cut off, it shows, and the chain goes on", () =>
  withHouse((house, audit) => {
    fill(audit, 3);
    const whole = Deno.readFileSync(house.path());
    for (let at = 0; at < whole.length; at += 7) {
      Deno.writeFileSync(house.path(), whole.subarray(0, at));
      assert.ok(verify(house.folder).problems.length > 0, `cut at ${at}`);
    }
    for (const at of [whole.length - 1, whole.length - 40, 10]) {
      Deno.writeFileSync(house.path(), whole.subarray(0, at));
      const next = new House(house.data);
      next.open().record(entry("next"));
      const lines = next.lines();
      assert.equal(lines.at(-1)?.action, "next");
      assert.equal(lines.at(-2)?.action, "audit.damaged");
      assert.ok((lines.at(-1)?.n ?? 0) > 4, "numbers go on behind what had been written");
      assert.match(next.said.join("\n"), /is not as it was left/);
      // What is written from then on stands on firm ground.
      const problems = verify(next.folder).problems.length;
      next.open().record(entry("more"));
      assert.equal(verify(next.folder).problems.length, problems);
      Deno.writeTextFileSync(
        headPath(house.folder),
        `${
          JSON.stringify({
            n: 3,
            hash: JSON.parse(new TextDecoder().decode(whole).split("\n")[2] ?? "").hash,
          })
        }\n`,
      );
    }
  }));

Deno.test("lines that are taken away while Carillon is active are noted by the next one", () =>
  withHouse((house, audit) => {
    fill(audit, 5);
    Deno.removeSync(house.folder, { recursive: true });
    audit.record(entry("next"));
    assert.deepEqual(house.lines().map(({ n, action }) => [n, action]), [[6, "audit.damaged"], [7, "next"]]);
    assert.match(house.said.join(), /the lines 1 to 5 had been written and are missing/);
    assert.match(verify(house.folder).problems.join(), /:1: lines 1 to 5 are missing before it/);
  }));

Deno.test("a day's file that is taken away shows, between others and at the end", () =>
  withHouse((house, audit) => {
    for (let day = 0; day < 4; day++) {
      fill(audit, 2);
      house.now += DAY_MS;
    }
    const names = dayFiles(house.folder);
    assert.deepEqual(names.map((name) => name.slice(0, 10)), [
      "2026-03-10",
      "2026-03-11",
      "2026-03-12",
      "2026-03-13",
    ]);
    assert.deepEqual(verify(house.folder).problems, []);
    const kept = Deno.readTextFileSync(house.path(names[1]));
    Deno.removeSync(house.path(names[1]));
    assert.match(verify(house.folder).problems.join(), /^2026-03-12\.ndjson:1: lines 3 to 4 are missing/);
    Deno.writeTextFileSync(house.path(names[1]), kept);
    Deno.removeSync(house.path(names[3]));
    assert.match(verify(house.folder).problems.join(), /lines 7 to 8 are missing at the end/);
  }));

Deno.test("without its head nobody can say whether the end is there, and it says so", () =>
  withHouse((house, audit) => {
    fill(audit, 2);
    Deno.removeSync(headPath(house.folder));
    assert.match(verify(house.folder).problems.join(), /whether lines are missing at the end cannot be said/);
    for (const text of ["", "{", "null", '{"n":1}', '{"n":-1,"hash":"x"}', '{"n":1e99,"hash":"00"}']) {
      Deno.writeTextFileSync(headPath(house.folder), text);
      assert.match(verify(house.folder).problems.join(), /cannot be said/, text);
    }
    // The program knows where it was.
    audit.record(entry("next"));
    assert.deepEqual(verify(house.folder).problems, []);
  }));

Deno.test("the clock set back writes no lines before others", () =>
  withHouse((house, audit) => {
    fill(audit, 1);
    house.now += 5 * DAY_MS;
    fill(audit, 1);
    house.now -= 4 * DAY_MS;
    fill(audit, 1);
    assert.equal(dayFiles(house.folder).length, 2);
    assert.deepEqual(verify(house.folder).problems, []);
  }));

Deno.test("two programs write to one chain, and each waits while the other does", () =>
  withHouse((house, audit) => {
    const other = new House(house.data).open();
    for (let i = 0; i < 20; i++) (i % 3 === 0 ? other : audit).record(entry(`act.${i}`));
    assert.deepEqual(house.lines().map(({ n }) => n), Array.from({ length: 20 }, (_, i) => i + 1));
    const lock = openLockFile(headPath(house.folder));
    assert.ok(lock);
    audit.record(entry("held"));
    assert.equal(house.lines().length, 20);
    assert.deepEqual(house.said, [], "for a moment nothing is said");
    house.now += 11_000;
    audit.maintain(house.now);
    assert.match(house.said.join(), /audit\.failed: .*another program writes to/);
    lock[Symbol.dispose]();
    audit.maintain(house.now);
    assert.equal(house.lines().at(-1)?.action, "held");
    assert.match(house.said.join(), /audit\.recovered: .*the 1 entries that it had missed/);
    assert.deepEqual(verify(house.folder).problems, []);
  }));

Deno.test("a folder that cannot be written stops nothing, is said once, and gets what it missed", () =>
  withHouse((house, audit) => {
    fill(audit, 1);
    // Root writes wherever it likes: a file in the folder's place stops it too.
    Deno.renameSync(house.folder, `${house.folder}.away`);
    Deno.writeTextFileSync(house.folder, "");
    fill(audit, 3);
    assert.equal(house.said.filter((each) => each.startsWith("audit.failed")).length, 1);
    assert.match(audit.trouble ?? "", /the audit cannot be written: .*entries are kept in memory/);
    Deno.removeSync(house.folder);
    Deno.renameSync(`${house.folder}.away`, house.folder);
    audit.maintain(house.now);
    assert.equal(audit.trouble, undefined);
    assert.equal(house.lines().length, 4);
    assert.deepEqual(verify(house.folder).problems, []);
  }));

Deno.test("a full disk: no half line stays, and nothing is lost that can be kept", () =>
  withHouse((house, audit) => {
    fill(audit, 1);
    const path = house.path();
    const first = Deno.readTextFileSync(path);
    Deno.renameSync(path, `${path}.kept`);
    Deno.symlinkSync("/dev/full", path);
    fill(audit, 2);
    assert.match(house.said.join(), /audit\.failed: .*cannot be written/);
    Deno.removeSync(path);
    Deno.renameSync(`${path}.kept`, path);
    assert.equal(Deno.readTextFileSync(path), first);
    audit.maintain(house.now);
    assert.deepEqual(house.lines().map(({ n }) => n), [1, 2, 3]);
    assert.deepEqual(verify(house.folder).problems, []);
  }));

Deno.test("what is too much to be kept in memory is counted", () =>
  withHouse((house, audit) => {
    Deno.writeTextFileSync(house.folder, "");
    fill(audit, 10_003);
    Deno.removeSync(house.folder);
    audit.maintain(house.now);
    const lines = house.lines();
    assert.equal(lines.length, 10_001);
    assert.match(lines.at(-1)?.message ?? "", /^3 entries are lost/);
    assert.equal(audit.close(), 0);
  }));

Deno.test("old files go one at a time, the chain says so, and what is left verifies", () =>
  withHouse((house) => {
    const audit = house.open(2);
    for (let day = 0; day < 5; day++) {
      fill(audit, 2);
      house.now += DAY_MS;
    }
    assert.equal(dayFiles(house.folder).length, 5);
    for (let hour = 0; hour < 6; hour++) {
      audit.maintain(house.now);
      assert.deepEqual(verify(house.folder).problems, [], `hour ${hour}`);
      house.now += 3_600_000;
    }
    assert.deepEqual(dayFiles(house.folder).map((name) => name.slice(0, 10)), [
      "2026-03-13",
      "2026-03-14",
      "2026-03-15",
    ]);
    assert.equal(house.lines().filter(({ action }) => action === "audit.retention").length, 3);
    // Somebody else takes one more.
    Deno.removeSync(house.path(dayFiles(house.folder)[0]));
    assert.match(verify(house.folder).problems.join(), /are missing before it/);
  }));

Deno.test("a kill between the note and the removal, or in the middle of it, is no gap", () =>
  withHouse((house) => {
    const audit = house.open(1);
    for (let day = 0; day < 3; day++) {
      fill(audit, 1);
      house.now += DAY_MS;
    }
    const oldest = Deno.readTextFileSync(house.path(dayFiles(house.folder)[0]));
    const name = dayFiles(house.folder)[0] ?? "";
    audit.maintain(house.now);
    Deno.writeTextFileSync(house.path(name), oldest);
    assert.deepEqual(verify(house.folder).problems, []);
    house.open(1).maintain(house.now);
    assert.deepEqual(verify(house.folder).problems, []);
  }));
