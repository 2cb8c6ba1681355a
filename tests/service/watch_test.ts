/** `watch` in a whole Carillon: what pages and commands say, what a reload and a restart do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startCarillon, type TestCarillon, TESTER } from "../support/carillon.ts";
import { carillon } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";

const task = (watch: string) =>
  `import { defineTask, z } from "carillon";
export default defineTask({
  watch: ${watch},
  params: z.object({ file: z.string(), times: z.int().default(1) }),
  run: async ({ params }) => await Deno.readTextFile(params.file) + params.times,
});`;

/** Looks at the folders by virtual time until a task has so many runs that have ended. */
async function until({ carillon, clock, ended }: TestCarillon, count: number): Promise<readonly string[]> {
  for (;;) {
    const runs = await carillon.queries.runs.search({ taskId: "orders", limit: 100 });
    if (runs.length >= count) {
      for (const { id } of runs) await ended(id);
      const over = await carillon.queries.runs.search({ taskId: "orders", limit: 100 });
      return over.map(({ by = "", message = "" }) => `${by.split("/").at(-1)} ${message}`).toReversed();
    }
    await clock.advance({ seconds: 2 });
    // The look itself is a matter of the disk.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("new files start runs, over a reload, a pause and a restart", async () => {
  await using inbox = makeFolder({ "a.csv": "A" });
  const pattern = JSON.stringify(join(inbox.path, "*.csv"));
  await using going = await startCarillon({ "tasks/orders.ts": task(pattern) });
  assert.deepEqual(await until(going, 1), ["a.csv A1"]);
  const { operations, queries } = going.carillon;
  const facts = queries.tasks.get("orders");
  assert.deepEqual([facts.ended, facts.next, queries.tasks.stateOf("orders")], [false, null, "active"]);
  const page = await (await going.fetch("/tasks/orders", { headers: { "accept-language": "en" } })).text();
  assert.match(page, /each new file \/.*\*\.csv/);
  assert.doesNotMatch(page, /it will not fire again/);
  const chinese = await (await going.fetch("/tasks/orders", { headers: { "accept-language": "zh" } })).text();
  assert.match(chinese, /每个新文件/);
  assert.match(await (await going.fetch("/runs?cause=file")).text(), /a\.csv|new file/);

  // Another version of the task, and other patterns: what was taken stays so.
  going.folder.write("tasks/orders.ts", task(`[${pattern}, ${pattern.replace("csv", "txt")}]`));
  await operations.reload(TESTER);
  inbox.write("b.txt", "B");
  assert.deepEqual(await until(going, 2), ["a.csv A1", "b.txt B1"]);

  assert.equal(await operations.pause(TESTER, ["orders"]), 1);
  inbox.write("c.csv", "C");
  await going.clock.advance({ seconds: 20 });
  assert.equal((await queries.runs.search({ taskId: "orders", limit: 9 })).length, 2);

  await using next = await going.restart({ hours: 1 });
  await next.clock.advance({ seconds: 20 });
  assert.equal(
    (await next.carillon.queries.runs.search({ taskId: "orders", limit: 9 })).length,
    2,
    "still paused",
  );
  await next.carillon.operations.resume(TESTER, ["orders"]);
  assert.deepEqual(await until(next, 3), ["a.csv A1", "b.txt B1", "c.csv C1"]);

  // A run that a person wants again has the same file.
  const [last] = await next.carillon.queries.runs.search({ taskId: "orders", limit: 1 });
  const again = await next.carillon.operations.rerun(TESTER, last?.id ?? "");
  assert.ok(again.ok);
  assert.equal((await next.ended(again.run.id)).message, "C1");
  assert.deepEqual(
    (await next.carillon.queries.report.report({})).tasks,
    [],
    "files have no instants that are missed",
  );
});

Deno.test("list, next and check say what starts it, and check refuses nonsense", async () => {
  await using folder = makeFolder({
    "tasks/orders.ts": task('"inbox/*.csv"'),
    "tasks/wrong.ts": task('"inbox/"'),
  });
  const listed = await carillon(folder.path, ["list"]);
  assert.match(listed.stdout, /orders\s+-\s+each new file inbox\/\*\.csv/);
  const next = await carillon(folder.path, ["next", "orders"]);
  assert.deepEqual([next.code, next.stdout], [
    0,
    "each new file inbox/*.csv (files[inbox/*.csv])\nit has no times of its own\n",
  ]);
  const checked = await carillon(folder.path, ["check", "--no-types"]);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /task orders: good/);
  assert.match(checked.stderr, /wrong\.ts.*watch: "inbox\/": it names a folder/);
  const raw = await carillon(folder.path, ["next", '{"kind":"files","files":["x"]}']);
  assert.match(raw.stderr, /they are no trigger of their own; write watch/);
});
