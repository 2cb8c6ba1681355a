/** The code that a run was made with, and which texts of the task folder are shown. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { MemoryHistory } from "../../app/history/memory.ts";
import { codeList } from "../../app/model/code.ts";
import { startCarillon, startRun, TESTER } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";

const HELLO = (words: string) =>
  `import { defineTask } from "carillon";
import { greeting } from "./lib/_greeting.ts";
const password = "s3cret-of-the-crm";
export default defineTask({ run: (): string => greeting + "${words}" + password.length });
`;
const INI = { ini: "[secrets]\ncrm_token = s3cret-of-the-crm\n" };

Deno.test("the code of each run is kept, with what it imports and without secrets, once for each version", async () => {
  await using test = await startCarillon({
    "tasks/hello.ts": HELLO("one"),
    "tasks/lib/_greeting.ts": `export const greeting: string = "hi ";`,
  }, INI);
  const { queries, operations } = test.carillon;
  const first = await test.ended((await startRun(test, "hello")).id);
  test.folder.write("tasks/hello.ts", HELLO("two"));
  await operations.reload(TESTER);
  const second = await test.ended((await startRun(test, "hello")).id);
  assert.equal(first.host, Deno.hostname());
  assert.match(first.carillonVersion ?? "", /^\d+\.\d+\.\d+/);
  assert.notEqual(first.codeVersion, second.codeVersion);
  for (const [run, words] of [[first, "one"], [second, "two"]] as const) {
    const files = await queries.runs.codeOf(run);
    assert.deepEqual(files?.map(({ path }) => path), ["hello.ts", "lib/_greeting.ts"]);
    assert.equal(files?.[0]?.text, HELLO(words).replace("s3cret-of-the-crm", "•••"));
    assert.equal(files?.[1]?.text, `export const greeting: string = "hi ";`);
  }
  assert.equal(await queries.runs.codeOf({ ...first, codeVersion: "0123456789abcdef" }), undefined);
});

Deno.test("code is in the file after a restart, without secrets", async () => {
  await using test = await startCarillon({
    "tasks/hello.ts": HELLO("one"),
    "tasks/lib/_greeting.ts": `export const greeting = "hi ";`,
  }, INI);
  const run = await test.ended((await startRun(test, "hello")).id);
  await using again = await test.restart({ hours: 1 });
  const files = await again.carillon.queries.runs.codeOf(run);
  assert.equal(files?.length, 2);
  assert.match(files?.[0]?.text ?? "", /•••/);
});

Deno.test("the source page shows the text that was loaded, not what the file has become", async () => {
  await using test = await startCarillon({
    "tasks/hello.ts": HELLO("one"),
    "tasks/lib/_greeting.ts": `export const greeting = "hi ";`,
  }, INI);
  await using outside = makeFolder({ "carillon.ini": "[secrets]\nother = h1dden-value\nroot:x:0:0\n" });
  const file = join(test.folder.path, "tasks/hello.ts");
  Deno.removeSync(file);
  Deno.symlinkSync(join(outside.path, "carillon.ini"), file);
  Deno.symlinkSync("/etc/passwd", join(test.folder.path, "tasks/users.py"));
  for (const reload of [false, true]) {
    if (reload) await test.carillon.operations.reload(TESTER);
    for (const path of ["/", "/system", "/tasks/hello", "/tasks/hello/source"]) {
      const page = await (await test.fetch(path)).text();
      for (const hidden of ["h1dden-value", "root:x:0:0", "s3cret-of-the-crm"]) {
        assert.ok(!page.includes(hidden), `${path} shows ${hidden}`);
      }
    }
    assert.match(await (await test.fetch("/tasks/hello/source")).text(), /greeting/);
  }
  assert.equal(test.carillon.queries.tasks.broken()[0]?.taskId, "hello");
});

Deno.test("a task whose file is a link out of the folder runs; its text is not shown", async () => {
  await using outside = makeFolder({
    "linked.js":
      `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "linked" });`,
  });
  await using test = await startCarillon({
    "tasks/inside.js":
      `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "inside" });`,
  });
  Deno.symlinkSync(join(outside.path, "linked.js"), join(test.folder.path, "tasks/linked.js"));
  Deno.symlinkSync("inside.js", join(test.folder.path, "tasks/same.js"));
  await test.carillon.operations.reload(TESTER);
  const run = await test.ended((await startRun(test, "linked")).id);
  assert.equal(run.message, "linked");
  assert.equal((await test.fetch("/tasks/linked/source")).status, 404);
  assert.equal((await test.fetch("/tasks/same/source")).status, 200);
  const [file] = await test.carillon.queries.runs.codeOf(run) ?? [];
  assert.equal(file?.path, "linked.js");
  assert.equal(file?.text, undefined);
});

Deno.test("secrets are taken out of the parameters that are kept, and the task gets them as they were given", async () => {
  await using test = await startCarillon({
    "tasks/echo.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ token: z.string() }),
  run: ({ params, progress }) => { progress(0.5, "with " + params.token); return String(params.token.length); },
});`,
  }, INI);
  const started = await startRun(test, "echo", { token: "s3cret-of-the-crm" });
  const run = await test.ended(started.id);
  assert.equal(run.message, "17");
  assert.deepEqual(run.params, { token: "•••" });
  assert.doesNotMatch(JSON.stringify([started, run]), /s3cret/);
});

Deno.test("a default that is a secret is shown without it, and is the secret for the task all the same", async () => {
  await using test = await startCarillon({
    "tasks/echo.ts": `import { defineTask, secret, z } from "carillon";
export default defineTask({
  title: "with s3cret-of-the-crm",
  params: z.object({ token: z.string().default("s3cret-of-the-crm"), other: z.string().default("x") }),
  run: ({ params }) => String(params.token.length),
});`,
  }, INI);
  for (const path of ["/", "/tasks", "/tasks/echo", "/tasks/echo/run", "/tasks/echo/source"]) {
    const page = await (await test.fetch(path)).text();
    assert.doesNotMatch(page, /s3cret/, path);
  }
  assert.match(await (await test.fetch("/tasks/echo/run")).text(), /value="•••"/);
  const run = await test.ended((await startRun(test, "echo", { token: "•••", other: "y" })).id);
  assert.equal(run.message, "17");
});

Deno.test("secrets that are digits or words of JSON break no data, and numbers that are not the secret stay numbers", async () => {
  const words = {
    pin: "123456",
    yes: "true",
    none: "null",
    kind: "type",
    called: "name",
    standard: "default",
  };
  const ini = Object.entries(words).map(([name, value]) => `${name} = ${value}`).join("\n");
  await using test = await startCarillon({
    "tasks/count.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({
    name: z.string().default("as it is"),
    n: z.number().default(9123456),
    pin: z.union([z.number(), z.string()]).default(123456),
    on: z.boolean().default(true),
  }),
  run: ({ params }) => ({ rows: params.n, on: params.on, none: null, deep: [[{ at: 1234567 }]], same: params.pin, text: "a123456b" }),
});`,
  }, { ini: `[secrets]\n${ini}\n` });
  const path = "/tasks/count/run";
  assert.match(await (await test.fetch(path)).text(), /value="9123456"/);
  const started = await startRun(test, "count", { name: "x", n: "91234567", on: "true" });
  const run = await test.ended(started.id);
  assert.equal(run.status, "succeeded");
  // A parameter is called as its task calls it.
  const { name, n, on } = run.params;
  assert.deepEqual([name, n, on], ["x", 91234567, true]);
  assert.deepEqual(run.result, {
    rows: 91234567,
    on: true,
    none: null,
    deep: [[{ at: 1234567 }]],
    same: "•••",
    text: "a•••b",
  });
});

Deno.test("a default with a secret inside, as a text or as a value, comes back as it is shown and stands for itself", async () => {
  await using test = await startCarillon({
    "tasks/echo.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ to: z.object({ url: z.string() }).default({ url: "https://s3cret-of-the-crm@crm" }) }),
  run: ({ params }) => String(params.to.url.length),
});`,
  }, INI);
  const [field] = test.carillon.queries.tasks.find("echo")?.task.description.params.fields ?? [];
  const shown = field?.schema.default;
  assert.deepEqual(shown, { url: "https://•••@crm" });
  const run = await test.ended((await startRun(test, "echo", { to: JSON.stringify(shown) })).id);
  const answer = await test.carillon.operations.start(TESTER, "echo", { to: shown });
  assert.ok(answer.ok);
  for (const { message, params } of [run, await test.ended(answer.run.id)]) {
    assert.deepEqual([message, params], ["29", {}]);
  }
});

Deno.test("a run whose parameter was a secret is not run again with what is kept of it, from whichever place", async () => {
  await using test = await startCarillon({
    "tasks/echo.ts": `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ token: z.string() }), run() { throw new Error("no"); } });`,
  }, INI);
  const { id } = await test.ended((await startRun(test, "echo", { token: "s3cret-of-the-crm" })).id);
  const refused = /A parameter of that run held an entry of \[secrets\], which is not kept/;
  await assert.rejects(() => test.carillon.operations.rerun(TESTER, id), refused);
  const api = await test.fetch(`/api/v1/runs/${id}/rerun`, { method: "POST" });
  assert.equal(api.status, 422);
  assert.match(await api.text(), refused);
  const bulk = await test.fetch("/api/v1/bulk/rerun-failed", {
    method: "POST",
    body: JSON.stringify({ tasks: ["echo"] }),
  });
  assert.match(await bulk.text(), refused);
  assert.equal((await test.carillon.queries.runs.recent("echo")).length, 1);
});

Deno.test("where code in memory has given way to later code, the page says that it is not kept", async () => {
  const history = new MemoryHistory(10);
  const task = (body: string) =>
    `import { defineTask } from "carillon"; export default defineTask({ run() { ${body} } });`;
  await using test = await startCarillon({ "tasks/a.ts": task("") }, { history });
  const good = await test.ended((await startRun(test, "a")).id);
  test.folder.write("tasks/a.ts", task('throw new Error("no");'));
  await test.carillon.operations.reload(TESTER);
  const run = await test.ended((await startRun(test, "a")).id);
  const page = async () => await (await test.fetch(`/runs/${run.id}`)).text();
  assert.match(await page(), /throw new Error/);
  assert.doesNotMatch(await page(), /not kept/);
  // Both are gone, and then there are the lists of files without the texts.
  history.keepCode("large", "x".repeat(8_000_000 - 200), 0);
  assert.match(await page(), /<span class="quiet">not kept<\/span>/);
  for (const [each, hash] of [[good, "one"], [run, "two"]] as const) {
    history.keepCode(each.codeVersion ?? "", codeList([{ path: "a.ts", hash }]), 0);
  }
  assert.match(await page(), /changed; its text is not shown, or not kept any more/);
});
