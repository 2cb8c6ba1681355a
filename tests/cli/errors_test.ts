/** What goes wrong with files and folders is a sentence with exit code 2, never a stack trace. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { failure } from "../../app/cli/program.ts";
import { carillon, refusal } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";

const SQLITE = "[here]\ntype = sqlite\ndatabase = blocked/x.db\n";

/** `blocked` is a file, so nothing can be made below it, whoever asks: what a read-only folder is to most users. */
const FILES = {
  "blocked": "",
  "folder.ini/x": "",
  "empty.json": "",
  "plain.ini": "",
  "broken.ini": "no section",
  "blocked.ini": "[scheduler]\ndata = blocked/data\n[history]\nfile = blocked/data/carillon.db\n",
  "databases.ini": "[datasource]\nfile = folder.ini\n",
  "sqlite.ini": "[datasource]\nfile = sqlite_databases.ini\n",
  "sqlite_databases.ini": SQLITE,
  "tasks/ok.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
};

/** Those with a dot or a slash in them are files of the folder. */
const CASES: [readonly string[], RegExp][] = [
  [["init", "/proc/nope"], /^\/proc\/nope\/carillon\.ini cannot be written: there is no such file/],
  [
    ["init", "./blocked/here"],
    /blocked\/here\/carillon\.ini cannot be written: a part of the path is a file/,
  ],
  [["list", "-c", "./folder.ini"], /^settings file \S+folder\.ini cannot be read: it is a folder/],
  [["list", "-c", "./broken.ini"], /broken\.ini, line 1: "no…" stands before the first \[section\]/],
  [["list", "-c", "./blocked/x.ini"], /blocked\/x\.ini cannot be read: a part of the path is a file/],
  [["db", "list", "-c", "./databases.ini"], /folder\.ini cannot be read: it is a folder, not a file$/],
  [
    ["db", "query", "x", "SELECT 1", "-c", "./databases.ini"],
    /folder\.ini cannot be read: it is a folder, not a file$/,
  ],
  [
    ["db", "query", "nowhere", "SELECT 1", "-c", "./sqlite.ini"],
    /has no section \[nowhere\]; it has \[here\]/,
  ],
  [["db", "test", "nowhere", "-c", "./sqlite.ini"], /has no section \[nowhere\]; it has \[here\]/],
  [["run", "ok", "-c", "./blocked.ini"], /blocked\/data'?: a part of the path is a file, not a folder$/],
  [["history", "export", "-c", "./plain.ini"], /^history file \S+data\/carillon\.db cannot be read/],
  [["history", "export", "-c", "./plain.ini", "--history-file="], /^\[history\] file is empty/],
  [
    ["history", "import", "./nowhere.json", "-c", "./plain.ini"],
    /nowhere\.json cannot be read: there is no such/,
  ],
  [["history", "import", "./folder.ini", "-c", "./plain.ini"], /folder\.ini cannot be read: it is a folder/],
  [
    ["history", "import", "./empty.json", "-c", "./blocked.ini"],
    /^history file \S+ cannot be used: its folder cannot be made: /,
  ],
];

for (const [args, expected] of CASES) {
  Deno.test(`carillon ${args.join(" ")}: ${expected.source}`, async () => {
    await using folder = makeFolder(FILES);
    const inFolder = args.map((each) => each.startsWith("./") ? join(folder.path, each) : each);
    const { code, words } = await refusal(folder.path, inFolder);
    assert.match(words, expected);
    assert.equal(words.split("\n").length, 1, words);
    assert.equal(code, 2);
  });
}

Deno.test("a refusal is one line on standard error with exit code 2, a bug has its stack", async () => {
  await using folder = makeFolder(FILES);
  const served = await carillon(folder.path, ["serve", "-c", "blocked.ini"]);
  assert.match(
    served.stderr,
    /^carillon: mkdir '\S+\/blocked\/data': a part of the path is a file, not a folder\n$/,
  );
  assert.deepEqual([served.code, served.stdout], [2, ""]);
  const { code, words } = failure(new TypeError("x is not a function"));
  assert.equal(code, 1);
  assert.match(words, /^this is a bug in Carillon: TypeError: x is not a function\n +at /);
});

Deno.test("a database whose file cannot be opened does not answer: exit code 1", async () => {
  await using folder = makeFolder(FILES);
  const { code, stderr } = await carillon(folder.path, ["db", "test", "-c", "sqlite.ini"]);
  assert.match(
    stderr,
    /blocked\/x\.db cannot be opened: (?:a part of the path is a file, not a folder|it is there already)\n$/,
  );
  assert.equal(code, 1);
});

Deno.test("history import before the first start makes the history file", async () => {
  await using folder = makeFolder({
    "task_history.json": `[{ "job_id": "sync", "status": "已完成", "timestamp": "2023-10-01 10:00:00" }]`,
  });
  const { code, stderr } = await carillon(folder.path, ["history", "import", "task_history.json"]);
  assert.match(stderr, /^imported 1 runs, 0 were there already/);
  assert.equal(code, 0);
  assert.ok(Deno.statSync(join(folder.path, "data/carillon.db")).isFile);
});

Deno.test("list, next and check work without a data folder that can be written", async () => {
  await using folder = makeFolder({
    "tasks/ok.ts":
      `import { defineTask, every } from "carillon"; export default defineTask({ trigger: every("1h"), run() {} });`,
  });
  // /proc takes no new folders, whoever asks.
  const args = ["--data=/proc/carillon-data"];
  const [listed, next, checked] = await Promise.all([
    carillon(folder.path, ["list", ...args]),
    carillon(folder.path, ["next", "ok", "-n1", ...args]),
    carillon(folder.path, ["check", "--no-types", ...args]),
  ]);
  assert.deepEqual([listed.code, listed.stderr], [0, ""]);
  assert.match(listed.stdout, /^ok +\d{4}-/m);
  assert.deepEqual([next.code, next.stderr], [0, ""]);
  assert.equal(checked.code, 0);
  assert.match(checked.stderr, /^warning: \[scheduler\] data = \/proc\/carillon-data cannot be written: /m);
});

Deno.test("a reader that closes the output early ends the command without a word", async () => {
  await using folder = makeFolder();
  const lines = Array.from({ length: 5_000 }, () => `{"kind":"interval","fields":{"hours":5}}`).join("\n");
  folder.write("lines", lines);
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `"$0" run -A --no-check --quiet --config="$1deno.json" "$1main.ts" next --batch < lines | head -c 1`,
      Deno.execPath(),
      new URL("../../", import.meta.url).pathname,
    ],
    cwd: folder.path,
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stdout), "{");
  assert.equal(new TextDecoder().decode(stderr), "");
});

Deno.test("no colour without a terminal", async () => {
  await using folder = makeFolder();
  const { stdout, stderr } = await carillon(folder.path, ["help"], { env: { NO_COLOR: "", TERM: "xterm" } });
  assert.ok(!(stdout + stderr).includes("\x1b"));
});
