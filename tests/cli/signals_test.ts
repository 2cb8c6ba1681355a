/** What Ctrl+C and its kin do to a command that executes the code of tasks: it ends, and so does all that it has begun. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { allProcesses, environmentOf, processFacts } from "../../app/worker/processes.ts";
import { makeFolder } from "../support/folder.ts";
import { PROGRAM } from "../support/program.ts";

const MARK = "TEST_OF_SIGNALS";

const FILES = {
  "tasks/program.ts":
    `import { command } from "carillon"; export default command({ run: "echo begun >&2; sleep 3111; true" });`,
  "tasks/shell.ts":
    `import { defineTask, sh } from "carillon"; export default defineTask({ run: () => sh\`echo begun >&2; exec sleep 3112\` });`,
  "tasks/script.sh": "#!/bin/sh\n# carillon: title=x\necho begun >&2\nsleep 3113\n",
  "tasks/deaf.ts":
    `import { command } from "carillon"; export default command({ run: "trap '' TERM INT HUP; echo begun >&2; while true; do sleep 1; done" });`,
};

interface Started {
  readonly mark: string;
  readonly child: Deno.ChildProcess;
  /** Resolves once it has said that. */
  says(text: string): Promise<void>;
}

function start(cwd: string, args: readonly string[], stdout: "null" | "piped" = "null"): Started {
  const mark = `${MARK}=${crypto.randomUUID()}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...args],
    cwd,
    env: { NO_COLOR: "1", TZ: "UTC", [MARK]: mark.slice(MARK.length + 1) },
    stdin: "null",
    stdout,
    stderr: "piped",
  }).spawn();
  let said = "";
  let news = Promise.withResolvers<void>();
  let over = false;
  void (async () => {
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += piece;
      news.resolve();
      news = Promise.withResolvers();
    }
    over = true;
    news.resolve();
  })();
  return {
    mark,
    child,
    async says(text) {
      while (!said.includes(text)) {
        assert.ok(!over, `it ended without saying ${text}:\n${said}`);
        await news.promise;
      }
    },
  };
}

/** Resolves once nothing of a command is left: what was killed takes a moment to be gone. */
async function nothingLeft(started: Started): Promise<void> {
  while (leftOf(started).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** What comes of a command has its variables. */
function leftOf({ mark }: Started): string[] {
  return allProcesses().filter((pid) => environmentOf(pid).includes(mark))
    .flatMap((pid) => {
      const facts = processFacts(pid);
      return facts && facts.state !== "Z" ? [facts.name] : [];
    });
}

const SIGNALS = [["SIGINT", 130, "program"], ["SIGTERM", 143, "shell"], ["SIGHUP", 129, "script"]] as const;

for (const [signal, code, task] of SIGNALS) {
  Deno.test(`${signal} to "run" ends the run and the program that it has begun`, async () => {
    await using folder = makeFolder(FILES);
    const run = start(folder.path, ["run", task]);
    await run.says("begun");
    run.child.kill(signal);
    const { code: ended } = await run.child.status;
    assert.equal(ended, code);
    await nothingLeft(run);
  });
}

Deno.test("a Python task that is cancelled by Ctrl+C cleans up", async () => {
  await using folder = makeFolder({
    "tasks/py.ts":
      `import { defineTask, python } from "carillon"; export default defineTask({ run: () => python({ file: "py.py", folder: ".", function: "work" }) });`,
    "py.py":
      `import sys, time\ndef work():\n    try:\n        print("begun", file=sys.stderr, flush=True)\n        time.sleep(3114)\n    finally:\n        open("cleaned", "w").close()\n`,
  });
  const run = start(folder.path, ["run", "py"]);
  await run.says("begun");
  run.child.kill("SIGINT");
  const { code } = await run.child.status;
  assert.equal(code, 130);
  await nothingLeft(run);
  assert.ok(existsSync(join(folder.path, "cleaned")));
});

Deno.test("a second signal ends a run at once that does not want to end", async () => {
  await using folder = makeFolder(FILES);
  const run = start(folder.path, ["run", "deaf"]);
  await run.says("begun");
  run.child.kill("SIGINT");
  await run.says("the run is cancelled");
  run.child.kill("SIGINT");
  const { code } = await run.child.status;
  assert.equal(code, 130);
  await nothingLeft(run);
});

Deno.test("a command that only looks leaves nothing of what task files begin as they are read", async () => {
  await using folder = makeFolder({
    "tasks/greedy.ts":
      `import { defineTask } from "carillon";\nnew Deno.Command("sleep", { args: ["3115"] }).spawn();\nDeno.writeTextFileSync(${
        JSON.stringify("begun")
      }, "");\nwhile (true);\nexport default defineTask({ run() {} });\n`,
  });
  const begun = join(folder.path, "begun");
  for (const args of [["check", "--no-types"], ["run", "greedy"]]) {
    using watcher = Deno.watchFs(folder.path);
    const look = start(folder.path, args);
    for await (const { paths } of watcher) if (paths.includes(begun)) break;
    look.child.kill("SIGINT");
    const { code } = await look.child.status;
    assert.equal(code, 130);
    await nothingLeft(look);
    await Deno.remove(begun);
  }
});

Deno.test("dev ends, with the run and what that has begun, where nobody reads what it says any more", async () => {
  await using folder = makeFolder(FILES);
  const dev = start(folder.path, ["dev", "program"], "piped");
  await dev.says("begun");
  await dev.child.stdout.cancel();
  folder.write("tasks/program.ts", `${FILES["tasks/program.ts"]} // saved again`);
  const { code } = await dev.child.status;
  assert.equal(code, 1);
  await nothingLeft(dev);
});
