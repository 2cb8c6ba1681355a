/** The script of the pages as browsers get it. */
import assert from "node:assert/strict";
import { parse } from "acorn";
import { SCRIPT, SCRIPT_PARTS } from "../../app/web/scripts.ts";

const FOLDER = new URL("../../static/script/", import.meta.url);

Deno.test("all parts of the script are in it, each after those that it imports from, and nothing is left to import", () => {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".js"));
  const texts = files.map((name) => Deno.readTextFileSync(new URL(name, FOLDER)));
  assert.deepEqual(SCRIPT_PARTS.toSorted(), texts.toSorted());
  const exported = new Set<string>();
  for (const part of SCRIPT_PARTS) {
    for (const [, names = ""] of part.matchAll(/^import \{([^}]+)\} from "\.\/\w+\.js";$/gm)) {
      for (const name of names.split(",")) assert.ok(exported.has(name.trim()), `${name} is not there yet`);
    }
    for (const [, name = ""] of part.matchAll(/^export (?:async )?\w+ (\w+)/gm)) {
      assert.ok(!exported.has(name), `two parts export ${name}`);
      exported.add(name);
    }
  }
  const { body } = parse(SCRIPT, { ecmaVersion: "latest", sourceType: "module" });
  assert.ok(body.length >= SCRIPT_PARTS.length);
  const modular = body.filter(({ type }) => /^(?:Import|Export)/.test(type));
  assert.deepEqual(modular, []);
  assert.equal(
    [...SCRIPT.matchAll(/^const \{ (.+) \} = /gm)].flatMap(([, names = ""]) => names.split(", ")).length,
    exported.size,
  );
});
