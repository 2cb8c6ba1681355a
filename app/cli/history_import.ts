/** `carillon history import`: adds runs from an export, or from what PyScheduler remembered. */
import { systemReason } from "../base/system_error.ts";
import { readUtf8, utf8 } from "../base/utf8.ts";
import type { Config } from "../config/config.ts";
import { importHistory } from "../history/ndjson.ts";
import { historyFile } from "../history/open.ts";
import { systemClock } from "../scheduler/clock.ts";
import { historySettings } from "../config/history_settings.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { say } from "./output.ts";

/** Problems that are reported one by one; of more, only the number. */
const REPORTED = 20;

export const historyImport: Command = {
  name: "history import",
  usage: "<file>",
  words: 1,
  summary: "add runs from an export, or from PyScheduler's task_history.json",
  flags: {},
  configured: true,
  examples: [
    { line: "history import task_history.json", what: "while Carillon is stopped" },
    { line: "history import -", what: "from standard input" },
  ],
  async run(given) {
    const name = requiredWord(given, 0, "a file, or - for standard input");
    const config = loadConfig(given);
    requiredFile(config);
    return importText(config, name, await readText(name));
  },
};

/** Adds the runs of a text to the history file and reports on it. @param name of the text, for messages */
export function importText(config: Config, name: string, text: string): ExitCode {
  const store = historyFile(historySettings(config), systemClock).open();
  try {
    const { added, known, wrong } = importHistory(store, text, config.scheduler.timezone);
    for (const problem of wrong.slice(0, REPORTED)) say(`${name}, ${problem}`);
    say(`imported ${added} runs, ${known} were there already, ${wrong.length} records were wrong`);
    return wrong.length > 0 ? 1 : 0;
  } finally {
    store.close();
  }
}

/** The history file; a {@link UsageError} where the settings say that there is none. */
export function requiredFile({ history: { file } }: Config): string {
  if (file !== "") return file;
  throw new UsageError("[history] file is empty: there is no history file");
}

async function readText(name: string): Promise<string> {
  const bytes = name === "-" ? await new Response(Deno.stdin.readable).bytes() : undefined;
  try {
    return bytes ? utf8(bytes) : readUtf8(name);
  } catch (cause) {
    throw new UsageError(`${name} cannot be read: ${systemReason(cause)}`, { cause });
  }
}
