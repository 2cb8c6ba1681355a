/** What a task with limited permissions is told when it reaches too far, and what it may ask of the system. */
import assert from "node:assert/strict";
import type { Permissions } from "../../app/model/order.ts";
import { withRemedy } from "../../app/worker/remedy.ts";
import { startHosts } from "../support/hosts.ts";

const NONE: Permissions = { net: false, read: false, write: false, env: false, run: false, sys: false };

const REACHING: readonly (readonly [string, string, string])[] = [
  [`Deno.readTextFileSync("/etc/hosts")`, "read", `["/etc/hosts"]`],
  [`Deno.writeTextFileSync("/tmp/x", "")`, "write", `["/tmp/x"]`],
  [`Deno.env.get("HOME")`, "env", `["HOME"]`],
  [`Deno.env.toObject()`, "env", "true"],
  [`await Deno.connect({ hostname: "127.0.0.1", port: 9 })`, "net", `["127.0.0.1:9"]`],
  [`(await import("node:os")).hostname()`, "sys", `["hostname"]`],
  [`(await import("node:os")).release()`, "sys", `["osRelease"]`],
];

Deno.test("what a limited task may not do ends it with a sentence that names the permission", async () => {
  await using test = startHosts();
  for (const [code, kind, allowed] of REACHING) {
    const { answer, said } = await test.run(`return ${code};`, { permissions: NONE });
    // What the command line shows is the stack.
    assert.ok(answer.kind === "failed" && answer.error.stack?.includes(said.slice("failed: ".length)), said);
    assert.ok(
      said.includes(`allow it by permissions: { ${kind}: ${allowed} }, or `) && !said.includes("--allow"),
      said,
    );
  }
});

Deno.test("a limited task sees the processors, and of the system what it is given by name", async () => {
  await using test = startHosts();
  const code = `const os = await import("node:os"); return [os.cpus().length > 0, `;
  const plain = await test.run(`${code} true].join()`, { permissions: NONE });
  assert.equal(plain.said, "succeeded: true,true");
  const told = await test.run(`${code} os.hostname() === ${JSON.stringify(Deno.hostname())}].join()`, {
    permissions: { ...NONE, sys: ["hostname"] },
  });
  assert.equal(told.said, "succeeded: true,true");
  const other = await test.run(`return (await import("node:os")).release();`, {
    permissions: { ...NONE, sys: ["hostname"] },
  });
  assert.match(other.said, /^failed: the task lacks the permission sys for "osRelease"/);
});

Deno.test("a package that another one requires is named with what to install", () => {
  assert.match(
    withRemedy("Cannot find module '@a/peer/lib/x.js'\nRequire stack:\n- /b.js"),
    /^Cannot find module '@a\/peer\/lib\/x\.js': run "npm install @a\/peer" beside .*here\nRequire stack:\n- \/b\.js$/,
  );
  assert.equal(withRemedy("Cannot find module './x.js'"), "Cannot find module './x.js'");
});

Deno.test("native code is refused with a sentence of its own; other messages stay as they are", () => {
  assert.match(
    withRemedy('Requires ffi access to "/x.node", run again with the --allow-ffi flag'),
    /^native code cannot be held to limits/,
  );
  for (const text of ["", "Requires patience", "no --allow-read here"]) assert.equal(withRemedy(text), text);
});
