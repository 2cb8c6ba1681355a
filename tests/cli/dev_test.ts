/** `carillon dev`: a task that is written while it is tried. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeFolder } from "../support/folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Starts it, and waits for texts that it writes, one after another. */
function startDev(cwd: string, args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--quiet",
      `--config=${ROOT}deno.json`,
      `${ROOT}main.ts`,
      "dev",
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1", TZ: "UTC" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let from = 0;
  let news = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      text += piece;
      news.resolve();
      news = Promise.withResolvers();
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  let ended = false;
  void child.status.then(() => {
    ended = true;
    news.resolve();
  });
  return {
    async says(expected: RegExp): Promise<string> {
      for (;;) {
        const found = expected.exec(text.slice(from));
        if (found) {
          from += found.index + found[0].length;
          return found[0];
        }
        assert.ok(!ended, `it ended without saying ${expected}:\n${text}`);
        await news.promise;
      }
    },
    async end(): Promise<number> {
      child.kill("SIGINT");
      const { code } = await child.status;
      await reading;
      return code;
    },
  };
}

const task = (body: string) =>
  `import { defineTask, z } from "carillon";\nimport { word } from "./_word.ts";\nexport default defineTask({ params: z.object({ n: z.int().default(1) }), async run({ log, params, signal }) { ${body} } });\n`;

Deno.test("dev tries a task at each save of it and of what it imports, and says what is wrong in between", async () => {
  await using folder = makeFolder({ "tasks/_word.ts": `export const word: string = "one";\n` });
  const dev = startDev(folder.path, ["hello", "n=5"]);
  try {
    await dev.says(/there is no task "hello" in .*tasks; it is tried once its file is saved/);
    folder.write("tasks/hello.ts", task("log.info(`a line ${params.n}`); return word;"));
    await dev.says(/── hello \d\d:\d\d:\d\d/);
    await dev.says(/INFO {2}a line 5/);
    await dev.says(/one\n/);
    folder.write("tasks/_word.ts", `export const word: string = "two";\n`);
    await dev.says(/two\n/);
    folder.write("tasks/hello.ts", task("return word;").slice(0, -4));
    await dev.says(/tasks\/hello\.ts:\d+:\d+: /);
    folder.write("tasks/hello.ts", task("log.infoo(1);"));
    await dev.says(/tasks\/hello\.ts:3:\d+: log has no "infoo"; did you mean "info"\?/);
    await dev.says(/TypeError: log\.infoo is not a function/);
    // A run that is going on is ended by the next save.
    folder.write(
      "tasks/hello.ts",
      task(`log.info("waiting"); await new Promise((_, no) => signal.onabort = no);`),
    );
    await dev.says(/INFO {2}waiting/);
    folder.write("tasks/hello.ts", task(`return "done " + word;`));
    await dev.says(/cancelled/);
    await dev.says(/done two\n/);
    // Another file that is broken is no matter of this task.
    folder.write("tasks/other.ts", "export default (");
    folder.write("tasks/hello.ts", task(`return "again";`));
    await dev.says(/again\n/);
  } finally {
    assert.equal(await dev.end(), 0);
  }
  assert.ok(!Array.from(Deno.readDirSync(folder.path)).some(({ name }) => name === "history.db"));
  assert.throws(() => Deno.statSync(join(folder.path, "data/history.db")), Deno.errors.NotFound);
});

Deno.test("dev refuses what is no parameter and tries again once it is one", async () => {
  await using folder = makeFolder({ "tasks/_word.ts": "", "tasks/hello.ts": task("") });
  folder.write("tasks/hello.ts", task("").replace('import { word } from "./_word.ts";', ""));
  const dev = startDev(folder.path, ["hello", "m=5"]);
  try {
    await dev.says(/task hello: m: unknown parameter; did you mean "n"\?/);
    folder.write(
      "tasks/hello.ts",
      task("return `m ${params.m}`;").replace('import { word } from "./_word.ts";', "").replace(
        "{ n:",
        "{ m:",
      ),
    );
    await dev.says(/m 5\n/);
  } finally {
    assert.equal(await dev.end(), 0);
  }
});

Deno.test("dev tries a task that asks for its id, where that is given", async () => {
  await using folder = makeFolder({
    "tasks/wipe.ts":
      `import { defineTask } from "carillon"; export default defineTask({ confirm: "name", run: () => "wiped" });`,
  });
  const without = startDev(folder.path, ["wipe"]);
  try {
    await without.says(/Task "wipe" asks for its id .* --confirm wipe/);
  } finally {
    await without.end();
  }
  const dev = startDev(folder.path, ["wipe", "--confirm", "wipe"]);
  try {
    await dev.says(/wiped\n/);
  } finally {
    assert.equal(await dev.end(), 0);
  }
});
