/** Which command the arguments ask for, and what each of its errors becomes: a sentence and an exit code. */
import { OperatorError } from "../base/errors.ts";
import { Outlet } from "../base/outlet.ts";
import { suggestion } from "../base/suggestion.ts";
import { systemSentence } from "../base/system_error.ts";
import { readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { allCommands, COMMAND_NAMES, loadCommand } from "./commands.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { FLUSH_MS, OutputClosedError } from "./output.ts";
import { styled } from "./style.ts";

export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  try {
    return await runArguments(args);
  } catch (error) {
    // Whoever read the output has seen enough, as `carillon list | head -1`.
    if (error instanceof OutputClosedError) return 1;
    const { code, words } = failure(error);
    await sayLast(`${styled(Deno.stderr, "red", "carillon:")} ${words}`);
    return code;
  }
}

/** Where nobody reads it, the exit code says it alone. */
async function sayLast(line: string): Promise<void> {
  const stderr = new Outlet(Deno.stderr, { onDropped() {} });
  stderr.write(`${line}\n`);
  await stderr.flush(FLUSH_MS);
}

/** Runs the command; throws what it throws. */
export async function runArguments(args: readonly string[]): Promise<ExitCode> {
  const [first = ""] = args;
  if (first === "--version" || first === "-V") return await runCommand("version", []);
  if (asksForHelp(args)) return await showHelp(args);
  if (first === "" || first.startsWith("-")) return await runCommand("serve", args);
  const name = nameOf(args);
  return await runCommand(name, args.slice(name.split(" ").length));
}

async function runCommand(name: string, args: readonly string[]): Promise<ExitCode> {
  const command = await loadCommand(name);
  if (!command) throw new TypeError(`no command ${name}`);
  if (args.at(0)?.startsWith("-") && name === "serve") refuseCommandAfterFlags(args, command);
  return await command.run(readArguments(args, command));
}

/** `--help` anywhere before `--`, which ends the flags. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((each) => each === "--help" || each === "-h");
}

async function showHelp(args: readonly string[]): Promise<ExitCode> {
  const [first = "", second = "-"] = args;
  const { printHelp } = await import("./help.ts");
  const topic = first.startsWith("-") ? "" : second.startsWith("-") && isGroup(first) ? first : nameOf(args);
  printHelp(await allCommands(), topic);
  return 0;
}

/** The name of the command that the arguments begin with. */
function nameOf([first = "", second = ""]: readonly string[]): string {
  const found = [`${first} ${second}`, first].find((name) => COMMAND_NAMES.includes(name));
  if (found !== undefined) return found;
  if (!isGroup(first)) {
    const words = new Set(COMMAND_NAMES.map((name) => name.split(" ", 1)[0] ?? name));
    throw new UsageError(`unknown command "${first}"; ${suggestion(first, [...words])}`);
  }
  const group = COMMAND_NAMES.filter((name) => name.startsWith(`${first} `))
    .map((name) => name.slice(first.length + 1));
  throw new UsageError(
    second === "" || second.startsWith("-")
      ? `${first} needs one more word: ${group.join(", ")}; "carillon ${first} --help" says more`
      : `unknown command "${first} ${second}"; ${suggestion(second, group)}`,
  );
}

/** True for a word that the names of several commands begin with. */
function isGroup(word: string): boolean {
  return COMMAND_NAMES.some((name) => name.startsWith(`${word} `));
}

/** Flags alone mean `serve`; a command after them is meant otherwise. */
function refuseCommandAfterFlags(args: readonly string[], serve: Command): void {
  const [word] = readArguments(args, { ...serve, words: Infinity }).words;
  if (word === undefined || !COMMAND_NAMES.includes(word)) return;
  const rest = args.filter((each) => each !== word).join(" ");
  throw new UsageError(`the command comes first: carillon ${word} ${rest}`);
}

/** What is said of an error: a sentence for operators' mistakes and what the system refuses; all other is a bug, with its stack. */
export function failure(error: unknown): { readonly code: ExitCode; readonly words: string } {
  const sentence = error instanceof OperatorError ? error.message : systemSentence(error);
  if (sentence !== undefined) return { code: 2, words: sentence };
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  return { code: 1, words: `this is a bug in Carillon: ${stack}` };
}
