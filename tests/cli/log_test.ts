/** Where nobody takes what is written to standard error, nothing ends for it. */
import assert from "node:assert/strict";
import { openLog } from "../../app/cli/log.ts";
import { runProgram } from "../../app/cli/program.ts";
import { readConfig } from "../../app/config/config.ts";

/** Standard error as it is while `work` goes on. */
async function withStderr<T>(
  writeSync: (bytes: Uint8Array) => number,
  work: () => T | Promise<T>,
): Promise<T> {
  const own = Deno.stderr.writeSync;
  Deno.stderr.writeSync = writeSync;
  try {
    return await work();
  } finally {
    Deno.stderr.writeSync = own;
  }
}

const REFUSING: Record<string, () => never> = {
  "the reader has gone": () => {
    throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  },
  "the disk is full": () => {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  },
};

for (const [why, refuse] of Object.entries(REFUSING)) {
  Deno.test(`${why}: the lines of the log are lost, a log file too, and errors keep their exit code`, async () => {
    const config = (file: string) =>
      readConfig({ folder: "/", environment: {}, flags: { "log-file": file } });
    await withStderr(refuse, () => {
      for (const file of ["", "/dev/full"]) {
        using log = openLog(config(file));
        log.journal.error("one", new Error("two"));
        log.reopen();
        log.journal.info("three");
      }
    });
    assert.equal(await withStderr(refuse, () => runProgram(["no-such-command"])), 2);
  });
}
