/** `carillon history`: the history file as NDJSON, in and out, and what PyScheduler remembered. */
import { historyFile } from "../history/file.ts";
import { exportHistory, importHistory } from "../history/ndjson.ts";
import { SqliteHistory } from "../history/sqlite.ts";
import { systemClock } from "../scheduler/clock.ts";
import type { Config } from "../config.ts";
import { type Arguments, expectWords, loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { say, writeAll } from "./output.ts";

const USAGE = "carillon history export > file, or carillon history import <file> (or - for standard input)";

export async function history(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  const [verb] = given.words;
  const config = loadConfig(given);
  if (config.history.file === "") throw new UsageError("[history] file is empty: there is no history file");
  if (verb === "export") return await exportTo(given, config);
  if (verb === "import") return await importFrom(given, config);
  throw new UsageError(
    `${verb === undefined ? "say what to do" : `unknown word "${verb}"`}; usage: ${USAGE}`,
  );
}

/** Reads beside a Carillon that is at work: what it writes meanwhile may or may not be in it. */
async function exportTo(given: Arguments, config: Config): Promise<ExitCode> {
  expectWords(given, 1, USAGE);
  const store = SqliteHistory.openToRead(config.history.file);
  try {
    let lines: string[] = [];
    let count = 0;
    for (const line of exportHistory(store)) {
      lines.push(line);
      if (lines.length < 500) continue;
      writeAll(Deno.stdout, `${lines.join("\n")}\n`);
      count += lines.length;
      lines = [];
    }
    if (lines.length > 0) writeAll(Deno.stdout, `${lines.join("\n")}\n`);
    say(`exported ${count + lines.length} records`);
  } finally {
    await store.close();
  }
  return 0;
}

async function importFrom(given: Arguments, config: Config): Promise<ExitCode> {
  expectWords(given, 2, USAGE);
  const [, name] = given.words;
  if (name === undefined) throw new UsageError(`name the file; usage: ${USAGE}`);
  const text = name === "-" ? await new Response(Deno.stdin.readable).text() : await readFile(name);
  const store = historyFile(config, systemClock).open();
  try {
    const { added, known, wrong } = importHistory(store, text, config.scheduler.timezone);
    for (const problem of wrong.slice(0, 20)) say(`${name}, ${problem}`);
    say(`imported ${added} runs, ${known} were there already, ${wrong.length} records were wrong`);
    return wrong.length > 0 ? 1 : 0;
  } finally {
    await store.close();
  }
}

async function readFile(name: string): Promise<string> {
  try {
    return await Deno.readTextFile(name);
  } catch (cause) {
    throw new UsageError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
