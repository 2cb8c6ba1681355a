import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../app/config.ts";
import { makeFolder } from "./support/folder.ts";

function read(text: string, environment: Record<string, string> = {}, flags: Record<string, string> = {}) {
  return readConfig({ folder: "/srv/carillon", file: { name: "carillon.ini", text }, environment, flags });
}

Deno.test("without any setting the defaults hold", () => {
  const config = readConfig({ folder: "/srv/carillon", environment: {}, flags: {} });
  assert.equal(config.server.host, "127.0.0.1");
  assert.equal(config.server.port, 8398);
  assert.equal(config.scheduler.tasks, "/srv/carillon/tasks");
  assert.equal(config.history.file, "/srv/carillon/data/carillon.db");
  assert.equal(config.history.limit, 100);
  assert.equal(config.scheduler.grace, 30_000);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.server));
});

Deno.test("flags win over the environment, the environment over the file", () => {
  const text = "[server]\nport = 1001\n[scheduler]\ngrace = 1m30s\n[history]\nlimit = 7\n";
  const config = read(text, { CARILLON_SERVER_PORT: "1002", CARILLON_HISTORY_LIMIT: "8" }, { port: "1003" });
  assert.equal(config.server.port, 1003);
  assert.equal(config.history.limit, 8);
  assert.equal(config.scheduler.grace, 90_000);
});

Deno.test("an empty history file means that there is none", () => {
  assert.equal(read("[history]\nfile =\n").history.file, "");
});

Deno.test("secrets come from the file, the environment or files of their own", async () => {
  await using folder = makeFolder({ "token.txt": "from a file\n" });
  const text = "[secrets]\na = s3cret # kept; whole\nb_env = B_VALUE\nc_file = token.txt\n";
  const config = readConfig({
    folder: folder.path,
    file: { name: "carillon.ini", text },
    environment: { B_VALUE: "from the environment" },
    flags: {},
  });
  assert.deepEqual(config.secrets, {
    a: "s3cret # kept; whole",
    b: "from the environment",
    c: "from a file",
  });
});

Deno.test("permissions are all, none, or lists", () => {
  const { permissions } = read("[permissions]\nnet = api.local, db.local:5432\nrun = none\n");
  assert.deepEqual(permissions, {
    net: ["api.local", "db.local:5432"],
    read: true,
    write: true,
    env: true,
    run: false,
  });
});

const WRONG: [string, Record<string, string>, Record<string, string>, RegExp][] = [
  ["[sever]\n", {}, {}, /^carillon\.ini, line 1: unknown section \[sever\]; did you mean "server"\?/],
  [
    "[server]\nprot = 1\n",
    {},
    {},
    /^carillon\.ini, line 2, section \[server\], key "prot": unknown key; did you mean "port"\?/,
  ],
  [
    "\n[server]\n\nport = 99999\n",
    {},
    {},
    /^carillon\.ini, line 4, section \[server\], key "port": "99999" must be a whole number from 0 to 65535/,
  ],
  ["[server]\nbase_url = ftp://x\n", {}, {}, /key "base_url": "ftp:\/\/x" must be an http or https URL/],
  [
    "[scheduler]\ntimezone = Mars\/Olympus\n",
    {},
    {},
    /key "timezone": "Mars\/Olympus" must be an IANA time zone/,
  ],
  ["[scheduler]\ngrace = soon\n", {}, {}, /key "grace": "soon" "soon" is not a duration/],
  ["[secrets]\nt_env = NOWHERE\n", {}, {}, /key "t_env": there is no environment variable NOWHERE/],
  ["[secrets]\nt_file = nowhere.txt\n", {}, {}, /key "t_file": .*nowhere\.txt cannot be read/],
  [
    "[api]\nbase_url = http://x\n",
    {},
    {},
    /key "base_url": the API needs a secret, and \[secrets\] has no "api_secret"/,
  ],
  ["[secrets]\nt =\n", {}, {}, /key "t": it is empty/],
  ["[secrets]\nt = a\nt_env = HOME\n", { HOME: "/" }, {}, /key "t_env": "t" is there already/],
  ["[log]\nlevel = loud\n", {}, {}, /key "level": "loud"/],
  ["port = 1\n", {}, {}, /^carillon\.ini, line 1: "port…" stands before the first \[section\]/],
  [
    "",
    { CARILLON_SERVER_PROT: "1" },
    {},
    /^environment variable CARILLON_SERVER_PROT: unknown setting; did you mean "CARILLON_SERVER_PORT"\?/,
  ],
  [
    "",
    { CARILLON_SERVER_PORT: "x" },
    {},
    /^environment variable CARILLON_SERVER_PORT \(section \[server\], key "port"\): "x" must be/,
  ],
  ["", {}, { prot: "1" }, /^flag --prot: unknown flag; did you mean "port"\?/],
  ["", {}, { "server-port": "x" }, /^flag --server-port \(section \[server\], key "port"\): "x" must be/],
];

for (const [text, environment, flags, expected] of WRONG) {
  Deno.test(`a setting that cannot be is refused: ${expected.source}`, () => {
    assert.throws(() => read(text, environment, flags), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("variables that begin like settings and are none are passed over", () => {
  assert.equal(read("", { CARILLON_TEST_SQLSERVER: "x", CARILLON_CONFIG: "y" }).server.port, 8398);
});
