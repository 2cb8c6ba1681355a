/** Which command the arguments ask for, and what each of its errors becomes: a sentence and an exit code. */
import { WatermarkError } from "../run/watermarks.ts";
import { ConfigError } from "../config.ts";
import { NotConfiguredError } from "../../datasource/errors.ts";
import { IniError } from "../../datasource/ini.ts";
import { HistoryFileError } from "../history/sqlite_file.ts";
import { suggestion } from "../nearest.ts";
import { processMain } from "../run/process_main.ts";
import { PROCESS_COMMAND } from "../run/task_process.ts";
import { cancel } from "./cancel.ts";
import { check } from "./check.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { help } from "./help.ts";
import { db } from "./db.ts";
import { history } from "./history.ts";
import { init } from "./init.ts";
import { list } from "./list.ts";
import { next } from "./next.ts";
import { print, say } from "./output.ts";
import { run } from "./run.ts";
import { serve } from "./serve.ts";
import { VERSION } from "./version.ts";

type Command = (args: readonly string[]) => ExitCode | Promise<ExitCode>;

const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  run,
  cancel,
  history,
  list,
  next,
  check,
  db,
  init,
  help,
  version,
};

/** Errors whose message is meant for the operator; every other one is a bug and keeps its stack. */
const OPERATOR_ERRORS = [
  UsageError,
  ConfigError,
  HistoryFileError,
  NotConfiguredError,
  IniError,
  WatermarkError,
];

export async function runCommand(args: readonly string[]): Promise<ExitCode> {
  const [first = "serve", ...rest] = args;
  if (first === PROCESS_COMMAND) return await processMain();
  try {
    if (first === "--help" || first === "-h") return help();
    if (rest.includes("--help") || rest.includes("-h")) return help([first]);
    if (first === "--version" || first === "-V") return version();
    if (first.startsWith("-")) return await serve(args);
    const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
    if (!command) {
      throw new UsageError(`unknown command "${first}"; ${suggestion(first, Object.keys(COMMANDS))}`);
    }
    return await command(rest);
  } catch (error) {
    if (OPERATOR_ERRORS.some((type) => error instanceof type)) {
      say(`carillon: ${(error as Error).message}`);
      return 2;
    }
    throw error;
  }
}

function version(): ExitCode {
  print(`carillon ${VERSION} (deno ${Deno.version.deno}, ${Deno.build.target})`);
  return 0;
}
