/**
 * An executable of tests, for what depends on the runtime: the one that `deno compile` takes is older than the one that the
 * tests run in, and has no test runner. Its arguments name files of tests; each test is a line, and the last says how many.
 */
import { writeSync } from "node:fs";
import { COMPILED_FILES } from "./compiled_files.ts";

const FILES: Readonly<Record<(typeof COMPILED_FILES)[number], () => Promise<unknown>>> = {
  api_client: () => import("../datasource/api_client_test.ts"),
  chaos: () => import("../datasource/chaos_test.ts"),
  conformance: () => import("../datasource/conformance_test.ts"),
  each_step: () => import("../datasource/each_step_test.ts"),
  exact: () => import("../datasource/exact_test.ts"),
  freetds: () => import("../datasource/freetds_test.ts"),
  http_client: () => import("../datasource/http_client_test.ts"),
  no_hang: () => import("../datasource/no_hang_test.ts"),
  oracle: () => import("../datasource/oracle_test.ts"),
  pool: () => import("../datasource/pool_test.ts"),
  round_trip: () => import("../datasource/round_trip_test.ts"),
  silent_loss: () => import("../datasource/silent_loss_test.ts"),
  sql: () => import("../datasource/sql_test.ts"),
  sqlite: () => import("../datasource/sqlite_test.ts"),
  sqlserver: () => import("../datasource/sqlserver_test.ts"),
  statements: () => import("../datasource/statements_test.ts"),
  tds_facts: () => import("../datasource/tds_facts_test.ts"),
  tls: () => import("../datasource/tls_test.ts"),
};

interface Definition {
  readonly name: string;
  readonly ignore?: boolean | undefined;
  readonly fn: (context: Context) => unknown;
}

/** What the tests use of Deno's own. */
interface Context {
  readonly step: (name: string, fn: (context: Context) => unknown) => Promise<boolean>;
}

const definitions: Definition[] = [];
const counts = { passed: 0, failed: 0, ignored: 0 };

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function run({ name, ignore, fn }: Definition): Promise<boolean> {
  if (ignore) {
    counts.ignored++;
    say(`${name} ... ignored`);
    return true;
  }
  let good = true;
  const step: Context["step"] = async (inner, work) => {
    const passed = await run({ name: `${name} ... ${inner}`, fn: work });
    good &&= passed;
    return passed;
  };
  try {
    await fn({ step });
  } catch (error) {
    good = false;
    say(error instanceof Error ? error.stack ?? error.message : String(error));
  }
  counts[good ? "passed" : "failed"]++;
  say(`${name} ... ${good ? "ok" : "FAILED"}`);
  return good;
}

const deno = Deno.env.get("CARILLON_TEST_DENO");
Object.assign(Deno, {
  test: (first: string | Definition, fn?: Definition["fn"]) =>
    definitions.push(typeof first === "string" ? { name: first, fn: fn ?? (() => {}) } : first),
  // Tests that start a program of their own start it with Deno, not with this executable.
  execPath: () => deno,
});

for (const name of Deno.args) {
  const known = COMPILED_FILES.find((each) => each === name);
  if (!known) throw new Error(`no file of tests "${name}"; there are ${COMPILED_FILES.join(", ")}`);
  await FILES[known]();
}
for (const definition of definitions) await run(definition);
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.ignored} ignored`);
Deno.exit(counts.failed > 0 ? 1 : 0);
