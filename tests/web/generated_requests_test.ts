/** 10,000 bad requests, generated for every route there is: each gets an answer below 500, and soon. */
import assert from "node:assert/strict";
import process from "node:process";
import { within } from "../../app/web/http/limits.ts";
import { createWebApp } from "../../app/web/server.ts";
import { codePoint, fc } from "../support/fast_check.ts";
import { sendRaw } from "../support/raw_http.ts";
import { startServer, type TestServer } from "../support/web_server.ts";

const REQUESTS = 10_000;
/** Connections side by side. */
const AT_ONCE = 8;
/**
 * Most time of the processor that one of them may take, in milliseconds, whatever else the machine does: the work of those
 * that are side by side is counted together.
 */
const MOST_MS = 1_000;
/** Longest wait for an answer: a request that is never answered is found by it. */
const MOST_WAIT_MS = 30_000;

/** Its schema refuses all that is generated here: what is to be tried is the reading of requests, not runs. */
const FILES = {
  "tasks/a.ts": `import { defineTask, every, z } from "carillon";
export default defineTask({
  title: "A", tags: ["t"], trigger: every("1h"),
  params: z.object({ only: z.literal("this") }),
  run: () => "done",
});`,
};

const ODD = [
  "+275760-09-13",
  "-271821-04-20",
  "9999-12-31T23:59:60Z",
  "2026-13-45",
  "2026-02-30 25:61",
  "NaN",
  "-1",
  "0",
  "1e309",
  "9".repeat(400),
  "\0",
  "\r\nX: y",
  "%",
  "%zz",
  "\ufeff",
  "\u202e",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "' OR 1=1 --",
  "{{7*7}}",
  "${7*7}",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "/etc/passwd",
  "//evil.example",
  "\\\\evil.example",
  "javascript:alert(1)",
  "<script>alert(1)</script>",
  "(a+)+$",
  "a".repeat(5_000) + "!",
  " ".repeat(5_000) + "x",
  "((((".repeat(200),
  "[".repeat(2_000),
  "a,".repeat(2_000),
  "",
] as const;

const NAMES = [
  ...[
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
    "cursor",
    "text",
    "q",
  ],
  ...["year", "month", "as", "failed", "window", "page", "question", "nonce", "tag", "group", "cause", "run"],
  ...[
    "runs",
    "tasks",
    "note",
    "level",
    "line",
    "until",
    "since",
    "wait",
    "back",
    "language",
    "theme",
    "sort",
  ],
  ...["param.only", "off.only", "only", "at_once", "dry", "__proto__", "tasks[]", "q[0]", ""],
];

const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: codePoint, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 10 }) },
);
const encoded = word.map((each) => encodeURIComponent(each.toWellFormed()));
const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const bytes = fc.string({ unit: byte, maxLength: 60 });
const pairs = fc.array(fc.tuple(fc.constantFrom(...NAMES), encoded), { maxLength: 5 });
const form = pairs.map((all) => all.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join("&"));

const UUID = "0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69";
const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", UUID, "bf-x-1", "x") },
  { weight: 2, arbitrary: encoded },
  { weight: 1, arbitrary: bytes.map((text) => text.replaceAll(/[ \r\n]/g, "_")) },
);

interface Body {
  readonly type: string;
  readonly text: string;
}

const json = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.constantFrom("{", "null", "[]", '{"a":1}{', "1e999", '"\\ud800"'),
);
const BOUNDARY = "b0undary";
const partHead = fc.constantFrom(
  'Content-Disposition: form-data; name="param.only"',
  'Content-Disposition: form-data; name="runs"; filename="../../x"',
  'Content-Disposition: form-data; name="question"\r\nContent-Type: text/plain; charset=utf-7',
  "Content-Disposition: form-data",
  'Content-Disposition: x; name="\0"',
  "X",
  "",
);
const multipart = fc.array(fc.tuple(partHead, bytes), { maxLength: 3 }).chain((parts) =>
  fc.constantFrom(`--${BOUNDARY}--\r\n`, `--${BOUNDARY}`, "", "--other--").map((end) =>
    parts.map(([head, text]) => `--${BOUNDARY}\r\n${head}\r\n\r\n${text}\r\n`).join("") + end
  )
);
const TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "application/x-www-form-urlencoded",
  `multipart/form-data; boundary=${BOUNDARY}`,
  "multipart/form-data",
  'multipart/form-data; boundary="',
  "multipart/mixed; boundary=x",
  "text/plain",
  "application/problem+json",
  "/",
  "",
];
const body: fc.Arbitrary<Body> = fc.oneof(
  json.map((text) => ({ type: "application/json", text })),
  form.map((text) => ({ type: "application/x-www-form-urlencoded", text })),
  multipart.map((text) => ({ type: `multipart/form-data; boundary=${BOUNDARY}`, text })),
  fc.tuple(fc.constantFrom(...TYPES), fc.oneof(bytes, json, form, multipart)).map(([type, text]) => ({
    type,
    text,
  })),
);

const FIELDS = [
  ...[
    "Cookie",
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
  ],
  ...["Origin", "Referer", "User-Agent", "HX-Request", "HX-Target", "HX-Current-URL", "Last-Event-ID"],
  ...[
    "Authorization",
    "Idempotency-Key",
    "Content-Encoding",
    "Expect",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
  ],
  ...[
    "X-Forwarded-Host",
    "Forwarded",
    "X-HTTP-Method-Override",
    "Upgrade",
    "TE",
    "Sec-Fetch-Site",
    "Traceparent",
  ],
];
const VALUES = [
  "carillon_timezone=Mars/X; carillon_language=%ff; carillon_theme=__proto__",
  "carillon_timezone=" + "Etc/".repeat(500),
  "carillon_session=" + "A".repeat(4_000),
  "Bearer car_" + "x".repeat(2_000),
  "Basic " + btoa("admin:admin"),
  "Bearer",
  "zh;q=x, en;q=-1, *;q=9",
  "a;q=".repeat(800),
  "gzip;q=0, identity;q=0, *;q=0",
  'W/"' + "x".repeat(2_000),
  "*",
  "bytes=0-0,-1,99999999999999999999-",
  "Thu, 32 Foo 10000 99:99:99 GMT",
  "null",
  "http://localhost",
  "100-continue",
  "websocket",
  "gzip",
  '127.0.0.1, ::1, unknown, "_x"',
  "https",
  "DELETE",
  "00-0-0-0",
];
const fields = fc.array(
  fc.tuple(
    fc.constantFrom(...FIELDS),
    fc.oneof(
      fc.constantFrom(...VALUES),
      bytes.map((text) => Array.from(text, (each) => each < " " || each === "\x7f" ? "." : each).join("")),
    ),
  ),
  { maxLength: 4 },
).map((all) => all.map(([name, value]) => `${name}: ${value}\r\n`).join(""));

/** `GET /tasks/:id/run`: every way there is to ask for something. */
function routesOf(server: TestServer): readonly { readonly method: string; readonly path: string }[] {
  const { operations, queries, auth } = server.app.carillon;
  const web = createWebApp({ operations, queries, auth, journal: SILENT, version: "1" });
  // The stream of events has no end; what can be wrong with a request for it is tried by tests/api.
  const all = web.routes.filter(({ path }) => !["/*", "*", "/api/v1/events"].includes(path))
    .map(({ method, path }) => ({ method: method === "ALL" ? "PUT" : method, path }));
  return [...new Map(all.map((each) => [`${each.method} ${each.path}`, each])).values()];
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function requestsFor(routes: ReturnType<typeof routesOf>): fc.Arbitrary<string> {
  const route = fc.constantFrom(...routes);
  const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY");
  return fc.tuple(
    route,
    fc.array(segment, { minLength: 4, maxLength: 4 }),
    method,
    fc.nat(9),
    form,
    fields,
    body,
  )
    .map(([{ method: own, path }, segments, other, luck, query, extra, { type, text }]) => {
      let at = 0;
      const target = path.replaceAll(/:[^/]+/g, () => segments[at++ % segments.length] ?? "");
      const tail = luck === 0 ? `/${segments[0]}` : "";
      const head = `${luck < 3 ? other : own} ${target}${tail}${
        query === "" ? "" : `?${query}`
      } HTTP/1.1\r\n`;
      const size = `Content-Type: ${type}\r\nContent-Length: ${text.length}\r\n`;
      return `${head}Host: localhost\r\nConnection: close\r\n${extra}${size}\r\n${text}`;
    });
}

Deno.test("10,000 generated bad requests: no answer says 500 and none is long in coming", async () => {
  await using server = await startServer(FILES);
  const routes = routesOf(server);
  assert.ok(routes.length > 40, `only ${routes.length} routes were found`);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(requestsFor(routes), { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (batch) => {
        const begin = process.cpuUsage();
        await Promise.all(batch.map(async (request) => {
          const { status, text } = await within(MOST_WAIT_MS, sendRaw(server.port, request));
          count++;
          assert.ok(status >= 200 && status < 500, `${JSON.stringify(request)}\n${text.slice(0, 300)}`);
        }));
        const { user, system } = process.cpuUsage(begin);
        const ms = (user + system) / 1_000;
        assert.ok(ms < MOST_MS * AT_ONCE, `${Math.round(ms)} ms of work: ${JSON.stringify(batch)}`);
      },
    ),
    { numRuns: REQUESTS / AT_ONCE },
  );
  assert.ok(count >= REQUESTS, `${count} requests`);
  assert.deepEqual(server.lines.filter((line) => line.includes("ERROR")), []);
  assert.equal(
    (await sendRaw(server.port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
      .status,
    200,
  );
});
