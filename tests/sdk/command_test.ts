/** Commands as tasks, with real programs: log, progress, parameters, outcome, and the end of all they started. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { command, z } from "../../app/sdk/carillon.ts";
import { parameterVariables, progressIn } from "../../app/sdk/command.ts";
import { LineReader, type OutputLine } from "../../app/sdk/line_reader.ts";
import { quotedLine } from "../../app/sdk/sh.ts";
import { logged, startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";

function commandFile(definition: string): string {
  return `import { command, z } from "carillon";\nexport default command({ ${definition} });\n`;
}

async function outcome(test: TestCarillon, params: Readonly<Record<string, string>> = {}) {
  const run = await test.ended((await startRun(test, "t", params)).id);
  const lines = await test.carillon.queries.runs.lines(run.id);
  return { run, lines: lines.map(({ level, text }) => `${level} ${text}`) };
}

const ENDS: [string, string, { status: string; message?: string; error?: string; lines: string[] }][] = [
  [
    "its output is the log and its last line the message",
    `run: "echo one; echo two >&2; sleep 0.05; echo three"`,
    {
      status: "succeeded",
      message: "three",
      lines: ["info one", "info three", "warn two"],
    },
  ],
  ["a program gets its arguments as they are", `run: ["printf", "%s|", "a b", "$HOME", "'"]`, {
    status: "succeeded",
    message: "a b|$HOME|'|",
    lines: ["info a b|$HOME|'|"],
  }],
  ["an exit code fails it, with the last error", `run: "echo first >&2; echo disk full >&2; exit 3"`, {
    status: "failed",
    error: "the command ended with exit code 3: disk full",
    lines: ["warn disk full", "warn first"],
  }],
  ["an exit code that means success", `run: "exit 3", success: [0, 3]`, { status: "succeeded", lines: [] }],
  ["0 may mean failure", `run: "true", success: [1]`, {
    status: "failed",
    error: "the command ended with exit code 0",
    lines: [],
  }],
  ["a signal", `run: "kill -SEGV $$"`, {
    status: "failed",
    error: "the command was ended by SIGSEGV",
    lines: [],
  }],
  ["a program that is not there", `run: ["no-such-program"]`, {
    status: "failed",
    error: `there is no program "no-such-program"; install it, or write its whole path`,
    lines: [],
  }],
  ["an environment and a folder", `run: "pwd; echo $A", cwd: "/", env: { A: "b c" }`, {
    status: "succeeded",
    message: "b c",
    lines: ["info /", "info b c"],
  }],
  ["a folder that is not there", `run: "true", cwd: "/no/such"`, {
    status: "failed",
    error: "cwd: there is no folder /no/such",
    lines: [],
  }],
  ["a line without an end, and bytes that are no UTF-8", String.raw`run: ["printf", "a\\377b\\nrest"]`, {
    status: "succeeded",
    message: "rest",
    lines: ["info a\uFFFDb", "info rest"],
  }],
];

for (const [what, definition, expected] of ENDS) {
  Deno.test(`a command: ${what}`, async () => {
    await using test = await startCarillon({ "tasks/t.ts": commandFile(definition) });
    const { run, lines } = await outcome(test);
    assert.equal(run.status, expected.status, run.error?.message ?? "");
    assert.equal(run.message ?? undefined, expected.message);
    assert.equal(run.error?.message, expected.error);
    // Two streams have no order between them.
    assert.deepEqual([...lines].sort(), expected.lines);
  });
}

Deno.test("parameters are variables, with their defaults", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": commandFile(
      `run: 'echo "$PARAM_DAY $PARAM_MAX_ROWS $PARAM_DRY [$PARAM_NONE]"', params: z.object({ day: z.string(), "max-rows": z.number().default(5), dry: z.boolean().default(false), none: z.string().optional() })`,
    ),
  });
  const { run } = await outcome(test, { day: `"; rm -rf x; $(id)` });
  assert.equal(run.message, `"; rm -rf x; $(id) 5 false []`);
  assert.deepEqual(parameterVariables({ a: [1], b: null, "ä b": new Date(0) }), {
    PARAM_A: "[1]",
    PARAM___B: "1970-01-01T00:00:00.000Z",
  });
});

Deno.test("the last line that is JSON is the result, and the last line the message", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": commandFile(
      `run: ["printf", '{"no": 1}\\n{"rows": [1, 2]}\\n{broken}\\n[50%%]\\ndone\\n']`,
    ),
  });
  const { run } = await outcome(test);
  assert.deepEqual(run.result, { rows: [1, 2] });
  assert.equal(run.message, "done");
});

Deno.test("a line longer than a line of the log is a result too, and one that is too long for it is named", async () => {
  const tooLong =
    `echo '{"n":1}'; printf '{"n":"'; head -c 1000000 /dev/zero | tr '\\0' x; echo '"}'; echo done`;
  await using test = await startCarillon({
    "tasks/t.ts": commandFile(
      `run: ["printf", '{"text": "%s😀", "n": 1}\\n%s', "${"x".repeat(39_990)}", "y".repeat(20_000)]`,
    ),
    "tasks/u.ts": commandFile(
      `run: ["sh", "-c", ${JSON.stringify(tooLong)}]`,
    ),
  });
  const { run, lines } = await outcome(test);
  assert.deepEqual(run.result, { text: `${"x".repeat(39_990)}😀`, n: 1 });
  assert.match(run.message ?? "", /^y{400,}\.\.\. \(\d+ more characters\)$/);
  assert.equal(lines.length, 5, "for the log it is cut");
  const other = await test.ended((await startRun(test, "u")).id);
  assert.deepEqual(other.result, { n: 1 });
  const said = (await test.carillon.queries.runs.lines(other.id)).filter(({ level }) => level === "warn");
  assert.deepEqual(said.map(({ text }) => text), [
    "a line of 1000008 characters is not looked at for a result; of one line 1000000 are",
  ]);
});

/** No other run of these tests sleeps for the same time. */
const SECONDS = 86_400 + Deno.pid;

Deno.test("a command that is cancelled ends with all it has started", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": commandFile(
      `run: "trap '' TERM; (trap '' TERM; exec sleep ${SECONDS}.1) & setsid sleep ${SECONDS}.2 & echo ready; wait"`,
    ),
  });
  const { id } = await startRun(test, "t");
  await logged(test, id, "ready");
  // The shell has started them; each becomes what is looked for a moment later.
  while (sleepers() < 2) await setTimeout(5);
  await test.carillon.operations.cancel({ channel: "page" }, id);
  const run = await test.ended(id);
  assert.equal(run.status, "cancelled");
  assert.equal(sleepers(), 0);
});

/** How many of the processes above there are. */
function sleepers(): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) =>
    /^\d+$/.test(name) && commandLineOf(name).startsWith(`sleep ${SECONDS}.`)
  ).length;
}

function commandLineOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  } catch {
    return ""; // It has ended.
  }
}

Deno.test("sh runs a line in a task, with its values quoted", async () => {
  const code = `import { defineTask, sh } from "carillon";
export default defineTask({ async run() {
  const file = "a b'; echo no";
  const { text } = await sh\`printf '%s|' \${file} \${["x", "y z"]}\`;
  const { lines, code } = await sh(["sh", "-c", "echo 1; echo 2; exit 4"], { success: [4], quiet: true });
  const failed = await sh("echo why >&2; exit 9").catch((error) => error.name + error.code + error.message);
  return [text, lines.join(), code, failed].join(" ");
} });`;
  await using test = await startCarillon({ "tasks/t.ts": code });
  const { run, lines } = await outcome(test);
  assert.equal(
    run.message,
    `a b'; echo no|x|y z| 1,2 4 CommandError9the command ended with exit code 9: why`,
  );
  assert.deepEqual(lines, ["info a b'; echo no|x|y z|", "warn why"]);
});

Deno.test("sh gives what a program wrote as it was: long lines, lone carriage returns and ends of lines", async () => {
  const written = [
    `${"a".repeat(40_000)}😀`,
    "10%\r20%\r",
    "b\rc",
    "d\r",
    "",
    ` ${"e".repeat(16_000)}`,
    "rest\r",
  ];
  await using outside = makeFolder({ "out.txt": `${written.join("\n")}\n` });
  const file = JSON.stringify(join(outside.path, "out.txt"));
  await using test = await startCarillon({
    "tasks/t.ts": `import { defineTask, sh } from "carillon";
import { readFileSync } from "node:fs";
export default defineTask({ async run() {
  const { text, lines } = await sh(["cat", ${file}], { quiet: true });
  const empty = await sh("true");
  const one = await sh("printf '\\n'");
  const much = await sh("head -c 10000001 /dev/zero", { quiet: true }).catch((error) => error.message);
  return {
    same: text + "\\r\\n" === readFileSync(${file}, "utf8"),
    lines: lines.map((line) => line.length > 10 ? line.length : line),
    empty: [empty.text, empty.lines, one.text, one.lines],
    much,
  };
} });`,
  });
  const { run } = await outcome(test);
  assert.deepEqual(run.result, {
    same: true,
    lines: [40_002, "10%\r20%", "b\rc", "d", "", 16_001, "rest"],
    empty: ["", [], "", [""]],
    much: "sh: the command wrote more than 10000000 characters; have it write to a file",
  });
});

Deno.test("sh has all that a program wrote, though what it left running holds its output", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": `import { defineTask, sh } from "carillon";
export default defineTask({ run: async () => (await sh("sleep ${SECONDS}.3 & echo one; printf two")).lines });`,
  });
  const { run } = await outcome(test);
  assert.deepEqual(run.result, ["one", "two"]);
});

const PROGRESS: [string, number | undefined][] = [
  ["50%", 0.5],
  ["  7.5 % done", 0.075],
  ["[=====>    ] 45%", 0.45],
  ["rows 100%, all", 1],
  ["101%", undefined],
  ["50%off", undefined],
  ["LIKE 'a50%'", undefined],
  ["v1.2.50%", undefined],
  ["no number", undefined],
];

for (const [line, expected] of PROGRESS) {
  Deno.test(`progress in ${JSON.stringify(line)}`, () => assert.equal(progressIn(line), expected));
}

Deno.test("output is cut into lines wherever its pieces end", () => {
  const bytes = new TextEncoder().encode("one\r\ntwo\n1%\r2%\r\nä€\n\nrest\r");
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    let all = "";
    const reader = new LineReader(({ text, ending, overwritten }) => {
      lines.push(overwritten ? `~${text}` : text);
      all += text + ending;
    });
    for (let at = 0; at < bytes.length; at += size) reader.add(bytes.subarray(at, at + size));
    reader.end();
    assert.deepEqual(lines, ["one", "two", "~1%", "2%", "ä€", "", "rest"], `in pieces of ${size}`);
    assert.equal(all, new TextDecoder().decode(bytes));
  }
});

Deno.test("a line that is longer than a line of the log is cut, never within a character", () => {
  const long = `${"a".repeat(15_999)}😀${"b".repeat(20_000)}\nc\n`;
  for (const size of [1_000, 100_000]) {
    const pieces: OutputLine[] = [];
    const reader = new LineReader((line) => pieces.push(line));
    const bytes = new TextEncoder().encode(long);
    for (let at = 0; at < bytes.length; at += size) reader.add(bytes.subarray(at, at + size));
    reader.end();
    assert.deepEqual(pieces.map(({ text, ending }) => [text.length, ending]), [
      [15_999, ""],
      [16_000, ""],
      [4_002, "\n"],
      [1, "\n"],
    ]);
    assert.equal(pieces.map(({ text, ending }) => text + ending).join(""), long);
  }
});

function lineOf(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return quotedLine(texts.raw, values);
}

Deno.test("a value in a line of the shell is one word", () => {
  assert.equal(quotedLine(["a ", " ", ""], ["$(x) 'y'", 5]), `a '$(x) '\\''y'\\''' 5`);
  assert.equal(quotedLine(["a ", ""], [""]), "a ''");
  assert.throws(() => quotedLine(["a ", ""], [undefined]), /a value in the line is undefined/);
});

/** What a template says, and what the shell gets. */
const WRITTEN: [string, string][] = [
  [lineOf`echo C:\users \x \u{110000000} ${1}`, String.raw`echo C:\users \x \u{110000000} 1`],
  [lineOf`grep '\*' a\ b \\ \n`, String.raw`grep '\*' a\ b \\ \n`],
  [
    lineOf`a \
  b`,
    "a \\\n  b",
  ],
  // A template can have these in no other way.
  [lineOf`echo \`date\` "\${HOME}" \$HOME $HOME`, 'echo `date` "${HOME}" \\$HOME $HOME'],
  [lineOf`echo \\\${HOME} \\${"x y"}`, "echo \\\\${HOME} \\\\'x y'"],
];

for (const [line, expected] of WRITTEN) {
  Deno.test(`a line of the shell is what its template has: ${expected}`, () => assert.equal(line, expected));
}

Deno.test("backslashes in a template reach the shell", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": `import { defineTask, sh } from "carillon";
export default defineTask({ async run() {
  return (await sh\`printf '%s|' C:\\users "\\*" \${"a b"} \\\\; awk 'BEGIN { printf "1\\n2" }'\`).lines;
} });`,
  });
  const { run } = await outcome(test);
  assert.deepEqual(run.result, [String.raw`C:users|\*|a b|\|1`, "2"]);
});

const REFUSED: [unknown, RegExp][] = [
  [{}, /^defineTask: run: a command is a line/],
  [{ run: "  " }, /^defineTask: run: a command is a line/],
  [{ run: [] }, /^defineTask: run: a command is a line/],
  [{ run: ["a", 1] }, /^defineTask: run: a command is a line/],
  [{ run: () => {} }, /^defineTask: run: a command is a line/],
  [{ run: "true", cwd: 5 }, /^defineTask: cwd: it is a path/],
  [{ run: "true", env: { A: 1 } }, /^defineTask: env\.A: a variable's value is a text/],
  [{ run: "true", env: ["A=1"] }, /^defineTask: env: it is an object/],
  [{ run: "true", success: [] }, /^defineTask: success: it is a list of exit codes/],
  [{ run: "true", success: [256] }, /^defineTask: success: it is a list of exit codes/],
];

for (const [i, [definition, message]] of REFUSED.entries()) {
  Deno.test(`a wrong command is refused: ${i + 1}. ${message.source}`, () => {
    assert.throws(() => command(definition as never), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
      return true;
    });
  });
}

/** Names of parameters that are one variable, and that variable. */
const ONE_VARIABLE: [string, string, string][] = [
  ["begin-date", "begin_date", "PARAM_BEGIN_DATE"],
  ["day", "Day", "PARAM_DAY"],
  ["开始", "结束", "PARAM___"],
];

for (const [first, second, variable] of ONE_VARIABLE) {
  Deno.test(`two parameters that are one variable are refused: ${first}, ${second}`, () => {
    const params = z.object({ other: z.string(), [first]: z.string(), [second]: z.string() });
    const refused = {
      name: "TypeError",
      message:
        `defineTask: params: ${first} and ${second} would both be the variable ${variable} of the program: ` +
        "what is no Latin letter, digit or _ becomes _; rename one of them",
    };
    assert.throws(() => command({ run: "true", params }), refused);
    // Of those that are not declared only a run has the names.
    assert.throws(() => parameterVariables({ [first]: 1, [second]: 2 }), refused);
    assert.deepEqual(parameterVariables({ [first]: 1, [second]: undefined }), { [variable]: "1" });
  });
}

Deno.test("a command takes the parameters' schema", () => {
  assert.ok(command({ run: "true", params: z.object({ a: z.string() }) }).params);
});
