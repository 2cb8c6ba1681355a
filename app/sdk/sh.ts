/** `sh`: a program or a line of the shell within a task. */
import { shown } from "../base/shown.ts";
import { currentRun } from "./current_run.ts";
import { type CommandLine, runChild } from "./child_process.ts";
import { CommandError, failureOf } from "./command_error.ts";

export interface ShellOptions {
  /** The folder it runs in, below the one that Carillon was started in; that itself when left out. */
  readonly cwd?: string;
  /** Variables beside those of Carillon. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that mean success; `[0]` when left out. */
  readonly success?: readonly number[];
  /** True keeps what it writes out of the log. */
  readonly quiet?: boolean;
}

export interface ShellResult {
  readonly code: number;
  /** What it wrote to standard output, without the line end at the end; more than 10 million characters are refused. */
  readonly text: string;
  /** The same, line by line: a line ends with `\n` or `\r\n`. */
  readonly lines: readonly string[];
}

/** Output that is kept for the task; whoever writes more writes it to a file. */
const MOST_CHARACTERS = 10_000_000;

/**
 * Runs a line of `/bin/sh`, or a program with its arguments, in the task's run: what it writes goes to the log as it
 * comes, and it ends with the run. In a template each value is quoted, so that the shell takes it as one word; a list
 * becomes several. All else reaches the shell as it is written, backslashes too: `\*` is `\*`, and `\n` no line feed. Only
 * a backtick and `${` need a backslash for the template, which the shell does not see.
 *
 * @throws CommandError for an exit code that is not among `success`; Error outside of a run
 * @example
 * await sh`pg_dump -Fc ${database} > ${file}`;
 * const { lines } = await sh(["git", "log", "--oneline"], { cwd: "repo", quiet: true });
 */
export function sh(line: TemplateStringsArray, ...values: readonly unknown[]): Promise<ShellResult>;
export function sh(command: CommandLine, options?: ShellOptions): Promise<ShellResult>;
export function sh(
  command: TemplateStringsArray | CommandLine,
  ...rest: readonly unknown[]
): Promise<ShellResult> {
  if (isTemplate(command)) return runShell(quotedLine(command.raw, rest), {});
  const isLine = typeof command === "string" || Array.isArray(command);
  if (!isLine) throw new TypeError(`sh: the command is a text or a list of words, not ${shown(command)}`);
  return runShell(command, (rest[0] ?? {}) as ShellOptions);
}

function isTemplate(command: TemplateStringsArray | CommandLine): command is TemplateStringsArray {
  return Array.isArray(command) && "raw" in command;
}

/** A template's texts, as they stand in the code, with its values quoted for the shell. */
export function quotedLine(texts: readonly string[], values: readonly unknown[]): string {
  return texts.map(written).map((text, i) => i < values.length ? text + quoted(values[i]) : text).join("");
}

/** A backslash is the shell's, but where a template cannot be without one: before a backtick and before `${`. */
function written(text: string): string {
  return text.replace(/\\(?:(`|\$(?=\{))|[^])/g, (pair, sign?: string) => sign ?? pair);
}

function quoted(value: unknown): string {
  if (Array.isArray(value)) return value.map(quoted).join(" ");
  if (value === undefined || value === null) throw new TypeError(`sh: a value in the line is ${value}`);
  const text = String(value);
  if (text.includes("\0")) throw new TypeError("sh: a value in the line has a zero byte");
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

async function runShell(
  command: CommandLine,
  { cwd, env, success = [0], quiet = false }: ShellOptions,
): Promise<ShellResult> {
  const run = currentRun.getStore();
  if (!run) throw new Error("sh() was called outside of a run; call it in the task's run()");
  let output = "";
  let size = 0;
  let lastError: string | undefined;
  const end = await runChild({
    command,
    cwd,
    env,
    signal: run.signal,
    onLine(stream, { text, ending, overwritten }) {
      if (stream === "stdout") {
        size += text.length + ending.length;
        if (size <= MOST_CHARACTERS) output += text + ending;
      }
      if (overwritten) return;
      if (!quiet) run.log[stream === "stdout" ? "info" : "warn"](text);
      if (stream === "stderr" && text.trim() !== "") lastError = text;
    },
  });
  if (end.signal !== null || !success.includes(end.code)) {
    throw new CommandError(failureOf(end, lastError), end.code);
  }
  if (size > MOST_CHARACTERS) {
    throw new RangeError(
      `sh: the command wrote more than ${MOST_CHARACTERS} characters; have it write to a file`,
    );
  }
  const text = output.replace(/\r?\n$/, "");
  return { code: end.code, text, lines: output === "" ? [] : text.split(/\r?\n/) };
}
