/** The parts of signing in, each by itself: rules for tasks, roles, passwords, delays, and the file. */
import assert from "node:assert/strict";
import { Attempts } from "../../app/auth/attempts.ts";
import { BusyError, passwordProblem, Passwords } from "../../app/auth/passwords.ts";
import { personName, readRights, Roles } from "../../app/auth/roles.ts";
import { Sessions } from "../../app/auth/sessions.ts";
import { readTaskRules } from "../../app/auth/task_rules.ts";
import { Tokens } from "../../app/auth/tokens.ts";
import { UserFile, UserFileError } from "../../app/auth/user_file.ts";
import { Users } from "../../app/auth/users.ts";
import { readConfig } from "../../app/config/config.ts";
import { Access, type Right, type Subject } from "../../app/model/access.ts";
import { withFormKey } from "../../app/web/form_key.ts";
import { fc } from "../support/fast_check.ts";
import { VirtualClock } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";

function means(rules: string, id: string, path = `${id}.ts`, tags: readonly string[] = []): boolean {
  return readTaskRules(rules).some((rule) => rule.matches({ id, path, tags }));
}

Deno.test("rules mean tasks by id, path and tag", () => {
  const cases: [string, string, string, readonly string[], boolean][] = [
    ["finance/*", "ledger", "finance/ledger.ts", [], true],
    ["finance/*", "ledger", "finance/deep/ledger.ts", [], true],
    ["finance/*", "ledger", "hr/finance/ledger.ts", [], false],
    ["finance/*", "finance", "finance.ts", [], false],
    ["ledger", "ledger", "a/b.ts", [], true],
    ["ledger", "ledger2", "a/ledger2.ts", [], false],
    ["*ledger*", "x", "a/ledger2.ts", [], true],
    ["sync_*_eu", "sync_orders_eu", "x.ts", [], true],
    ["sync_*_eu", "sync_eu", "x.ts", [], false],
    ["tag:ledger", "x", "x.ts", ["ledger"], true],
    ["tag:ledger", "ledger", "ledger.ts", ["ledgers"], false],
    ["tag:led*", "x", "x.ts", ["ledger"], false],
    ["a, tag:b", "x", "x.ts", ["b"], true],
    ["*", "anything", "any/where.ts", [], true],
  ];
  for (const [rules, id, path, tags, expected] of cases) {
    assert.equal(means(rules, id, path, tags), expected, `${rules} ${id} ${path} ${tags}`);
  }
  for (const wrong of ["", " , ", "tag:", "x".repeat(300)]) {
    assert.throws(() => readTaskRules(wrong), RangeError, wrong);
  }
});

Deno.test("a pattern means what the same regular expression means, and none is slow", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "*"), minLength: 1, maxLength: 8 });
  fc.assert(fc.property(pattern, letters, (rule, text) => {
    const regex = new RegExp(`^${rule.replaceAll(".", "\\.").replaceAll("*", "[^]*")}$`);
    assert.equal(means(rule, text, "\u0000"), regex.test(text), `${rule} ${text}`);
  }));
  const before = performance.now();
  assert.equal(means("*a".repeat(90), "a".repeat(100_000) + "b"), false);
  assert.ok(performance.now() - before < 10_000);
});

Deno.test("roles add up, and a limited one has nothing of Carillon as a whole", () => {
  const text =
    "[role:finance]\ntasks = finance/*\nrights = all\nusers = Ann\n[role:operator]\ntasks = tag:eu\ngroups = eu\n";
  const config = readConfig({
    folder: "/srv",
    file: { name: "carillon.ini", text },
    environment: {},
    flags: {},
  });
  const roles = new Roles(config.named);
  assert.deepEqual(roles.of("ＡＮＮ", ["eu", "EU"]), ["operator", "finance"]);
  const ledger = { id: "ledger", path: "finance/ledger.ts", tags: [] };
  const eu = { id: "x", path: "x.ts", tags: ["eu"] };
  const both = roles.access(["finance", "operator"]);
  const may = (right: Right, task?: Subject) => both.may(right, task);
  assert.deepEqual([may("approve", ledger), may("run", eu), may("approve", eu)], [true, true, false]);
  assert.deepEqual([may("reload"), may("view"), may("view", { ...eu, tags: [] })], [false, false, false]);
  assert.equal(roles.access(["gone"]).may("view", ledger), false);
  assert.equal(roles.access(["finance", "operator"]), roles.access(["operator", "finance"]));
  assert.equal(roles.hasAdmin, false);
  assert.deepEqual(readRights("view ,run", true), ["view", "run"]);
  assert.equal(personName(" ＡnnA "), "anna");
});

Deno.test("a password is right or not whatever its letters are made of, and its hash is never the same twice", async () => {
  const passwords = new Passwords();
  const [one, two] = [await passwords.hash("Ångström and more"), await passwords.hash("Ångström and more")];
  assert.notEqual(one, two);
  assert.match(one, /^scrypt\$15\$8\$3\$/);
  assert.equal(await passwords.isRight("A\u030angstro\u0308m and more", one), true);
  assert.equal(await passwords.isRight("Ångström and mor", one), false);
  assert.equal(await passwords.isRight("anything", undefined), false);
  // What was kept at another cost is compared at that.
  const cheap = new Passwords(5);
  const three = await cheap.hash("Ångström and more");
  assert.match(three, /^scrypt\$5\$8\$3\$/);
  assert.equal(await passwords.isRight("Ångström and more", three), true);
  assert.equal(await cheap.isRight("Ångström and more", one), true);
  assert.equal(await cheap.isRight("Ångström and mor", three), false);
  // A crowd is sent away by its number, whatever each of them costs.
  const crowd = await Promise.allSettled(Array.from({ length: 40 }, () => cheap.isRight("x", three)));
  assert.ok(crowd.some((each) => each.status === "rejected" && each.reason instanceof BusyError));
  assert.equal(await cheap.isRight("Ångström and more", three), true);
  const keys: [string, string, string | undefined][] = [
    ["short", "a", "password.short"],
    ["x".repeat(201), "a", "password.long"],
    ["ababababababab", "a", "password.simple"],
    ["annabelle-annabelle-1", "annabelle", "password.name"],
    ["correct horse", "anna", undefined],
  ];
  for (const [password, name, key] of keys) assert.equal(passwordProblem(password, name)?.key, key, password);
});

Deno.test("delays double, end, are forgotten, and do not outlast a clock that was set back", async () => {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const attempts = new Attempts(clock);
  const waits: number[] = [];
  for (let i = 0; i < 20; i++) {
    attempts.begin("anna", "192.0.2.1");
    waits.push(attempts.wait("anna", "192.0.2.1"));
    await clock.jump({ milliseconds: waits.at(-1) ?? 0 });
  }
  assert.deepEqual(waits.slice(0, 6), [0, 0, 1_000, 2_000, 4_000, 8_000]);
  assert.equal(Math.max(...waits), 15 * 60_000);
  assert.equal(attempts.wait("anna", "192.0.2.2"), 0);
  attempts.begin("anna", "192.0.2.1");
  await clock.jump({ hours: 2 });
  assert.equal(attempts.wait("anna", "192.0.2.1"), 0);
  // An address that tries many names waits with each of them.
  for (let i = 0; i < 31; i++) attempts.begin(`n${i}`, "192.0.2.9");
  assert.ok(attempts.wait("another", "192.0.2.9") > 0);
  assert.equal(attempts.wait("another", "192.0.2.1"), 0);
});

function withFile(work: (file: UserFile, clock: VirtualClock, path: string) => void | Promise<void>) {
  return async () => {
    await using folder = makeFolder();
    const path = `${folder.path}/users.db`;
    using file = new UserFile(path);
    await work(file, new VirtualClock("2026-03-10T10:00:00Z"), path);
  };
}

Deno.test(
  "a person has no more sessions than fifty, and the newest is among them",
  withFile((file, clock) => {
    const sessions = new Sessions(file, clock, { idleMs: 1_000, maxMs: 10_000 });
    const secrets = Array.from(
      { length: 60 },
      () => sessions.begin({ kind: "password", name: "a", groups: [] }),
    );
    assert.equal(sessions.of("a").length, 50);
    assert.ok(sessions.use(secrets.at(-1) ?? ""));
    assert.equal(sessions.use("' OR 1=1 --"), undefined);
  }),
);

Deno.test(
  "a session that a clock ahead has written lasts no longer than any other",
  withFile(async (file, clock) => {
    const sessions = new Sessions(file, clock, { idleMs: 60_000, maxMs: 600_000 });
    const secret = sessions.begin({ kind: "oidc", name: "a", groups: ["x"] });
    await clock.jump({ minutes: 11 });
    assert.equal(sessions.use(secret), undefined);
    const ahead = sessions.begin({ kind: "oidc", name: "a", groups: ["x"] });
    const back = new Sessions(file, new VirtualClock("2026-03-10T09:00:00Z"), {
      idleMs: 60_000,
      maxMs: 600_000,
    });
    assert.equal(back.use(ahead), undefined);
  }),
);

Deno.test(
  "a token that is kept is no token",
  withFile((file, clock) => {
    const tokens = new Tokens(file, clock);
    const secret = tokens.create({ name: "ci", rights: "view,run", tasks: "a, tag:b" });
    const checked = tokens.check(secret, "192.0.2.1");
    assert.ok(checked.kind === "good");
    assert.ok(checked.access instanceof Access && checked.access.may("run", { id: "a", path: "", tags: [] }));
    assert.ok(!JSON.stringify(file.all("SELECT * FROM tokens")).includes(secret.slice(4)));
    const [{ hash = "" } = {}] = file.all("SELECT hash FROM tokens");
    assert.equal(tokens.check(`car_${hash}`, "192.0.2.1").kind, "unknown");
    assert.throws(() => tokens.create({ name: "ci", rights: "view" }), /there is a token "ci" already/);
  }),
);

Deno.test("a file that is no good is said, whatever is wrong with it, and is left as it is", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const cases: [string, (path: string) => void, RegExp][] = [
    [
      "of another program",
      (path) => Deno.writeFileSync(path, bytes("x".repeat(5_000)), { mode: 0o600 }),
      /not a database/,
    ],
    ["of a newer Carillon", (path) => {
      using file = new UserFile(path);
      file.run("PRAGMA user_version = 9");
    }, /newer Carillon \(version 9\)/],
    ["cut off", (path) => {
      using file = new UserFile(path);
      new Users(file).add("a", "b", ["viewer"], 1);
      Deno.truncateSync(path, 5_000);
    }, /malformed|damaged|disk image/],
    ["for all to read", (path) => {
      new UserFile(path).open();
      Deno.chmodSync(path, 0o640);
    }, /chmod 600/],
    ["a folder", (path) => Deno.mkdirSync(path), /directory|folder/],
  ];
  for (const [name, harm, words] of cases) {
    await using folder = makeFolder();
    const path = `${folder.path}/users.db`;
    harm(path);
    const before = name === "a folder" ? undefined : Deno.readFileSync(path);
    using file = new UserFile(path);
    assert.throws(() => new Users(file).all(), (error) => {
      assert.ok(error instanceof UserFileError, name);
      assert.match(error.message, words, name);
      return true;
    });
    if (before) assert.deepEqual(Deno.readFileSync(path), before, name);
  }
});

Deno.test("each form that changes something holds the key, and no other", () => {
  const page = `<form method="get" action="/a"></form><form class="x" method="post" action="/b"><p></form>` +
    `&lt;form method="post"&gt;<form method="post"></form>`;
  const keyed = withFormKey(page, "k_1");
  assert.equal(keyed.match(/name="form_key" value="k_1"/g)?.length, 2);
  assert.ok(keyed.startsWith(`<form method="get" action="/a"></form>`));
});
