/** `carillon history export`: all runs with their logs as NDJSON. */
import { exportHistory } from "../history/ndjson.ts";
import { openToRead } from "../history/sqlite/reading.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { requiredFile } from "./history_import.ts";
import { say, writeAll } from "./output.ts";

/** Lines that are written at once. */
const LINES_AT_ONCE = 500;

export const historyExport: Command = {
  name: "history export",
  usage: "",
  words: 0,
  summary: "all runs with their logs as NDJSON on standard output",
  flags: {},
  configured: true,
  examples: [{ line: "history export > runs.ndjson", what: "also while Carillon is active" }],
  /** Reads beside a Carillon that is active: what it writes meanwhile may or may not be in it. */
  run(given): ExitCode {
    const store = openToRead(requiredFile(loadConfig(given)));
    try {
      say(`exported ${printLines(exportHistory(store))} records`);
    } finally {
      store.close();
    }
    return 0;
  },
};

/** Writes the lines to standard output; the answer is how many. */
function printLines(records: Iterable<string>): number {
  let count = 0;
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) writeAll(Deno.stdout, `${lines.join("\n")}\n`);
    count += lines.length;
    lines = [];
  };
  for (const line of records) {
    if (lines.push(line) >= LINES_AT_ONCE) flush();
  }
  flush();
  return count;
}
