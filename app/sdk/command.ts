/** `command`: a task that runs a program or a line of the shell. */
import { givenObject } from "../base/given.ts";
import { listOf, refuse } from "../policy/option.ts";
import { sentence } from "../locale/sentence.ts";
import type { ParamsSchema, RunContext, TaskDefinition } from "../task/define.ts";
import { defineTask } from "../task/define.ts";
import { type CommandLine, runChild } from "./child_process.ts";
import { CommandError, failureOf } from "./command_error.ts";
import { Said } from "./said.ts";
import { MOST_OF_LINE, WholeLines } from "./whole_lines.ts";

/** A task's definition, with what to run in place of a function. */
export interface CommandDefinition<S extends ParamsSchema = ParamsSchema>
  extends Omit<TaskDefinition<S>, "run"> {
  /**
   * A line for `/bin/sh`, or a program and its arguments: `["python3", "sync.py"]`. Parameters are in the environment,
   * `begin_date` as `PARAM_BEGIN_DATE`; a line has them as `"$PARAM_BEGIN_DATE"`. What is no Latin letter, digit or `_`
   * becomes `_`, and two names that are one variable are refused.
   */
  readonly run: CommandLine;
  /** The folder it runs in, below the one that Carillon was started in; that itself when left out. */
  readonly cwd?: string;
  /** Variables beside those of Carillon. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that mean success; `[0]` when left out. */
  readonly success?: readonly number[];
}

/**
 * Declares a task that runs a program; make it the file's default export. What the program writes is the run's log as it
 * comes, standard error as warnings; `50%` in a line is its progress, the last line its message. An exit code that is
 * not among `success` fails the run. A run that is cancelled or out of time ends the program with all it has started.
 *
 * @throws TypeError for a command that cannot be
 * @example
 * export default command({ run: "pg_dump -Fc shop > /backup/shop.dump", trigger: cron({ hour: 2 }), timeout: "1h" });
 * export default command({ run: ["python3", "sync.py"], cwd: "scripts", params: z.object({ day: z.iso.date() }) });
 */
export function command<S extends ParamsSchema>(definition: CommandDefinition<S>): TaskDefinition<S> {
  givenObject("what command is given", definition, 'an object such as { run: "make report" }');
  const { run, cwd, env, success = [0], ...rest } = definition;
  checkCommand(run);
  if (cwd !== undefined && typeof cwd !== "string") refuse("cwd", 'it is a path, such as "scripts"');
  checkEnvironment(env);
  checkVariables(Object.keys(rest.params?.shape ?? {}));
  const codes = listOf("success", success, 256);
  if (
    codes.length === 0 ||
    !codes.every((code) => Number.isInteger(code) && Number(code) >= 0 && Number(code) <= 255)
  ) {
    refuse("success", "it is a list of exit codes, each a whole number from 0 to 255");
  }
  return defineTask<S>({
    ...rest,
    run: (context) => runCommand({ command: run, cwd, env, success: codes as readonly number[] }, context),
  } as TaskDefinition<S>);
}

interface Command {
  readonly command: CommandLine;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly success: readonly number[];
}

/** The message is the last line that was written to standard output, the result the last one that is JSON. */
async function runCommand(
  { command, cwd, env, success }: Command,
  { params, log, progress, signal, run }: RunContext<Record<string, unknown>>,
): Promise<Said> {
  const said = new Output((text) => log.warn(text));
  const end = await runChild({
    command,
    cwd,
    env: { ...parameterVariables(params), CARILLON_RUN_ID: run.id, CARILLON_TASK_ID: run.taskId, ...env },
    signal,
    onLine(stream, line) {
      const done = progressIn(line.text);
      if (done !== undefined) progress(done);
      if (!line.overwritten) log[stream === "stdout" ? "info" : "warn"](line.text);
      said[stream].add(line);
    },
  });
  said.stdout.end();
  said.stderr.end();
  if (end.signal === null && success.includes(end.code)) {
    return new Said(said.last, said.result ?? said.last);
  }
  throw new CommandError(failureOf(end, said.lastError), end.code);
}

/** What counts of a command's output: its last lines, and the last one that is JSON. */
class Output {
  last: string | undefined;
  lastError: string | undefined;
  result: unknown;

  readonly stdout = new WholeLines((text, length) => {
    if (text.trim() !== "") this.last = text;
    if (length <= MOST_OF_LINE) this.result = jsonIn(text) ?? this.result;
    else if (/^\s*[{[]/.test(text)) {
      this.warn(
        `a line of ${length} characters is not looked at for a result; of one line ${MOST_OF_LINE} are`,
      );
    }
  });
  readonly stderr = new WholeLines((text) => {
    if (text.trim() !== "") this.lastError = text;
  });

  constructor(readonly warn: (text: string) => void) {}
}

/**
 * `PARAM_` and the name in capitals; what is no Latin letter, digit or `_` becomes `_`. What is undefined or null is left
 * out. @throws DefinitionError for two of them that are one variable, as what is not declared may be
 */
export function parameterVariables(params: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  checkVariables(given.map(([name]) => name));
  return Object.fromEntries(given.map(([name, value]) => [variableOf(name), textOf(value)]));
}

/** One of two would be lost. */
function checkVariables(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const second of names) {
    const variable = variableOf(second);
    const first = seen.get(variable);
    if (first !== undefined) {
      refuse("params", sentence("mistake.param.variable", { first, second, variable }));
    }
    seen.set(variable, second);
  }
}

function variableOf(name: string): string {
  return `PARAM_${name.toUpperCase().replace(/[^A-Z0-9_]/g, "_")}`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** How far a line says that the work is, from 0 to 1: `50%`, ` 7.5 % done`, `[=> ] 12%`. */
export function progressIn(line: string): number | undefined {
  const [, percent] = /(?:^|[\s[(|=>:])(\d{1,3}(?:\.\d+)?) ?%(?:[\s,;.)\]|]|$)/.exec(line) ?? [];
  const fraction = Number(percent) / 100;
  return fraction <= 1 ? fraction : undefined;
}

/** An object or a list that a line is, written as JSON. */
function jsonIn(line: string): unknown {
  if (!/^\s*[{[].*[}\]]\s*$/.test(line)) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    // It only looks like it.
    return undefined;
  }
}

function checkCommand(run: unknown): void {
  const isLine = typeof run === "string" && run.trim() !== "";
  const isProgram = Array.isArray(run) && run.length > 0 && run[0] !== "" &&
    run.every((each) => typeof each === "string");
  if (isLine || isProgram) return;
  refuse(
    "run",
    `a command is a line, "pg_dump shop", or a program with its arguments, ["python3", "sync.py"]`,
  );
}

function checkEnvironment(env: unknown): void {
  if (env === undefined) return;
  if (typeof env !== "object" || env === null || Array.isArray(env)) {
    refuse("env", `it is an object of names and texts, { PGHOST: "db" }`);
  }
  const wrong = Object.entries(env).find(([name, value]) =>
    !/^[^=\0]+$/.test(name) || typeof value !== "string" || value.includes("\0")
  );
  if (wrong) refuse(`env.${wrong[0]}`, "a variable's value is a text");
}
