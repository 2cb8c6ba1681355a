/** Files of runs on the disk: limits that hold whatever a host says, and what goes when. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ArtifactFiles, safeName } from "../../app/history/artifact_files.ts";
import { makeFolder } from "../support/folder.ts";
import { DAY_MS, idOf, makeRun, NOW, openBacked } from "./runs.ts";

const LIMITS = { fileBytes: 100, runBytes: 250, totalBytes: 300 };

function piece(id: number, bytes: number, last = true, name = "a.csv") {
  return { id, title: "A", name, bytes: new Uint8Array(bytes).fill(id), last };
}

Deno.test("limits of a file and of a run hold, and a file that is refused leaves nothing", async () => {
  await using folder = makeFolder();
  const files = new ArtifactFiles(folder.path, LIMITS);
  const run = idOf(1);
  assert.equal(files.take(run, piece(1, 60, false), NOW), undefined);
  assert.match(JSON.stringify(files.take(run, piece(1, 60, false), NOW)), /more than 100 bytes/);
  // What comes of it afterwards is passed over.
  assert.equal(files.take(run, piece(1, 1), NOW), undefined);
  assert.deepEqual([...Deno.readDirSync(join(folder.path, run))], []);
  for (const id of [2, 3]) assert.ok(files.take(run, piece(id, 100), NOW));
  assert.match(JSON.stringify(files.take(run, piece(4, 51), NOW)), /the files of its run have more than 250/);
  assert.ok("artifact" in (files.take(run, piece(5, 50), NOW) ?? {}));
  // Half of one, and the run ends.
  files.take(run, piece(6, 0, false), NOW);
  files.end(run);
  const names = [...Deno.readDirSync(join(folder.path, run))].map(({ name }) => name).sort();
  assert.deepEqual(names, ["2-a.csv", "3-a.csv", "4-a.csv"]);
});

Deno.test("what an attempt has begun or was refused is nothing to the next one, which counts its files anew", async () => {
  await using folder = makeFolder();
  const files = new ArtifactFiles(folder.path, LIMITS);
  const run = idOf(1);
  assert.ok(files.take(run, piece(1, 10, true, "whole.csv"), NOW));
  files.take(run, piece(2, 90, false, "cut_off.csv"), NOW);
  assert.match(JSON.stringify(files.take(run, piece(3, 101), NOW)), /more than 100 bytes/);
  files.endAttempt(run);
  assert.deepEqual([...Deno.readDirSync(join(folder.path, run))].map(({ name }) => name), ["1-whole.csv"]);
  for (const [id, bytes] of [[1, 50], [2, 90], [3, 100]] as const) {
    const taken = files.take(run, piece(id, bytes, true, `again_${id}.csv`), NOW);
    assert.ok(taken && "artifact" in taken, JSON.stringify(taken));
    assert.equal(taken.artifact.bytes, bytes);
    assert.equal(Deno.statSync(join(folder.path, run, taken.artifact.path)).size, bytes);
  }
  assert.match(JSON.stringify(files.take(run, piece(4, 1), NOW)), /the files of its run have more than 250/);
});

Deno.test("beyond the limit of all, the files of the oldest run go first, never those of one that goes on", async () => {
  await using folder = makeFolder();
  const files = new ArtifactFiles(folder.path, LIMITS);
  for (const number of [1, 2, 3, 4]) {
    files.take(idOf(number), piece(1, 100), NOW);
    if (number > 1) files.end(idOf(number));
  }
  let steps = 0;
  while (files.removeSome()) assert.ok(++steps < 10);
  const left = [1, 2, 3, 4].map((number) => files.open(idOf(number), "1-a.csv") !== undefined);
  assert.deepEqual(left, [true, false, true, true]);
  // Another process counts what is there.
  const again = new ArtifactFiles(folder.path, { ...LIMITS, totalBytes: 100 });
  while (again.removeSome()) assert.ok(++steps < 20);
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), [idOf(4)]);
});

Deno.test("a disk that refuses is a sentence and no error", async () => {
  await using folder = makeFolder({ in_the_way: "" });
  const files = new ArtifactFiles(join(folder.path, "in_the_way"), LIMITS);
  const taken = files.take(idOf(1), piece(1, 10), NOW);
  assert.match(JSON.stringify(taken), /problem/);
  assert.deepEqual(files.take("../../etc", piece(1, 1), NOW), { problem: "there is no such run" });
  assert.equal(files.open("../..", "passwd"), undefined);
});

Deno.test("whatever a file is called it can be read, and one that is being written cannot", async () => {
  await using folder = makeFolder();
  const files = new ArtifactFiles(folder.path, LIMITS);
  const run = idOf(1);
  const whole = new Set<string>();
  for (const [i, name] of ["a.csv.part", "a.csv~", "part", ".part", "a.part.part"].entries()) {
    files.take(run, piece(i, 5, false, name), NOW);
    const [writing] = [...Deno.readDirSync(join(folder.path, run))].filter((each) => !whole.has(each.name));
    assert.equal(files.open(run, writing?.name ?? ""), undefined, name);
    const taken = files.take(run, piece(i, 5, true, name), NOW);
    assert.ok(taken && "artifact" in taken, name);
    whole.add(taken.artifact.path);
    const bytes = [];
    for await (const each of files.open(run, taken.artifact.path) ?? []) bytes.push(...each);
    assert.deepEqual(bytes, new Array(10).fill(i), taken.artifact.path);
  }
});

Deno.test("names lead nowhere and keep their ending", () => {
  const names: [string, string][] = [
    ["1-report.csv", "1-report.csv"],
    ["1-a/b\\c.csv", "1-a_b_c.csv"],
    ["1-..", "1-.."],
    ["..", "_"],
    [".bashrc", "_bashrc"],
    ["1-\u202egpj.exe", "1-_gpj.exe"],
    ["1-报表.tar.gz", "1-报表.tar.gz"],
    [`1-${"报".repeat(300)}.csv`, `1-${"报".repeat(59)}.csv`],
  ];
  for (const [given, expected] of names) assert.equal(safeName(given), expected);
});

Deno.test("files go with their run", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const store = openBacked(file);
  store.save(makeRun(1, "running", { startedAt: NOW }));
  assert.equal(store.takeArtifact(idOf(1), piece(1, 10), NOW), undefined);
  store.save(makeRun(1, "succeeded", { startedAt: NOW, finishedAt: NOW }));
  assert.equal((await store.artifacts(idOf(1))).length, 1);
  const bytes = [];
  for await (const each of store.artifactBytes(idOf(1), "1-a.csv") ?? []) bytes.push(...each);
  assert.deepEqual(bytes, new Array(10).fill(1));
  for (let step = 0; store.maintain(NOW + 40 * DAY_MS) && step < 1_000; step++);
  assert.equal(store.artifactBytes(idOf(1), "1-a.csv"), undefined);
  assert.deepEqual([...Deno.readDirSync(`${file}.artifacts`)], []);
  await store.close();
});
