/** Ten packages from npm's registry, in the executable. */
import assert from "node:assert/strict";
import { hasBinary, runBinary } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import { EXPECTED, giveInstalled, hasRegistry, TASK_FILES } from "../support/packages.ts";

const ignore = !hasBinary() || !await hasRegistry();

Deno.test("ten packages work in the executable, in a host and in a sandbox", { ignore }, async () => {
  await using folder = makeFolder(TASK_FILES);
  await giveInstalled(folder.path);
  for (const id of ["ten", "ten_limited"]) {
    const { code, stdout, stderr } = await runBinary(["run", id], folder.path);
    assert.equal(stdout.trim(), EXPECTED, stderr);
    assert.equal(code, 0);
  }
});
