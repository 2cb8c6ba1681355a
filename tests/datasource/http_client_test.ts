/** What the API client sends, repeats and reads: nothing is done twice by accident, and no digit is lost. */
import assert from "node:assert/strict";
import { ApiClient, type ApiClientOptions, ApiError } from "../../datasource/http_client/api_client.ts";
import { within } from "../support/databases.ts";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

type Answer = (call: Call) => Response | Promise<Response>;

const TOKEN = "/v1/url/to/getToken";

function startApi(answer: Answer) {
  const calls: Call[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const call: Call = {
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      body: new Uint8Array(await request.arrayBuffer()),
    };
    calls.push(call);
    return await answer(call);
  });
  let now = 1e12;
  const slept: number[] = [];
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const client = (options: Partial<ApiClientOptions> = {}) =>
    new ApiClient({
      baseUrl: `${origin}/v1`,
      appId: "app",
      appSecret: "secret",
      time: {
        now: () => now,
        sleep(ms) {
          slept.push(ms);
          now += ms;
          return Promise.resolve();
        },
      },
      ...options,
    });
  return {
    origin,
    client,
    slept,
    /** The requests for anything but a token. */
    get asked() {
      return calls.filter(({ path }) => path !== TOKEN);
    },
    calls,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An API that gives tokens, and answers everything else so. */
function withTokens(answer: Answer): Answer {
  return (call) =>
    call.path === TOKEN ? Response.json({ access_token: "t", expires_in: 3_600 }) : answer(call);
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("api: numbers arrive with all their digits, and a bigint is sent as a number", async () => {
  const json =
    '{"id":12345678901234567890,"n":-9007199254740993,"p":1.10,"s":7,"e":1e400,"t":"12345678901234567890"}';
  await using api = startApi(withTokens(() => new Response(json)));
  const client = api.client();
  assert.deepEqual(await client.get("/x"), {
    id: 12345678901234567890n,
    n: -9007199254740993n,
    p: 1.1,
    s: 7,
    e: Infinity,
    t: "12345678901234567890",
  });
  assert.deepEqual(await client.get("/x", { numbers: "text" }), {
    id: "12345678901234567890",
    n: "-9007199254740993",
    p: "1.10",
    s: "7",
    e: "1e400",
    t: "12345678901234567890",
  });
  await client.post("/x", {
    id: 12345678901234567890n,
    list: [1n],
    at: Temporal.Instant.from("2026-03-10T08:00:00Z"),
  });
  assert.equal(
    text(api.asked.at(-1)?.body ?? new Uint8Array()),
    '{"id":12345678901234567890,"list":[1],"at":"2026-03-10T08:00:00Z"}',
  );
});

Deno.test("api: an answer is read in the character set that it names", async () => {
  // 数据 in GBK.
  const bytes = new Uint8Array([0x22, 0xca, 0xfd, 0xbe, 0xdd, 0x22]);
  let type = "application/json; charset=gbk";
  await using api = startApi(withTokens(() => new Response(bytes, { headers: { "content-type": type } })));
  assert.equal(await api.client().get("/x"), "数据");
  type = 'application/json; charset="GB18030"';
  assert.equal(await api.client().get("/x"), "数据");
  type = "application/json; charset=nonsense";
  assert.equal(await api.client().get("/x"), "\ufffd\ufffd\ufffd\ufffd");
});

for (const status of [204, 205, 304]) {
  Deno.test(`api: ${status} is a success without a value, after one call`, async () => {
    await using api = startApi(withTokens(() => new Response(null, { status })));
    assert.equal(await api.client().delete("/x"), undefined);
    assert.equal(await api.client().post("/x", {}), undefined);
    assert.equal(api.asked.length, 2);
  });
}

Deno.test("api: HEAD, and an answer with an empty body, are a success", async () => {
  await using api = startApi(withTokens(() => new Response("")));
  await api.client().head("/x");
  assert.equal(await api.client().get("/x"), undefined);
  assert.deepEqual(api.asked.map(({ method }) => method), ["HEAD", "GET"]);
});

Deno.test("api: what is for now is repeated where that does no harm", async () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    await using api = startApi(withTokens(() => new Response("", { status })));
    const client = api.client();
    const methods = {
      GET: () => client.get("/x"),
      HEAD: () => client.head("/x"),
      PUT: () => client.put("/x", {}),
      DELETE: () => client.delete("/x"),
      POST: () => client.post("/x", {}),
      PATCH: () => client.patch("/x", {}),
      "POST, asked": () => client.post("/x", {}, { repeat: true }),
      "GET, not": () => client.get("/x", { repeat: false }),
    };
    for (const [name, ask] of Object.entries(methods)) {
      const before = api.asked.length;
      await assert.rejects(ask(), ApiError);
      const once = name === "POST" || name === "PATCH" || name === "GET, not";
      assert.equal(api.asked.length - before, once ? 1 : 4, `${name} ${status}`);
    }
  }
  await using refusing = startApi(withTokens(() => new Response("", { status: 400 })));
  await assert.rejects(refusing.client().get("/x"), ApiError);
  assert.equal(refusing.asked.length, 1);
});

Deno.test("api: a 401 renews the token and sends any method again", async () => {
  let good = 0;
  await using api = startApi((call) => {
    if (call.path === TOKEN) return Response.json({ access_token: `t${++good}` });
    return call.headers.get("authorization") === "Bearer t2"
      ? Response.json({ done: call.method })
      : new Response("", { status: 401 });
  });
  assert.deepEqual(await api.client().post("/x", { a: 1 }), { done: "POST" });
  assert.deepEqual(api.asked.map(({ body }) => text(body)), ['{"a":1}', '{"a":1}']);
});

Deno.test("api: bodies are sent as what they are", async () => {
  await using api = startApi(withTokens(() => Response.json({})));
  const client = api.client();
  const form = new FormData();
  form.set("a", "b");
  form.set("file", new Blob(["content"], { type: "text/plain" }), "x.txt");
  const stream = () => new Blob(["streamed"]).stream();
  const bodies: readonly (readonly [unknown, RegExp, RegExp])[] = [
    [new URLSearchParams({ a: "1 2", b: "ü" }), /^application\/x-www-form-urlencoded/, /^a=1\+2&b=%C3%BC$/],
    [form, /^multipart\/form-data; boundary=/, /name="file"; filename="x\.txt"[\s\S]*content/],
    [new Uint8Array([97, 0xff, 98]), /^application\/octet-stream$/, /^a\ufffdb$/],
    [new Uint8Array([97, 0xff, 98]).buffer, /^application\/octet-stream$/, /^a\ufffdb$/],
    [new Blob(["a,b"], { type: "text/csv" }), /^text\/csv$/, /^a,b$/],
    [stream(), /^application\/octet-stream$/, /^streamed$/],
    ["text", /^application\/json$/, /^"text"$/],
    [null, /^application\/json$/, /^null$/],
    [[1, { a: 1 }], /^application\/json$/, /^\[1,\{"a":1\}\]$/],
  ];
  for (const [body, type, sent] of bodies) {
    await client.post("/x", body);
    const call = api.asked.at(-1);
    assert.match(call?.headers.get("content-type") ?? "", type);
    assert.match(text(call?.body ?? new Uint8Array()), sent);
  }
  await client.post("/x", { a: 1 }, {
    headers: { "Content-Type": "application/vnd.api+json", "X-Own": "1" },
  });
  assert.equal(api.asked.at(-1)?.headers.get("content-type"), "application/vnd.api+json");
  assert.equal(api.asked.at(-1)?.headers.get("x-own"), "1");
});

Deno.test("api: a stream is sent once, whatever goes wrong", async () => {
  await using api = startApi(withTokens(() => new Response("", { status: 503 })));
  await assert.rejects(api.client().put("/x", new Blob(["x"]).stream(), { repeat: true }), /\(503\)/);
  assert.equal(api.asked.length, 1);
  await using login = startApi(withTokens(() => new Response("", { status: 401 })));
  await assert.rejects(login.client().post("/x", new Blob(["x"]).stream()), /refused the token \(401\)/);
  assert.equal(login.asked.length, 1);
});

Deno.test("api: the request for a token is repeated, limited and given up as others are", async () => {
  const answers = [new Response("", { status: 500 }), new Response("", { status: 503 })];
  await using api = startApi((call) =>
    call.path === TOKEN
      ? answers.shift() ?? Response.json({ access_token: "t" })
      : Response.json({ ok: true })
  );
  assert.deepEqual(await api.client().post("/x", {}), { ok: true });
  assert.equal(api.calls.filter(({ path }) => path === TOKEN).length, 3);

  await using refused = startApi(() => new Response("", { status: 401 }));
  await assert.rejects(
    refused.client().get("/x"),
    /POST \/v1\/url\/to\/getToken: no token was given \(HTTP 401\)/,
  );
  assert.equal(refused.calls.length, 1);

  const held = Promise.withResolvers<Response>();
  await using slow = startApi((call) => call.path === TOKEN ? held.promise : Response.json({}));
  await assert.rejects(slow.client({ timeout: "50ms", attempts: 1 }).get("/x"), /no answer within 0\.05 s/);
  const aborter = new AbortController();
  const waiting = slow.client().get("/x", { signal: aborter.signal });
  aborter.abort(new Error("enough"));
  await within(30_000, "the abort", assert.rejects(waiting, /enough/));
  held.resolve(Response.json({ access_token: "t" }));
});

Deno.test("api: Retry-After is heeded in seconds, with a fraction and as a date, up to a limit", async () => {
  const headers = ["0.5", "90", new Date(1e12 + 90_500 + 30_000).toUTCString()];
  await using api = startApi(withTokens(() => {
    const after = headers.shift();
    return after === undefined
      ? Response.json({ ok: 1 })
      : new Response("", { status: 429, headers: { "retry-after": after } });
  }));
  assert.deepEqual(await api.client().get("/x"), { ok: 1 });
  assert.deepEqual(api.slept.slice(0, 2), [500, 90_000]);
  assert.ok(Math.abs((api.slept[2] ?? 0) - 30_000) <= 1_000, String(api.slept[2]));
  await using long = startApi(
    withTokens(() => new Response("", { status: 503, headers: { "retry-after": "3600" } })),
  );
  await assert.rejects(long.client().get("/x"), /the API failed \(503\); it asks to wait 3600 s/);
  assert.deepEqual(long.slept, []);
});

Deno.test("api: redirects have an end, and what is for one host stays there", async () => {
  await using other = startApi((call) =>
    Response.json({ got: call.headers.get("authorization"), own: call.headers.get("x-own") })
  );
  await using api = startApi(withTokens((call) => {
    if (call.path === "/v1/loop") return new Response("", { status: 302, headers: { location: "/v1/loop" } });
    if (call.path === "/v1/away") {
      return new Response("", { status: 307, headers: { location: `${other.origin}/here` } });
    }
    if (call.path === "/v1/form") return new Response("", { status: 303, headers: { location: "/v1/done" } });
    if (call.path === "/v1/file") {
      return new Response("", { status: 302, headers: { location: "file:///etc/passwd" } });
    }
    return Response.json({ method: call.method, auth: call.headers.get("authorization") });
  }));
  const client = api.client();
  await assert.rejects(client.get("/loop"), /GET \/v1\/loop: the API redirects more than 10 times/);
  assert.equal(api.asked.length, 11);
  await assert.rejects(client.get("/file"), /redirects to file:/);
  assert.deepEqual(await client.get("/away", { headers: { "X-Own": "mine" } }), { got: null, own: null });
  assert.deepEqual(await client.post("/form", { a: 1 }), { method: "GET", auth: "Bearer t" });
});

Deno.test("api: a query takes lists, and the base address its own path", async () => {
  await using api = startApi(withTokens(() => Response.json({})));
  await api.client().get("/x", {
    query: { id: [1, 2n, "ü&"], none: undefined, nothing: null, empty: [], yes: true },
  });
  assert.equal(api.asked.at(-1)?.path, "/v1/x?id=1&id=2&id=%C3%BC%26&yes=true");
});
