/** I3: the executable is killed a hundred times while twenty tasks are busy, and nothing that had ended is lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hasBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";

const KILLS = 100;
const TASKS = 20;

Deno.test({
  name: `killed ${KILLS} times at random moments, no run that was reported as finished is gone`,
  ignore: !hasBinary(),
  async fn() {
    const task = `import { defineTask, every } from "carillon";
export default defineTask({ executor: "inline", trigger: every("100ms"),
  async run({ log }) { log.info("begun"); await new Promise((end) => setTimeout(end, Math.random() * 50)); return "done"; } });`;
    await using folder = makeFolder(
      Object.fromEntries(Array.from({ length: TASKS }, (_, i) => [`tasks/task_${i}.ts`, task])),
    );
    const reported = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const app = await startBinaryIn(folder);
      const enough = 1 + Math.floor(Math.random() * 60);
      const ended = () => [...app.log().matchAll(/run (\S+) succeeded/g)].map(([, id = ""]) => id);
      while (ended().length < enough) await app.news();
      await app.end("SIGKILL");
      for (const id of ended()) reported.add(id);
      assert.deepEqual(
        app.log().split("\n").filter((line) => line.includes("history file")),
        [],
        `after kill ${kill}`,
      );
    }
    const db = new DatabaseSync(join(folder.path, "data/carillon.db"));
    assert.deepEqual({ ...db.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
    const find = db.prepare("SELECT status FROM runs WHERE id = ?");
    for (const id of reported) assert.equal(find.get(id)?.status, "succeeded", id);
    // What was under way at each kill but the last is known to have been interrupted.
    assert.ok(Number(db.prepare("SELECT count(*) AS n FROM runs WHERE status = 'interrupted'").get()?.n) > 0);
    assert.ok(reported.size > KILLS * 15, `${reported.size} runs were reported`);
    db.close();
  },
});
