/** What a stranger on the port can do: nothing takes more than its share, and whatever is wrong is answered with a sentence. */
import assert from "node:assert/strict";
import { Port } from "../../app/web/http/entrance.ts";
import { Listener } from "../../app/web/http/listener.ts";
import { startCarillon } from "../support/carillon.ts";
import { codePoint, fc } from "../support/fast_check.ts";
import { keptJournal } from "../support/journal.ts";
import { readToEnd, sendRaw } from "../support/raw_http.ts";
import { LIMITS, startServer } from "../support/web_server.ts";

const HOST = "Host: localhost\r\nConnection: close\r\n";
const FILES = {
  "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
};

const form = (type: string, body: string) =>
  `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Name, bytes, status, sentence. */
const WRONG: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ...["a b", "\x80", "localhost:1, evil", "localhost:99999", "[::1", "", "@x", "x/y"].map((host) =>
    [
      `Host "${host}"`,
      [`GET /jobs HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
      400,
      /"message":".*Host is not/,
    ] as const
  ),
  ["no Host", ["GET /jobs HTTP/1.1\r\n\r\n"], 400, /"message":".*Host is not/],
  ["two Hosts", [`GET /jobs HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`], 400, /Host is not/],
  [
    "a name of others",
    ["GET /jobs HTTP/1.1\r\nHost: evil.org\r\n\r\n".replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")],
    421,
    /is not a name of this server/,
  ],
  ["TLS", ["\x16\x03\x01\0\0\r\n\r\n"], 400, /the first line is not one of HTTP/],
  ["HTTP/2", ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 400, /the first line is not one of HTTP/],
  ["TRACE", [`TRACE / HTTP/1.1\r\n${HOST}\r\n`], 405, /TRACE is not supported/],
  ["a path that is none", [`GET jobs HTTP/1.1\r\n${HOST}\r\n`], 400, /the address is not a path/],
  ["bytes that are no UTF-8", [`GET /jobs/\xff HTTP/1.1\r\n${HOST}\r\n`], 400, /not in UTF-8/],
  ["a user name", [`GET http://a:b@localhost/jobs HTTP/1.1\r\n${HOST}\r\n`], 400, /user name/],
  [
    "10 MB of question",
    [`GET /jobs?`, "x".repeat(10_000_000), ` HTTP/1.1\r\n${HOST}\r\n`],
    414,
    /more than 64 KB/,
  ],
  [
    "40 KB of a field",
    [`GET /jobs HTTP/1.1\r\n${HOST}a: ${"x".repeat(40_000)}\r\n\r\n`],
    431,
    /more than 32 KB/,
  ],
  ["a field without a name", [`GET /jobs HTTP/1.1\r\n${HOST}: x\r\n\r\n`], 400, /has no name/],
  ["a folded field", [`GET /jobs HTTP/1.1\r\n${HOST}a: b\r\n c: d\r\n\r\n`], 400, /has no name/],
  ["a zero byte in a field", [`GET /jobs HTTP/1.1\r\n${HOST}a: \0\r\n\r\n`], 400, /control character/],
  [
    "two lengths",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`],
    400,
    /not one number/,
  ],
  [
    "a length below zero",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: -3\r\n\r\nabc`],
    400,
    /not one number/,
  ],
  [
    "a length and chunks",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc`],
    400,
    /in two ways/,
  ],
  [
    "another coding",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\nabc`],
    501,
    /not supported/,
  ],
  [
    "300 MB announced",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: 300000000\r\n\r\nabc`],
    413,
    /"message":".*more than 1024 KB/,
  ],
  [
    "3 MB sent",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Content-Length: 3000000\r\n\r\n`, "x".repeat(3_000_000)],
    413,
    /"message":".*more than 1024 KB/,
  ],
  [
    "3 MB sent to a page",
    [`POST /tasks/a/run HTTP/1.1\r\n${HOST}Content-Length: 3000000\r\n\r\n`, "x".repeat(3_000_000)],
    413,
    /<html[^]*more than 1024 KB/,
  ],
  [
    "chunks of 2 MB",
    [
      `POST /trigger/a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array<string>(32).fill(`10000\r\n${"x".repeat(65_536)}\r\n`),
      "0\r\n\r\n",
    ],
    413,
    /more than 1024 KB/,
  ],
  [
    "a chunk without size",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    400,
    /chunk of the body has no size/,
  ],
  [
    "a chunk that is longer",
    [`POST /trigger/a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`],
    400,
    /longer than it says/,
  ],
  ...["/tasks/a/run", "/tasks/a/pause", "/language", "/theme"].map((path) =>
    [
      `multipart without boundary to ${path}`,
      [`POST ${path} HTTP/1.1\r\n${HOST}${form("multipart/form-data", "abc")}`],
      400,
      /the body is not the form/,
    ] as const
  ),
  [
    "a form without a type",
    [`POST /tasks/a/run HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`],
    400,
    /the body is not the form/,
  ],
  [
    "a key of 500 KB",
    [`POST /tasks/a/run HTTP/1.1\r\n${HOST}${
      form("application/x-www-form-urlencoded", `question=${"k".repeat(500_000)}`)
    }`],
    400,
    /question has more than 200/,
  ],
  [
    "parameters of 100 KB",
    [`POST /tasks/a/run HTTP/1.1\r\n${HOST}${
      form("application/x-www-form-urlencoded", `param.x=${"k".repeat(100_000)}`)
    }`],
    422,
    /64 KB at the most/,
  ],
  [
    "a day at the end of time",
    [`GET /timeline?day=%2B275760-09-13 HTTP/1.1\r\n${HOST}\r\n`],
    400,
    /is not a date/,
  ],
  [
    "a moment at the end of time",
    [`GET /runs?from=%2B275760-09-13 HTTP/1.1\r\n${HOST}\r\n`],
    400,
    /is not a moment/,
  ],
];

Deno.test("requests that are wrong are answered with a sentence, and none with 500", async () => {
  await using server = await startServer(FILES);
  for (const [name, pieces, status, sentence] of WRONG) {
    const answer = await sendRaw(server.port, ...pieces);
    assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 300)}`);
    const said = answer.text.replaceAll("&quot;", '"');
    assert.match(said, sentence, name);
  }
});

Deno.test("requests that are right are answered on one connection: in chunks, without a body, in a row, by HTTP/1.0", async () => {
  await using server = await startServer(FILES);
  const get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const three = await sendRaw(server.port, get + get, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(three.text.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
  const old = await sendRaw(server.port, "GET /healthz HTTP/1.0\r\n\r\n");
  assert.equal(old.status, 200);
  assert.equal(old.body, "ok\n");
  const head = await sendRaw(server.port, `HEAD /jobs HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(head.status, 200);
  assert.equal(head.body, "");
  const chunks = "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\nx: y\r\n\r\n";
  assert.match(
    (await sendRaw(server.port, `POST /trigger/a HTTP/1.1\r\n${HOST}${chunks}`)).body,
    /was started/,
  );
  const asked = await sendRaw(
    server.port,
    `POST /trigger/a HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    "{}",
  );
  assert.match(asked.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
});

Deno.test("what programs ask is not stored, a log neither", async () => {
  await using app = await startCarillon(FILES);
  for (const path of ["/jobs", "/api/v1/runs", "/api/v1/nothing", "/runs/x/log.txt"]) {
    const answer = await app.fetch(path);
    await answer.body?.cancel();
    assert.equal(answer.headers.get("cache-control"), "no-store", path);
  }
});

Deno.test("connections that do not come to the point are closed", async () => {
  await using server = await startServer(FILES, { limits: { headerMs: 60, bodyMs: 60, idleMs: 60 } });
  assert.equal((await sendRaw(server.port)).text, "");
  assert.equal((await sendRaw(server.port, "GET / HTTP/1.1\r\nHost: a\r\n")).status, 408);
  const body = "POST /trigger/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc";
  const half = await sendRaw(server.port, body);
  assert.equal(half.status, 408);
  assert.match(half.body, /"message":".*not come to its end in time/);
  const kept = await sendRaw(server.port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.equal(kept.status, 200);
});

Deno.test("where all connections are taken by clients that say nothing, the oldest are closed for others", async () => {
  await using server = await startServer(FILES, { limits: { connections: 10 } });
  const idle = await Promise.all(
    Array.from({ length: 40 }, () => Deno.connect({ hostname: "127.0.0.1", port: server.port })),
  );
  for (let i = 0; i < 20; i++) {
    assert.equal((await sendRaw(server.port, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`)).status, 200);
    assert.ok(server.listener.size <= 10, `${server.listener.size} connections`);
  }
  const [first] = idle;
  assert.ok(first);
  assert.equal(await readToEnd(first), "");
  for (const conn of idle) conn.close();
  assert.equal(server.lines.filter((line) => /10 connections are open/.test(line)).length, 1);
});

Deno.test("the server stops while clients hold connections open", async () => {
  const server = await startServer(FILES);
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  await sendRaw(server.port, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  await server[Symbol.asyncDispose]();
  assert.equal(await readToEnd(conn), "");
});

Deno.test("the server stops though a client does not read its answer: events, or bytes without an end", async () => {
  for (const type of ["text/event-stream; charset=utf-8", "text/plain"]) {
    let isLetGo = false;
    const piece = new Uint8Array(1_000_000);
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(piece),
        cancel: () => {
          isLetGo = true;
        },
      });
    const entrance = new Port("127.0.0.1", 0);
    const listener = new Listener({
      entrances: [entrance],
      // No other limit than that of the stop ends the writing.
      limits: { ...LIMITS, idleMs: 2 ** 31 - 1 },
      answer: () => new Response(endless(), { headers: { "content-type": type } }),
      journal: keptJournal().journal,
    });
    listener.start();
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: entrance.addr.port });
    await conn.write(new TextEncoder().encode(`GET / HTTP/1.1\r\n${HOST}\r\n`));
    await conn.read(new Uint8Array(10));
    await listener.stop();
    assert.ok(isLetGo);
    assert.equal(listener.size, 0);
  }
});

const PATHS = [
  "/",
  "/timeline",
  "/runs",
  "/search",
  "/jobs",
  "/trigger/a",
  "/tasks/a",
  "/tasks/a/run",
  "/tasks/a/year",
  "/tasks/a/pause",
  "/tasks/a/source",
  "/tasks",
  "/system",
  "/api/v1/runs",
  "/api/v1/runs/x/cancel",
  "/api/v1/tasks/a/backfills",
  "/language",
  "/runs/x",
  "/runs/x/log",
  "/deliveries",
  "/heartbeat",
  "/report",
  "/api/v1/report",
  "/tasks/a/backfill",
];
const KEYS = [
  "day",
  "from",
  "to",
  "span",
  "hour",
  "view",
  "status",
  "task",
  "limit",
  "before",
  "text",
  "q",
  "year",
  "as",
  "failed",
  "window",
  "page",
  "question",
  "nonce",
  "tag",
  "month",
];
const VALUES = [
  "+275760-09-13",
  "-271821-04-20",
  "9999-12-31",
  "2026-13-45",
  "NaN",
  "-1",
  "1e309",
  "\0",
  "%",
  "%zz",
  "%ff%fe",
  "\ud800",
  "__proto__",
  "' OR 1=1",
  "[]",
  "",
  "9".repeat(400),
];

const part = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: codePoint, maxLength: 20 }));
const query = fc.array(fc.tuple(fc.constantFrom(...KEYS), part), { maxLength: 4 }).map((pairs) =>
  pairs.map(([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed())}`).join("&")
);
const rawByte = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const field = fc.tuple(
  fc.constantFrom(
    "Cookie",
    "Accept-Language",
    "If-None-Match",
    "Content-Type",
    "Origin",
    "User-Agent",
    "HX-Request",
    "Accept-Encoding",
    "X",
  ),
  fc.oneof(
    rawByte,
    fc.constantFrom(
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
      "carillon_timezone=Mars/X; carillon_language=%ff",
      "application/json",
      "gzip",
    ),
  ),
).map(([name, value]) => `${name}: ${value}\r\n`);
const requests = fc.record({
  method: fc.constantFrom("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "X"),
  target: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...PATHS), query).map(([path, asked]) => `${path}?${asked}`),
    },
    { weight: 1, arbitrary: rawByte.map((text) => `/${text}`) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...PATHS), rawByte).map(([path, text]) => `${path}/${text}`),
    },
  ),
  fields: fc.array(field, { maxLength: 4 }).map((fields) => fields.join("")),
  body: fc.oneof(rawByte, fc.constantFrom("", "{", "a=%zz", "--x\r\n\r\n--x--", '{"from":1}', "null")),
});

Deno.test("no request that can be thought of is answered with a bug or not at all", async () => {
  await using server = await startServer(FILES);
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, target, fields, body }) => {
      const head = `${method} ${target} HTTP/1.1\r\n${HOST}${fields}Content-Length: ${body.length}\r\n\r\n`;
      const { status, text } = await sendRaw(server.port, head, body);
      assert.ok(status >= 200 && status < 500, text.slice(0, 200));
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(server.lines.filter((line) => line.includes("ERROR")), []);
});
