/** Hosts are killed and stopped a hundred times while twenty tasks are busy: every run ends in one record, the right one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { hasBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";

const SIGNALS = 100;
const TASKS = 20;

Deno.test({
  name:
    `${SIGNALS} SIGKILLs and SIGSTOPs of hosts with ${TASKS} busy tasks: every run ends once, as it should`,
  ignore: !hasBinary(),
  async fn() {
    const task = (executor: string) =>
      `import { defineTask, every } from "carillon";
export default defineTask({ executor: "${executor}", trigger: every("500ms"),
  async run({ log, run }) { log.info("begun"); await new Promise((end) => setTimeout(end, 20 + Math.random() * 200)); return "done " + run.id; } });`;
    await using folder = makeFolder(
      Object.fromEntries(
        Array.from(
          { length: TASKS },
          (_, i) => [`tasks/task_${i}.ts`, task(i % 5 === 0 ? "shared" : "worker")],
        ),
      ),
    );
    const app = await startBinaryIn(folder);
    let sent = 0;
    while (sent < SIGNALS) {
      await app.news();
      const hosts = hostsOf(app.pid).filter(isHost);
      const victim = hosts[Math.floor(Math.random() * hosts.length)];
      if (victim === undefined) continue;
      try {
        Deno.kill(victim, Math.random() < 0.7 ? "SIGKILL" : "SIGSTOP");
        sent++;
      } catch (error) {
        // It has ended in the meantime.
        if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
      }
    }
    assert.equal((await fetch(app.address)).status, 200);
    await app.end("SIGTERM");
    const log = app.log();
    const ends = [
      ...log.matchAll(/task (task_\d+): run (\S+) (succeeded|failed|interrupted|timed_out|cancelled)/g),
    ];
    const ids = ends.map(([, , id]) => id ?? "");
    assert.equal(new Set(ids).size, ids.length, "a run ended twice");
    assert.ok(ends.some(([, , , status]) => status === "interrupted"));
    assert.deepEqual(
      ends.filter(([, , , status]) => !["succeeded", "interrupted"].includes(status ?? "")),
      [],
    );
    const db = new DatabaseSync(join(folder.path, "data/carillon.db"));
    const unfinished = db.prepare("SELECT id, status FROM runs WHERE status IN ('queued', 'running')").all();
    assert.deepEqual(unfinished, []);
    for (const [, , id = "", status = ""] of ends) {
      assert.equal(db.prepare("SELECT status FROM runs WHERE id = ?").get(id)?.status, status, id);
    }
    db.close();
    assert.deepEqual(hostsOf(app.pid), []);
  },
});

/**
 * A child is the program itself until it has become a host. Whoever stops it in that moment stops its parent too: the
 * system lets that go on once the child is on its own, vfork(2).
 */
function isHost(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("task-host");
  } catch {
    return false;
  }
}

function hostsOf(pid: number): number[] {
  return readdirSync("/proc").filter((each) => /^\d+$/.test(each)).map(Number).filter((each) => {
    try {
      return new RegExp(`\\) [RSDTt] ${pid} `).test(readFileSync(`/proc/${each}/stat`, "utf8"));
    } catch {
      return false;
    }
  });
}
