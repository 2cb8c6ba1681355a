/** Ten packages from npm's registry, in a host and in a sandbox. */
import assert from "node:assert/strict";
import { startCarillon, startRun, TESTER } from "../support/carillon.ts";
import { EXPECTED, giveInstalled, hasRegistry, TASK_FILES } from "../support/packages.ts";

Deno.test("ten packages work, in a host and in a sandbox", { ignore: !await hasRegistry() }, async () => {
  await using test = await startCarillon({ "tasks/_none.ts": "" });
  await giveInstalled(test.folder.path);
  for (const [name, text] of Object.entries(TASK_FILES)) test.folder.write(name, text);
  await test.carillon.operations.reload(TESTER);
  for (const id of ["ten", "ten_limited"]) {
    const { message, error } = await test.ended((await startRun(test, id)).id);
    assert.equal(message, EXPECTED, error?.stack ?? "");
  }
});
