import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../../app/config/config.ts";
import { ALL_SETTINGS, SETTING_FLAGS, SETTINGS } from "../../app/config/settings.ts";
import { makeFolder } from "../support/folder.ts";

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

Deno.test("permissions that the runtime does not understand are refused with section, key and value", () => {
  assert.throws(
    () => read("[permissions]\nnet = api.local, exa mple:99999\n"),
    /section \[permissions\], key "net".*: "api\.local, exa mple:99999" "exa mple:99999": its port is not a number/,
  );
  assert.throws(() => read("[permissions]\nenv = A=1\n"), /key "env".*: "A=1": it is the name of a variable/);
  assert.deepEqual(read("[permissions]\nnet = a, ,b,\nread = ,\n").permissions.net, ["a", "b"]);
  assert.equal(read("[permissions]\nread = ,\n").permissions.read, false);
});

Deno.test("permissions are all, none, or lists", () => {
  const { permissions } = read("[permissions]\nnet = api.local, db.local:5432\nrun = none\n");
  assert.deepEqual(permissions, {
    net: ["api.local", "db.local:5432"],
    read: true,
    write: true,
    env: true,
    run: false,
    sys: true,
    secrets: true,
    databases: true,
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
  ["[scheduler]\ngrace = soon\n", {}, {}, /key "grace": "soon" is not a duration; write a number and a unit/],
  ["[secrets]\nt_env = NOWHERE\n", {}, {}, /key "t_env": there is no environment variable NOWHERE/],
  ["[secrets]\nt_file = nowhere.txt\n", {}, {}, /key "t_file": .*nowhere\.txt cannot be read/],
  [
    "[api]\nbase_url = http://x\n",
    {},
    {},
    /key "base_url": the API needs a secret, and \[secrets\] has no "api_secret"/,
  ],
  ["[secrets]\nt =\n", {}, {}, /key "t": it is empty/],
  ["[secrets]\nt_env = constructor\n", {}, {}, /key "t_env": there is no environment variable constructor/],
  ["[secrets]\n9 = x\n", {}, {}, /key "9": a name begins with a lower-case letter/],
  ["[toString]\n", {}, {}, /^carillon\.ini, line 1: unknown section \[toString\]/],
  ["[server]\nconstructor = 1\n", {}, {}, /key "constructor": unknown key/],
  ["[scheduler]\nmemory_total = -1\n", {}, {}, /key "memory_total": "-1" must be a whole number from 0 to/],
  ["[scheduler]\ntimeout = 0s\n", {}, {}, /key "timeout": "0s" must be longer than nothing/],
  ["[scheduler]\ntimeout = never\n", {}, {}, /key "timeout": "never" is not a duration/],
  ["[api]\ntoken_path = x\n", {}, {}, /key "token_path": "x" must begin with a slash/],
  ["[server]\nbase_url = ftp://anna:geheim@x\n", {}, {}, /key "base_url": "ftp:\/\/•••@x" must be an http/],
  ["", {}, { constructor: "1" }, /^flag --constructor: unknown flag/],
  ["[secrets]\nt = a\nt_env = HOME\n", { HOME: "/" }, {}, /key "t_env": "t" is there already/],
  ["[log]\nlevel = loud\n", {}, {}, /key "level": "loud" must be one of debug, info, warn, error$/],
  ["port = 1\n", {}, {}, /^carillon\.ini, line 1: "port…" stands before the first \[section\]/],
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

Deno.test("an unknown variable is a warning, with the nearest setting, and ends no start", () => {
  const { warnings, server } = read("", { CARILLON_SERVER_PROT: "1", CARILLON_X: "2", HOME: "/" });
  assert.deepEqual(warnings, [
    'environment variable CARILLON_SERVER_PROT is ignored: unknown setting; did you mean "CARILLON_SERVER_PORT"?',
    'environment variable CARILLON_X is ignored: unknown setting; "carillon help" lists the settings',
  ]);
  assert.equal(server.port, 8398);
});

/** What Kubernetes sets in each container for a service of that name. */
function serviceVariables(prefix: string): Record<string, string> {
  return {
    [`${prefix}_SERVICE_HOST`]: "10.96.0.7",
    [`${prefix}_SERVICE_PORT`]: "8398",
    [`${prefix}_SERVICE_PORT_HTTP`]: "8398",
    [`${prefix}_PORT`]: "tcp://10.96.0.7:8398",
    [`${prefix}_PORT_8398_TCP`]: "tcp://10.96.0.7:8398",
    [`${prefix}_PORT_8398_TCP_PROTO`]: "tcp",
    [`${prefix}_PORT_8398_TCP_PORT`]: "8398",
    [`${prefix}_PORT_8398_TCP_ADDR`]: "10.96.0.7",
  };
}

// The second one's CARILLON_SERVER_PORT has the name of a setting, and no port for its value.
for (const prefix of ["CARILLON", "CARILLON_SERVER", "CARILLON_HISTORY_LIMIT"]) {
  Deno.test(`what Kubernetes sets for a service is one warning: ${prefix}`, () => {
    const environment = serviceVariables(prefix);
    const { warnings, server, history } = read("", environment);
    assert.equal(warnings.length, 1);
    for (const name of Object.keys(environment)) assert.match(warnings[0] ?? "", new RegExp(`\\b${name}\\b`));
    assert.match(warnings[0] ?? "", /are ignored: Kubernetes or Docker sets such for a service/);
    assert.deepEqual([server.port, history.limit], [8398, 100]);
  });
}

Deno.test("without warnings the list is empty", () => {
  assert.deepEqual(read("", { CARILLON_SERVER_PORT: "1" }).warnings, []);
});

Deno.test("an empty time limit is none, and one that is given is in milliseconds", () => {
  assert.equal(read("").scheduler.timeout, undefined);
  assert.equal(read("[scheduler]\ntimeout = 1h30m\n").scheduler.timeout, 5_400_000);
});

Deno.test("only paths are taken from the folder of the settings file", () => {
  const values = Object.fromEntries(
    ALL_SETTINGS.map(({ section, key, path }) => {
      const keys = key.startsWith("tls_") ? ["tls_cert", "tls_key"] : [key];
      const config = read(path ? `[${section}]\n${keys.map((each) => `${each} = x/y\n`).join("")}` : "");
      return [`${section}.${key}`, Reflect.get(Reflect.get(config, section), key)];
    }),
  );
  const absolute = Object.entries(values).filter(([, value]) =>
    typeof value === "string" && value.startsWith("/srv")
  );
  assert.deepEqual(absolute, [
    ["server.tls_cert", "/srv/carillon/x/y"],
    ["server.tls_key", "/srv/carillon/x/y"],
    ["server.socket", "/srv/carillon/x/y"],
    ["scheduler.tasks", "/srv/carillon/x/y"],
    ["scheduler.data", "/srv/carillon/x/y"],
    ["history.file", "/srv/carillon/x/y"],
    ["datasource.file", "/srv/carillon/x/y"],
    ["log.file", "/srv/carillon/x/y"],
  ]);
});

Deno.test("every setting can be given in each of the three ways under its own name", () => {
  for (const { section, key, fallback, variable, longFlag, flag, help } of ALL_SETTINGS) {
    const plain = read("");
    const text = `[${section}]\n${key} = ${fallback}\n`;
    for (
      const config of [
        read(text),
        read("", { [variable]: fallback }),
        read("", {}, { [longFlag]: fallback }),
        flag === undefined ? plain : read("", {}, { [flag]: fallback }),
      ]
    ) assert.deepEqual({ ...config, configFile: "", places: [] }, { ...plain, configFile: "", places: [] });
    assert.ok(help.length > 0 && help.length <= 70, `${section}.${key}: ${help}`);
  }
  const names = ALL_SETTINGS.flatMap((
    { longFlag, flag, variable },
  ) => [longFlag, flag ?? variable, variable]);
  assert.equal(new Set(ALL_SETTINGS.map(({ variable }) => variable)).size, ALL_SETTINGS.length);
  assert.equal(SETTING_FLAGS.size, new Set(names.filter((each) => !each.startsWith("CARILLON_"))).size);
});

Deno.test("README shows every setting with its default", () => {
  const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
  const shown = /## Settings[\s\S]*?```ini\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const expected = Object.keys(SETTINGS).map((section) =>
    ALL_SETTINGS.filter((each) => each.section === section).map(({ key, fallback }) =>
      `${key} = ${key === "timezone" ? "UTC" : fallback}`.trimEnd()
    )
  ).map((lines, index) => [`[${Object.keys(SETTINGS)[index]}]`, ...lines].join("\n")).join("\n");
  assert.equal(shown.trimEnd(), expected);
});

Deno.test("variables that begin like settings and are none are passed over", () => {
  assert.equal(read("", { CARILLON_TEST_SQLSERVER: "x", CARILLON_CONFIG: "y" }).server.port, 8398);
});
