/** Questions to the audit: filters, pages of lines, and following what comes. */
import assert from "node:assert/strict";
import { type AuditQuery, exportLines, find, follow } from "../../app/audit/read.ts";
import { audited } from "../../app/audit/audited.ts";
import type { AuditLine } from "../../app/audit/line.ts";
import type { Actor } from "../../app/model/actor.ts";
import type { AuditEntry } from "../../app/model/audit.ts";
import { VirtualClock } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";
import { DAY_MS, entry, House, NOW } from "./house.ts";

Deno.test("each filter finds its lines, the newest first", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  audit.record(entry("run.start", { target: "task/a" }));
  audit.record(entry("run.start", { target: "task/b", outcome: "refused", message: "It is CLOSED" }));
  house.now += DAY_MS;
  audit.record(entry("runaway", { actor: { channel: "api", name: "bob" } }));
  audit.record(entry("run.cancel", { target: "run/1" }));
  const ask = async (query: AuditQuery, limit = 10) =>
    (await find(house.folder, query, limit)).lines.map(({ n }) => n);
  assert.deepEqual(await ask({}), [4, 3, 2, 1]);
  assert.deepEqual(await ask({ action: "run" }), [4, 2, 1]);
  assert.deepEqual(await ask({ action: "run.start" }), [2, 1]);
  assert.deepEqual(await ask({ who: "bob" }), [3]);
  assert.deepEqual(await ask({ who: "bo" }), []);
  assert.deepEqual(await ask({ target: "task/" }), [2, 1]);
  assert.deepEqual(await ask({ outcome: "refused" }), [2]);
  assert.deepEqual(await ask({ text: "is closed" }), [2]);
  assert.deepEqual(await ask({ from: NOW + 1 }), [4, 3]);
  assert.deepEqual(await ask({ to: NOW + 1 }), [2, 1]);
  assert.deepEqual(await ask({ before: 3 }), [2, 1]);
  const texts: string[] = [];
  for await (const text of exportLines(house.folder, { action: "run" })) texts.push(text);
  assert.deepEqual(texts.map((text) => JSON.parse(text).n), [1, 2, 4]);
});

Deno.test("page after page leads to the first line, with none twice and none left out", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  for (let i = 0; i < 25; i++) {
    audit.record(entry("act"));
    if (i % 7 === 0) house.now += DAY_MS;
  }
  const seen: AuditLine[] = [];
  let before: number | undefined;
  do {
    const { lines, older } = await find(house.folder, { before }, 4);
    seen.push(...lines);
    before = older;
  } while (before !== undefined);
  assert.deepEqual(seen.map(({ n }) => n), Array.from({ length: 25 }, (_, i) => 25 - i));
});

Deno.test("a damaged line hides no other", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  for (let i = 0; i < 3; i++) audit.record(entry("act"));
  const lines = Deno.readTextFileSync(house.path()).split("\n");
  Deno.writeTextFileSync(
    house.path(),
    [lines[0], "\xff{", "x".repeat(200_000), lines[1]?.slice(0, 20), lines[2], ""].join("\n"),
  );
  assert.deepEqual((await find(house.folder, {}, 10)).lines.map(({ n }) => n), [3, 1]);
});

Deno.test("whoever follows gets each line once, over days and a command that writes too, until it is enough", async () => {
  await using folder = makeFolder();
  const house = new House(folder.path);
  const audit = house.open();
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const enough = new AbortController();
  audit.record(entry("act"));
  const got: number[] = [];
  const following = (async () => {
    for await (const text of follow(house.folder, {}, clock, enough.signal)) got.push(JSON.parse(text).n);
  })();
  await clock.advance({ seconds: 1 });
  assert.deepEqual(got, [1]);
  audit.record(entry("act"));
  new House(folder.path).open().record(entry("act"));
  await clock.advance({ seconds: 1 });
  house.now += DAY_MS;
  for (let i = 0; i < 3; i++) audit.record(entry("act"));
  await clock.advance({ seconds: 1 });
  assert.deepEqual(got, [1, 2, 3, 4, 5, 6]);
  // Half a line, and then the rest of it.
  const whole = Deno.readTextFileSync(house.path());
  audit.record(entry("act"));
  const added = Deno.readTextFileSync(house.path()).slice(whole.length);
  Deno.writeTextFileSync(house.path(), whole + added.slice(0, 30));
  await clock.advance({ seconds: 1 });
  assert.equal(got.length, 6);
  Deno.writeTextFileSync(house.path(), whole + added);
  await clock.advance({ seconds: 1 });
  assert.deepEqual(got, [1, 2, 3, 4, 5, 6, 7]);
  enough.abort();
  await following;
});

class Refused extends Error {}

class Door {
  readonly calls: string[] = [];

  run(actor: Actor, id: string): Promise<string> {
    this.calls.push(`${actor.name} ${id}`);
    if (id === "no") return Promise.reject(new Refused("it is closed"));
    if (id === "bug") throw new Error("boom");
    return Promise.resolve(`run of ${id}`);
  }

  stop(_actor: Actor): number {
    return this.calls.length;
  }

  get size(): number {
    return this.calls.length;
  }
}

Deno.test("the wrapper writes down what was done, refused and failed, and changes nothing of it", async () => {
  const written: AuditEntry[] = [];
  const door = audited(
    new Door(),
    {
      run: {
        action: "run",
        about: (id) => ({ target: `task/${id.toUpperCase()}` }),
        result: (answer) => ({ outcome: "done", message: answer }),
      },
      stop: { action: "stop" },
    },
    { record: (each) => written.push(each) },
    (error) => error instanceof Refused,
  );
  const anna: Actor = { channel: "page", name: "anna" };
  assert.equal(await door.run(anna, "a"), "run of a");
  await assert.rejects(door.run(anna, "no"), Refused);
  assert.throws(() => void door.run(anna, "bug"), /boom/);
  // What is no text breaks the row, not the call, and is written down all the same.
  assert.equal(await door.run(anna, undefined as unknown as string), "run of undefined");
  assert.equal(door.stop(anna), 4);
  assert.equal(door.size, 4);
  assert.deepEqual(
    written.map(({ action, target, outcome, message }) => [action, target, outcome, message]),
    [
      ["run", "task/A", "done", "run of a"],
      ["run", "task/NO", "refused", "it is closed"],
      ["run", "task/BUG", "failed", "boom"],
      ["run", undefined, "done", "run of undefined"],
      ["stop", undefined, "done", undefined],
    ],
  );
});

Deno.test("a method without a row in the table is not let through unseen", () => {
  const door = audited(
    { sneak: (_actor: Actor) => 1 },
    {} as never,
    { record() {} },
    () => false,
  );
  assert.throws(() => door.sneak({ channel: "page" }), /sneak has no row in the table of the audit/);
});
