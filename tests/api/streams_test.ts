/** Events and logs as they happen: nothing is lost over a reconnect, nothing comes twice, nobody holds anything up. */
import assert from "node:assert/strict";
import { EventFeed, type FeedNews } from "../../app/service/event_feed.ts";
import { EventBus } from "../../app/events/bus.ts";
import { logged, passWhile, startCarillon, startRun, TESTER } from "../support/carillon.ts";
import { settled, VirtualClock } from "../support/clock.ts";
import { EventClient } from "../support/event_stream.ts";
import { randomFrom } from "../support/random.ts";
import { startServer } from "../support/web_server.ts";

const FILES = {
  "tasks/a.ts":
    `import { defineTask } from "carillon"; export default defineTask({ run() { return "done"; } });`,
  "tasks/b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  "tasks/talks.ts": `import { defineTask } from "carillon";
export default defineTask({ async run({ log, signal }) {
  for (let i = 0; i < 3000; i++) { log.info("line " + i); if (i % 100 === 0) await new Promise((go) => setTimeout(go)); } } });`,
  "tasks/waits.ts": `import { defineTask } from "carillon";
export default defineTask({ run: ({ log, signal }) => new Promise((_, no) => { log.info("waiting"); signal.onabort = no; }) });`,
};

Deno.test("events that happen while nobody is connected come after the reconnect, each once and in order", async () => {
  await using test = await startCarillon(FILES);
  const client = new EventClient((headers) =>
    test.fetch("/api/v1/events?events=run.queued,run.ended", { headers })
  );
  await client.connect();
  await client.until(() => client.lastId !== undefined);
  const seed = Math.trunc(Math.random() * 2 ** 31);
  const random = randomFrom(seed);
  const started: string[] = [];
  for (let round = 0; round < 20; round++) {
    // Cut before, between and after what happens, at random.
    for (let i = 0; i < 5; i++) {
      if (random() < 0.3) {
        await client.cut();
        await client.connect();
      }
      const run = await startRun(test, random() < 0.5 ? "a" : "b");
      started.push(run.id);
      if (random() < 0.5) await test.ended(run.id);
      if (random() < 0.3) await client.until(() => client.events.length > 0);
    }
  }
  for (const id of started) await test.ended(id);
  await client.cut();
  await client.connect();
  await client.until(() => client.events.length >= started.length * 2);
  await client.cut();
  const of = (event: string) =>
    client.events.filter((each) => each.event === event).map(({ data }) => (data.run as { id: string }).id);
  assert.deepEqual(of("run.queued"), started, `seed ${seed}`);
  assert.deepEqual(of("run.ended").toSorted(), started.toSorted(), `seed ${seed}`);
  assert.deepEqual(client.events.filter(({ event }) => event === "gap"), []);
});

Deno.test("who comes back after Carillon was started anew is told that something may be missing", async () => {
  const first = await startCarillon(FILES);
  const client = new EventClient((headers) => test.fetch("/api/v1/events", { headers }));
  let test = first;
  await client.connect();
  await client.until(() => client.lastId !== undefined);
  test = await first.restart();
  await using _test = test;
  // Carillon stopped, so the stream has ended.
  assert.equal(await client.until(() => client.events.some(({ event }) => event === "gap")), false);
  await client.connect();
  await client.until(() => client.events.some(({ event }) => event === "gap"));
  const { id } = await startRun(test, "a");
  await client.until(() => client.events.some(({ data }) => (data.run as { id?: string } | null)?.id === id));
  await client.cut();
});

Deno.test("events are those of one task, where that is asked; of others only the place is told", async () => {
  await using test = await startCarillon(FILES);
  const client = new EventClient((headers) =>
    test.fetch("/api/v1/events?task=b&events=run.ended", { headers })
  );
  await client.connect();
  await client.until(() => client.lastId !== undefined);
  const before = client.lastId;
  for (let i = 0; i < 40; i++) await test.ended((await startRun(test, "a")).id);
  const { id } = await startRun(test, "b");
  await test.ended(id);
  await client.until(() => client.events.length > 0);
  await client.cut();
  assert.deepEqual(client.events.map(({ data }) => [data.task, (data.run as { id: string }).id]), [[
    "b",
    id,
  ]]);
  assert.notEqual(client.lastId, before);
});

Deno.test("a follower that is too slow is told of the gap; memory is bounded, and nothing is kept before anybody asks", async () => {
  const events = new EventBus((sentence, thrown) => assert.fail(`${sentence} ${thrown}`));
  const feed = new EventFeed(events, new VirtualClock("2026-03-10T10:00:00Z"));
  const emit = (n: number) => events.emit("folder.read", { changed: n, removed: 0, broken: 0 });
  emit(0);
  const gone = new AbortController();
  const slow = feed.follow({ signal: gone.signal });
  const begin = await slow.next();
  assert.deepEqual(begin.value?.kind, "begin");
  assert.match((begin.value as { id: string }).id, /\.0$/);
  for (let i = 0; i < 30_000; i++) emit(i);
  const next = await slow.next();
  assert.equal((next.value as FeedNews).kind, "gap");
  emit(1);
  assert.equal(((await slow.next()).value as FeedNews).kind, "event");
  // Ids that are none, of the future, or of another program.
  for (
    const after of ["", ".", "x.1", (begin.value as { id: string }).id.replace(/0$/, "99999999"), "\u0000"]
  ) {
    const { value } = await feed.follow({ after, signal: gone.signal }).next();
    assert.equal((value as FeedNews).kind, "gap", after);
  }
  const waiting = slow.next();
  gone.abort();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});

Deno.test("a log is followed to its end: every line once, also over cuts, as events, JSON and text", async () => {
  await using test = await startCarillon(FILES);
  const { id } = await startRun(test, "talks");
  const client = new EventClient((headers) => test.fetch(`/api/v1/runs/${id}/log?format=sse`, { headers }));
  for (let cuts = 0; cuts < 10; cuts++) {
    await client.connect();
    const wanted = client.events.length + 1;
    if (!await client.until(() => client.events.length >= wanted)) break;
    await client.cut();
  }
  await client.connect();
  await client.until(() => false);
  const lines = client.events.filter(({ event }) => event === "line").map(({ data }) => data.text);
  assert.deepEqual(lines, Array.from({ length: 3_000 }, (_, i) => `line ${i}`));
  const last = client.events.at(-1);
  assert.deepEqual([last?.event, last?.data.status], ["end", "succeeded"]);
  const follow = await (await test.fetch(`/api/v1/runs/${id}/log?format=ndjson&follow=true&from=2998`))
    .text();
  assert.deepEqual(follow.trim().split("\n").map((line) => JSON.parse(line).number), [2_998, 2_999]);
  const found = await (await test.fetch(`/api/v1/runs/${id}/log?text=LINE+299`)).text();
  assert.equal(found.trim().split("\n").length, 11);
  assert.equal((await (await test.fetch(`/api/v1/runs/${id}/log`)).text()).trim().split("\n").length, 3_000);
});

Deno.test("a run that is silent gives signs of life; who waits is let go when the time is over or the run ends", async () => {
  await using test = await startCarillon(FILES);
  const { id } = await startRun(test, "waits");
  await logged(test, id, "waiting");
  const client = new EventClient((headers) => test.fetch(`/api/v1/runs/${id}/log?format=sse`, { headers }));
  await client.connect();
  await client.until(() => client.events.length === 1);
  await passWhile(client.until(() => client.comments >= 2), test.clock, { seconds: 5 });
  const rest = client.until(() => false);
  const wait = test.fetch("/api/v1/tasks/waits/runs?wait=30s", { method: "POST" });
  let answered = false;
  void wait.then(() => answered = true);
  await passWhile(wait, test.clock, { seconds: 1 });
  assert.ok(answered);
  const { run } = await (await wait).json() as { run: { id: string; status: string } };
  assert.equal((await wait).status, 202);
  await test.carillon.operations.cancel(TESTER, run.id);
  await test.carillon.operations.cancel(TESTER, id);
  assert.equal(await rest, false);
  assert.equal(client.events.at(-1)?.data.status, "cancelled");
});

Deno.test("a client that has gone is let go over a real connection, and the server stops while others follow", async () => {
  await using server = await startServer(FILES);
  const { carillon } = server.app;
  const asked = new Set<AbortSignal>();
  const follow = carillon.queries.events.follow.bind(carillon.queries.events);
  carillon.queries.events.follow = (given) => {
    asked.add(given.signal);
    return follow(given);
  };
  const address = `http://127.0.0.1:${server.port}/api/v1/events`;
  const leaves = new AbortController();
  const one = await fetch(address, { signal: leaves.signal });
  const two = await fetch(address);
  const reader = two.body?.getReader();
  assert.ok(one.body && reader);
  await one.body.getReader().read();
  await reader.read();
  leaves.abort();
  // Whoever has gone is found out by the next words to them.
  while (![...asked].some(({ aborted }) => aborted)) {
    await startRun(server.app, "a");
    await settled();
  }
  // As the command does: first Carillon, whose events are then over, then the server.
  await carillon.stop();
  await server.listener.stop();
  for (let read = await reader.read(); !read.done; read = await reader.read());
});
