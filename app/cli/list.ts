/** `carillon list`: the tasks there are, for people as a table, for programs as JSON. */
import { instantOf } from "../time.ts";
import type { ExitCode } from "./errors.ts";
import { expectWords, loadConfig, readArguments } from "./arguments.ts";
import { print, say, table } from "./output.ts";
import { localDateTime } from "../trigger/zone.ts";
import { localText } from "../locale/locale.ts";
import { openForLook } from "./look.ts";

const JSON_FLAG = { json: { type: "boolean", help: "as JSON" } } as const;

export async function list(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, JSON_FLAG);
  expectWords(given, 0, "carillon list [--json]");
  const config = loadConfig(given);
  await using carillon = await openForLook(config);
  const tasks = [...carillon.registry.tasks.values()].map((task) => {
    const found = carillon.triggerOf(task.id);
    const next = found?.trigger.nextMs(carillon.clock.now()) ?? null;
    return {
      id: task.id,
      title: task.description.title === undefined ? task.id : localText(task.description.title, "en"),
      file: task.path,
      trigger: found?.trigger.rule ?? null,
      description: found?.trigger.describe("en") ?? "only when it is started by hand",
      timezone: found?.trigger.timezone ?? config.scheduler.timezone,
      next,
    };
  });
  if (given.own.has("json")) {
    print(
      JSON.stringify(
        tasks.map((task) => ({ ...task, next: task.next === null ? null : instantOf(task.next).toString() })),
        null,
        2,
      ),
    );
  } else if (tasks.length === 0) {
    print(`no tasks in ${config.scheduler.tasks}`);
  } else {
    const rows = tasks.map(({ id, next, timezone, description }) => [
      id,
      next === null ? "-" : localDateTime(next, timezone),
      description,
    ]);
    for (const line of table([["TASK", "NEXT", "TRIGGER"], ...rows])) print(line);
  }
  for (const { file, place, message } of carillon.registry.broken) {
    say(`broken: ${file}${place ? `:${place.line}:${place.column}` : ""}: ${message}`);
  }
  return carillon.registry.broken.length > 0 ? 1 : 0;
}
