/// <reference lib="dom" />
/** The newcomer's whole way, with the executable in an empty folder: init, complete, check, try, serve, break, mend. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hasBinary, runBinary, startBinaryIn } from "../support/binary.ts";
import { browserProgram, launchBrowser } from "../support/browser.ts";
import { makeFolder } from "../support/folder.ts";

const inCI = Deno.env.get("CI") === "true";
const ignore = !hasBinary() || (browserProgram() === undefined && !inCI);

const FIRST = `import { defineTask, every, z } from "carillon";

export default defineTask({
  title: "Greet",
  trigger: every("1h"),
  params: z.object({ name: z.string().default("you") }),
  run({ params, log }) {
    log.infoo("waving");
    return "hello " + params.name;
  },
});
`;

Deno.test("a newcomer's way from an empty folder to a task that runs", { ignore }, async () => {
  await using folder = makeFolder();
  const inside = (...args: string[]) => runBinary(args, folder.path);
  const made = await inside("init");
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^try a task: .*carillon run hello name=you$/m);
  assert.match((await inside("check")).stdout, /^5 tasks good, 0 files broken$/m);

  // The editor completes: the language server reads the same files as this check.
  const deno = async () => {
    const args = ["check", "--no-lock", "--quiet", "tasks/greet.ts"];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  };
  folder.write("tasks/greet.ts", FIRST);
  assert.match(
    (await deno()).stderr,
    /Property 'infoo' does not exist on type 'RunLog'\. Did you mean 'info'\?/,
  );
  const wrong = await inside("check", "--no-types");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /tasks\/greet\.ts:8:9: log has no "infoo"; did you mean "info"\?/);
  const right = FIRST.replace("infoo", "info");
  folder.write("tasks/greet.ts", right);
  assert.equal((await deno()).code, 0);
  assert.equal((await inside("check", "--no-types")).code, 0);
  const ran = await inside("run", "greet", "name=Anna");
  assert.deepEqual([ran.code, ran.stdout], [0, "hello Anna\n"]);
  assert.match(ran.stderr, /^INFO {2}waving$/m);

  // The folder outlives it.
  await using app = await startBinaryIn({ ...folder, [Symbol.asyncDispose]: () => Promise.resolve() });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${app.address}/tasks`);
    await page.getByRole("button", { name: "Run Greet" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("name").fill("Bo");
    await dialog.getByRole("button", { name: "Run now" }).click();
    await page.getByText("hello Bo").first().waitFor();

    // Broken, its last good version goes on, and the page says where it is broken.
    await page.goto(`${app.address}/tasks/greet`);
    folder.write("tasks/greet.ts", right.replace("trigger:", "trigge:"));
    await page.getByText(/unknown key "trigge"; did you mean "trigger"\?/).first().waitFor();
    const old = await fetch(`${app.address}/trigger/greet?name=Cleo`, { method: "POST" });
    assert.equal(old.status, 200, await old.text());
    await page.getByText("hello Cleo").first().waitFor();

    folder.write("tasks/greet.ts", right.replace('"hello "', '"good morning "'));
    await page.getByText(/unknown key "trigge"/).first().waitFor({ state: "detached" });
    const mended = await fetch(`${app.address}/trigger/greet?name=Dora`, { method: "POST" });
    assert.equal(mended.status, 200, await mended.text());
    await page.getByText("good morning Dora").first().waitFor();
  } finally {
    await browser.close();
  }
  assert.ok(Deno.statSync(join(folder.path, "types/carillon.d.ts")).isFile);
});
