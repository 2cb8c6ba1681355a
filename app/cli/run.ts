/** `carillon run`: one run of a task here and now, its log as it comes. Nothing is recorded. */
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { isTerminal } from "../history/run.ts";
import { suggestion } from "../nearest.ts";
import { problemText } from "../task/params.ts";
import { loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openForLook } from "./look.ts";
import { print, say } from "./output.ts";

const USAGE = "carillon run <task> [name=value …]";

export async function run(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  const [id, ...pairs] = given.words;
  if (id === undefined) throw new UsageError(`name a task; usage: ${USAGE}`);
  const params = pairs.map((pair): [string, string] => {
    const parts = /^([^=]+)=([\s\S]*)$/.exec(pair);
    if (!parts) throw new UsageError(`"${pair}" is not name=value; usage: ${USAGE}`);
    return [parts[1] ?? "", parts[2] ?? ""];
  });
  const config = loadConfig(given);
  createEmbeddedDatabases(config.datasource.file);
  await using carillon = await openForLook(config);
  const broken = carillon.registry.broken.find(({ path }) => path.includes(id));
  const task = carillon.registry.tasks.get(id);
  if (!task && broken) {
    const { file, place, message } = broken;
    throw new UsageError(`task file ${file}${place ? `:${place.line}:${place.column}` : ""}: ${message}`);
  }
  if (!task) {
    throw new UsageError(
      `no task "${id}" in ${config.scheduler.tasks}; ${suggestion(id, [...carillon.registry.tasks.keys()])}`,
    );
  }
  const answer = await carillon.request(task, params, { cause: "cli" });
  if (!answer.ok) throw new UsageError(`task ${id}: ${problemText(answer.problems)}`);
  const lines = { shown: 0 };
  const showLines = () => {
    for (const { level, text } of carillon.history.lines(answer.run.id).slice(lines.shown)) {
      say(`${level.toUpperCase().padEnd(5)} ${text}`);
      lines.shown++;
    }
  };
  for await (const current of carillon.runner.follow(answer.run.id)) {
    showLines();
    if (!isTerminal(current.status)) continue;
    if (current.status === "succeeded") {
      print(current.message ?? "succeeded");
      return 0;
    }
    const { error } = current;
    say(
      error
        ? error.stack ?? `${error.name}: ${error.message}`
        : `${current.status}: ${current.message ?? ""}`,
    );
  }
  return 1;
}
