/** Who somebody is by the word of others: a proxy, an OpenID provider, a token, an address that is let in. */
import assert from "node:assert/strict";
import { browserLike, networkPeer } from "../support/browser_like.ts";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { type OidcHouse, startOidcProvider } from "../support/oidc_provider.ts";

const TASK = `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`;
const FILES = { "tasks/sync.ts": TASK, "tasks/finance/ledger.ts": TASK };
const CALLBACK = "http://localhost:8398/sign-in/callback";

Deno.test("on loopback without a mode a request that a proxy hands on is refused, and says what to set", async () => {
  await using test = await startCarillon(FILES);
  const fields = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];
  for (const field of fields) {
    for (const path of ["/", "/jobs", "/api/v1/runs", "/tasks/sync"]) {
      const answer = await test.fetch(path, { headers: { [field]: "192.0.2.1" } });
      assert.equal(answer.status, 403, `${field} ${path}`);
      assert.match(await answer.text(), /\[auth\] mode/);
    }
  }
  assert.equal((await test.fetch("/")).status, 200);
});

Deno.test("elsewhere without a mode people sign in; with mode = none everybody may do everything", async () => {
  await using test = await startCarillon(FILES, { flags: { host: "0.0.0.0" } });
  assert.equal((await test.fetch("/tasks")).status, 303);
  assert.equal((await test.fetch("/trigger/sync", { method: "POST" })).status, 401);
  assert.equal(await (await test.fetch("/healthz")).text(), "ok\n");
  await using open = await startCarillon(FILES, { flags: { host: "0.0.0.0", "auth-mode": "none" } });
  assert.equal((await open.fetch("/tasks", { headers: { "x-forwarded-for": "192.0.2.1" } })).status, 200);
  assert.equal((await open.fetch("/trigger/sync", { method: "POST" })).status, 200);
});

Deno.test("readiness is one word for those who may not see more, and /metrics takes a right", async () => {
  await using test = await startCarillon(FILES, { ini: "[auth]\nmode = password\n" });
  assert.equal(await (await test.fetch("/readyz")).text(), "ready\n");
  assert.equal((await test.fetch("/metrics")).status, 401);
  const { tokens } = test.carillon.auth;
  const asked = async (rights: string, path: string) => {
    const token = tokens.create({ name: rights, rights });
    const found = await test.fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return [found.status, await found.text()] as const;
  };
  assert.equal((await asked("view", "/metrics"))[0], 403);
  assert.equal((await asked("metrics", "/metrics"))[0], 200);
  await test.carillon.stop();
  const answer = await test.fetch("/readyz");
  assert.deepEqual([answer.status, await answer.text()], [503, "not ready\n"]);
  assert.equal((await asked("system", "/readyz"))[1], "not ready: the scheduler is not running\n");
});

Deno.test("a proxy that is listed says who somebody is; from anybody else its header is a lie", async () => {
  await using test = await startCarillon(FILES, {
    ini: `[auth]
mode = proxy
proxy_from = 10.0.0.5, fd00::/8
[role:operator]
groups = ops
[role:finance]
tasks = finance/*
rights = view, run
users = Fay
`,
  });
  const ask = async (address: string, headers: Record<string, string>, path = "/tasks/sync") =>
    (await browserLike(test, networkPeer(address)).ask(path, { headers })).status;
  assert.equal(await ask("10.0.0.5", {}), 401);
  assert.equal(await ask("10.0.0.5", { "x-remote-user": "otto", "x-remote-groups": "staff, ops" }), 200);
  assert.equal(await ask("::ffff:10.0.0.5", { "x-remote-user": "otto", "x-remote-groups": "ops" }), 200);
  assert.equal(await ask("fd00::17", { "x-remote-user": "otto", "x-remote-groups": "ops" }), 200);
  // Who has no role sees nothing.
  assert.equal(await ask("10.0.0.5", { "x-remote-user": "nora", "x-remote-groups": "opsx" }), 404);
  assert.equal(await ask("10.0.0.5", { "x-remote-user": "FAY" }, "/tasks/ledger"), 200);
  assert.equal(await ask("10.0.0.5", { "x-remote-user": "fay" }), 404);
  for (const address of ["10.0.0.6", "192.0.2.7", "127.0.0.1", "::1"]) {
    assert.equal(await ask(address, { "x-remote-user": "otto", "x-remote-groups": "ops" }), 403, address);
    assert.equal(await ask(address, {}), 401, address);
  }
  for (const name of ["", " ", "a,b", "a;b", "x".repeat(300)]) {
    assert.notEqual(await ask("10.0.0.5", { "x-remote-user": name, "x-remote-groups": "ops" }), 200, name);
  }
  // Forms of the proxy's people hold a key too.
  const browser = browserLike(test, networkPeer("10.0.0.5"));
  const headers = { "x-remote-user": "otto", "x-remote-groups": "ops" };
  const send = async (form_key: string) =>
    (await browser.ask("/tasks/sync/run", {
      method: "POST",
      headers,
      body: new URLSearchParams({ form_key }),
    })).status;
  assert.equal(await send(""), 403);
  await browser.ask("/tasks", { headers });
  assert.equal(await send(browser.formKey), 303);
  assert.equal((await browser.ask("/account", { headers })).status, 200);
});

Deno.test("old scripts go on from listed addresses, at PyScheduler's two addresses alone", async () => {
  await using test = await startCarillon(FILES, {
    ini: "[auth]\nmode = password\nopen_trigger = 10.0.0.0/8\n",
  });
  const ask = async (address: string, path: string, method = "GET") =>
    (await browserLike(test, networkPeer(address)).ask(path, { method })).status;
  assert.equal(await ask("10.1.2.3", "/trigger/sync?x=1", "POST"), 422);
  assert.equal(await ask("10.1.2.3", "/trigger/sync", "POST"), 200);
  assert.equal(await ask("10.1.2.3", "/jobs"), 200);
  for (const path of ["/api/v1/runs", "/metrics"]) assert.equal(await ask("10.1.2.3", path), 401);
  assert.equal(await ask("10.1.2.3", "/api/v1/bulk/start", "POST"), 401);
  assert.equal(await ask("10.1.2.3", "/tasks"), 303);
  assert.equal(await ask("11.1.2.3", "/trigger/sync", "POST"), 401);
  assert.equal(await ask("11.1.2.3", "/jobs"), 401);
});

Deno.test("a token is good for what it says, and shows where it was last used", async () => {
  await using test = await startCarillon(FILES, { ini: "[auth]\nmode = password\n" });
  const { tokens } = test.carillon.auth;
  const token = tokens.create({
    name: "ci",
    rights: "run",
    tasks: "finance/*",
    expiresAt: test.clock.now() + 5_000,
  });
  const ask = (path: string, given = token, method = "POST") =>
    browserLike(test, networkPeer("198.51.100.7")).ask(path, {
      method,
      headers: { authorization: `bearer ${given}` },
    });
  const started = await ask("/trigger/ledger");
  const { run_id: id } = await started.json();
  assert.equal(started.status, 200);
  assert.equal((await ask("/trigger/sync")).status, 404);
  assert.deepEqual(await (await ask("/jobs", token, "GET")).json(), []);
  assert.equal((await ask(`/api/v1/runs/${id}`, token, "GET")).status, 404);
  assert.equal((await ask(`/api/v1/runs/${id}/cancel`)).status, 404);
  const [kept] = tokens.all();
  assert.deepEqual([kept?.usedAt, kept?.usedFrom], [test.clock.now(), "198.51.100.7"]);
  for (
    const forged of [`${token}x`, token.slice(0, -1), "car_", `car_${"a".repeat(43)}`, "car_' OR 1=1 --"]
  ) {
    assert.equal((await ask("/trigger/ledger", forged)).status, 401, forged);
  }
  await test.clock.jump({ seconds: 5 });
  const late = await ask("/trigger/ledger");
  assert.equal(late.status, 401);
  assert.match(await late.text(), /\\"ci\\" has expired/);
});

Deno.test("whoever follows events hears no more once the token is revoked", async () => {
  await using test = await startCarillon(FILES, { ini: "[auth]\nmode = password\n" });
  const { tokens } = test.carillon.auth;
  const headers = {
    authorization: `Bearer ${tokens.create({ name: "ci", rights: "view", tasks: "finance/*" })}`,
  };
  const answer = await browserLike(test).ask("/api/v1/events", { headers });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  let heard = "";
  const hear = async (text: string) => {
    while (!heard.includes(text)) {
      const piece: ReadableStreamReadResult<string> = await reader.read();
      assert.ok(!piece.done, heard);
      heard += piece.value;
    }
  };
  await hear("id: ");
  for (const id of ["sync", "ledger"]) await test.ended((await startRun(test, id)).id);
  await hear('"status":"succeeded"');
  assert.ok(heard.includes('"task":"ledger"') && !heard.includes("sync"), heard);
  tokens.revoke("ci");
  await test.clock.jump({ seconds: 6 });
  await startRun(test, "ledger");
  for (;;) {
    const piece: ReadableStreamReadResult<string> = await reader.read();
    if (piece.done) break;
    assert.ok(!piece.value.includes("run.queued"), piece.value);
  }
});

interface Browsing {
  readonly at: string;
  readonly status: number;
  readonly text: string;
}

/** Goes where it is sent, as a browser does: between Carillon and the provider, with the cookies of each. */
function travel(test: TestCarillon, house: OidcHouse) {
  const browser = browserLike(test);
  const cookies = new Map<string, string>();
  /** @param until where it stops before it is asked */
  const go = async (url: string, form?: Record<string, string>, until?: string): Promise<Browsing> => {
    if (until !== undefined && url.startsWith(until)) return { at: url, status: 0, text: "" };
    const body = form && new URLSearchParams(form);
    const init: RequestInit = body ? { method: "POST", body } : {};
    const isOurs = url.startsWith("/") || url.startsWith("http://localhost:8398");
    const { pathname, search } = new URL(url, "http://localhost:8398");
    const answer = isOurs ? await browser.ask(pathname + search, init) : await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    if (!isOurs) {
      for (const each of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
        cookies.set(name, value);
      }
    }
    const location = answer.headers.get("location");
    if (location === null) return { at: url, status: answer.status, text: await answer.text() };
    await answer.body?.cancel();
    return await go(
      new URL(location, isOurs ? "http://localhost:8398" : house.issuer).href,
      undefined,
      until,
    );
  };
  /** Types a name at the provider. */
  const signIn = async (name: string, back = "/tasks"): Promise<Browsing> => {
    const asked = await go(`/sign-in/provider?back=${encodeURIComponent(back)}`);
    const [, action = ""] = /<form[^>]*action="([^"]+)"/.exec(asked.text) ?? [];
    return await go(new URL(action, house.issuer).href, { prompt: "login", login: name, password: "any" });
  };
  return { browser, go, signIn };
}

async function withProvider(work: (test: TestCarillon, house: OidcHouse) => Promise<void>): Promise<void> {
  await using house = await startOidcProvider(CALLBACK, {
    anna: ["admins", "staff"],
    fay: ["money"],
    nora: ["staff"],
  });
  await using test = await startCarillon(FILES, {
    ini: `[auth]
mode = oidc
oidc_issuer = ${house.issuer}
oidc_client = ${house.client}
[secrets]
oidc_secret = ${house.secret}
[role:admin]
groups = admins
[role:finance]
tasks = finance/*
rights = view
groups = money
`,
  });
  await work(test, house);
}

Deno.test("at the provider people sign in, and their groups are roles", async () => {
  await withProvider(async (test, house) => {
    const page = await (await browserLike(test).ask("/sign-in")).text();
    assert.match(page, /Sign in at localhost/);
    assert.doesNotMatch(page, /type="password"/);
    const anna = travel(test, house);
    const arrived = await anna.signIn("anna", "/system");
    assert.deepEqual([new URL(arrived.at).pathname, arrived.status], ["/system", 200]);
    assert.match(await (await anna.browser.ask("/account")).text(), /<dd>admin<\/dd>/);
    const fay = travel(test, house);
    assert.equal((await fay.signIn("fay")).status, 200);
    assert.equal((await fay.browser.ask("/tasks/ledger")).status, 200);
    assert.equal((await fay.browser.ask("/tasks/sync")).status, 404);
    const nora = await travel(test, house).signIn("nora");
    assert.equal(nora.status, 403);
    assert.match(nora.text, /nora is known, but has no role/);
    // A password is nobody's here.
    assert.equal((await browserLike(test).send("/sign-in", { name: "anna", password: "x" })).status, 404);
    await anna.browser.ask("/account");
    assert.equal((await anna.browser.send("/sign-out")).status, 303);
    assert.equal((await anna.browser.ask("/tasks")).status, 303);
  });
});

Deno.test("an answer of the provider is good once, in the browser that asked, and not when it is changed", async () => {
  await withProvider(async (test, house) => {
    const { browser, go } = travel(test, house);
    const begin = await browser.ask("/sign-in/provider");
    const asked = new URL(begin.headers.get("location") ?? "");
    assert.equal(asked.searchParams.get("code_challenge_method"), "S256");
    assert.ok(asked.searchParams.get("state") && asked.searchParams.get("nonce"));
    assert.match(
      begin.headers.getSetCookie()[0] ?? "",
      /^carillon_sign_in=[\w-]{43}; Max-Age=600; Path=\/sign-in; HttpOnly; SameSite=Lax$/,
    );
    const form = await go(asked.href);
    const [, action = ""] = /<form[^>]*action="([^"]+)"/.exec(form.text) ?? [];
    const typed = { prompt: "login", login: "anna", password: "any" };
    const { at } = await go(new URL(action, house.issuer).href, typed, CALLBACK);
    const { pathname, search } = new URL(at);
    // Whoever gets to see the answer, or makes one up, is nobody in another browser.
    const other = browserLike(test);
    for (const each of [search, "", "?code=x", "?code=x&state=y", "?error=access_denied&state=y"]) {
      assert.equal((await other.ask(`${pathname}${each}`)).status, 403, each);
      assert.equal(other.cookies.has("carillon_session"), false);
    }
    assert.equal((await browser.ask(`${pathname}${search}`)).status, 303);
    assert.equal((await browser.ask("/system")).status, 200);
    assert.equal((await browser.ask(`${pathname}${search}`)).status, 403);
    await browser.ask("/account");
    await browser.send("/sign-out");
    await browser.ask("/sign-in/provider");
    // In the browser itself a state that is not its own is refused, and uses up what was under way.
    const wrong = await browser.ask("/sign-in/callback?code=x&state=forged");
    assert.equal(wrong.status, 403);
    assert.equal(browser.cookies.has("carillon_session"), false);
    assert.equal(browser.cookies.has("carillon_sign_in"), false);
  });
});

Deno.test("a provider that is away is a sentence, and asked again once it is back", async () => {
  await withProvider(async (test, house) => {
    house.pause();
    const { browser, signIn } = travel(test, house);
    const away = await browser.ask("/sign-in/provider");
    assert.equal(away.status, 502);
    assert.match(await away.text(), /The provider does not answer/);
    assert.ok(browser.lines.some((line) => line.includes("oidc_issuer cannot be asked")));
    house.resume();
    assert.equal((await signIn("anna")).status, 200);
    // What the provider says of itself is kept: only its answer to the code is asked for anew.
    house.pause();
    assert.equal((await browserLike(test).ask("/sign-in/provider")).status, 303);
  });
});
