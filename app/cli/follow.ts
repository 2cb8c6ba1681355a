/** A run as it goes on, for whoever is at the terminal. */
import { LogGaps } from "../model/log_gaps.ts";
import { isTerminal, type Run } from "../model/run.ts";
import type { RunQueries } from "../service/queries/runs.ts";
import type { ExitCode } from "./errors.ts";
import { print, say } from "./output.ts";

/** Shows the log as it comes, on standard error, and how the run ended. A log that comes faster than it is kept has gaps. */
export async function follow(
  runs: Pick<RunQueries, "follow" | "logParts">,
  id: string,
  write: (line: string) => void = say,
): Promise<ExitCode> {
  const gaps = new LogGaps();
  let next = 0;
  for await (const run of runs.follow(id)) {
    for await (const lines of runs.logParts(id, { from: next })) {
      for (const line of lines) {
        const missing = gaps.before(line);
        if (missing > 0) {
          write(`… ${missing} lines are left out here: they came faster than they could be shown`);
        }
        write(`${line.level.toUpperCase().padEnd(5)} ${line.text}`);
        next = line.number + 1;
      }
    }
    if (isTerminal(run.status)) return report(run);
  }
  return 1;
}

function report({ status, message, error }: Run): ExitCode {
  if (status === "succeeded") {
    print(message ?? "succeeded");
    return 0;
  }
  if (error) say(error.stack ?? `${error.name}: ${error.message}`);
  else say(message === undefined ? status : `${status}: ${message}`);
  return 1;
}
