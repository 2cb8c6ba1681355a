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
 * Files whose tests take long, by about how many seconds of processor time: dealt out by them, the parts end at about the
 * same time. A number that is wrong costs time and nothing else.
 */
const HEAVY: readonly (readonly [seconds: number, files: string])[] = [
  [13, "cli/types web/generated_requests"],
  [11, "cli/commands"],
  [10, "cli/examples run/executors"],
  [9, "cli/import web/access"],
  [8, "history/damage"],
  [7, "notify/carillon worker/hosts"],
  [6, "examples/packages web/dashboard"],
  [5, "run/year trigger/properties web/pages web/today"],
  [4, "datasource/no_hang datasource/round_trip examples/examples history/damage_in_use run/worker"],
  [4, "sdk/python_odd service/approvals task/ten_packages web/known_holes"],
  [3, "cli/diff datasource/each_step policy/calendar run/arrivals run/planned run/watermarks"],
  [3, "sdk/command sdk/python sdk/sql_script task/folder_storm task/hostile task/packages"],
  [3, "cli/signals task/registry web/sign_in"],
  [2, "api/contract api/document api/idempotency api/streams auth/parts cli/errors cli/people"],
  [2, "cli/server_commands datasource/chaos datasource/example notify/month run/output"],
  [2, "service/backfills service/code service/diff service/door service/pause service/watch"],
  [2, "task/hostile_folder trigger/differential web/audit web/entrance web/log_slices web/run_page"],
  [2, "web/sign_in_elsewhere web/timeline"],
];

/** What a file takes that is not one of them. */
const LIGHT = 0.4;

/**
 * Registers the tests of one part. Files are dealt out to the parts there are, so that none is left out; each name says
 * which file the test is in.
 *
 * @param part path of the file in `tests/parts`
 */
export async function loadPart(part: string): Promise<void> {
  const { test } = Deno;
  for (const file of dealtOut(testFiles(PARTS, []), testFiles(TESTS, OTHERS)).get(part) ?? []) {
    const prefix = relative(TESTS, file);
    changeDefinitions((definition) => ({ ...definition, name: `${prefix}: ${definition.name}` }));
    await import(`file://${file}`);
    Object.assign(Deno, { test });
  }
}

/** The files of each part: the heaviest first, each goes to the part that has least. */
function dealtOut(
  parts: readonly string[],
  files: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const weights = new Map(files.map((file) => [file, LIGHT]));
  for (const [seconds, names] of HEAVY) {
    for (const name of names.split(" ")) {
      const file = join(TESTS, `${name}_test.ts`);
      if (!weights.has(file)) {
        throw new Error(`tests/support/parts.ts names ${name}, and there is no such file`);
      }
      weights.set(file, seconds);
    }
  }
  const dealt = parts.map((part) => ({ part, weight: 0, files: [] as string[] }));
  for (const [file, weight] of [...weights].sort(([, one], [, other]) => other - one)) {
    const least = dealt.reduce((one, other) => other.weight < one.weight ? other : one);
    least.weight += weight;
    least.files.push(file);
  }
  return new Map(dealt.map((each) => [each.part, each.files.sort()]));
}

/** Files of tests below a folder, in their order. */
function testFiles(folder: string, others: readonly string[]): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return others.includes(path) ? [] : testFiles(path, others);
    return name.endsWith("_test.ts") || name.endsWith("_test.tsx") ? [path] : [];
  }).sort();
}
