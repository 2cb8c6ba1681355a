/**
 * All tests in a few parts. Each file of tests that is run by itself loads what it tests anew, which takes most of them
 * longer than their tests; the files of a part load it once, one after the other.
 */
import { join, relative } from "node:path";
import { changeDefinitions } from "./definition.ts";

const TESTS = new URL("../", import.meta.url).pathname;
const PARTS = join(TESTS, "parts");
/** What no part has. */
const OTHERS: readonly string[] = [PARTS, join(TESTS, "e2e")];

/**
 * Registers the tests of one part. Files are dealt out to the parts there are, so that none is left out; each name says
 * which file the test is in.
 *
 * @param part path of the file in `tests/parts`
 */
export async function loadPart(part: string): Promise<void> {
  const parts = testFiles(PARTS, []);
  const files = testFiles(TESTS, OTHERS).filter((_, at) => parts[at % parts.length] === part);
  const { test } = Deno;
  for (const file of files) {
    const prefix = relative(TESTS, file);
    changeDefinitions((definition) => ({ ...definition, name: `${prefix}: ${definition.name}` }));
    await import(`file://${file}`);
    Object.assign(Deno, { test });
  }
}

/** Files of tests below a folder, in their order. */
function testFiles(folder: string, others: readonly string[]): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return others.includes(path) ? [] : testFiles(path, others);
    return name.endsWith("_test.ts") || name.endsWith("_test.tsx") ? [path] : [];
  }).sort();
}
