/**
 * Every verb cold, again, when its idle connection was killed, and with its connection cut at each step from the login to the
 * end: it is done as a whole, or not at all and an error of a database; and the next time it is done.
 *
 * Where within a step it is cut is random: the seed is printed, `CARILLON_TEST_SEED` sets it.
 */
import assert from "node:assert/strict";
import { closeDatabases, execute, insertMany, query } from "../../datasource/datasource.ts";
import { currentDatasource, useDatasource } from "../../datasource/environment.ts";
import { DatabaseError } from "../../datasource/errors.ts";
import { POOL_TIMES } from "../../datasource/pool.ts";
import { seededRandom, startChaosProxy, type Trouble } from "../support/chaos_proxy.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";
import { sectionFor } from "../support/servers.ts";
import { ROWS, VERBS } from "../support/verbs.ts";

const LIMIT_MS = 20_000;
/** Places at which each verb is cut, over all the bytes that it takes. */
const STEPS = 6;

const KILL_OTHERS = {
  pg: {
    list:
      "SELECT pid AS id FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    kill: "SELECT pg_terminate_backend(:id)",
  },
  my: {
    list: "SELECT id FROM information_schema.processlist WHERE user = 'carillon' AND id <> CONNECTION_ID()",
    kill: "KILL :id",
  },
} as const;

Deno.test({
  name: "databases: every verb, cut at each step, is done as a whole or not at all",
  ignore: !hasServers,
  async fn(t) {
    const seed = Number(
      Deno.env.get("CARILLON_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
    );
    const random = seededRandom(seed);
    const before = currentDatasource().settings;
    // An idle connection is tried at once: the test waits for no clock.
    useDatasource({ ...before, poolTimes: { ...POOL_TIMES, tryAfterMs: 0 } });
    try {
      await using databases = await startDatabases();
      for (const section of ["pg", "my"] as const) {
        let trouble: Trouble = { kind: "none" };
        await using proxy = startChaosProxy(databases[section].port, () => trouble);
        // One for each time that there is to be no connection yet: the others keep theirs.
        const cold = Object.keys(VERBS).flatMap((verb) =>
          Array.from({ length: 1 + STEPS }, (_, step) => `cold ${verb} ${step}`)
        );
        const server = { ...databases[section], port: proxy.port };
        const sections = cold.map((name) => sectionFor(name, server)).join("\n");
        await databases.configure({}, sections + sectionFor("killer", databases[section]));
        await execute(section, "CREATE TABLE source (id int PRIMARY KEY, v VARCHAR(200))");
        await execute(section, "CREATE TABLE target (id int PRIMARY KEY, v VARCHAR(200))");
        await insertMany(section, "source", ROWS);
        const rows = async () => Number((await query(section, "SELECT count(*) AS n FROM target"))[0]?.n);
        const empty = () => execute(section, "DELETE FROM target");

        for (const [verb, { work, rows: expected }] of Object.entries(VERBS)) {
          await t.step(`${section}: ${verb} (CARILLON_TEST_SEED=${seed})`, async () => {
            let cut = "";
            const begin = (step: number) => {
              proxy.drop();
              cut = `cold ${verb} ${step}`;
            };
            const done = async (state: string) => {
              await empty();
              await within(LIMIT_MS, `${verb} ${state}`, work(cut, "target"));
              assert.equal(await rows(), expected, state);
            };
            trouble = { kind: "none" };
            begin(0);
            const first = proxy.passed;
            await done("cold");
            const bytes = proxy.passed - first;
            await done("again");

            const { list, kill } = KILL_OTHERS[section];
            for (const { id } of await query("killer", list)) {
              // It may be gone by itself.
              await query("killer", kill.replace(":id", String(Number(id)))).catch(() => {});
            }
            await done("after its idle connection was killed");

            for (let step = 0; step < STEPS; step++) {
              await empty();
              begin(1 + step);
              const after = Math.floor(bytes * (step + random()) / STEPS);
              trouble = { kind: "cut", after };
              const outcome = await within(
                LIMIT_MS,
                `${verb} cut after ${after} bytes`,
                work(cut, "target").then(() => undefined, (error: unknown) => error),
              );
              assert.ok(outcome === undefined || outcome instanceof DatabaseError, `${after}: ${outcome}`);
              const left = await rows();
              assert.ok(left === 0 || left === expected, `cut after ${after}: ${left} rows`);
              if (outcome === undefined) assert.equal(left, expected, `cut after ${after}`);
              trouble = { kind: "none" };
              // Also those that would have been cut later.
              proxy.drop();
              await done(`after it was cut after ${after} bytes`);
            }
          });
        }
        await closeDatabases();
      }
    } finally {
      useDatasource(before);
    }
  },
});
