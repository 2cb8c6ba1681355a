/**
 * A network that cuts, stalls and delays: whatever is going on ends within its limits, as an error of a database or as it
 * should, and a table has all rows of a call or none.
 *
 * The seed is printed; `CARILLON_TEST_SEED` sets it.
 */
import assert from "node:assert/strict";
import { copyRows, execute, insertMany, query, stream, transaction } from "../../datasource/datasource.ts";
import { DatabaseError } from "../../datasource/errors.ts";
import { seededRandom, startChaosProxy, type Trouble } from "../support/chaos_proxy.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";
import { sectionFor } from "../support/servers.ts";

const ROWS = 300;
/** What a call is given, and what it may take beyond: the server is asked to stop, and then the connection is cut. */
const LIMIT_MS = 1_000;
const GRACE_MS = 3_000;
/** For a busy machine. */
const SLACK_MS = 20_000;
const AT_ONCE = 8;

const rows = Array.from({ length: ROWS }, (_, id) => ({ id, v: "x".repeat(200) }));

type Work = (section: string, table: string, signal: AbortSignal) => Promise<unknown>;

const WORK: Readonly<Record<string, Work>> = {
  query: (section, _table, signal) => query(section, "SELECT * FROM plenty", {}, { signal }),
  "query with a time limit": (section) =>
    query(section, "SELECT * FROM plenty", {}, { timeout: { milliseconds: LIMIT_MS } }),
  stream: (section, _table, signal) =>
    Array.fromAsync(stream(section, "SELECT * FROM plenty", {}, { batch: 50, signal })),
  "stream, left early": async (section, _table, signal) => {
    for await (const _ of stream(section, "SELECT * FROM plenty", {}, { batch: 50, signal })) break;
  },
  insertMany: (section, table, signal) => insertMany(section, table, rows, { signal, batch: 100 }),
  upsert: (section, table, signal) => insertMany(section, table, rows, { signal, upsert: "id" }),
  copyRows: (section, table, signal) =>
    copyRows({ database: section, sql: "SELECT * FROM plenty" }, { database: section, table }, {
      signal,
      batch: 100,
    }),
  transaction: (section, table, signal) =>
    transaction(section, async (tx) => {
      for (const row of rows.slice(0, 3)) await tx.execute(`INSERT INTO ${table} VALUES (:id, :v)`, row);
      await tx.transaction((inner) => inner.insertMany(table, rows.slice(3)));
    }, { signal }),
};

Deno.test({
  name: "databases: on a network that cuts, stalls and delays nothing outlives its limit",
  ignore: !hasServers,
  async fn(t) {
    const seed = Number(
      Deno.env.get("CARILLON_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
    );
    const random = seededRandom(seed);
    const upTo = (most: number) => Math.floor(random() * most);
    const troubles: readonly (() => Trouble)[] = [
      // Within the login, the session's settings, the statement, its rows.
      () => ({ kind: "cut", after: upTo(2_500) }),
      () => ({ kind: "cut", after: upTo(120_000) }),
      () => ({ kind: "stall", after: upTo(2_500) }),
      () => ({ kind: "stall", after: upTo(120_000) }),
      () => ({ kind: "trickle", piece: 1 + upTo(2_000), ms: upTo(5) }),
    ];
    await using databases = await startDatabases();
    for (const section of ["pg", "my"] as const) {
      await t.step(`${section} (CARILLON_TEST_SEED=${seed})`, async () => {
        const server = databases[section];
        await using proxy = startChaosProxy(
          server.port,
          () => troubles[upTo(troubles.length)]?.() ?? { kind: "none" },
        );
        const works = Object.entries(WORK).flatMap(([name, work]) =>
          [1, 2, 3, 4].map((turn) => ({ name, work, turn }))
        );
        const sections = works.map((_, i) =>
          sectionFor(`${section}${i}`, { ...server, port: proxy.port }) + "connect_timeout = 1\n"
        );
        await databases.configure({}, sections.join("\n"));
        await execute(section, "CREATE TABLE plenty (id int PRIMARY KEY, v VARCHAR(200))");
        await insertMany(section, "plenty", rows);
        for (let i = 0; i < works.length; i++) {
          await execute(section, `CREATE TABLE t${i} (id int PRIMARY KEY, v VARCHAR(200))`);
        }
        let failed = 0;
        const one = async (i: number): Promise<void> => {
          const { name, work } = works[i] ?? { name: "", work: () => Promise.resolve() };
          const aborter = new AbortController();
          const timer = setTimeout(() => aborter.abort(new Error("enough")), LIMIT_MS);
          try {
            await within(
              LIMIT_MS + 2 * GRACE_MS + SLACK_MS,
              `${name} ${i}`,
              work(`${section}${i}`, `t${i}`, aborter.signal),
            );
          } catch (error) {
            failed++;
            assert.ok(
              error instanceof DatabaseError,
              `${name}: ${error instanceof Error ? error.stack : error}`,
            );
          } finally {
            clearTimeout(timer);
          }
        };
        const queue = works.map((_, i) => i);
        await Promise.all(Array.from({ length: AT_ONCE }, async () => {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) await one(next);
        }));
        assert.ok(failed > 0, "the proxy did no harm");
        // All or nothing, once the server has noticed whom it lost.
        await databases.configure();
        for (let i = 0; i < works.length; i++) {
          const [row] = await query(section, `SELECT count(*) AS n FROM t${i}`);
          assert.ok(row?.n === 0 || row?.n === ROWS, `t${i}: ${row?.n} rows`);
        }
      });
    }
  },
});
