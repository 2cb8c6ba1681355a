/** `carillon import-crontab`: a task for each line of a crontab. */
import { join } from "node:path";
import { systemReason } from "../base/system_error.ts";
import { crontabTaskFile, needsHome, readCrontab } from "../task/crontab_import.ts";
import { strictText, WrongEncoding } from "../task/strict_text.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./errors.ts";
import { writeNew } from "./new_files.ts";
import { print, say } from "./output.ts";
import { takenIds } from "./taken_ids.ts";

export const importCrontab: Command = {
  name: "import-crontab",
  usage: "[file]",
  words: 1,
  summary: "write a task for each line of a crontab; standard input where no file is named",
  flags: {
    user: { help: "its lines name a user before the command, as those of /etc/crontab do" },
  },
  configured: true,
  examples: [
    { line: "import-crontab crontab.txt", what: "of a file that crontab -l has written" },
    { line: "import-crontab /etc/crontab --user", what: "the system's own" },
  ],
  async run(given) {
    const [name = "-"] = given.words;
    const config = loadConfig(given);
    const { tasks, problems } = readCrontab(await readText(name), given.own.has("user"));
    const shown = name === "-" ? "crontab" : name;
    for (const { line, text } of problems) say(`${shown}, line ${line}: ${text}`);
    const inHome = tasks.find(needsHome);
    if (inHome) {
      say(
        `${shown}, line ${inHome.line}: cron ran commands in the home folder of their user, and they run in Carillon's own ` +
          "now; for relative paths add cwd to the task, or HOME=/home/… above the line before the import",
      );
    }
    const taken = await takenIds(config.scheduler.tasks);
    const count = { written: 0, same: 0, kept: 0 };
    for (const task of tasks) {
      const path = `${task.id}.ts`;
      const holder = taken.get(task.id) ?? path;
      if (holder === path) count[writeNew(join(config.scheduler.tasks, path), crontabTaskFile(task))]++;
      else {
        count.kept++;
        say(
          `${shown}, line ${task.line}: task ${task.id} is left out: ${
            join(config.scheduler.tasks, holder)
          } has a task with that id already`,
        );
      }
    }
    const same = count.same > 0 ? `, ${count.same} were there already` : "";
    print(`${tasks.length} lines were read, ${count.written} tasks written${same}`);
    return problems.length > 0 || count.kept > 0 ? 1 : 0;
  },
};

async function readText(name: string): Promise<string> {
  const shown = name === "-" ? "crontab" : name;
  try {
    return strictText(
      name === "-" ? await new Response(Deno.stdin.readable).bytes() : await Deno.readFile(name),
    );
  } catch (cause) {
    if (cause instanceof WrongEncoding) {
      throw new UsageError(`${shown}, ${cause.message}; save it as UTF-8, and import it again`, { cause });
    }
    throw new UsageError(`${shown} cannot be read: ${systemReason(cause)}`, { cause });
  }
}
