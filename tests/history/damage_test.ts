/** Damage of the history file and its WAL, of many kinds: everything can still be asked, and what is readable comes over. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openHistory } from "../../app/history/open.ts";
import { openToRead } from "../../app/history/sqlite/reading.ts";
import {
  askEverything,
  CLOCK,
  damage,
  makeTemplate,
  quickFolder,
  randomFrom,
  RUNS,
  SETTINGS,
  settle,
} from "./damages.ts";
import { makeRun, numberOf } from "./runs.ts";

const template = makeTemplate();

for (let block = 0; block < 8; block++) {
  Deno.test(`25 random damages, each with everything asked of it, seeds from ${block * 25}`, async () => {
    for (let seed = block * 25; seed < block * 25 + 25; seed++) {
      using folder = quickFolder();
      const file = join(folder.path, "history.db");
      Deno.writeFileSync(file, template.main);
      Deno.writeFileSync(`${file}-wal`, template.wal);
      const { what, lost } = damage(file, template, randomFrom(seed));
      const reported: string[] = [];
      const history = openHistory({ ...SETTINGS, file }, CLOCK, (sentence) => reported.push(sentence));
      const say = `seed ${seed}, ${what}: ${reported.join("; ")}`;
      await askEverything(history);
      settle(history);
      await askEverything(history);
      history.save(makeRun(RUNS, "succeeded", { taskId: "task 1", message: "after" }));
      settle(history);
      assert.equal(history.health().trouble, undefined, say);
      await history.close();
      const reading = openToRead(file);
      const runs = [...reading.runs()];
      for (const { id } of runs) reading.lines(id);
      reading.close();
      assert.ok(runs.some(({ message }) => message === "after"), say);
      assert.ok(runs.length >= RUNS + 1 - lost, `${say}; ${runs.length} runs`);
      assert.deepEqual(runs.filter(({ id }) => numberOf(id) > RUNS || numberOf(id) < 0), [], say);
    }
  });
}
