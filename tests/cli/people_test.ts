/** `carillon user` and `carillon token`, beside a Carillon that is active. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { carillon, refusal } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { startCarillon } from "../support/carillon.ts";
import { browserLike } from "../support/browser_like.ts";

const ROLES = "[role:finance]\ntasks = finance/*\nrights = view, run\n";
const PASSWORD = "a password of some length";

Deno.test("users are added, changed, listed and removed", async () => {
  await using folder = makeFolder({ "carillon.ini": ROLES });
  const run = (args: string[], input = "") => carillon(folder.path, args, { input });
  const added = await run(["user", "add", "Anna", "--role", "operator"], `${PASSWORD}\nmore\n`);
  assert.deepEqual([added.code, added.stdout], [0, "added anna (operator)\n"], added.stderr);
  assert.equal(statSync(join(folder.path, "data/users.db")).mode & 0o777, 0o600);
  assert.ok(!JSON.stringify(added).includes(PASSWORD));
  const role = await run(["user", "role", "anna", "viewer,finance"]);
  assert.equal(role.stdout, "anna is viewer, finance\n", role.stderr);
  assert.equal((await run(["user", "list"])).stdout, "anna  viewer, finance\n");
  assert.equal(
    (await run(["user", "list", "--json"])).stdout,
    '[{"name":"anna","roles":["viewer","finance"]}]\n',
  );
  assert.equal((await run(["user", "passwd", "anna"], "another long password")).code, 0);
  assert.equal((await run(["user", "remove", "anna"])).code, 0);
  assert.equal((await run(["user", "list"])).stdout, "no users\n");
});

Deno.test("what is wrong with users and tokens is a sentence", async () => {
  await using folder = makeFolder({ "carillon.ini": ROLES });
  const short = await carillon(folder.path, ["user", "add", "bo"], { input: "short\n" });
  assert.deepEqual([short.code, /needs 12 characters/.test(short.stderr)], [2, true], short.stderr);
  const cases: [string[], RegExp][] = [
    [["user", "add"], /name a user; usage/],
    [["user", "add", "a b"], /"a b" is no name for a user/],
    [["user", "add", "anna", "--role", "opperator"], /no role "opperator"; did you mean "operator"\?/],
    [["user", "role", "anna", "admin"], /no user "anna"/],
    [["user", "remove", "anna"], /no user "anna"/],
    [["user", "passwd", "anna"], /no user "anna"/],
    [["token", "create", "--rights", "run"], /--name is missing/],
    [["token", "create", "--name", "ci"], /--rights is missing/],
    [["token", "create", "--name", "ci", "--rights", "rn"], /"rn" is no right; did you mean "run"\?/],
    [
      ["token", "create", "--name", "ci", "--rights", "reload", "--tasks", "x"],
      /"reload" is one of Carillon as a whole/,
    ],
    [["token", "create", "--name", "ci", "--rights", "run", "--tasks", "tag:"], /"tag:" names no tag/],
    [
      ["token", "create", "--name", "ci", "--rights", "run", "--expires", "soon"],
      /--expires: "soon" is not a duration/,
    ],
    [["token", "create", "--name", "../x", "--rights", "run"], /no name for a token/],
    [["token", "revoke", "ci"], /no token "ci"/],
  ];
  for (const [args, words] of cases) {
    const refused = await refusal(folder.path, args);
    assert.match(refused.words, words, args.join(" "));
    assert.equal(refused.code, 2);
  }
  Deno.writeTextFileSync(join(folder.path, "data/users.db"), "this is no database, and never was one");
  assert.match(
    (await refusal(folder.path, ["user", "list"])).words,
    /users\.db, the file of users, cannot be used/,
  );
});

Deno.test("roles that mean nothing keep Carillon from starting", async () => {
  const cases: [string, RegExp][] = [
    ["[role:x]\ntasks = a\n", /"rights" is missing/],
    ["[role:x]\nrights = fly\n", /line 2, section \[role:x\], key "rights": "fly" is no right/],
    ["[role:x]\nrights = run\nright = x\n", /unknown key; did you mean "rights"\?/],
    ["[role:x]\nrights = reload\ntasks = a\n", /cannot be given for some tasks only/],
    ["[role:x]\nrights = run\ntasks =\n", /no task is named/],
    ["[auth]\nmode = password1\n", /must be one of/],
    [
      "[auth]\nmode = oidc\n",
      /carillon\.ini, line 2, section \[auth\], key "mode": mode = oidc needs the key "oidc_issuer"/,
    ],
    ["[auth]\nmode = oidc\noidc_issuer = http://example.org\n", /must be an https URL/],
    [
      "[auth]\nmode = oidc\noidc_issuer = https://example.org\noidc_client = c\n",
      /\[secrets\] has no "oidc_secret"/,
    ],
    ["[auth]\nproxy_from = here\n", /is no IP address/],
  ];
  for (const [ini, words] of cases) {
    await using folder = makeFolder({ "carillon.ini": ini });
    const refused = await refusal(folder.path, ["list"]);
    assert.match(refused.words, words, ini);
  }
});

Deno.test("a Carillon that is active knows a new user, a new role and a revoked token with the next request", async () => {
  await using test = await startCarillon({ "tasks/a.ts": "" }, { ini: "[auth]\nmode = password\n" });
  const run = (args: string[], input = "") =>
    carillon(test.folder.path, [...args, `--data=${test.config.scheduler.data}`], { input });
  assert.equal((await run(["user", "add", "anna"], PASSWORD)).code, 0);
  const browser = browserLike(test);
  assert.equal((await browser.send("/sign-in", { name: "anna", password: PASSWORD })).status, 303);
  assert.equal((await browser.ask("/system")).status, 403);
  assert.equal((await run(["user", "role", "anna", "operator"])).code, 0);
  assert.equal((await browser.ask("/system")).status, 200);
  const made = await run(["token", "create", "--name", "ci", "--rights", "view"]);
  const token = made.stdout.trim();
  assert.match(token, /^car_[\w-]{43}$/);
  assert.ok(!made.stderr.includes(token));
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await browserLike(test).ask("/api/v1/runs", { headers })).status, 200);
  const [listed] = JSON.parse((await run(["token", "list", "--json"])).stdout);
  assert.deepEqual([listed.name, listed.rights, listed.used_from], ["ci", ["view"], "192.0.2.7"]);
  assert.equal((await run(["token", "revoke", "ci"])).code, 0);
  assert.equal((await browserLike(test).ask("/api/v1/runs", { headers })).status, 401);
  assert.equal((await run(["user", "remove", "anna"])).code, 0);
  assert.equal((await browser.ask("/tasks")).status, 303);
});
