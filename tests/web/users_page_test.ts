/** The page of users and tokens: what administrators do there, what is refused, and what is left in the audit. */
import assert from "node:assert/strict";
import { startCarillon, type TestCarillon } from "../support/carillon.ts";
import { browserLike, signedIn } from "../support/browser_like.ts";

const FILES = {
  "tasks/sync.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
};
const PASSWORD = { ini: "[auth]\nmode = password\n" };

type Browser = Awaited<ReturnType<typeof signedIn>>;

/** What is shown this once on a page. */
async function secretOf(answer: Response): Promise<string> {
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const [, secret = ""] = /<code id="secret"[^>]*>([^<]+)</.exec(await answer.text()) ?? [];
  assert.notEqual(secret, "");
  return secret;
}

/** Where a link of the page leads, on this server. */
async function linkOf(answer: Response): Promise<string> {
  const { host, pathname } = new URL(await secretOf(answer));
  assert.equal(host, "localhost:8398");
  return pathname;
}

/** Adds somebody, who chooses a password and is signed in. */
async function invite(test: TestCarillon, admin: Browser, name: string, role: string) {
  const link = await linkOf(await admin.send("/system/users/add", { name, role }));
  const person = browserLike(test);
  assert.equal((await person.send(link, { password: `a password for ${name.length} of them` })).status, 303);
  return { person, link };
}

async function auditOf({ carillon }: TestCarillon, action: string) {
  const { lines } = await carillon.queries.audit.find({ action }, 100);
  return lines.toReversed().map(({ who, target, outcome }) => `${who} ${target} ${outcome}`);
}

Deno.test("an administrator adds somebody, who chooses a password by a link that is good once", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users/add");
  const link = await linkOf(await anna.send("/system/users/add", { name: "Zo\u00eb", role: "operator" }));
  assert.match(
    await (await anna.ask("/system/users")).text(),
    /zo\u00eb[\s\S]*has not chosen a password yet/,
  );
  const zoe = browserLike(test);
  const page = await zoe.ask(link);
  // Told to this server alone; with "no-referrer" a browser would send the form without its origin.
  assert.equal(page.headers.get("referrer-policy"), "same-origin");
  assert.match(await page.text(), /You sign in as zo\u00eb/);
  // Nothing is right before a password is chosen.
  for (const password of ["", "none", "operator password"]) {
    assert.equal((await zoe.send("/sign-in", { name: "zo\u00eb", password })).status, 401);
  }
  assert.equal((await zoe.send(link, { password: "short" })).status, 422);
  assert.equal((await zoe.send(link, { password: "four words in a row" })).status, 303);
  assert.equal((await zoe.ask("/system")).status, 200);
  assert.equal((await zoe.ask("/system/users")).status, 403);
  assert.equal((await zoe.ask(link)).status, 404);
  assert.equal((await browserLike(test).send(link, { password: "four other words now" })).status, 404);
  assert.deepEqual(await auditOf(test, "user.add"), ["anna user/Zo\u00eb done"]);
  assert.deepEqual(await auditOf(test, "user.passwd"), ["zo\u00eb user/zo\u00eb done"]);
  assert.match(await (await anna.ask("/system/users")).text(), /zo\u00eb[\s\S]*last sign-in[\s\S]*1 session/);
});

Deno.test("a link ends by another one, by time, and is nobody else's", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  const { person: bo } = await invite(test, anna, "bo", "viewer");
  await anna.ask("/system/users");
  const first = await linkOf(await anna.send("/system/users/bo/link"));
  // The password until now is good for nothing.
  assert.equal((await bo.ask("/tasks")).status, 303);
  const before = { name: "bo", password: "a password for 2 of them" };
  assert.equal((await bo.send("/sign-in", before)).status, 401);
  const second = await linkOf(await anna.send("/system/users/bo/link"));
  assert.equal((await bo.ask(first)).status, 404);
  const [person, ends, signed] = second.replace("/password/", "").split(".");
  const other = btoa("anna").replaceAll("=", "");
  for (
    const forged of [
      `${other}.${ends}.${signed}`,
      `${person}.zzzzzzzzz.${signed}`,
      `${person}.${ends}.`,
      `${person}`,
      "%00.%00.%00",
    ]
  ) {
    assert.equal((await bo.ask(`/password/${forged}`)).status, 404, forged);
  }
  assert.equal((await bo.ask(second)).status, 200);
  await test.clock.jump({ days: 3 });
  assert.equal((await bo.ask(second)).status, 404);
  assert.deepEqual(await auditOf(test, "user.link"), ["anna user/bo done", "anna user/bo done"]);
});

Deno.test("the last administrator stays, and one without a password is none", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const { users } = test.carillon.auth;
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  const refused = async (path: string, fields = {}) => {
    const answer = await anna.send(path, fields);
    assert.equal(answer.status, 409, path);
    assert.match(await answer.text(), /nobody would be left/);
    assert.deepEqual(users.get("anna")?.roles, ["admin"]);
  };
  await refused("/system/users/anna/remove");
  await refused("/system/users/anna/roles", { role: "operator" });
  const link = await linkOf(await anna.send("/system/users/add", { name: "carl", role: "admin" }));
  await refused("/system/users/anna/remove");
  assert.equal((await browserLike(test).send(link, { password: "three more words" })).status, 303);
  assert.equal((await anna.send("/system/users/anna/link")).status, 409);
  assert.equal((await anna.send("/system/users/anna/remove")).status, 303);
  assert.equal((await anna.ask("/system/users")).status, 303);
  assert.deepEqual(users.all().map(({ name }) => name), ["carl"]);
  assert.deepEqual(await auditOf(test, "user.remove"), [
    "anna user/anna refused",
    "anna user/anna refused",
    "anna user/anna done",
  ]);
});

Deno.test("an administrator by the settings is one, too", async () => {
  await using test = await startCarillon(FILES, {
    ini: "[auth]\nmode = password\n[role:admin]\nusers = carl\n",
  });
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  await invite(test, anna, "carl", "viewer");
  assert.match(await (await anna.ask("/system/users")).text(), /admin by carillon\.ini/);
  assert.equal((await anna.send("/system/users/anna/roles", { role: "viewer" })).status, 303);
});

Deno.test("roles are changed, people are signed out and removed, after a question each", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  const { person: bo } = await invite(test, anna, "bo", "viewer");
  for (const action of ["roles", "link", "sign-out", "remove"]) {
    const question = await (await anna.ask(`/system/users/bo/${action}`)).text();
    assert.match(question, /<form class="question" method="post"/, action);
  }
  assert.equal((await bo.ask("/system")).status, 403);
  assert.equal((await anna.send("/system/users/bo/roles", { role: "operator" })).status, 303);
  assert.equal((await bo.ask("/system")).status, 200);
  assert.equal((await anna.send("/system/users/bo/sign-out")).status, 303);
  assert.equal((await bo.ask("/system")).status, 303);
  assert.equal((await anna.send("/system/users/bo/remove")).status, 303);
  assert.equal((await anna.send("/system/users/bo/remove")).status, 404);
  assert.deepEqual(await auditOf(test, "user.sign_out"), ["anna user/bo done"]);
});

Deno.test("a token is shown once, works, and is revoked; it stands neither in the list nor in the audit", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/tokens/add");
  const wanted = { name: "ci robot", right: "run", tasks: "sync", days: "30" };
  const token = await secretOf(await anna.send("/system/tokens/add", wanted));
  assert.match(token, /^car_[\w-]{43}$/);
  const program = () =>
    test.fetch("/trigger/sync", { method: "POST", headers: { authorization: `Bearer ${token}` } });
  assert.ok([200, 202].includes((await program()).status));
  assert.equal((await anna.send("/system/tokens/add", wanted)).status, 409);
  const list = await (await anna.ask("/system/users")).text();
  assert.match(list, /ci robot[\s\S]*run[\s\S]*sync[\s\S]*until[\s\S]*last used/);
  const audit = JSON.stringify((await test.carillon.queries.audit.find({}, 100)).lines);
  assert.ok(!list.includes(token) && !audit.includes(token));
  assert.match(audit, /token\/ci robot/);
  assert.match(await (await anna.ask("/system/tokens/ci%20robot/revoke")).text(), /Revoke the token/);
  assert.equal((await anna.send("/system/tokens/ci%20robot/revoke")).status, 303);
  assert.equal((await program()).status, 401);
  const [until] = test.carillon.auth.tokens.all();
  assert.equal(until, undefined);
});

Deno.test("what is filled in wrong is a sentence, and nothing happens", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  const wrong: readonly (readonly [string, Record<string, string>, number])[] = [
    ["/system/users/add", { name: "a b", role: "viewer" }, 422],
    ["/system/users/add", { name: "", role: "viewer" }, 422],
    ["/system/users/add", { name: "x".repeat(200), role: "viewer" }, 422],
    ["/system/users/add", { name: "bo" }, 422],
    ["/system/users/add", { name: "bo", role: "emperor" }, 422],
    ["/system/users/add", { name: "ANNA", role: "viewer" }, 409],
    ["/system/users/anna/roles", {}, 422],
    ["/system/users/nobody/roles", { role: "viewer" }, 404],
    ["/system/users/nobody/link", {}, 404],
    ["/system/users/nobody/sign-out", {}, 404],
    ["/system/tokens/add", { name: "<b>", right: "run" }, 422],
    ["/system/tokens/add", { name: "x", right: "" }, 422],
    ["/system/tokens/add", { name: "x", right: "fly" }, 422],
    ["/system/tokens/add", { name: "x", right: "users", tasks: "finance/*" }, 422],
    ["/system/tokens/add", { name: "x", right: "run", tasks: "tag:" }, 422],
    ["/system/tokens/nothing/revoke", {}, 404],
  ];
  for (const [path, fields, status] of wrong) {
    assert.equal((await anna.send(path, fields)).status, status, `${path} ${JSON.stringify(fields)}`);
  }
  assert.equal(
    (await anna.send("/system/users/add", { form_key: "x", name: "bo", role: "viewer" })).status,
    403,
  );
  assert.deepEqual(test.carillon.auth.users.all().map(({ name }) => name), ["anna"]);
  assert.deepEqual(test.carillon.auth.tokens.all(), []);
});

Deno.test("in a dialog what is shown once takes the place of the question", async () => {
  await using test = await startCarillon(FILES, PASSWORD);
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  const answer = await anna.ask("/system/users/add", {
    method: "POST",
    headers: { "hx-request": "true" },
    body: new URLSearchParams({ form_key: anna.formKey, name: "bo", role: "viewer" }),
  });
  assert.equal(answer.headers.get("hx-retarget"), "#dialog");
  assert.match(await answer.text(), /^<section class="question">[\s\S]*data-close/);
});

for (
  const [mode, more, note] of [
    ["none", "", "Nobody signs in here"],
    [
      "proxy",
      "proxy_from = 192.0.2.7\nproxy_user = X-Remote-User\n[role:admin]\nusers = anna\n",
      "A proxy says",
    ],
  ] as const
) {
  Deno.test(`where the mode is ${mode} users are not kept here, and the page says so`, async () => {
    await using test = await startCarillon(FILES, { ini: `[auth]\nmode = ${mode}\n${more}` });
    const browser = browserLike(test);
    const headers = mode === "proxy" ? { "x-remote-user": "anna" } : undefined;
    const page = await (await browser.ask("/system/users", { headers })).text();
    assert.ok(page.includes(note));
    assert.doesNotMatch(page, /users\/add/);
    const post = (path: string, fields: Record<string, string>) =>
      browser.ask(path, {
        method: "POST",
        headers,
        body: new URLSearchParams({ form_key: browser.formKey, ...fields }),
      });
    assert.equal((await post("/system/users/add", { name: "bo", role: "viewer" })).status, 409);
    const token = await post("/system/tokens/add", { name: "robot", right: "view" });
    assert.equal(token.status, mode === "none" ? 409 : 200);
    assert.equal(page.includes("tokens/add"), mode !== "none");
  });
}
