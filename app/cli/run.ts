/** `carillon run`: one run of a task here and now, its log as it comes. Nothing is recorded. */
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Application } from "../service/compose.ts";
import type { TaskQueries } from "../service/queries/tasks.ts";
import { problemText } from "../task/params.ts";
import { taskIdOf } from "../task/source.ts";
import { endChildren } from "../worker/end_processes.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { brokenText } from "./broken.ts";
import { auditedOperations } from "../service/audited_operations.ts";
import type { Command, Flags } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { follow } from "./follow.ts";
import { thisUser } from "./this_user.ts";
import { openOffline } from "./offline.ts";
import { say } from "./output.ts";
import { commandSignals, type EndingSignal, SIGNAL_CODES } from "./signals.ts";

/** Of every command that runs a task here and now. */
export const CONFIRM_FLAG: Flags = {
  confirm: { value: "ID", help: "the task's id once more, where the task asks for it" },
};

export const run: Command = {
  name: "run",
  usage: "<task> [name=value …]",
  words: Infinity,
  summary: "run one task here and now, its log on standard error; nothing is recorded",
  flags: CONFIRM_FLAG,
  configured: true,
  examples: [
    { line: "run get_test_data", what: "a run with the parameters' defaults" },
    { line: "run get_test_data begin_date=2026-03-01 end_date=2026-03-31", what: "with other dates" },
  ],
  async run(given) {
    const id = requiredWord(given, 0, "a task");
    const params = paramWords(given.words.slice(1), given.usage);
    const config = loadConfig(given);
    createEmbeddedDatabases(config.datasource.file);
    using signals = commandSignals();
    const opening = openOffline(config);
    const early = await Promise.race([signals.first, opening.then(() => undefined)]);
    if (early !== undefined) return endEarly(early);
    await using carillon = await opening;
    const { tasks } = carillon.queries;
    const operations = auditedOperations(carillon.operations, carillon.operations.audit);
    if (!tasks.find(id)) throw unknownTask(id, tasks, config.scheduler.tasks);
    const answer = await operations.run(thisUser(), id, params, undefined, {
      confirm: given.own.get("confirm"),
    });
    if (!answer.ok) throw new UsageError(`task ${id}: ${problemText(answer.problems)}`);
    return await followed(carillon, answer.run.id, signals.first);
  },
};

/** The task files were still being read: nothing runs yet. */
function endEarly(signal: EndingSignal): ExitCode {
  endChildren();
  return SIGNAL_CODES[signal];
}

/** The run to its end; a signal cancels it, and so does a reader who has gone: what it has begun is ended with it. */
async function followed(
  { operations, queries: { runs } }: Application,
  id: string,
  ending: Promise<EndingSignal>,
): Promise<ExitCode> {
  // One that is over is not cancelled, and nothing is to be said of it.
  const cancel = () => operations.cancel(thisUser(), id).catch(() => {});
  const whole = follow(runs, id);
  try {
    const signal = await Promise.race([ending, whole.then(() => undefined)]);
    if (signal === undefined) return await whole;
    say(`${signal}: the run is cancelled; a second signal ends it at once`);
    await cancel();
    await whole;
    return SIGNAL_CODES[signal];
  } catch (error) {
    await cancel();
    throw error;
  }
}

/** Parameters as they are typed: `name=value`. */
export function paramWords(words: readonly string[], usage: string): [string, string][] {
  return words.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`"${pair}" is not name=value; usage: ${usage}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** A file that is broken says more than that there is no such task. */
function unknownTask(id: string, tasks: TaskQueries, folder: string): UsageError {
  const broken = tasks.broken();
  const own = broken.find(({ path }) => taskIdOf(path) === id);
  if (own) return new UsageError(`task file ${brokenText(own)}`);
  const files = broken.length === 1 ? "a file is" : `${broken.length} files are`;
  const more = broken.length === 0 ? "" : `; ${files} broken, "carillon check" says why`;
  return new UsageError(`no task "${id}" in ${folder}; ${suggestion(id, tasks.ids())}${more}`);
}
