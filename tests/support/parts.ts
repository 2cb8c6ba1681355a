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
  [35, "cli/commands cli/import run/executors worker/hosts"],
  [28, "cli/types notify/carillon web/access web/generated_requests"],
  [20, "examples/packages history/damage task/ten_packages"],
  [15, "datasource/no_hang examples/examples task/packages web/dashboard web/pages web/today"],
  [13, "cli/diff cli/errors sdk/python_odd service/approvals"],
  [10, "datasource/each_step run/planned run/watermarks run/worker sdk/command service/watch task/registry"],
  [10, "api/answers run/output sdk/sql_script web/entrance"],
  [8, "api/document datasource/round_trip trigger/properties web/known_holes web/sign_in"],
  [7, "datasource/example history/damage_in_use sdk/python service/door"],
  [6, "api/streams cli/people cli/server_commands datasource/chaos run/year web/awaiting worker/remedy"],
  [5, "api/idempotency cli/dev datasource/conformance run/arrivals service/diff web/limits"],
  [5, "task/folder_storm task/hostile task/script"],
  [
    4,
    "api/contract datasource/exact datasource/tls metrics/otlp run/artifacts service/backfills service/code",
  ],
  [4, "notify/month policy/calendar task/hostile_folder task/many_tasks"],
  [4, "web/audit web/offered web/run_page web/sign_in_elsewhere"],
];

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
  const weights = new Map(files.map((file) => [file, 1]));
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
