/** How connections are lent: tried when they were idle, made fresh when they were changed, closed when nobody wants them. */
import assert from "node:assert/strict";
import type { CallOptions, Connection, Driver } from "../../datasource/database.ts";
import { CannotConnectError, QueryCancelledError, QueryTimeoutError } from "../../datasource/errors.ts";
import { ConnectionPool, POOL_TIMES, type PoolTimes } from "../../datasource/pool.ts";

interface FakeConnection extends Pick<Connection, "ping" | "reset" | "close" | "destroy"> {
  readonly id: number;
  alive: boolean;
  changed: boolean;
  answers: boolean;
}

function fakeDriver(most = 2, times: Partial<PoolTimes> = {}) {
  const said: string[] = [];
  const made: FakeConnection[] = [];
  let connecting: Promise<void> = Promise.resolve();
  const driver = {
    dialect: "postgresql",
    label: "Fake db",
    zone: "UTC",
    most,
    async connect() {
      await connecting;
      const connection: FakeConnection = {
        id: made.length + 1,
        alive: true,
        changed: false,
        answers: true,
        ping() {
          said.push(`ping ${this.id}`);
          return this.answers ? Promise.resolve() : Promise.reject(new Error("gone"));
        },
        reset() {
          said.push(`reset ${this.id}`);
          this.changed = false;
          return Promise.resolve();
        },
        close() {
          said.push(`close ${this.id}`);
          this.alive = false;
          return Promise.resolve();
        },
        destroy() {
          if (this.alive) said.push(`destroy ${this.id}`);
          this.alive = false;
        },
      };
      made.push(connection);
      return connection as unknown as Connection;
    },
    version: () => Promise.resolve("Fake"),
  } satisfies Driver;
  return {
    said,
    made,
    /** Connections are made when this has resolved. */
    connectWhen: (ready: Promise<void>) => connecting = ready,
    pool: new ConnectionPool(driver, { ...POOL_TIMES, ...times }),
  };
}

const idOf = (connection: Connection) => Promise.resolve((connection as unknown as FakeConnection).id);

Deno.test("a connection is used again, and tried first when it was idle", async () => {
  const { pool, said, made } = fakeDriver(2, { tryAfterMs: 0 });
  assert.deepEqual([await pool.use("a", {}, idOf), await pool.use("b", {}, idOf)], [1, 1]);
  assert.deepEqual(said, ["ping 1"]);
  for (const each of made) each.answers = false;
  assert.equal(await pool.use("c", {}, idOf), 2);
  assert.deepEqual(said.slice(1), ["ping 1", "destroy 1"]);
  await pool.close();
  assert.deepEqual(said.slice(3), ["close 2"]);
});

Deno.test("a connection that was lost is not lent again, one that was changed is made fresh", async () => {
  const { pool, said, made } = fakeDriver();
  await pool.use("a", {}, () => {
    for (const each of made) each.changed = true;
    return Promise.resolve();
  });
  await pool.use("b", {}, () => Promise.resolve());
  assert.deepEqual(said, ["reset 1"]);
  await assert.rejects(
    pool.use("c", {}, () => {
      for (const each of made) each.alive = false;
      return Promise.reject(new Error("lost"));
    }),
    /lost/,
  );
  assert.notEqual(await pool.use("d", {}, idOf), 1);
  await pool.close();
});

Deno.test("who waits for a connection is told who has them, when the time is over, and who comes first is first", async () => {
  const { pool } = fakeDriver(1, { waitMs: 30 });
  const busy = Promise.withResolvers<void>();
  const holding = pool.use("a transaction", {}, () => busy.promise);
  await assert.rejects(pool.use("b", {}, idOf), (error) => {
    assert.ok(error instanceof CannotConnectError);
    assert.match(
      error.message,
      /^Fake db: waited 0\.03 s for a connection: 1 of 1 in use by a transaction \(\d+\.\d s\)$/,
    );
    return true;
  });
  await assert.rejects(pool.use("c", { timeoutMs: 5 }, idOf), QueryTimeoutError);
  await assert.rejects(pool.use("d", { signal: AbortSignal.abort() }, idOf), QueryCancelledError);
  busy.resolve();
  await holding;
  await pool.close();

  const fair = fakeDriver(1);
  const order: number[] = [];
  const done = Promise.withResolvers<void>();
  const first = fair.pool.use("first", {}, () => done.promise);
  const others = [1, 2, 3].map((n) =>
    fair.pool.use(String(n), {}, () => {
      order.push(n);
      return Promise.resolve();
    })
  );
  done.resolve();
  await Promise.all([first, ...others]);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(fair.made.length, 1);
  await fair.pool.close();
});

Deno.test("whoever asks in the moment in which a connection comes back does not overtake those who wait", async () => {
  // Somebody new in each of the turns in which it is given back and lent again.
  for (let turns = 0; turns < 12; turns++) {
    const { pool, made } = fakeDriver(1);
    const order: string[] = [];
    const use = (name: string) =>
      pool.use(name, {}, () => {
        order.push(name);
        return Promise.resolve();
      });
    const done = Promise.withResolvers<void>();
    const first = pool.use("first", {}, () => done.promise);
    const waiting = use("waits");
    const late = (async () => {
      await done.promise;
      for (let turn = 0; turn < turns; turn++) await null;
      await use("late");
    })();
    done.resolve();
    await Promise.all([first, waiting, late]);
    assert.deepEqual(order, ["waits", "late"], `${turns} turns`);
    assert.equal(made.length, 1);
    await pool.close();
  }
});

Deno.test("whoever is woken and gives up in the same moment leaves the connection to the next", async () => {
  const { pool } = fakeDriver(1);
  const aborter = new AbortController();
  const done = Promise.withResolvers<void>();
  const first = pool.use("first", {}, () => done.promise);
  const gone = pool.use("gone", { signal: aborter.signal }, idOf);
  const next = pool.use("next", { timeoutMs: 20_000 }, idOf);
  done.resolve();
  await first;
  aborter.abort(new Error("enough"));
  await gone.catch((error) => assert.ok(error instanceof QueryCancelledError));
  assert.equal(await next, 1);
  await pool.close();
});

Deno.test("a connection that comes after its user has given up is for the next one", async () => {
  const { pool, connectWhen, made } = fakeDriver(1);
  const ready = Promise.withResolvers<void>();
  connectWhen(ready.promise);
  const aborter = new AbortController();
  const waiting = pool.use("a", { signal: aborter.signal }, idOf);
  aborter.abort(new Error("enough"));
  await assert.rejects(waiting, QueryCancelledError);
  const next = pool.use("b", {}, idOf);
  ready.resolve();
  assert.equal(await next, 1);
  assert.equal(made.length, 1);
  await pool.close();
});

/** What a user who gives up while an idle connection is tried, which says nothing yet, gives up by. */
const GIVING_UP: [string, () => CallOptions, typeof QueryCancelledError | typeof QueryTimeoutError][] = [
  ["a limit", () => ({ timeoutMs: 5 }), QueryTimeoutError],
  ["an abort", () => ({ signal: AbortSignal.timeout(5) }), QueryCancelledError],
];

for (const [what, call, error] of GIVING_UP) {
  Deno.test(`an idle connection that is given up as it is tried takes no place for ever: ${what}`, async () => {
    for (const answers of [true, false]) {
      const { pool, made, said } = fakeDriver(1, { tryAfterMs: 0 });
      await pool.use("first", {}, idOf);
      const ping = Promise.withResolvers<void>();
      for (const each of made) each.ping = () => ping.promise;
      await assert.rejects(pool.use("gone", call(), idOf), error);
      const next = pool.use("next", { timeoutMs: 20_000 }, idOf);
      if (answers) {
        for (const each of made) each.ping = () => Promise.resolve();
        ping.resolve();
      } else ping.reject(new Error("gone"));
      assert.equal(await next, answers ? 1 : 2);
      assert.deepEqual(said, answers ? [] : ["destroy 1"]);
      await pool.close();
    }
  });
}

Deno.test("a pool that is closed lends nothing more, and cuts what is still in use", async () => {
  const { pool, said } = fakeDriver(1);
  const never = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holding = pool.use("a", {}, () => {
    begun.resolve();
    return never.promise;
  });
  await begun.promise;
  const waiting = pool.use("b", {}, idOf);
  const closing = pool.close();
  await assert.rejects(waiting, /Fake db: it was closed meanwhile/);
  await closing;
  assert.deepEqual(said, ["destroy 1"]);
  never.resolve();
  await holding;
});
