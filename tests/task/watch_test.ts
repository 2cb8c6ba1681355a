/** The watch over the task folder: what it notices, and what it survives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Watcher } from "../../app/task/inotify.ts";
import { FolderWatch, type FolderWatchParts, LOOK_MS, LOOK_UNWATCHED_MS } from "../../app/task/watch.ts";
import { settled, VirtualClock } from "../support/clock.ts";
import { makeFolder, type TestFolder } from "../support/folder.ts";

/** A watch of the system that says what a test has it say. */
class FakeWatcher implements Watcher {
  news = false;
  isLost = false;
  isClosed = false;

  constructor(readonly folders: readonly string[]) {}

  hasNews(): boolean {
    assert.ok(!this.isClosed);
    if (this.isLost) throw new Error("the queue is gone");
    const { news } = this;
    this.news = false;
    return news;
  }

  close(): void {
    this.isClosed = true;
  }
}

interface House extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly folder: TestFolder;
  readonly watch: FolderWatch;
  readonly watchers: FakeWatcher[];
  readonly troubles: string[];
  /** How often the folder was read. */
  readonly reads: () => number;
  /** What the next readings lead to; good where nothing is said. */
  readonly answers: (Error | { readonly mayReadMore: boolean })[];
  /** Waits for the reading that is going on. */
  passed(duration: Temporal.DurationLike): Promise<void>;
}

async function watching(parts: Partial<FolderWatchParts> = {}): Promise<House> {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const folder = makeFolder({ "tasks/a.ts": "1" });
  const watchers: FakeWatcher[] = [];
  const troubles: string[] = [];
  const answers: House["answers"] = [];
  let reads = 0;
  const watch = new FolderWatch({
    folder: join(folder.path, "tasks"),
    clock,
    open: (folders) => {
      const watcher = new FakeWatcher(folders);
      watchers.push(watcher);
      return watcher;
    },
    reload: () => {
      reads++;
      const answer = answers.shift() ?? { mayReadMore: false };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onTrouble: (sentence) => troubles.push(sentence),
    ...parts,
  });
  await watch.start();
  return {
    clock,
    folder,
    watch,
    watchers,
    troubles,
    answers,
    reads: () => reads,
    async passed(duration) {
      await clock.advance(duration);
      // A look goes on in turns of the event loop; the folder has a few entries.
      for (let turn = 0; turn < 20; turn++) await settled();
    },
    async [Symbol.asyncDispose]() {
      await watch.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function news(watcher: FakeWatcher | undefined): void {
  assert.ok(watcher);
  watcher.news = true;
}

Deno.test("what happens is read once it has been quiet for a moment, and at the latest after two seconds", async () => {
  await using house = await watching();
  const [watcher] = house.watchers;
  assert.ok(watcher);
  assert.equal(house.reads(), 1);
  for (let i = 0; i < 3; i++) {
    watcher.news = true;
    await house.passed({ milliseconds: 100 });
  }
  assert.equal(house.reads(), 1);
  await house.passed({ milliseconds: 200 });
  assert.equal(house.reads(), 2);
  // Somebody who writes a line every 100 ms does not keep it from being read.
  for (let i = 0; i < 40; i++) {
    watcher.news = true;
    await house.passed({ milliseconds: 100 });
  }
  assert.ok(house.reads() >= 3 && house.reads() <= 4, String(house.reads()));
});

Deno.test("a look every 30 seconds notices what the system did not report, and costs no reading where nothing changed", async () => {
  await using house = await watching();
  await house.passed({ minutes: 10 });
  assert.equal(house.reads(), 1);
  house.folder.write("tasks/sub/b.ts", "2");
  await house.passed({ milliseconds: LOOK_MS });
  assert.equal(house.reads(), 2);
  const file = join(house.folder.path, "tasks/a.ts");
  const { mtime, ctime } = Deno.statSync(file);
  // The same size and the same time of modification; the file system's own clock ticks every few milliseconds.
  do {
    Deno.writeTextFileSync(file, "2");
    Deno.utimeSync(file, mtime ?? 0, mtime ?? 0);
  } while (Number(Deno.statSync(file).ctime) === Number(ctime));
  await house.passed({ milliseconds: LOOK_MS });
  assert.equal(house.reads(), 3);
  await house.passed({ minutes: 10 });
  assert.equal(house.reads(), 3);
});

Deno.test("a reading that failed is tried again at each look until it is good", async () => {
  await using house = await watching();
  house.answers.push(new Error("the disk is full"), new Error("the disk is full"), { mayReadMore: true });
  news(house.watchers[0]);
  await house.passed({ seconds: 1 });
  assert.equal(house.reads(), 2);
  for (const reads of [3, 4, 5, 5, 5]) {
    await house.passed({ milliseconds: LOOK_MS });
    assert.equal(house.reads(), reads);
  }
});

Deno.test("a folder that is removed and made again, or becomes a link, is watched again", async () => {
  await using house = await watching();
  const tasks = join(house.folder.path, "tasks");
  Deno.removeSync(tasks, { recursive: true });
  await house.passed({ milliseconds: LOOK_MS });
  assert.equal(house.watchers.length, 1);
  house.folder.write("tasks/b.ts", "2");
  await house.passed({ milliseconds: LOOK_MS });
  assert.equal(house.watchers.length, 2);
  for (const release of ["one", "two"]) {
    house.folder.write(`${release}/b.ts`, release);
    Deno.removeSync(tasks, { recursive: true });
    Deno.symlinkSync(join(house.folder.path, release), tasks);
    const before = house.reads();
    await house.passed({ milliseconds: LOOK_MS });
    assert.ok(house.reads() > before);
  }
  assert.equal(house.watchers.length, 4);
  const before = house.reads();
  news(house.watchers[3]);
  await house.passed({ seconds: 1 });
  assert.equal(house.reads(), before + 1);
});

Deno.test("a watch that the system gives up is begun again, and said once", async () => {
  await using house = await watching();
  assert.ok(house.watchers[0]);
  house.watchers[0].isLost = true;
  await house.passed({ milliseconds: LOOK_MS });
  assert.equal(house.watchers.length, 2);
  assert.equal(house.troubles.length, 1);
  assert.match(
    house.troubles[0] ?? "",
    /cannot be watched: the queue is gone; changes are noticed within 5 s$/,
  );
});

Deno.test("where the system cannot watch at all, changes are noticed by looking more often", async () => {
  for (const refusal of [new Error("there are too many folders"), undefined]) {
    await using house = await watching({
      open: () => {
        if (refusal) throw refusal;
        return undefined;
      },
    });
    await house.passed({ minutes: 2 });
    assert.equal(house.troubles.length, 1);
    house.folder.write("tasks/b.ts", "2");
    await house.passed({ milliseconds: LOOK_UNWATCHED_MS });
    assert.equal(house.reads(), 2);
  }
});

Deno.test("the system's own watch reports files in all folders, also in new ones, and a named pipe does not end it", async () => {
  await using house = await watching({ open: undefined });
  let reads = house.reads();
  const isRead = async (what: string) => {
    await house.passed({ seconds: 1 });
    assert.ok(house.reads() > reads, what);
    reads = house.reads();
  };
  const tasks = join(house.folder.path, "tasks");
  house.folder.write("tasks/b.ts", "2");
  await isRead("a new file");
  house.folder.write("tasks/sub/deep/c.ts", "3");
  await isRead("a new folder");
  house.folder.write("tasks/sub/deep/c.ts", "4");
  await isRead("a file in it");
  for (const name of ["pipe.ts", "sub/pipe.ts"]) {
    new Deno.Command("mkfifo", { args: [join(tasks, name)] }).outputSync();
    await isRead("a named pipe");
  }
  Deno.symlinkSync(join(tasks, "pipe.ts"), join(tasks, "link.ts"));
  await isRead("a link to it");
  Deno.chmodSync(join(tasks, "b.ts"), 0o600);
  await isRead("rights");
  Deno.renameSync(join(tasks, "b.ts"), join(tasks, "sub/b.ts"));
  await isRead("another name");
  Deno.removeSync(join(tasks, "sub"), { recursive: true });
  await isRead("a folder that is gone");
  await house.passed({ minutes: 5 });
  assert.equal(house.reads(), reads);
  assert.deepEqual(house.troubles, []);
});

Deno.test("what changes beside the folder is read for once it has come to rest, or goes on for a minute", async () => {
  let beside: string | undefined;
  await using house = await watching({ beside: () => beside });
  await house.passed({ seconds: 20 });
  assert.equal(house.reads(), 1);
  for (const each of ["a", "b", "c"]) {
    beside = each;
    await house.passed({ seconds: 1 });
    assert.equal(house.reads(), 1);
  }
  await house.passed({ seconds: 2 });
  assert.equal(house.reads(), 2);
  beside = undefined;
  await house.passed({ seconds: 4 });
  assert.equal(house.reads(), 2);
  // It takes some steps; the slow look finds the folder itself as it was.
  for (let step = 0; step < 60; step++) {
    beside = `step ${step}`;
    await house.passed({ seconds: 1 });
  }
  assert.equal(house.reads(), 2);
  beside = "step 61";
  await house.passed({ seconds: 1 });
  assert.equal(house.reads(), 3);
});
