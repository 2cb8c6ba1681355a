/** `watch`: each new file starts one run, whatever becomes of files, task and program meanwhile. Real files, virtual time. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ArrivalLog, History } from "../../app/contracts.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Arrival, ArrivalEntry } from "../../app/model/arrival.ts";
import type { Run } from "../../app/model/run.ts";
import { every } from "../../app/trigger/declare.ts";
import type { Look } from "../../app/run/files/look.ts";
import { TaskFiles } from "../../app/run/files/task_files.ts";
import { ArrivalFiles } from "../../app/service/arrival_files.ts";
import {
  assemble,
  type Assembly,
  type AssemblyOptions,
  type Definition,
  tasksOf,
} from "../support/dispatch.ts";
import { VirtualClock } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";
import { randomFrom } from "../support/random.ts";

interface Inbox extends AsyncDisposable {
  readonly folder: string;
  going: Assembly;
  readonly history: History;
  readonly damages: string[];
  write(name: string, text?: string): string;
  /** Looks as often as it takes until a file that is still is taken, and lets its run end. */
  settle(): Promise<void>;
  runs(): Promise<Run[]>;
  /** Paths of the runs that have begun, sorted. */
  taken(): Promise<string[]>;
  /** Saves the task otherwise. */
  edit(definition: Definition): Promise<void>;
  /** Ends the program without a word, and starts it anew on the same folder. */
  killAndStart(): Promise<void>;
}

async function openInbox(definition: Definition, options: AssemblyOptions = {}): Promise<Inbox> {
  const folder = makeFolder();
  mkdirSync(join(folder.path, "inbox"));
  const history = new MemoryHistory(10_000);
  const damages: string[] = [];
  const log = new ArrivalFiles(join(folder.path, "data"), (sentence) => damages.push(sentence));
  const tasks = await tasksOf({ a: definition });
  const start = async () => {
    const going = await assemble(tasks, { history, arrivalLog: log, folder: folder.path, ...options });
    // The watch looks for the first time by itself.
    await going.arrivals.look();
    return going;
  };
  const inbox: Inbox = {
    folder: folder.path,
    going: await start(),
    history,
    damages,
    write: (name, text = name) => folder.write(name, text),
    async settle() {
      for (let i = 0; i < 3; i++) {
        await inbox.going.arrivals.look();
        await inbox.going.clock.advance({ milliseconds: 1 });
      }
    },
    runs: async () => (await history.recent("a", 10_000)).toReversed(),
    taken: async () =>
      (await inbox.runs()).filter(({ startedAt }) => startedAt !== undefined).map(({ by = "" }) => by).sort(),
    async edit(definition) {
      for (const [id, task] of await tasksOf({ a: definition })) tasks.set(id, task);
      inbox.going.events.emit("task.loaded", { taskId: "a", path: "a.ts", ended: false });
    },
    async killAndStart() {
      await inbox.going.arrivals.stop();
      inbox.going = await start();
    },
    async [Symbol.asyncDispose]() {
      await inbox.going.arrivals.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
  return inbox;
}

const WATCH: Definition = { watch: "inbox/*.csv" };

Deno.test("a new file starts one run, with its path as the parameter", async () => {
  await using inbox = await openInbox(WATCH);
  inbox.write("inbox/a.csv");
  inbox.write("inbox/a.txt");
  for (let i = 0; i < 3; i++) await inbox.settle();
  const [run, ...others] = await inbox.runs();
  assert.equal(others.length, 0);
  assert.deepEqual(
    [run?.cause, run?.by, run?.params, run?.status],
    ["file", "inbox/a.csv", { file: "inbox/a.csv" }, "succeeded"],
  );
});

Deno.test("patterns may be absolute, the parameter has another name", async () => {
  const folder = makeFolder();
  await using _ = folder;
  await using inbox = await openInbox({ watch: { files: [`${folder.path}/**/*.x`], param: "path" } });
  const file = folder.write("deep/er/a.x", "a");
  await inbox.settle();
  assert.deepEqual((await inbox.runs()).map(({ params }) => params), [{ path: file }]);
});

Deno.test("a file that is being written is not taken, however long that takes", async () => {
  await using inbox = await openInbox(WATCH);
  const path = inbox.write("inbox/slow.csv", "");
  for (let i = 0; i < 20; i++) {
    appendFileSync(path, `${i}\n`);
    await inbox.going.arrivals.look();
  }
  assert.deepEqual(await inbox.taken(), []);
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/slow.csv"]);
});

Deno.test("a file that is written under another name and renamed into place is taken once", async () => {
  await using inbox = await openInbox(WATCH);
  const part = inbox.write("inbox/a.csv.part", "half");
  await inbox.settle();
  renameSync(part, join(inbox.folder, "inbox/a.csv"));
  await inbox.settle();
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv"]);
});

Deno.test("a file that is written again is taken again", async () => {
  await using inbox = await openInbox(WATCH);
  const path = inbox.write("inbox/a.csv");
  await inbox.settle();
  appendFileSync(path, "more");
  await inbox.settle();
  utimesSync(path, 1_000, 1_000);
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), Array(3).fill("inbox/a.csv"));
});

Deno.test("what is written down does not grow with files that are gone or written again", async () => {
  await using inbox = await openInbox(WATCH);
  for (let i = 0; i < 5; i++) {
    inbox.write("inbox/again.csv", "x".repeat(i + 1));
    inbox.write(`inbox/${i}.csv`);
    for (let turn = 0; turn < 3; turn++) await inbox.settle();
    rmSync(join(inbox.folder, `inbox/${i}.csv`));
  }
  for (let i = 0; i < 3; i++) {
    await inbox.killAndStart();
    await inbox.settle();
  }
  const data = join(inbox.folder, "data");
  const [file] = [...Deno.readDirSync(data)].map(({ name }) => Deno.readTextFileSync(join(data, name)));
  // Whose file it is, the one that is there, and those that have gone of late.
  assert.equal(file?.trim().split("\n").length, 1 + 1 + 5);
  assert.equal((await inbox.taken()).length, 10);
});

Deno.test("links, pipes and folders are no files; odd names are", async () => {
  await using inbox = await openInbox(WATCH);
  const there = inbox.write("outside.csv");
  symlinkSync(there, join(inbox.folder, "inbox/link.csv"));
  symlinkSync("/nowhere", join(inbox.folder, "inbox/dead.csv"));
  mkdirSync(join(inbox.folder, "inbox/folder.csv"));
  await new Deno.Command("mkfifo", { args: [join(inbox.folder, "inbox/pipe.csv")] }).output();
  const odd = [
    "new\nline.csv",
    "-rf.csv",
    " .csv",
    "数据.csv",
    `${"x".repeat(251)}.csv`,
    "a\\b.csv",
    "$(id).csv",
  ];
  for (const name of odd) inbox.write(`inbox/${name}`);
  await inbox.settle();
  for (let i = 0; i < odd.length; i++) await inbox.settle();
  assert.deepEqual(await inbox.taken(), odd.map((name) => `inbox/${name}`).sort());
});

Deno.test("a name that is not UTF-8 starts nothing and stops nothing", async () => {
  await using inbox = await openInbox(WATCH);
  await new Deno.Command("bash", {
    args: ["-c", `touch "$1"/$'bad\\xff.csv'`, "-", join(inbox.folder, "inbox")],
  })
    .output();
  inbox.write("inbox/good.csv");
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/good.csv"]);
});

Deno.test("files wait for their turn: one run at a time, the oldest first, none is skipped", async () => {
  await using inbox = await openInbox(WATCH, { behave: () => ({ ms: 60_000 }) });
  for (const [i, name] of ["c", "a", "b"].entries()) {
    const path = inbox.write(`inbox/${name}.csv`);
    utimesSync(path, 1_000 + i, 1_000 + i);
  }
  for (let i = 0; i < 4; i++) {
    await inbox.settle();
    await inbox.going.clock.advance({ minutes: 2 });
  }
  await inbox.settle();
  const runs = await inbox.runs();
  assert.deepEqual(runs.map(({ by, status }) => [by, status]), [
    ["inbox/c.csv", "succeeded"],
    ["inbox/a.csv", "succeeded"],
    ["inbox/b.csv", "succeeded"],
  ]);
  assert.equal(inbox.going.executors.most(), 1);
});

Deno.test("as many runs as the task may have, and no more", async () => {
  await using inbox = await openInbox({ ...WATCH, concurrency: 3 }, { behave: () => ({ ms: 60_000 }) });
  for (let i = 0; i < 10; i++) inbox.write(`inbox/${i}.csv`);
  for (let i = 0; i < 6; i++) {
    await inbox.settle();
    await inbox.going.clock.advance({ minutes: 2 });
  }
  assert.equal((await inbox.taken()).length, 10);
  assert.equal(inbox.going.executors.most(), 3);
});

Deno.test("a pause makes files wait, and they come when it goes on", async () => {
  await using inbox = await openInbox(WATCH);
  await inbox.going.scheduler.setPaused("a", true);
  inbox.write("inbox/a.csv");
  await inbox.settle();
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), []);
  await inbox.going.scheduler.setPaused("a", false);
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv"]);
});

Deno.test("a blackout makes files wait until it is over", async () => {
  await using inbox = await openInbox({ ...WATCH, blackout: [{ from: "09:00", to: "11:00" }] });
  inbox.write("inbox/a.csv");
  await inbox.settle();
  assert.deepEqual(await inbox.runs(), []);
  await inbox.going.clock.advance({ hours: 2 });
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv"]);
});

Deno.test("beside a trigger: due instants and files are runs of one task", async () => {
  await using inbox = await openInbox({ ...WATCH, trigger: every("1h"), concurrency: 2 });
  inbox.write("inbox/a.csv");
  await inbox.settle();
  await inbox.going.clock.advance({ hours: 2 });
  assert.deepEqual((await inbox.runs()).map(({ cause }) => cause), ["file", "schedule", "schedule"]);
  const trigger = inbox.going.triggers.of("a");
  assert.equal(trigger?.describe("en"), "every hour; or each new file inbox/*.csv");
  assert.match(trigger?.describe("zh") ?? "", /每个新文件 inbox\/\*\.csv/);
});

Deno.test("a file that goes before its turn has no run; what is written meanwhile waits again", async () => {
  await using inbox = await openInbox(WATCH, { behave: () => ({ ms: 60_000 }) });
  for (const name of ["1", "2", "3"]) {
    const path = inbox.write(`inbox/${name}.csv`);
    utimesSync(path, 1_000 + Number(name), 1_000 + Number(name));
  }
  await inbox.settle();
  rmSync(join(inbox.folder, "inbox/2.csv"));
  appendFileSync(join(inbox.folder, "inbox/3.csv"), "more");
  await inbox.going.clock.advance({ minutes: 2 });
  assert.deepEqual(await inbox.taken(), ["inbox/1.csv"]);
  await inbox.settle();
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/1.csv", "inbox/3.csv"]);
});

Deno.test("what came while the program was stopped is taken once, and what was taken before is not", async () => {
  await using inbox = await openInbox(WATCH);
  inbox.write("inbox/before.csv");
  await inbox.settle();
  await inbox.going.arrivals.stop();
  inbox.write("inbox/meanwhile.csv");
  renameSync(join(inbox.folder, "inbox/before.csv"), join(inbox.folder, "inbox/renamed.csv"));
  for (let i = 0; i < 3; i++) {
    await inbox.killAndStart();
    await inbox.settle();
  }
  assert.deepEqual(await inbox.taken(), ["inbox/before.csv", "inbox/meanwhile.csv"]);
});

Deno.test("a run that was cut off before it began is made up for, one that began is not", async () => {
  await using inbox = await openInbox({ ...WATCH, concurrency: 2 }, {
    workers: 1,
    behave: () => ({ ms: 10_000 }),
  });
  inbox.write("inbox/a.csv");
  inbox.write("inbox/b.csv");
  await inbox.settle();
  assert.deepEqual((await inbox.runs()).map(({ status }) => status), ["running", "queued"]);
  const stopped = inbox.going.runner.stop();
  await inbox.going.clock.advance({ minutes: 2 });
  await stopped;
  await inbox.killAndStart();
  await inbox.settle();
  await inbox.going.clock.advance({ minutes: 2 });
  await inbox.settle();
  const runs = await inbox.runs();
  assert.deepEqual(runs.map(({ by, status }) => `${by} ${status}`).sort(), [
    "inbox/a.csv succeeded",
    "inbox/b.csv interrupted",
    "inbox/b.csv succeeded",
  ]);
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv", "inbox/b.csv"]);
});

Deno.test("a run that was cut off before it began, and whose file is gone, is said to be left, once", async () => {
  await using inbox = await openInbox({ ...WATCH, concurrency: 3, interrupted: "again" }, {
    workers: 1,
    behave: () => ({ ms: 10_000 }),
  });
  for (const name of ["a", "b", "c"]) inbox.write(`inbox/${name}.csv`);
  await inbox.settle();
  const stopped = inbox.going.runner.stop();
  await inbox.going.clock.advance({ minutes: 2 });
  await stopped;
  rmSync(join(inbox.folder, "inbox/b.csv"));
  const [lost] = (await inbox.runs()).filter(({ by }) => by === "inbox/b.csv");
  const said = () => inbox.going.lines.filter((line) => line.includes("is not started again"));
  await inbox.killAndStart();
  await inbox.settle();
  assert.equal(said().length, 1);
  assert.match(
    said()[0] ?? "",
    new RegExp(`run ${lost?.id} is not started again: its file inbox/b.csv is gone`),
  );
  await inbox.going.clock.advance({ minutes: 2 });
  await inbox.killAndStart();
  await inbox.settle();
  assert.deepEqual(said(), []);
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv", "inbox/c.csv"]);
});

Deno.test("a task that is saved otherwise while a file's run waits has one run of it, also after a restart", async () => {
  const definition = { concurrency: 3 };
  await using inbox = await openInbox({ ...definition, ...WATCH }, {
    workers: 1,
    behave: () => ({ ms: 10_000 }),
  });
  inbox.write("inbox/a.csv");
  inbox.write("inbox/b.csv");
  await inbox.settle();
  assert.deepEqual((await inbox.runs()).map(({ status }) => status), ["running", "queued"]);
  await inbox.edit({ ...definition, watch: { files: "inbox/*.csv", still: "4s" } });
  for (let i = 0; i < 4; i++) await inbox.settle();
  await inbox.going.clock.advance({ minutes: 2 });
  for (let i = 0; i < 4; i++) await inbox.settle();
  // Away and back again, with another wait.
  await inbox.edit({ ...definition });
  await inbox.edit({ ...definition, ...WATCH });
  await inbox.settle();
  await inbox.killAndStart();
  for (let i = 0; i < 4; i++) await inbox.settle();
  await inbox.going.clock.advance({ minutes: 2 });
  assert.deepEqual((await inbox.runs()).map(({ by, status }) => `${by} ${status}`), [
    "inbox/a.csv succeeded",
    "inbox/b.csv succeeded",
  ]);
});

Deno.test("interrupted: again starts what began once more, and a file that had not begun once", async () => {
  const definition: Definition = { ...WATCH, concurrency: 2, interrupted: "again" };
  await using inbox = await openInbox(definition, { workers: 1, behave: () => ({ ms: 3_600_000 }) });
  inbox.write("inbox/a.csv");
  inbox.write("inbox/b.csv");
  await inbox.settle();
  inbox.going.history.saveAlive(inbox.going.clock.now());
  const stopped = inbox.going.runner.stop();
  await inbox.going.clock.advance({ minutes: 2 });
  await stopped;
  await inbox.killAndStart();
  await inbox.settle();
  await inbox.going.clock.advance({ hours: 3 });
  await inbox.settle();
  const runs = (await inbox.runs()).map(({ cause, status, params }) => `${params.file} ${cause} ${status}`);
  assert.equal(
    runs.filter((run) => run.startsWith("inbox/b.csv") && !run.endsWith("interrupted")).length,
    1,
    runs.join("\n"),
  );
});

Deno.test("a folder that is not there is said once, and found once it is", async () => {
  await using inbox = await openInbox({ watch: "later/*.csv" });
  for (let i = 0; i < 3; i++) await inbox.settle();
  const said = inbox.going.lines.filter((line) =>
    /task a: watch: the folder .*later cannot be read/.test(line)
  );
  assert.equal(said.length, 1, inbox.going.lines.join("\n"));
  assert.match(inbox.going.arrivals.troubleOf("a") ?? "", /there is no such file or folder/);
  inbox.write("later/a.csv");
  await inbox.settle();
  assert.equal(inbox.going.arrivals.troubleOf("a"), undefined);
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv".replace("inbox", "later")]);
});

Deno.test("a disk that does not answer is said, and holds up neither the others nor the end", async () => {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const troubles: (string | undefined)[] = [];
  const answer = Promise.withResolvers<Look>();
  const log: ArrivalLog = {
    read: () => Promise.resolve([]),
    add: () => Promise.resolve(assert.fail("nothing is taken")),
    replace: () => Promise.resolve(),
  };
  const files = new TaskFiles("a", { files: ["in/*"], param: "file", stillMs: 2_000 }, {
    clock,
    log,
    runs: new MemoryHistory(1),
    look: () => answer.promise,
    hasRoom: () => true,
    isLive: () => false,
    onLost: () => assert.fail("nothing is lost"),
    start: () => assert.fail("nothing is started"),
    onTrouble: (sentence) => troubles.push(sentence),
  });
  files.start();
  await clock.advance({ seconds: 59 });
  assert.deepEqual(troubles, []);
  await clock.advance({ minutes: 10 });
  assert.deepEqual(troubles, ["the folders of in/* do not answer"]);
  const stopped = files.stop();
  await clock.advance({ seconds: 2 });
  await stopped;
  answer.resolve({ files: new Map(), unread: [], troubles: ["it is too late"] });
  await clock.advance({ seconds: 10 });
  assert.deepEqual(troubles, ["the folders of in/* do not answer"]);
});

Deno.test("where nothing can be written down nothing is taken; it is once it can be", async () => {
  await using inbox = await openInbox(WATCH);
  writeFileSync(join(inbox.folder, "data"), "a file where the folder should be");
  inbox.write("inbox/a.csv");
  for (let i = 0; i < 3; i++) await inbox.settle();
  assert.deepEqual(await inbox.runs(), []);
  assert.match(
    inbox.going.arrivals.troubleOf("a") ?? "",
    /that a file is taken cannot be written down, so none is: /,
  );
  rmSync(join(inbox.folder, "data"));
  await inbox.settle();
  assert.deepEqual(await inbox.taken(), ["inbox/a.csv"]);
});

Deno.test("a damaged line costs one file, which is said; a line that was cut off costs none", async () => {
  await using inbox = await openInbox(WATCH);
  for (const name of ["a", "b", "c"]) inbox.write(`inbox/${name}.csv`);
  for (let i = 0; i < 3; i++) await inbox.settle();
  await inbox.going.arrivals.stop();
  const [file] = [...Deno.readDirSync(join(inbox.folder, "data"))].map(({ name }) =>
    join(inbox.folder, "data", name)
  );
  appendFileSync(file ?? "", `\n{"kind":"taken","path":"/x`);
  await inbox.killAndStart();
  await inbox.settle();
  assert.deepEqual([(await inbox.taken()).length, inbox.damages], [3, []]);
  const text = Deno.readTextFileSync(file ?? "").replace('"kind":"renamed"', '"kind":"re');
  await inbox.going.arrivals.stop();
  Deno.writeTextFileSync(file ?? "", text);
  await inbox.killAndStart();
  for (let i = 0; i < 3; i++) await inbox.settle();
  assert.equal((await inbox.taken()).length, 4);
  assert.match(inbox.damages.join(), /1 of 4 lines cannot be read/);
});

/** Writes so many times more, and then never answers again: the program was killed, before the write or behind it. */
class CutLog implements ArrivalLog {
  readonly killed = Promise.withResolvers<void>();

  constructor(readonly log: ArrivalLog, public left: number, readonly isWritten: boolean) {}

  read(taskId: string) {
    return this.log.read(taskId);
  }
  add(taskId: string, entries: readonly ArrivalEntry[]) {
    return this.#cut(() => this.log.add(taskId, entries));
  }
  replace(taskId: string, arrivals: readonly Arrival[]) {
    return this.#cut(() => this.log.replace(taskId, arrivals));
  }

  async #cut(write: () => Promise<void>): Promise<void> {
    const isAlive = this.left-- > 0;
    if (isAlive || this.isWritten) await write();
    if (isAlive) return;
    this.killed.resolve();
    await new Promise(() => {});
  }
}

for (const isWritten of [false, true]) {
  Deno.test(`killed ${isWritten ? "behind" : "before"} each write: each file has one run that began`, async () => {
    for (let left = 0; left < 14; left++) {
      const folder = makeFolder({ "inbox/a.csv": "a", "inbox/b.csv": "b", "inbox/c.csv": "c" });
      await using _ = folder;
      const history = new MemoryHistory(100);
      const tasks = await tasksOf({ a: WATCH });
      const log = new ArrivalFiles(join(folder.path, "data"), () => {});
      const live = async (arrivalLog: ArrivalLog, killed = new Promise<void>(() => {})) => {
        const going = await assemble(tasks, { history, arrivalLog, folder: folder.path });
        for (let i = 0; i < 12; i++) {
          await Promise.race([going.arrivals.look(), killed]);
          await going.clock.advance({ milliseconds: 1 });
        }
        return going;
      };
      const cut = new CutLog(log, left, isWritten);
      await live(cut, cut.killed.promise);
      const last = await live(log);
      const runs = (await history.recent("a", 100)).filter(({ startedAt }) => startedAt !== undefined);
      const paths = runs.map(({ by }) => by).sort();
      assert.deepEqual(paths, ["inbox/a.csv", "inbox/b.csv", "inbox/c.csv"], `killed after ${left} writes`);
      await last.arrivals.stop();
    }
  });
}

Deno.test("1,000 files dropped, written, renamed, deleted, over restarts: each once", async () => {
  await using inbox = await openInbox({ ...WATCH, concurrency: 50 }, { workers: 50 });
  const random = randomFrom(20_261_127);
  const at = (name: string) => join(inbox.folder, "inbox", name);
  const left = new Map<string, string>();
  const gone = new Set<string>();
  let dropped = 0;
  while (dropped < 1_000) {
    for (let i = 0; i < 50; i++, dropped++) {
      const name = `${dropped}.csv`;
      const chance = random();
      // Some are written beside their place and renamed into it, some grow where they are.
      writeFileSync(at(chance < 0.5 ? `${name}.part` : name), `${dropped}`);
      if (chance < 0.5) renameSync(at(`${name}.part`), at(name));
      left.set(name, name);
    }
    if (random() < 0.7) await inbox.going.arrivals.look();
    for (const name of [...left.keys()].slice(-60)) {
      const chance = random();
      if (chance < 0.1) {
        rmSync(at(name));
        gone.add(left.get(name) ?? name);
        left.delete(name);
      } else if (chance < 0.3) {
        renameSync(at(name), at(`r${name}`));
        left.set(`r${name}`, left.get(name) ?? name);
        left.delete(name);
      }
    }
    if (random() < 0.3) await inbox.killAndStart();
    await inbox.going.clock.advance({ milliseconds: 1 });
  }
  for (let i = 0; i < 30; i++) await inbox.settle();
  // Which file a run was for: names only grow by an "r".
  const taken = (await inbox.taken()).map((path) => path.replace(/^inbox\/r*/, ""));
  const times = Map.groupBy(taken, (name) => name);
  assert.deepEqual(
    [...left.values()].filter((name) => times.get(name)?.length !== 1),
    [],
    "each that stays, once",
  );
  assert.deepEqual([...times].filter(([, all]) => all.length !== 1).map(([name]) => name), [], "none twice");
  assert.equal(left.size + gone.size, 1_000);
});
