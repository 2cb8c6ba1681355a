/** A run as it goes on, for whoever is at the terminal. */
import { isTerminal, type Run } from "../model/run.ts";
import type { RunQueries } from "../service/queries/runs.ts";
import type { ExitCode } from "./errors.ts";
import { print, say } from "./output.ts";

/** Shows the log as it comes, on standard error, and how the run ended. */
export async function follow(runs: RunQueries, id: string): Promise<ExitCode> {
  let shown = 0;
  for await (const run of runs.follow(id)) {
    for (const { level, text } of (await runs.lines(id)).slice(shown)) {
      say(`${level.toUpperCase().padEnd(5)} ${text}`);
      shown++;
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
