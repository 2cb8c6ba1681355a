import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { ApiClient, type ApiClientOptions, ApiError } from "../../datasource/http_client/api_client.ts";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
}

type Answer = (call: Call) => Response | Promise<Response>;

/** An API on the loopback interface: tokens are counted up, everything else is answered by `answer`. */
function startApi(answer: Answer, expiresIn: unknown = 3_600) {
  const calls: Call[] = [];
  let tokens = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const call: Call = {
      method: request.method,
      path: pathname + search,
      authorization: request.headers.get("authorization"),
      body: await request.text(),
    };
    calls.push(call);
    if (pathname === "/v1/url/to/getToken") {
      return Response.json({ access_token: `token-${++tokens}`, expires_in: expiresIn });
    }
    return await answer(call);
  });
  let now = 1e12;
  const slept: number[] = [];
  const api = (options: Partial<ApiClientOptions> = {}) =>
    new ApiClient({
      baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
      appId: "app",
      appSecret: "geheim ü",
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
    api,
    calls,
    slept,
    pass: (ms: number) => now += ms,
    tokens: () => tokens,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a request carries a token that basic auth has brought, and JSON in and out", async () => {
  await using test = startApi(({ body }) => Response.json({ code: 200, got: JSON.parse(body || "null") }));
  const client = test.api();
  assert.deepEqual(await client.post("/orders", { id: 7 }), { code: 200, got: { id: 7 } });
  await client.get("orders", { query: { since: "2026-01-01 00:00", none: undefined } });
  await client.put("/orders/1", {});
  await client.delete("/orders/1");
  const [login, post, get, put, remove] = test.calls;
  assert.equal(login?.authorization, `Basic ${Buffer.from("app:geheim ü").toString("base64")}`);
  assert.deepEqual([post?.method, post?.path, post?.authorization], ["POST", "/v1/orders", "Bearer token-1"]);
  assert.equal(get?.path, "/v1/orders?since=2026-01-01+00%3A00");
  assert.deepEqual([put?.method, remove?.method], ["PUT", "DELETE"]);
  assert.equal(test.tokens(), 1);
});

Deno.test("many callers at once fetch one token, and it is renewed before it ends", async () => {
  await using test = startApi(() => Response.json({}));
  const client = test.api();
  await Promise.all(Array.from({ length: 20 }, () => client.get("/x")));
  assert.equal(test.tokens(), 1);
  test.pass(3_600_000 - 31_000);
  await client.get("/x");
  assert.equal(test.tokens(), 1);
  test.pass(2_000);
  await Promise.all([client.get("/x"), client.get("/x")]);
  assert.equal(test.tokens(), 2);
});

Deno.test("a 401 is tried again with a new token, five times in all, also where it stands inside the answer", async () => {
  await using test = startApi(({ authorization }) =>
    authorization === "Bearer token-3" ? Response.json({ ok: true }) : Response.json({ code: 401 })
  );
  assert.deepEqual(await test.api().get("/x"), { ok: true });
  assert.equal(test.tokens(), 3);
  assert.deepEqual(test.slept, [1_000, 1_000]);
  await using never = startApi(() => new Response("", { status: 401 }));
  await assert.rejects(never.api().get("/x"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, "GET /v1/x: the API refused the token 5 times (401)");
    assert.equal(error.status, 401);
    return true;
  });
  assert.equal(never.calls.filter(({ path }) => path === "/v1/x").length, 5);
});

Deno.test("what fails for now is tried again, after what Retry-After says or ever longer", async () => {
  const answers = [
    new Response("", { status: 503 }),
    new Response("", { status: 429, headers: { "retry-after": "7" } }),
    Response.json({ fine: true }),
  ];
  await using test = startApi(() => answers.shift() ?? new Response("", { status: 500 }));
  const client = test.api();
  assert.deepEqual(await client.get("/x"), { fine: true });
  assert.ok((test.slept[0] ?? 0) >= 1_000 && (test.slept[0] ?? 0) <= 1_250);
  assert.equal(test.slept[1], 7_000);
  await assert.rejects(client.get("/x"), /GET \/v1\/x: the API failed \(500\)/);
  assert.equal(test.slept.length, 5);
});

Deno.test("a POST is not sent twice, whatever the answer, unless it is asked for", async () => {
  await using test = startApi(() => new Response("", { status: 500 }));
  await assert.rejects(test.api().post("/x", {}), /\(500\)/);
  assert.equal(test.calls.length, 2);
  const answers = [
    new Response("", { status: 503 }),
    new Response("", { status: 503 }),
    Response.json({ done: true }),
  ];
  await using busy = startApi(() => answers.shift() ?? new Response("", { status: 500 }));
  await assert.rejects(busy.api().post("/x", {}), /\(503\)/);
  assert.deepEqual(await busy.api().post("/x", {}, { repeat: true }), { done: true });
});

const WRONG: [string, Response, RegExp][] = [
  ["404", new Response("", { status: 404 }), /GET \/v1\/x: the API knows nothing there \(404\)/],
  [
    "a message",
    Response.json({ message: "no such order" }, { status: 422 }),
    /GET \/v1\/x: no such order \(422\)/,
  ],
  ["a code inside", Response.json({ code: 403, message: "not yours" }), /GET \/v1\/x: not yours \(403\)/],
  ["errorResult", Response.json({ errorResult: true, message: "broken" }), /GET \/v1\/x: broken/],
  ["no JSON", new Response("<html>"), /GET \/v1\/x: the answer is not JSON/],
];

for (const [what, answer, expected] of WRONG) {
  Deno.test(`an answer that is an error is told in a sentence: ${what}`, async () => {
    await using test = startApi(() => answer);
    await assert.rejects(test.api().get("/x"), (error) => {
      assert.ok(error instanceof ApiError);
      assert.match(error.message, expected);
      return true;
    });
    assert.deepEqual(test.slept, []);
  });
}

Deno.test("an API that is not there, and one that gives no token, are told without the secret", async () => {
  const client = new ApiClient({
    baseUrl: "http://127.0.0.1:1",
    appId: "app",
    appSecret: "geheim",
    attempts: 1,
  });
  await assert.rejects(client.get("/x"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.match(error.message, /^POST http:\/\/127\.0\.0\.1:1?\/url\/to\/getToken: /);
    assert.doesNotMatch(error.message, /geheim/);
    return true;
  });
  await using test = startApi(() => Response.json({}));
  await assert.rejects(test.api({ tokenPath: "/elsewhere" }).get("/x"), /the answer holds no access_token/);
});

Deno.test("pages are read until one is empty, and a signal ends it", async () => {
  await using test = startApi(({ path }) => {
    const page = Number(new URL(path, "http://x").searchParams.get("page"));
    return Response.json({ rows: page <= 2 ? [page, page] : [] });
  });
  const found: number[] = [];
  const items = (answer: unknown) => (answer as { rows: number[] }).rows;
  for await (const rows of test.api().pages("/x", { items })) found.push(...rows);
  assert.deepEqual(found, [1, 1, 2, 2]);
  await assert.rejects(
    test.api().get("/x", { signal: AbortSignal.abort(new Error("enough")) }),
    /enough/,
  );
});

Deno.test("a token that was refused is not used again, also where the body can be sent once only", async () => {
  await using test = startApi(({ authorization }) =>
    authorization === "Bearer token-1" ? new Response("no", { status: 401 }) : Response.json({ done: true })
  );
  const api = test.api();
  const stream = () => new Blob(["rows"]).stream();
  await assert.rejects(api.post("/upload", stream()), /POST \/v1\/upload: the API refused the token \(401\)/);
  assert.deepEqual(await api.post("/upload", stream()), { done: true });
  assert.equal(test.tokens(), 2);
});

const WRONG_OPTIONS: readonly (readonly [Partial<ApiClientOptions>, RegExp])[] = [
  [{ baseUrl: "api.example.com" }, /^ApiClient: baseUrl: "api.example.com" is not a URL$/],
  [{ baseUrl: "ftp://api.example.com" }, /^ApiClient: baseUrl: ftp: is neither http: nor https:$/],
  [
    { baseUrl: "https://me:word@api.example.com" },
    /^ApiClient: baseUrl: a name and a password do not belong/,
  ],
  [{ baseUrl: "https://api.example.com?v=1" }, /^ApiClient: baseUrl: "\?v=1" would be lost/],
  [{ attempts: 0 }, /^ApiClient: attempts: 0 is not a whole number/],
  [{ attempts: NaN }, /^ApiClient: attempts: NaN is not a whole number/],
  [{ timeout: "soon" as never }, /soon/],
];

for (const [options, sentence] of WRONG_OPTIONS) {
  Deno.test(`options that no API can be asked with are refused at once: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => new ApiClient({ baseUrl: "https://api.example.com", appId: "a", appSecret: "b", ...options }),
      (error: Error) => sentence.test(error.message) && !error.message.includes("word@"),
    );
  });
}

Deno.test("what has no text in an address, and no form in JSON, is refused before anything is sent", async () => {
  await using test = startApi(({ path, body }) => Response.json({ path, body }));
  const api = test.api();
  const asQuery = (value: unknown) => api.get("/rows", { query: { since: value as string } });
  for (
    const value of [
      { b: 1 },
      new Date(0),
      NaN,
      Infinity,
      () => 1,
      Symbol("x"),
      [new Date(0)],
      new Map(),
    ]
  ) {
    await assert.rejects(
      asQuery(value),
      /^TypeError: query: "since": .* has no text of its own in an address/,
    );
  }
  for (const value of [{ v: () => 1 }, { v: Symbol("x") }, [() => 1], { v: NaN }]) {
    await assert.rejects(api.post("/rows", value), TypeError);
  }
  assert.deepEqual(test.calls.filter(({ path }) => path.startsWith("/v1/rows")), []);
  const { path } = await api.get<{ path: string }>("/rows", {
    query: { a: 1, b: 2n, c: true, d: "x y", e: [1, "two"], f: null, g: undefined },
  });
  assert.equal(path, "/v1/rows?a=1&b=2&c=true&d=x+y&e=1&e=two");
  const { body } = await api.post<{ body: string }>("/rows", Temporal.PlainDate.from("2026-01-31"));
  assert.equal(body, '"2026-01-31"');
});
