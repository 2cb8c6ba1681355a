/** Where nobody takes what is written to standard error, nothing ends for it. */
import assert from "node:assert/strict";
import { openLog } from "../../app/cli/log.ts";
import { runProgram } from "../../app/cli/program.ts";
import { readConfig } from "../../app/config/config.ts";

/** Standard error as it is while `work` goes on. */
async function withStderr<T>(
  write: (bytes: Uint8Array) => Promise<number>,
  work: () => T | Promise<T>,
): Promise<T> {
  const own = Deno.stderr.write;
  Deno.stderr.write = write;
  try {
    return await work();
  } finally {
    Deno.stderr.write = own;
  }
}

const REFUSING: Record<string, () => Promise<never>> = {
  "the reader has gone": () => {
    return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  },
  "the disk is full": () => {
    return Promise.reject(
      Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" }),
    );
  },
};

for (const [why, refuse] of Object.entries(REFUSING)) {
  Deno.test(`${why}: the lines of the log are lost, a log file too, and errors keep their exit code`, async () => {
    const config = (file: string) =>
      readConfig({ folder: "/", environment: {}, flags: { "log-file": file } });
    await withStderr(refuse, async () => {
      for (const file of ["", "/dev/full"]) {
        await using log = openLog(config(file));
        log.journal.error("one", new Error("two"));
        log.reopen();
        log.journal.info("three");
      }
    });
    assert.equal(await withStderr(refuse, () => runProgram(["no-such-command"])), 2);
  });
}

Deno.test("nobody reads standard error: the event loop goes on, and what was dropped is counted once somebody does", async () => {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    import { openLog } from ${at("../../app/cli/log.ts")};
    import { readConfig } from ${at("../../app/config/config.ts")};
    const log = openLog(readConfig({ folder: "/", environment: {}, flags: {} }));
    for (let i = 0; i < 50_000; i++) {
      log.journal.info("line " + i);
      if (i % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    console.log("all said");
    // Until the test has read enough.
    for await (const _ of Deno.stdin.readable) log.journal.info("the last word");
    await log[Symbol.asyncDispose]();
    Deno.exit(0);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = child.stdout.getReader();
  // It comes though nobody has read a line: a pipe takes 64 KB, and these are some millions.
  assert.equal(new TextDecoder().decode((await said.read()).value), "all said\n");
  const stdin = child.stdin.getWriter();
  let [text, isAsked] = ["", false];
  for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isAsked || !text.includes("were dropped")) continue;
    isAsked = true;
    await stdin.write(new Uint8Array(1));
    await stdin.close();
  }
  assert.equal((await child.status).code, 0);
  await said.cancel();
  const lines = text.trimEnd().split("\n");
  const dropped = lines.findIndex((line) => line.includes("were dropped"));
  assert.ok(dropped > 0);
  lines.slice(0, dropped).forEach((line, i) => assert.match(line, new RegExp(`INFO  line ${i}$`)));
  assert.match(
    lines[dropped] ?? "",
    new RegExp(`ERROR ${50_000 - dropped} lines of this log were dropped: whoever reads it took no more$`),
  );
  assert.match(lines.slice(dropped + 1).join(), /INFO {2}the last word$/);
});
