/** Command lines, right and wrong. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readArguments } from "../../app/cli/arguments.ts";
import { UsageError } from "../../app/cli/errors.ts";
import { init } from "../../app/cli/init.ts";
import { list } from "../../app/cli/list.ts";
import { next } from "../../app/cli/next.ts";
import { run } from "../../app/cli/run.ts";
import { carillon, refusal } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";

Deno.test("own flags, settings and words are told apart, wherever they stand", () => {
  const { words, own, settings } = readArguments(
    [
      "--port=1",
      "0",
      "9",
      "-n",
      "3",
      "*",
      "--json",
      "--scheduler-timezone",
      "UTC",
      "-c",
      "x.ini",
      "*",
      "MON",
    ],
    next,
  );
  assert.deepEqual(words, ["0", "9", "*", "*", "MON"]);
  assert.deepEqual([...own], [["count", "3"], ["json", "true"], ["config", "x.ini"]]);
  assert.deepEqual(settings, { "port": "1", "scheduler-timezone": "UTC" });
});

Deno.test("after -- nothing is a flag, and values may be empty or hold anything", () => {
  assert.deepEqual(readArguments(["t", "--", "--a=b", "-n"], run).words, ["t", "--a=b", "-n"]);
  assert.deepEqual(readArguments(["--history-file="], list).settings, { "history-file": "" });
  assert.deepEqual(readArguments(["--tasks=a=b"], list).settings, { tasks: "a=b" });
});

const WRONG: [readonly string[], typeof list, RegExp][] = [
  [["--jsn"], list, /^unknown flag --jsn; did you mean "--json"\? "carillon list --help" lists the flags$/],
  [["--prot=1"], list, /^unknown flag --prot; did you mean "--port"\?/],
  [["-x"], list, /^unknown flag -x; "carillon list --help" lists the flags$/],
  [["--__proto__=x"], list, /^unknown flag --__proto__;/],
  [["--constructor"], list, /^unknown flag --constructor;/],
  [["--no-json"], list, /^unknown flag --no-json;/],
  [["--json=true"], list, /^flag --json takes no value$/],
  [["--port"], list, /^flag --port needs a value, as in --port=…$/],
  [["-n"], next, /^flag -n needs a value, as in -n=…$/],
  [["--port=1"], init, /^unknown flag --port; "carillon init --help" lists the flags$/],
  [["--config=x"], init, /^unknown flag --config;/],
  [
    ["a", "b"],
    init,
    /^"b" is one argument too many; usage: carillon init \[folder\] \[--template NAME\] \[--types\]$/,
  ],
  [["--", "--json"], list, /^"--json" is one argument too many/],
];

for (const [args, command, expected] of WRONG) {
  Deno.test(`${command.name} ${args.join(" ")} is refused: ${expected.source}`, () => {
    assert.throws(() => readArguments(args, command), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("a settings file, a database.ini or a file of users that is a link to nothing is refused, not taken for none", async () => {
  await using folder = makeFolder({ "tasks/_x.ts": "" });
  for (const name of ["carillon.ini", "database.ini", "data/users.db"]) {
    const link = join(folder.path, name);
    Deno.mkdirSync(dirname(link), { recursive: true });
    Deno.symlinkSync(join(folder.path, "elsewhere"), link);
    const args = name === "data/users.db" ? ["user", "list"] : ["check", "--no-types"];
    const { code, stderr } = await carillon(folder.path, args);
    assert.match(stderr, new RegExp(`${name}.* cannot be .*: it is a link that leads nowhere`));
    assert.equal(code, 2);
    assert.ok(!existsSync(join(folder.path, "elsewhere")));
    Deno.removeSync(link);
  }
});

Deno.test("an empty variable counts as not set, whichever it is", async () => {
  await using folder = makeFolder({ "tasks/_x.ts": "", "carillon.ini": "[history]\nlimit = 7\n" });
  const names = ["CONFIG", "URL", "CA", "TOKEN", "HISTORY_LIMIT", "AUTH_MODE", "NO_SUCH_SETTING"];
  const env = Object.fromEntries(names.map((name) => [`CARILLON_${name}`, ""]));
  const { code, stdout, stderr } = await carillon(folder.path, ["check", "--no-types"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^settings: carillon\.ini: good$/m);
  assert.match(
    (await carillon(folder.path, ["status"], { env })).stderr,
    /^carillon: no Carillon answers on http:/,
  );
});

Deno.test("a file where a folder should be is called one", async () => {
  await using folder = makeFolder({ "b.ts": "" });
  const file = join(folder.path, "b.ts");
  for (const args of [["init", file], ["init", "/dev/null"]]) {
    const { words } = await refusal(folder.path, args);
    assert.match(words, /cannot be written: a part of the path is a file, not a folder$/);
  }
  // "serve" listens for signals before it looks at the folder, and would go on doing so in this process.
  const [listed, served] = [
    await refusal(folder.path, ["list", `--tasks=${file}`]),
    await carillon(folder.path, ["serve", "--port=0", `--tasks=${file}`]),
  ];
  for (const [code, words] of [[listed.code, listed.words], [served.code, served.stderr]] as const) {
    assert.match(words, /b\.ts.*(?:is a file, not a folder|a part of the path is a file)/);
    assert.equal(code, 2);
  }
});
