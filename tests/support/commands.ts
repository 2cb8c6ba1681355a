/** The commands as they are typed: each in a process of its own, or in this one where it has only to refuse. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { failure, runArguments, runProgram } from "../../app/cli/program.ts";
import { PROGRAM } from "./program.ts";

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command, in a process of its own, to its end. */
export async function carillon(
  cwd: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...args],
    cwd,
    env: { NO_COLOR: "1", TZ: "UTC", ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.input ?? ""));
  await writer.close();
  const { code, stdout, stderr } = await output;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/**
 * What a command that is refused says, without a process for it; a process writes the same after "carillon: ". Paths are
 * those of the folder, through a settings file there.
 */
export async function refusal(
  folder: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly words: string }> {
  const named = args[0] === "init" || args.some((each) => each === "-c" || each.startsWith("--config"));
  try {
    await runArguments(named ? args : [...args, ...settingsIn(folder)]);
  } catch (error) {
    return failure(error);
  }
  return assert.fail(`carillon ${args.join(" ")} was not refused`);
}

/** Flags that make a folder the one that a command works in; its settings file is made where there is none. */
function settingsIn(folder: string): readonly string[] {
  const config = join(folder, "carillon.ini");
  Deno.writeTextFileSync(config, "", { append: true });
  return ["-c", config];
}

/** What a command prints and how it ends in a folder, run in this process: for more of what another one has shown as it is typed. */
export async function hereIn(folder: string, args: readonly string[]): Promise<Outcome> {
  return await here([...args, ...settingsIn(folder)]);
}

/** What a command prints and how it ends, run in this process: for those that ask a server of the same test. */
export async function here(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  const before = {
    stdout: { write: Deno.stdout.write, writeSync: Deno.stdout.writeSync },
    stderr: { write: Deno.stderr.write, writeSync: Deno.stderr.writeSync },
  };
  const variables = Object.keys(env).map((name) => [name, Deno.env.get(name)] as const);
  for (const name of ["stdout", "stderr"] as const) {
    const writeSync = (bytes: Uint8Array) => {
      written[name] += decoder.decode(bytes);
      return bytes.length;
    };
    Object.assign(Deno[name], { writeSync, write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)) });
  }
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    const code = await runProgram(args);
    return { code, ...written };
  } finally {
    Object.assign(Deno.stdout, before.stdout);
    Object.assign(Deno.stderr, before.stderr);
    for (const [name, value] of variables) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
