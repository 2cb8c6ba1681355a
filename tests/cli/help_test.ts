/** Help is made from what the commands declare, and what they declare is right. */
import assert from "node:assert/strict";
import { readArguments } from "../../app/cli/arguments.ts";
import { usageOf } from "../../app/cli/command.ts";
import { allCommands, COMMAND_NAMES } from "../../app/cli/commands.ts";
import { UsageError } from "../../app/cli/errors.ts";
import { helpLines } from "../../app/cli/help.ts";
import { shellWords } from "../support/shell_words.ts";

const COMMANDS = await allCommands();
const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

for (const command of COMMANDS) {
  const { name, summary, flags, examples } = command;

  Deno.test(`help ${name}: usage, flags and examples, in the overview and in README`, () => {
    const help = helpLines(COMMANDS, name).join("\n");
    assert.ok(help.startsWith(`usage: ${usageOf(command)}\n`), help);
    assert.ok(help.includes(summary));
    for (const [flag, { help: words }] of Object.entries(flags)) {
      assert.match(help, new RegExp(`--${flag}\\b`));
      assert.ok(help.includes(words));
    }
    for (const { line, what } of examples) {
      assert.match(help, new RegExp(`^  carillon ${escape(line)} +${escape(what)}$`, "m"));
    }
    const overview = helpLines(COMMANDS, "").join("\n");
    assert.match(overview, new RegExp(`^  ${escape(name)}\\b.* {2}${escape(summary)}$`, "m"));
    const inTable = `\`${usageOf(command).replaceAll("|", "\\|")}\``;
    assert.ok(README.includes(inTable), `README.md, Commands: ${inTable}`);
  });

  Deno.test(`the examples of ${name} are command lines that it takes`, () => {
    assert.ok(examples.length > 0);
    for (const { line } of examples) {
      const words = shellWords(line);
      const own = name.split(" ");
      assert.deepEqual(words.slice(0, own.length), own);
      readArguments(words.slice(own.length), command);
    }
  });
}

Deno.test("each command is loaded under its own name", () => {
  assert.deepEqual(COMMANDS.map(({ name }) => name), COMMAND_NAMES);
});

Deno.test("the first word of several commands shows them all", () => {
  const lines = helpLines(COMMANDS, "db").join("\n");
  assert.match(lines, /^ {2}carillon db list \[--json\] +the databases of database\.ini$/m);
  assert.match(lines, /^ {2}carillon db test \[name\] /m);
  assert.match(lines, /^ {2}carillon db query <name> "SELECT …" \[--json\] /m);
});

Deno.test("help settings says what each setting is", () => {
  const lines = helpLines(COMMANDS, "settings").join("\n");
  assert.match(lines, /^\[scheduler\]$/m);
  assert.match(
    lines,
    /^ {2}memory_total +--scheduler-memory-total +0 +megabytes that all runs together may use/m,
  );
});

Deno.test("help on what there is not names the nearest", () => {
  assert.throws(() => helpLines(COMMANDS, "db tset"), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /^there is no command "db tset"; did you mean "db test"\?/);
    return true;
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
