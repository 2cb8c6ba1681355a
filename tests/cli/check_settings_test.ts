/** `check` says of settings what `serve` would refuse, and commands that only look make no folder. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { carillon, hereIn } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";

const WRONG: [string, RegExp][] = [
  [
    "[server]\ntls_cert = no.pem\ntls_key = no.key\n",
    /line 2, section \[server\], key "tls_cert": .*no\.pem cannot be read/,
  ],
  ["[server]\ntls_cert = not.pem\ntls_key = not.pem\n", /line 2, section \[server\], key "tls_cert": /],
  ["[server]\n\ntls_cert = not.pem\n", /line 3, section \[server\], key "tls_cert": TLS needs both/],
  ["[server]\nsocket = no/s.sock\n", /line 2, section \[server\], key "socket": there is no folder .*\/no$/m],
  ["[log]\nfile = no/x.log\n", /line 2, section \[log\], key "file": there is no folder .*\/no$/m],
  ["[log]\nfile = tasks\n", /line 2, section \[log\], key "file": .*tasks is a folder, not a file/],
  [
    "[history]\nfile = /proc/no/x.db\n",
    /line 2, section \[history\], key "file": \/proc\/no cannot be written/,
  ],
  ["[datasource]\nfile = no.ini\n", /line 2, section \[datasource\], key "file": .*no\.ini cannot be read/],
  [
    "[datasource]\nfile = tasks\n",
    /line 2, section \[datasource\], key "file": .*tasks is a folder, not a file/,
  ],
  [
    "[scheduler]\ntasks = taks\n",
    /line 2, section \[scheduler\], key "tasks": there is no folder .*\/taks$/m,
  ],
  ["[auth]\nmode = oidc\n", /line 2, section \[auth\], key "mode": mode = oidc needs the key "oidc_issuer"/],
  ["[role:x]\nrights = fly\n", /line 2, section \[role:x\], key "rights": "fly" is no right/],
  ["[notify:x]\ntype = pigeon\n", /line 2, section \[notify:x\], key "type": "pigeon" is no channel/],
  ["[watch]\nsecret = short\n", /line 2, section \[watch\], key "secret": must have 16 characters/],
];

Deno.test("check says what serve would refuse, with its place, before it calls anything good", async () => {
  for (const [ini, words] of WRONG) {
    await using folder = makeFolder({ "carillon.ini": ini, "not.pem": "none", "tasks/_x.ts": "" });
    const { code, stdout, stderr } = await hereIn(folder.path, ["check", "--no-types"]);
    assert.match(stderr, words, ini);
    assert.ok(!stdout.includes("good"), stdout);
    assert.equal(code, 2, ini);
    assert.deepEqual(namesIn(folder.path), ["carillon.ini", "not.pem", "tasks"], ini);
  }
});

Deno.test("check says all mistakes of the settings at once", async () => {
  await using folder = makeFolder({ "carillon.ini": "[log]\nfile = no/x.log\n[auth]\nmode = oidc\n" });
  const { stdout, stderr } = await hereIn(folder.path, ["check"]);
  assert.equal(stderr.trim().split("\n").length, 2, stderr);
  assert.equal(stdout, `settings: ${join(folder.path, "carillon.ini")}: 2 mistakes\n`);
});

const LOOKS = [["list"], ["check", "--no-types"], ["next", "a"], ["diff", "."], ["calendar", "show", "a"]];

Deno.test("commands that only look make no folder, of tasks or of data", async () => {
  for (const args of [...LOOKS, ["run", "a"]]) {
    await using folder = makeFolder({});
    const here = args.map((each) => each === "." ? folder.path : each);
    const { code, stderr } = await hereIn(folder.path, [...here, "--tasks=typo/tasks"]);
    assert.match(stderr, /flag --tasks .*: there is no folder .*typo\/tasks/, args.join(" "));
    assert.equal(code, 2);
    assert.deepEqual(namesIn(folder.path), ["carillon.ini"], args.join(" "));
  }
  await using folder = makeFolder({});
  const listed = await carillon(folder.path, ["list"]);
  assert.deepEqual([listed.code, listed.stdout], [0, `no tasks in ${join(folder.path, "tasks")}\n`]);
  assert.deepEqual(namesIn(folder.path), []);
});

Deno.test("a data folder that is not there is made by serve, and is no mistake before", async () => {
  await using folder = makeFolder({ "tasks/a.ts": "" });
  const { code, stderr } = await hereIn(folder.path, ["check", "--no-types"]);
  assert.deepEqual([code, existsSync(join(folder.path, "data"))], [1, false], stderr);
});

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("check names routes of notifications that no task is on, and targets of tasks that there are not", async () => {
  const task = (more: string) =>
    `import { defineTask } from "carillon"; export default defineTask({ tags: ["nightly"], ${more} run() {} });`;
  await using folder = makeFolder({
    "carillon.ini":
      "[notify:ops]\ntype = ntfy\ntopic = t\ntasks = sync_*, snyc_orders\nfolders = etl, elt\ntags = nightly, nigthly, other\n",
    "tasks/etl/sync_orders.ts": task(`notify: ["opps", "nobody", "ops"],`),
  });
  const { stdout, stderr } = await carillon(folder.path, ["check", "--no-types"]);
  assert.match(
    stdout,
    /^task sync_orders: warning: notify: there is no section \[notify:opps\] .*; did you mean "ops"\?; notify: there is no section \[notify:nobody\] in carillon\.ini; it is passed over$/m,
  );
  const place = (line: number, key: string) =>
    `warning: carillon.ini, line ${line}, section [notify:ops], key "${key}": `;
  assert.deepEqual(stderr.trim().split("\n"), [
    `${place(4, "tasks")}no task has the id "snyc_orders"; did you mean "sync_orders"?`,
    `${place(5, "folders")}no task has the folder "elt"; did you mean "etl"?`,
    `${place(6, "tags")}no task has the tag "nigthly"; did you mean "nightly"?`,
    `${place(6, "tags")}no task has the tag "other"`,
  ]);
});
