/** Signing in with a password: sessions, delays, the first administrator, and what is refused. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Passwords } from "../../app/auth/passwords.ts";
import { startCarillon, type TestCarillon, type TestOptions } from "../support/carillon.ts";
import { browserLike, networkPeer, signedIn } from "../support/browser_like.ts";

const INI = "[auth]\nmode = password\n";
const FILES = {
  "tasks/sync.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
};

async function start(options: TestOptions = {}): Promise<TestCarillon> {
  return await startCarillon(FILES, { ini: INI, ...options });
}

function userFile({ config }: TestCarillon): string {
  return join(config.scheduler.data, "users.db");
}

Deno.test("nobody is let in before there is a user; the link in the log makes the first, once", async () => {
  await using test = await start();
  const browser = browserLike(test);
  const first = await browser.ask("/tasks?q=x");
  assert.equal(first.status, 303);
  assert.equal(first.headers.get("location"), "/sign-in?back=%2Ftasks%3Fq%3Dx");
  const page = await (await browser.ask("/sign-in")).text();
  assert.match(page, /There are no users yet/);
  assert.doesNotMatch(page, /href="\/tasks"/);
  const secret = test.carillon.auth.setup?.secret ?? "";
  assert.match(secret, /^[\w-]{43}$/);
  for (const wrong of ["x", secret.slice(1), `${secret}x`, secret.toUpperCase()]) {
    assert.equal((await browser.ask(`/setup/${wrong}`)).status, 404);
    assert.equal(
      (await browser.send(`/setup/${wrong}`, { name: "eve", password: "x".repeat(20) })).status,
      404,
    );
  }
  assert.equal((await browser.ask(`/setup/${secret}`)).status, 200);
  const short = await browser.send(`/setup/${secret}`, { name: "anna", password: "short" });
  assert.equal(short.status, 422);
  assert.match(await short.text(), /12 characters/);
  assert.equal(
    (await browser.send(`/setup/${secret}`, { name: "a b", password: "correct horse 1" })).status,
    422,
  );
  // Two at the same time: one of them is the administrator.
  const [eve, other] = [browserLike(test), browserLike(test)];
  const answers = await Promise.all([
    eve.send(`/setup/${secret}`, { name: "Anna", password: "correct horse 1" }),
    other.send(`/setup/${secret}`, { name: "Eve", password: "correct horse 2" }),
  ]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, 404]);
  assert.deepEqual(test.carillon.auth.users.all().map(({ roles }) => roles), [["admin"]]);
  assert.equal((await browser.ask(`/setup/${secret}`)).status, 404);
  const [winner = eve] = [eve, other].filter(({ cookies }) => cookies.size > 0);
  assert.equal((await winner.ask("/system")).status, 200);
  // Nothing brings the link back while there is a user.
  await using again = await test.restart();
  assert.equal(again.carillon.auth.setup?.secret, undefined);
});

Deno.test("a history that is deleted does not open the link again", async () => {
  await using test = await start();
  await signedIn(test, "anna", ["admin"]);
  await Deno.remove(join(test.folder.path, "history.db"));
  await using again = await test.restart();
  assert.equal(again.carillon.auth.setup?.secret, undefined);
  assert.equal((await browserLike(again).ask("/")).status, 303);
});

Deno.test("the cookie is out of scripts' reach, another one each time, and TLS's own by TLS", async () => {
  await using test = await start();
  const browser = await signedIn(test, "anna", ["operator"]);
  const [cookie = ""] = browser.cookies.values();
  const again = await browser.send("/sign-in", { name: "ANNA", password: "the password of anna 17" });
  const [set = ""] = again.headers.getSetCookie();
  assert.match(set, /^carillon_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  assert.ok(!set.includes(cookie));
  // The session from before is over.
  const thief = browserLike(test);
  thief.cookies.set("carillon_session", cookie);
  assert.equal((await thief.ask("/tasks")).status, 303);
  const peer = { ...networkPeer("192.0.2.7"), isSecure: true };
  const secure = browserLike(test, peer);
  const [own = ""] = (await secure.send("/sign-in", { name: "anna", password: "the password of anna 17" }))
    .headers.getSetCookie();
  assert.match(own, /^__Host-carillon_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  // What is kept is no cookie.
  const text = await Deno.readTextFile(userFile(test)).catch(async () =>
    new TextDecoder("latin1").decode(await Deno.readFile(userFile(test)))
  );
  assert.ok(!text.includes(cookie) && !text.includes("the password of anna"));
  assert.equal(statSync(userFile(test)).mode & 0o777, 0o600);
});

Deno.test("a session ends when it is not used, at last in any case, when one signs out, and everywhere", async () => {
  await using test = await start({ ini: `${INI}session_idle = 20m\nsession_max = 2h\n` });
  const browser = await signedIn(test, "anna", ["viewer"]);
  for (let minutes = 19; minutes < 120; minutes += 19) {
    await test.clock.jump({ minutes: 19 });
    assert.equal((await browser.ask("/tasks")).status, 200, `after ${minutes} minutes`);
  }
  await test.clock.jump({ minutes: 6 });
  assert.equal((await browser.ask("/tasks")).status, 303);
  const enter = async () => {
    const other = browserLike(test);
    assert.equal(
      (await other.send("/sign-in", { name: "anna", password: "the password of anna 17" })).status,
      303,
    );
    await other.ask("/tasks");
    return other;
  };
  const idle = await enter();
  await test.clock.jump({ minutes: 20 });
  assert.equal((await idle.ask("/tasks")).status, 303);
  const [one, two, three] = [await enter(), await enter(), await enter()];
  const out = await one.send("/sign-out");
  assert.equal(out.headers.get("clear-site-data"), '"cache"');
  assert.equal((await one.ask("/tasks")).status, 303);
  assert.equal((await two.ask("/tasks")).status, 200);
  assert.match(await (await two.ask("/account")).text(), /Where you are signed in/);
  assert.equal((await two.send("/account/sign-out-everywhere")).status, 303);
  for (const each of [two, three]) assert.equal((await each.ask("/tasks")).status, 303);
});

Deno.test("a new password ends all other sessions; a wrong old one changes nothing", async () => {
  await using test = await start();
  const [browser, other] = [await signedIn(test, "anna", ["viewer"]), browserLike(test)];
  await other.send("/sign-in", { name: "anna", password: "the password of anna 17" });
  const wrong = await browser.send("/account/password", { old: "no", password: "another password 1" });
  assert.equal(wrong.status, 401);
  const bad = await browser.send("/account/password", {
    old: "the password of anna 17",
    password: "aaaaaaaaaaaaa",
  });
  assert.equal(bad.status, 422);
  const done = await browser.send("/account/password", {
    old: "the password of anna 17",
    password: "another password 1",
  });
  assert.equal(done.status, 303);
  assert.equal((await browser.ask("/tasks")).status, 200);
  assert.equal((await other.ask("/tasks")).status, 303);
  assert.equal(
    (await other.send("/sign-in", { name: "anna", password: "the password of anna 17" })).status,
    401,
  );
  assert.equal((await other.send("/sign-in", { name: "anna", password: "another password 1" })).status, 303);
});

Deno.test("guessing becomes slow by name and address, for names that there are not as well; nobody else waits", async () => {
  await using test = await start();
  await signedIn(test, "anna", ["viewer"]);
  const guess = async (name: string, address: string, password = "wrong") => {
    const answer = await browserLike(test, networkPeer(address)).send("/sign-in", { name, password });
    return [answer.status, answer.headers.get("retry-after")];
  };
  for (const name of ["anna", "nobody"]) {
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await guess(name, "192.0.2.66"));
    assert.deepEqual(answers, [[401, null], [401, null], [401, null], [429, "1"]], name);
    await test.clock.advance({ seconds: 1 });
    assert.deepEqual([await guess(name, "192.0.2.66"), await guess(name, "192.0.2.66")], [[401, null], [
      429,
      "2",
    ]]);
  }
  // The right password does not help while one waits, and counts for somebody at another address.
  assert.deepEqual(await guess("anna", "192.0.2.66", "the password of anna 17"), [429, "1"]);
  assert.deepEqual(await guess("anna", "192.0.2.67", "the password of anna 17"), [303, null]);
  await test.clock.advance({ seconds: 1 });
  assert.deepEqual(await guess("anna", "192.0.2.66", "the password of anna 17"), [303, null]);
});

Deno.test("many guesses at once count as many, and a crowd is sent away", async () => {
  // At a quarter of what they cost in earnest: a crowd is one only while a guess takes its time.
  await using test = await start({ passwords: new Passwords(13) });
  const answers = await Promise.all(
    Array.from(
      { length: 40 },
      (_, i) =>
        browserLike(test, networkPeer(`192.0.2.${i}`)).send("/sign-in", { name: `n${i}`, password: "x" }),
    ),
  );
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(401) && statuses.includes(503), statuses.join());
  const one = await Promise.all(
    Array.from(
      { length: 6 },
      () => browserLike(test, networkPeer("198.51.100.1")).send("/sign-in", { name: "anna", password: "x" }),
    ),
  );
  assert.equal(one.filter(({ status }) => status === 429).length, 3);
  // However a name is spelled, it is one person's.
  const spelled = ["bert", " bert", "BERT", "\uff42ert", "bert ", "Ber\uff54"];
  const other = await Promise.all(
    spelled.map((name) =>
      browserLike(test, networkPeer("198.51.100.2")).send("/sign-in", { name, password: "x" })
    ),
  );
  assert.equal(other.filter(({ status }) => status === 429).length, 3);
});

Deno.test("a form without the session's key, or with another session's, does nothing", async () => {
  await using test = await start();
  const [anna, eve] = [await signedIn(test, "anna", ["operator"]), await signedIn(test, "eve", ["operator"])];
  assert.notEqual(anna.formKey, eve.formKey);
  for (const form_key of ["", "x", eve.formKey, `${anna.formKey}x`]) {
    const answer = await anna.send("/tasks/sync/run", { form_key });
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /not one of this session/);
  }
  const bare = await anna.ask("/api/v1/runs/x/cancel", { method: "POST" });
  assert.equal(bare.status, 403);
  const json = await anna.ask("/trigger/sync", {
    method: "POST",
    headers: { "x-carillon-form-key": anna.formKey },
  });
  assert.equal(json.status, 200);
  const elsewhere = await anna.ask("/tasks/sync/run", {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: new URLSearchParams({ form_key: anna.formKey }),
  });
  assert.equal(elsewhere.status, 403);
  assert.equal((await anna.send("/tasks/sync/run")).status, 303);
  const page = await (await anna.ask("/tasks")).text();
  const forms = page.match(/<form\b[^>]*method="post"[^>]*>(?!<input type="hidden" name="form_key")/g);
  assert.equal(forms, null);
  assert.match(page, /Account of anna/);
});

Deno.test("rights that are taken away are gone with the next request, as a user is", async () => {
  await using test = await start();
  const browser = await signedIn(test, "anna", ["operator"]);
  const { users } = test.carillon.auth;
  assert.equal((await browser.send("/tasks/sync/run")).status, 303);
  users.setRoles("anna", ["viewer"], test.clock.now());
  const refused = await browser.send("/tasks/sync/run");
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /takes the right &quot;run&quot;/);
  users.setRoles("anna", [], test.clock.now());
  assert.equal((await browser.ask("/tasks/sync")).status, 404);
  users.remove("anna");
  assert.equal((await browser.ask("/tasks/sync")).status, 303);
});

Deno.test("where the file of users is damaged, gone or open to others nobody gets in, and the log says so", async () => {
  for (const harm of ["damaged", "gone", "open", "foreign"] as const) {
    await using test = await start();
    const browser = await signedIn(test, "anna", ["admin"]);
    const path = userFile(test);
    if (harm === "gone") await Deno.remove(path);
    if (harm === "foreign" || harm === "open" || harm === "damaged") {
      // Another file in its place, as one that was restored.
      const bytes = await Deno.readFile(path);
      if (harm === "damaged") bytes.fill(0x5a, 4_096);
      await Deno.remove(path);
      await Deno.writeFile(
        path,
        harm === "foreign" ? new TextEncoder().encode("no database".repeat(99)) : bytes,
        {
          mode: harm === "open" ? 0o644 : 0o600,
        },
      );
      if (harm === "open") await Deno.chmod(path, 0o644);
    }
    for (const ask of ["/tasks", "/sign-in", "/account"]) {
      const answer = await browser.ask(ask);
      assert.equal(answer.status, 503, `${harm} ${ask}`);
      assert.match(await answer.text(), /Nobody gets in/);
    }
    const entered = await browserLike(test).send("/sign-in", {
      name: "anna",
      password: "the password of anna 17",
    });
    assert.equal(entered.status, 503, harm);
    assert.equal((await browserLike(test).ask("/healthz")).status, 200);
    assert.ok(browser.lines.some((line) => line.includes("users.db")), harm);
  }
});

Deno.test("where one comes back to is a page of this server", async () => {
  await using test = await start();
  await signedIn(test, "anna", ["viewer"]);
  const tries: [string, string][] = [
    ["/tasks?q=a", "/tasks?q=a"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    ["/sign-in?back=/sign-in", "/"],
    [`/${"x".repeat(5_000)}`, "/"],
    ["", "/"],
  ];
  for (const [back, location] of tries) {
    const answer = await browserLike(test).send("/sign-in", {
      name: "anna",
      password: "the password of anna 17",
      back,
    });
    assert.equal(answer.headers.get("location"), location, back.slice(0, 40));
  }
});

Deno.test("a part of a page that asks without a session is led to the sign-in as a whole", async () => {
  await using test = await start();
  const places = [
    ["http://localhost:8398/tasks?q=x&tag=y#top", "/sign-in?back=%2Ftasks%3Fq%3Dx%26tag%3Dy"],
    ["http://localhost:8398/", "/sign-in"],
    ["http://evil.example//evil.example/x", "/sign-in"],
    ["http://evil.example/runs", "/sign-in?back=%2Fruns"],
    ["javascript:alert(1)", "/sign-in"],
    ["no address", "/sign-in"],
    ["", "/sign-in"],
  ] as const;
  for (const method of ["GET", "POST"]) {
    for (const [shown, address] of places) {
      const headers = { "hx-request": "true", "hx-current-url": shown };
      const answer = await browserLike(test).ask("/tasks/sync/run?since=x", { method, headers });
      assert.deepEqual([answer.status, answer.headers.get("hx-redirect")], [401, address], shown);
      assert.match(await answer.text(), /data-problem="[^"]*">You are not signed in any more/);
    }
  }
  const json = await browserLike(test).ask("/api/v1/runs");
  assert.equal(json.status, 401);
  assert.match(json.headers.get("www-authenticate") ?? "", /^Bearer/);
  assert.match((await json.json()).message, /takes an API token/);
});
