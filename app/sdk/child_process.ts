/** Runs a program for a task: its output as lines as they come, and its end with all it has started. */
import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type OutputLine, readLines } from "./line_reader.ts";
import { outputOf } from "./output.ts";

/** A line for the shell, or a program with its arguments, which no shell sees. */
export type CommandLine = string | readonly string[];

export interface ChildOptions {
  readonly command: CommandLine;
  /** Below the folder that Carillon was started in; that itself where undefined. */
  readonly cwd?: string | undefined;
  /** Beside what the host has. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  /** A line of its output, or a piece of one. */
  onLine(stream: "stdout" | "stderr", line: OutputLine): void;
}

export interface ChildEnd {
  readonly code: number;
  /** Where a signal ended it. */
  readonly signal: string | null;
}

/** How long it has from SIGTERM on to end by itself. */
const GRACE_MS = 5_000;

/** Rejects where the program cannot be started, and with the signal's reason where that ended it. */
export async function runChild(options: ChildOptions): Promise<ChildEnd> {
  const { command, signal, env = {} } = options;
  signal.throwIfAborted();
  const cwd = options.cwd === undefined ? undefined : folderOf(options.cwd);
  const [program, ...args] = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  const child = start(program ?? "", { args, cwd, env });
  const grace: { timer?: ReturnType<typeof setTimeout> } = {};
  const abort = () => {
    endGroup(child, "SIGTERM");
    grace.timer = setTimeout(() => endGroup(child, "SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const reading = Promise.all([
      readLines(outputOf(child.stdout, child.status), (line) => options.onLine("stdout", line)),
      readLines(outputOf(child.stderr, child.status), (line) => options.onLine("stderr", line)),
    ]);
    // Awaited below; until then a failure is not unhandled.
    reading.catch(() => {});
    const { code, signal: endedBy } = await child.status;
    await reading;
    if (signal.aborted) endGroup(child, "SIGKILL");
    signal.throwIfAborted();
    return { code, signal: endedBy };
  } finally {
    clearTimeout(grace.timer);
    signal.removeEventListener("abort", abort);
  }
}

function start(program: string, { args, cwd, env }: {
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      cwd,
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A group of its own, which a signal reaches as a whole.
      detached: true,
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(`there is no program "${program}"; install it, or write its whole path`, { cause });
  }
}

function folderOf(cwd: string): string {
  const folder = cwd.startsWith("/") ? cwd : join(process.cwd(), cwd);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new Error(`cwd: there is no folder ${folder}`);
}

function endGroup(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-child.pid, signal);
  } catch {
    endAlone(child, signal);
  }
}

/** Where the group has ended in the meantime, or a sandbox may send no signals. The host ends whatever is left. */
function endAlone(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}
