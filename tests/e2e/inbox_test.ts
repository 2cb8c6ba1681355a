/** The executable takes each file of an inbox once, killed again and again while files come, change names and go. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BinaryRun, hasBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";

const KILLS = 4;
const FILES = 1_000;

/** Notes each file that it was run for, by a line that is written at once. */
const TASK = `import { defineTask, z } from "carillon";
export default defineTask({
  executor: "shared",
  concurrency: 20,
  watch: "inbox/*.csv",
  params: z.object({ file: z.string() }),
  async run({ params }) {
    await Deno.writeTextFile("ran.txt", params.file + "\\n", { append: true });
    return params.file;
  },
});`;

const HOOK = `import { defineTask, z } from "carillon";
export default defineTask({
  hook: { secret: "gh", verify: "github" },
  params: z.object({ ref: z.string() }),
  run: ({ params }) => params.ref,
});`;

Deno.test({
  name: `${FILES} files, written, renamed and deleted while it is killed ${KILLS} times: each once`,
  ignore: !hasBinary(),
  async fn() {
    const folder = makeFolder({ "tasks/orders.ts": TASK, "inbox/.keep": "" });
    const at = (name: string) => join(folder.path, "inbox", name);
    const ended = (app: BinaryRun) => app.log().match(/task orders: run \S+ succeeded/g)?.length ?? 0;
    // What each file was called at first, by what it is called now.
    const left = new Map<string, string>();
    const drop = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const name = `${i}.csv`;
        if (i % 2 === 0) {
          writeFileSync(at(`.${name}`), name);
          renameSync(at(`.${name}`), at(name));
        } else {
          writeFileSync(at(name), "");
          appendFileSync(at(name), name);
        }
        left.set(name, name);
      }
      for (const name of [...left.keys()].filter((_, i) => i % 7 === 3)) {
        renameSync(at(name), at(`r${name}`));
        left.set(`r${name}`, left.get(name) ?? "");
        left.delete(name);
      }
      for (const name of [...left.keys()].filter((_, i) => i % 23 === 5)) {
        rmSync(at(name));
        left.delete(name);
      }
    };
    const step = FILES / (KILLS + 1);
    for (let kill = 0; kill < KILLS; kill++) {
      const app = await startBinaryIn(folder);
      drop(kill * step, kill * step + step / 2);
      while (ended(app) < 20 + kill * 13) await app.news();
      await app.end("SIGKILL");
      drop(kill * step + step / 2, (kill + 1) * step);
    }
    // It is gone with the last one.
    await using app = await startBinaryIn(folder);
    drop(KILLS * step, FILES);
    /** All runs that began. */
    const records = async () => {
      const all: Record<string, string | null>[] = [];
      for (let before = "";;) {
        const answer = await fetch(`${app.address}/api/v1/runs?task=orders&limit=1000${before}`);
        const { runs } = await answer.json() as { runs: Record<string, string | null>[] };
        all.push(...runs.filter((run) => run.started_at !== null));
        if (runs.length < 1_000) return all;
        before = `&before=${runs.at(-1)?.id}`;
      }
    };
    const nameOf = (path: string | null | undefined) => String(path).replace(/^inbox\/r*/, "");
    const missing = async () => {
      const taken = new Set((await records()).map(({ by }) => nameOf(by)));
      return [...left.values()].filter((name) => !taken.has(name));
    };
    // What is logged while it is asked is news as well.
    for (let read = app.log().length; (await missing()).length > 0; read = app.log().length) {
      while (app.log().length === read) await app.news();
    }
    const times = Map.groupBy(await records(), ({ by }) => nameOf(by));
    assert.deepEqual([...times].filter(([, all]) => all.length > 1), [], "no file has two runs that began");
    const ran = readFileSync(join(folder.path, "ran.txt"), "utf8").trim().split("\n").map(nameOf);
    const ranTimes = Map.groupBy(ran, (name) => name);
    assert.deepEqual([...ranTimes].filter(([, all]) => all.length > 1), [], "the task ran for no file twice");
    assert.ok(left.size > FILES / 2, `${left.size} files are left`);
  },
});

Deno.test({
  name: "a hook of the executable takes what is signed, and nothing else",
  ignore: !hasBinary(),
  async fn() {
    const secret = "a secret of the hook";
    const files = { "tasks/push.ts": HOOK, "carillon.ini": `[secrets]\ngh = ${secret}\n` };
    await using app = await startBinaryIn(makeFolder(files));
    const body = '{"ref":"main","more":[1,2,3]}';
    const send = (signature: string) =>
      fetch(`${app.address}/hooks/push`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "x-hub-signature-256": signature,
          "x-github-delivery": "d-1",
        },
      });
    const right = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const wrong = await send(right.replace(/.$/, (last) => last === "0" ? "1" : "0"));
    assert.deepEqual([wrong.status, (await wrong.json() as { status: string }).status], [403, "error"]);
    const answer = await send(right);
    const { run_id: id, url } = await answer.json() as { run_id: string; url: string };
    assert.deepEqual([answer.status, url], [202, `/runs/${id}`]);
    await app.logged(new RegExp(`run ${id} succeeded: main`));
    const again = await send(right);
    assert.deepEqual([again.status, (await again.json() as { run_id: string }).run_id], [200, id]);
    assert.ok(!app.log().includes(secret));
  },
});
