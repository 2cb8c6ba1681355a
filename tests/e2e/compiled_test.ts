/**
 * The tests of the drivers, compiled as the program is and run in its runtime, which is older than the one of the other
 * tests: what a driver may rely on differs between the two.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { shrink, WITH_MAPS } from "../../scripts/bundle.ts";
import { bundleEntries, manifest, ROOT } from "../../scripts/deno_bundle.ts";
import { stubCompile } from "../../scripts/denort.ts";
import { COMPILED_FILES } from "../support/compiled_files.ts";
import { hasBinary } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import { hasServers } from "../support/databases.ts";

const ENTRY = "tests/support/compiled_entry.ts";

/** Writes `folder/tests`, the executable. */
async function compileTests(folder: string): Promise<string> {
  await bundleEntries([ENTRY], folder, WITH_MAPS);
  const scripts = (await shrink(folder)).map((file) => relative(folder, file));
  for (const name of scripts) {
    const code = await Deno.readTextFile(join(folder, name));
    // Where the sources lie, which is not where the executable unpacks itself.
    const placed = code.replaceAll('new URL("../", import.meta.url)', `new URL("file://${ROOT}")`);
    await Deno.writeTextFile(join(folder, name), placed);
  }
  const { unstable } = await manifest();
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ unstable }));
  const output = join(folder, "tests");
  const options = await stubCompile([
    "--quiet",
    "--config=deno.json",
    ...scripts.filter((name) => name !== "compiled_entry.js").map((name) => `--include=${name}`),
    `--output=${output}`,
    "compiled_entry.js",
  ]);
  const { success, stderr } = await new Deno.Command("npx", { ...options, cwd: folder }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return output;
}

Deno.test({
  name: "the drivers' tests pass in the executable's runtime",
  ignore: !hasBinary() || !hasServers,
  async fn(t) {
    await using folder = makeFolder();
    const program = await compileTests(folder.path);
    for (const name of COMPILED_FILES) {
      await t.step(name, async () => {
        const { code, stdout, stderr } = await new Deno.Command(program, {
          args: [name],
          cwd: folder.path,
          env: { CARILLON_TEST_DENO: Deno.execPath() },
        }).output();
        const decoder = new TextDecoder();
        const said = decoder.decode(stdout);
        assert.equal(code, 0, said + decoder.decode(stderr));
        assert.match(said, /^[1-9]\d* passed, 0 failed, 0 ignored\n$/m);
      });
    }
  },
});
