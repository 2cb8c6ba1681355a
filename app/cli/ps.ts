/** `carillon ps`: the runs that are queued or going on. */
import { isTerminal, RUN_STATUSES } from "../model/run.ts";
import { systemClock } from "../scheduler/clock.ts";
import { RUNS } from "./answers.ts";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, table } from "./output.ts";
import { activeRows } from "./run_table.ts";

export const ps: Command = {
  name: "ps",
  usage: "",
  words: 0,
  summary: "the runs that are queued or going on",
  flags: { json: { help: "as JSON" } },
  configured: true,
  asksServer: true,
  examples: [
    { line: "ps", what: "with how far they are" },
    { line: "ps --json | jq -r '.[].id'", what: "their ids" },
  ],
  async run(given): Promise<ExitCode> {
    const status = RUN_STATUSES.filter((each) => !isTerminal(each)).join(",");
    const answer = await askServer(given, {
      method: "GET",
      path: `/api/v1/runs?status=${status}&limit=1000`,
    });
    const { runs } = RUNS.parse(answer);
    if (given.own.has("json")) print(JSON.stringify(runs, null, 2));
    else if (runs.length === 0) print("nothing is running");
    else for (const line of table(activeRows(runs, systemClock.now()))) print(line);
    return 0;
  },
};
