/** What the system page says of the history. */
import assert from "node:assert/strict";
import { startCarillon, startRun } from "../support/carillon.ts";

Deno.test("the system page names the tasks whose runs and logs take the most, once all has been read", async () => {
  const write = (size: number) =>
    `import { defineTask } from "carillon";
export default defineTask({ title: "Writes <${size}>", run: ({ log }) => log.info("x".repeat(${size})) });`;
  await using test = await startCarillon({ "tasks/small.ts": write(10), "tasks/large.ts": write(3_000) });
  assert.doesNotMatch(await (await test.fetch("/system")).text(), /Largest tasks/);
  for (const id of ["small", "large"]) await test.ended((await startRun(test, id)).id);
  // A round of reading begins six hours after the one before.
  await test.clock.advance({ hours: 7 });
  const page = await (await test.fetch("/system")).text();
  assert.match(page, /Largest tasks in it[^]*Writes &lt;3000&gt;[^]*Writes &lt;10&gt;/);
});
