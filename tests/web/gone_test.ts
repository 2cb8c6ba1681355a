/** Clients that leave before they are answered: nothing is made for them, and nobody else waits for them. */
import assert from "node:assert/strict";
import { type Entrance, Port } from "../../app/web/http/entrance.ts";
import { Listener } from "../../app/web/http/listener.ts";
import { MOST_AT_ONCE, MOST_OF_CLIENT, Turns } from "../../app/web/turns.ts";
import { keptJournal } from "../support/journal.ts";
import { readToEnd, sendRaw } from "../support/raw_http.ts";
import { LIMITS, startServer } from "../support/web_server.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
};
const HOST = "Host: localhost\r\nConnection: close\r\n";
const CLIENTS = 100;

async function ask(port: number, text: string): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  return conn;
}

Deno.test("pages are made for clients that are there, and not for those that have asked and gone", async () => {
  const paths = ["/tasks", "/", "/runs", "/timeline", "/system", "/api/v1/tasks", "/jobs"];
  const answers: string[] = [];
  await using server = await startServer(FILES, {
    isHeld: true,
    onAnswer: ({ url }, { status }) => answers.push(`${new URL(url).pathname} ${status}`),
  });
  for (let i = 0; i < CLIENTS; i++) {
    (await ask(server.port, `GET ${paths[i % paths.length]}?x=${i} HTTP/1.1\r\n${HOST}\r\n`)).close();
  }
  server.listener.start();
  const { status } = await sendRaw(server.port, `GET /tasks HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(status, 200);
  assert.deepEqual(answers.filter((each) => !each.endsWith(" 499")), ["/tasks 200"]);
  assert.deepEqual(server.lines, []);
});

Deno.test("what a client has asked to be done is done though it has gone; what costs nothing is answered", async () => {
  const answers: string[] = [];
  await using server = await startServer(FILES, {
    isHeld: true,
    onAnswer: ({ method, url }, { status }) => answers.push(`${method} ${new URL(url).pathname} ${status}`),
  });
  (await ask(server.port, `POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`)).close();
  // Its own side alone is closed, as `nc -N` does.
  const half = await ask(server.port, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  await half.closeWrite();
  server.listener.start();
  assert.match(await readToEnd(half), /^HTTP\/1\.1 200 [^]*ok\n/);
  half.close();
  await server.listener.stop();
  assert.deepEqual(answers.toSorted(), ["GET /healthz 200", "POST /trigger/a 200"]);
  assert.equal((await server.app.carillon.queries.runs.recent("a")).length, 1);
});

Deno.test("a client that leaves while its answer is made is known to have left; one that asks on is not", async () => {
  const begun = Promise.withResolvers<void>();
  const left = Promise.withResolvers<string>();
  const entrance = new Port("127.0.0.1", 0);
  const { journal } = keptJournal();
  const listener = new Listener({
    entrances: [entrance],
    limits: LIMITS,
    journal,
    answer: async ({ url, signal }) => {
      if (!url.endsWith("/long")) return new Response(`${new URL(url).pathname} `);
      begun.resolve();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      left.resolve(String(signal.reason));
      return new Response("for nobody");
    },
  });
  listener.start();
  const { port } = entrance.addr;
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  // Further requests are read ahead while the first is answered, and have their answers.
  const many = await sendRaw(port, get("/1") + get("/2"), get("/3"), `GET /4 HTTP/1.1\r\n${HOST}\r\n`);
  assert.deepEqual(many.text.match(/\/\d (?=\r)/g), ["/1 ", "/2 ", "/3 ", "/4 "]);
  const conn = await ask(port, get("/long"));
  await begun.promise;
  conn.close();
  assert.match(await left.promise, /the client has gone/);
  await listener.stop();
  assert.equal(listener.size, 0);
});

Deno.test("connections that are reset before they are accepted hold up nobody", async () => {
  const port = new Port("127.0.0.1", 0);
  const kinds = [Deno.errors.NotConnected, Deno.errors.ConnectionReset, Deno.errors.ConnectionAborted];
  let resets = 0;
  const entrance: Entrance = {
    name: port.name,
    accept() {
      const Kind = kinds[resets++ % kinds.length];
      return Kind && resets < 300 ? Promise.reject(new Kind("it was reset")) : port.accept();
    },
    close: () => port.close(),
  };
  const { journal, lines } = keptJournal();
  const listener = new Listener({
    entrances: [entrance],
    limits: LIMITS,
    journal,
    answer: () => new Response("here"),
  });
  listener.start();
  assert.equal((await sendRaw(port.addr.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).status, 200);
  await listener.stop();
  assert.ok(resets >= 300);
  // Accepting waits, and says so, where there is a reason to wait alone.
  assert.deepEqual(lines, []);
});

/** Asks for a turn, and writes its name down when it has it. */
function taker(turns: Turns, order: string[]) {
  return (client: string, name: string, gone = new AbortController().signal) =>
    turns.take(client, gone).then((turn) => {
      order.push(name);
      return turn;
    });
}

Deno.test("answers are made a few at one time, and each client has its turn", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const take = taker(turns, order);
  const ofOne = Array.from({ length: 6 }, (_, i) => take("one", `one ${i}`));
  const ofTwo = [take("two", "two 0"), take("two", "two 1")];
  const ofThree = take("three", "three 0");
  await Promise.all([ofOne[0], ofOne[1], ...ofTwo]);
  assert.equal(turns.size, MOST_AT_ONCE);
  assert.deepEqual(order, ["one 0", "one 1", "two 0", "two 1"]);
  assert.equal(order.filter((name) => name.startsWith("one")).length, MOST_OF_CLIENT);
  (await ofTwo[0])?.[Symbol.dispose]();
  // "one" has as many as a client may.
  (await ofThree)[Symbol.dispose]();
  (await ofOne[0])?.[Symbol.dispose]();
  await ofOne[2];
  assert.deepEqual(order.slice(4), ["three 0", "one 2"]);
  for (const each of [ofOne[1], ofTwo[1], ...ofOne.slice(2)]) (await each)?.[Symbol.dispose]();
  assert.equal(turns.size, 0);
  assert.equal(order.length, 9);
});

Deno.test("whoever leaves is taken out of the row, whether it waits or its turn has just come", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const take = taker(turns, order);
  const going = new AbortController();
  const [first, second] = await Promise.all([take("one", "first"), take("one", "second")]);
  const left = Array.from({ length: 300 }, (_, i) => take("one", `left ${i}`, going.signal));
  const last = take("one", "last");
  const just = new AbortController();
  const other = take("other", "other", just.signal);
  just.abort(new Error("gone"));
  going.abort(new Error("gone"));
  for (const each of [...left, other]) await assert.rejects(each, /^Error: gone$/);
  first[Symbol.dispose]();
  (await last)[Symbol.dispose]();
  second[Symbol.dispose]();
  assert.deepEqual(order, ["first", "second", "last"]);
  assert.equal(turns.size, 0);
  await assert.rejects(take("one", "late", going.signal), /^Error: gone$/);
});
