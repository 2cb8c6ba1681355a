/** `carillon list`: the tasks there are, for people as a table, for programs as JSON. */
import { instantOf } from "../base/time.ts";
import { localDateTime } from "../base/time_zone.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "./arguments.ts";
import { brokenText } from "./broken.ts";
import type { Command } from "./command.ts";
import { openToLook } from "./offline.ts";
import { print, say, table } from "./output.ts";

export const list: Command = {
  name: "list",
  usage: "",
  words: 0,
  summary: "the tasks, their triggers and next fires",
  flags: { json: { help: "as JSON" } },
  configured: true,
  examples: [
    { line: "list", what: "a table of the tasks" },
    { line: "list --json | jq -r '.[].id'", what: "their ids" },
  ],
  async run(given) {
    const config = loadConfig(given);
    const { tasks, broken } = await readTasks(config);
    if (given.own.has("json")) printJson(tasks);
    else if (tasks.length === 0) print(`no tasks in ${config.scheduler.tasks}`);
    else printTable(tasks);
    for (const sentence of broken) say(`broken: ${sentence}`);
    return broken.length > 0 ? 1 : 0;
  },
};

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly trigger: string | null;
  readonly description: string;
  readonly timezone: string;
  /** Milliseconds since 1970, or null where it will not fire. */
  readonly next: number | null;
}

/** The tasks of the folder, and a sentence about each file that cannot be read. */
async function readTasks(
  config: Config,
): Promise<{ readonly tasks: readonly Listed[]; readonly broken: readonly string[] }> {
  await using opened = await openToLook(config);
  const { tasks, system } = opened.carillon.queries;
  const now = system.now();
  return {
    tasks: tasks.all().map(({ task, trigger, timezone }): Listed => ({
      id: task.id,
      title: tasks.titleOf(task.id, "en"),
      file: task.path,
      trigger: trigger?.rule ?? null,
      description: trigger?.describe("en") ?? "only when it is started by hand",
      timezone,
      next: trigger?.nextMs(now) ?? null,
    })),
    broken: tasks.broken().map(brokenText),
  };
}

function printJson(tasks: readonly Listed[]): void {
  const answer = tasks.map((task) => ({
    ...task,
    next: task.next === null ? null : instantOf(task.next).toString(),
  }));
  print(JSON.stringify(answer, null, 2));
}

function printTable(tasks: readonly Listed[]): void {
  const rows = tasks.map(({ id, next, timezone, description }) => [
    id,
    next === null ? "-" : localDateTime(next, timezone),
    description,
  ]);
  for (const line of table([["TASK", "NEXT", "TRIGGER"], ...rows])) print(line);
}
