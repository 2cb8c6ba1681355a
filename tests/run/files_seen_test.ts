/** What looks at folders mean, without a disk: complete, new, written again, renamed, gone, back. */
import assert from "node:assert/strict";
import type { Arrival, FileVersion } from "../../app/model/arrival.ts";
import type { FoundFile, Look } from "../../app/run/files/look.ts";
import { SeenFiles } from "../../app/run/files/seen.ts";
import { fc } from "../support/fast_check.ts";

type Facts = Partial<FileVersion>;

function looked(files: Readonly<Record<string, Facts>>, unread: readonly string[] = []): Look {
  const found = Object.entries(files).map(([path, facts]): [string, FoundFile] => [
    path,
    { path, shown: path, version: { bytes: 1, modified: 1, changed: 1, ...facts } },
  ]);
  return { files: new Map(found), unread, troubles: [] };
}

/** A watch that takes whatever is ready at once, and notes it. */
class Taker {
  readonly taken: string[] = [];
  readonly seen: SeenFiles;
  #at = 0;

  constructor(arrivals: readonly Arrival[] = [], looks = 2) {
    this.seen = new SeenFiles(arrivals, looks);
  }

  look(files: Readonly<Record<string, Facts>>, unread: readonly string[] = []): string[] {
    const { ready } = this.seen.take(looked(files, unread));
    for (const { path, version } of ready) {
      const at = this.seen.momentFor(this.#at++);
      this.seen.begin(path, version, at);
      this.seen.settle(at);
      this.taken.push(path);
    }
    return ready.map(({ path }) => path);
  }
}

Deno.test("a file is ready once two looks find it alike, and only then", () => {
  const { seen } = new Taker();
  const sizes = [1, 5, 9, 9, 9].map((bytes) => seen.take(looked({ "/in/a": { bytes } })).ready.length);
  assert.deepEqual(sizes, [0, 0, 0, 1, 1], "it stays ready until it is taken");
  const times = new Taker();
  assert.deepEqual([1, 2, 3, 3].map((modified) => times.look({ "/in/a": { modified } }).length), [
    0,
    0,
    0,
    1,
  ]);
  const slow = new Taker([], 4);
  assert.deepEqual([1, 2, 3, 4].map(() => slow.look({ "/in/a": {} }).length), [0, 0, 0, 1]);
});

Deno.test("the oldest come first; equal ones by name", () => {
  const taker = new Taker();
  const files = { "/in/c": { modified: 2 }, "/in/b": { modified: 1 }, "/in/a": { modified: 2 } };
  taker.look(files);
  assert.deepEqual(taker.look(files), ["/in/b", "/in/a", "/in/c"]);
});

Deno.test("what was taken is not taken again, unless its size or time changes; rights and links change nothing", () => {
  const taker = new Taker();
  for (const facts of [{}, {}, { changed: 5 }, { changed: 9 }]) taker.look({ "/in/a": facts });
  assert.deepEqual(taker.taken, ["/in/a"]);
  for (const facts of [{ modified: 7 }, { modified: 7 }, { modified: 7 }]) taker.look({ "/in/a": facts });
  assert.deepEqual(taker.taken, ["/in/a", "/in/a"]);
});

Deno.test("a file that is renamed stays the same file, also where a look falls in between", () => {
  const taker = new Taker();
  const facts = { inode: 7 };
  for (const files of [{ "/in/a": facts }, { "/in/a": facts }, { "/in/b": facts }, {}, { "/in/c": facts }]) {
    taker.look(files as Record<string, Facts>);
  }
  for (let i = 0; i < 3; i++) taker.look({ "/in/c": facts });
  assert.deepEqual(taker.taken, ["/in/a"]);
  assert.deepEqual(taker.seen.arrivals.map(({ path }) => path), ["/in/c"]);
});

Deno.test("two files that change their names for each other are neither new", () => {
  const taker = new Taker();
  const [one, two] = [{ inode: 1, modified: 1 }, { inode: 2, modified: 2 }];
  for (let i = 0; i < 2; i++) taker.look({ "/in/a": one, "/in/b": two });
  for (let i = 0; i < 4; i++) taker.look({ "/in/a": two, "/in/b": one });
  assert.deepEqual(taker.taken, ["/in/a", "/in/b"]);
});

Deno.test("a file that is written before it is renamed over a taken one is new", () => {
  const taker = new Taker();
  for (let i = 0; i < 2; i++) taker.look({ "/in/a": { inode: 1 } });
  for (let i = 0; i < 2; i++) taker.look({ "/in/a": { inode: 2, modified: 9 } });
  assert.deepEqual(taker.taken, ["/in/a", "/in/a"]);
});

Deno.test("a disk that is mounted again brings no new files; what somebody puts there again is new", () => {
  const taker = new Taker();
  for (let i = 0; i < 2; i++) taker.look({ "/in/a": { inode: 1 }, "/in/b": { inode: 2 } });
  for (let i = 0; i < 5; i++) taker.look({});
  for (let i = 0; i < 3; i++) taker.look({ "/in/a": { inode: 1 }, "/in/b": { inode: 2, changed: 9 } });
  assert.deepEqual(taker.taken, ["/in/a", "/in/b", "/in/b"]);
});

Deno.test("a folder that cannot be read makes nothing forgotten", () => {
  const taker = new Taker();
  for (let i = 0; i < 2; i++) taker.look({ "/in/a": { inode: 1 }, "/other/b": { inode: 2 } });
  for (let i = 0; i < 5; i++) taker.look({}, ["/in"]);
  for (let i = 0; i < 3; i++) taker.look({ "/in/a": { inode: 1, changed: 9 } });
  assert.deepEqual(taker.taken, ["/in/a", "/other/b"]);
});

Deno.test("what is gone is forgotten, but for the newest 10,000", () => {
  const taker = new Taker();
  const many = Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`/in/${i}`, { inode: i + 1 }]));
  for (let i = 0; i < 2; i++) taker.look(many);
  assert.equal(taker.seen.size, 12_000);
  taker.look({});
  assert.equal(taker.seen.size, 10_000);
});

Deno.test("whatever happens to files between looks, each content that stays is taken once", () => {
  // Files have a number of their own, as on a disk; every content has a time of its own.
  const step = fc.record({
    what: fc.constantFrom("new", "write", "rename", "delete", "swap"),
    which: fc.nat(20),
    to: fc.nat(5),
  });
  fc.assert(fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 20 }), (days) => {
    const disk = new Map<string, { inode: number; modified: number }>();
    const taken = new Map<number, number>();
    const { seen } = new Taker();
    let number = 0;
    const look = () => {
      for (const { path, version } of seen.take(looked(Object.fromEntries(disk))).ready) {
        seen.begin(path, version, seen.momentFor(0));
        taken.set(version.modified, (taken.get(version.modified) ?? 0) + 1);
      }
    };
    for (const day of days) {
      for (const { what, which, to } of day) {
        const paths = [...disk.keys()];
        const path = paths[which % Math.max(1, paths.length)];
        const file = path === undefined ? undefined : disk.get(path);
        number++;
        if (what === "new") disk.set(`/in/${to}`, { inode: number, modified: number });
        else if (path === undefined || !file) continue;
        else if (what === "write") disk.set(path, { ...file, modified: number });
        else if (what === "delete") disk.delete(path);
        else {
          const other = disk.get(`/in/${to}`);
          disk.delete(path);
          disk.set(`/in/${to}`, file);
          if (what === "swap" && other && path !== `/in/${to}`) disk.set(path, other);
        }
      }
      look();
      look();
    }
    const left = [...disk.values()].map(({ modified }) => modified);
    assert.deepEqual(left.filter((modified) => taken.get(modified) !== 1), []);
    assert.deepEqual([...taken].filter(([, times]) => times !== 1), []);
  }));
});
