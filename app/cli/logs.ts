/** `carillon logs`: the log of a run, or of the newest run of a task. */
import { localDateTime } from "../base/time_zone.ts";
import { type AnsweredLine, RUNS } from "./answers.ts";
import { requiredWord } from "./arguments.ts";
import { askServer, openAnswer } from "./ask_server.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { withNearest } from "./nearest_task.ts";
import { print, say } from "./output.ts";
import { printable } from "./printable.ts";
import { followLog, linesOf } from "./run_log.ts";
import { HERE, said } from "./run_table.ts";
import { LOG_LINE } from "./answers.ts";

const RUN_ID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

export const logs: Command = {
  name: "logs",
  usage: "<task | run id>",
  words: 1,
  summary: "the log of a run, or of the newest run of a task",
  flags: {
    follow: { short: "f", help: "go on until the run has ended" },
    json: { help: "as JSON lines" },
  },
  configured: true,
  asksServer: true,
  examples: [
    { line: "logs sync_orders", what: "what its newest run has written so far" },
    { line: "logs -f sync_orders", what: "as it comes, until the run has ended" },
    { line: "logs 0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69 --json", what: "of a certain run, for programs" },
  ],
  async run(given): Promise<ExitCode> {
    const word = requiredWord(given, 0, "a task or a run");
    const run = RUN_ID.test(word) ? word : await newestRun(given, word);
    const show = (line: AnsweredLine) => print(given.own.has("json") ? JSON.stringify(line) : lineText(line));
    if (!given.own.has("follow")) {
      await printLog(given, run, show);
      return 0;
    }
    const ended = await followLog(given, run, show);
    say(`run ${run} ${ended.status}: ${said(ended)}`);
    return 0;
  },
};

async function newestRun(given: Arguments, task: string): Promise<string> {
  const path = `/api/v1/tasks/${encodeURIComponent(task)}`;
  await withNearest(given, task, () => askServer(given, { method: "GET", path }));
  const query = new URLSearchParams({ task, limit: "1" });
  const { runs } = RUNS.parse(await askServer(given, { method: "GET", path: `/api/v1/runs?${query}` }));
  const [newest] = runs;
  if (!newest) throw new UsageError(`task ${task} has no run yet`);
  return newest.id;
}

async function printLog(given: Arguments, run: string, show: (line: AnsweredLine) => void): Promise<void> {
  const path = `/api/v1/runs/${encodeURIComponent(run)}/log?format=ndjson`;
  using answer = await openAnswer(given, { method: "GET", path, accept: "application/x-ndjson" });
  for await (const line of linesOf(answer.response)) show(LOG_LINE.parse(JSON.parse(line)));
}

function lineText({ at, level, text }: AnsweredLine): string {
  return `${localDateTime(Date.parse(at), HERE)} ${level.toUpperCase().padEnd(5)} ${printable(text)}`;
}
