/** `carillon audit export`: the audit as NDJSON, each line as it is written, and with `--follow` those that come. */
import { exportLines, follow } from "../audit/read.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig } from "./arguments.ts";
import { folderOf, QUERY_FLAGS, queryOf } from "./audit_flags.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, say } from "./output.ts";

export const auditExport: Command = {
  name: "audit export",
  usage: "",
  words: 0,
  summary: "the audit as NDJSON on standard output",
  flags: {
    ...QUERY_FLAGS,
    follow: { short: "f", help: "go on with the lines that come, until it is ended" },
  },
  configured: true,
  examples: [
    { line: "audit export > audit.ndjson", what: "also while Carillon is active" },
    { line: "audit export --follow | ssh logs 'cat >> carillon-audit.ndjson'", what: "a copy out of reach" },
  ],
  async run(given): Promise<ExitCode> {
    const config = loadConfig(given);
    const [folder, query] = [folderOf(config), queryOf(given, config)];
    const ended = new AbortController();
    const end = () => ended.abort();
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) Deno.addSignalListener(signal, end);
    try {
      const lines = given.own.has("follow")
        ? follow(folder, query, systemClock, ended.signal)
        : exportLines(folder, query);
      let count = 0;
      for await (const line of lines) {
        print(line);
        count++;
      }
      say(`exported ${count} lines`);
    } finally {
      for (const signal of signals) Deno.removeSignalListener(signal, end);
    }
    return 0;
  },
};
