/** The executable, whose task folder and data folder are treated badly while it runs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type BinaryRun, hasBinary, startBinary } from "../support/binary.ts";

const ignore = !hasBinary();

const TASK = (words: string) =>
  `import { artifact, defineTask } from "carillon";
export default defineTask({
  async run() {
    await Deno.writeTextFile("out.csv", "a,b\\n1,2\\n");
    await artifact("out.csv", { title: "Table" });
    return "${words}";
  },
});
`;

/** Starts a run and answers with its line in the log. */
async function runOf(carillon: BinaryRun, id: string): Promise<string> {
  const before = carillon.log().length;
  const answer = await fetch(`${carillon.address}/trigger/${id}`, { method: "POST" });
  assert.equal(answer.status, 200, await answer.text());
  const ended = new RegExp(`task ${id}: run [0-9a-f-]+ (?!queued|running)\\w+.*`);
  for (;;) {
    const [line] = ended.exec(carillon.log().slice(before)) ?? [];
    if (line !== undefined) return line;
    await carillon.news();
  }
}

Deno.test({
  name: "a named pipe, a folder that becomes a link, and data/ deleted do not end the work",
  ignore,
}, async () => {
  await using carillon = await startBinary({
    "tasks/first.ts": TASK("one"),
    "release/second.ts": TASK("two"),
  });
  const { folder } = carillon;
  const tasks = join(folder.path, "tasks");
  await carillon.logged("task first: loaded");
  new Deno.Command("mkfifo", { args: [join(tasks, "pipe.ts")] }).outputSync();
  await carillon.logged("pipe.ts: it is a named pipe (FIFO), not a file");
  folder.write("tasks/sub/later.ts", TASK("later"));
  await carillon.logged("task later: loaded from sub/later.ts");
  assert.match(await runOf(carillon, "later"), /succeeded: later/);
  // What is kept and cannot be told apart from any other folder: all of it goes.
  Deno.removeSync(join(folder.path, "data"), { recursive: true });
  assert.match(await runOf(carillon, "later"), /succeeded: later/);
  Deno.renameSync(tasks, `${tasks}.before`);
  Deno.symlinkSync(join(folder.path, "release"), tasks);
  await carillon.logged("task second: loaded from second.ts");
  await carillon.logged("task first: its file is gone");
  const line = await runOf(carillon, "second");
  assert.match(line, /succeeded: two/);
  const [, id = ""] = /run ([0-9a-f-]+)/.exec(line) ?? [];
  const file = await fetch(`${carillon.address}/runs/${id}/files/1-out.csv`);
  assert.equal(await file.text(), "a,b\n1,2\n");
  assert.match(file.headers.get("content-disposition") ?? "", /^attachment/);
  folder.write("release/third.ts", TASK("three"));
  await carillon.logged("task third: loaded");
  assert.equal((await carillon.end("SIGTERM")).code, 0);
});
