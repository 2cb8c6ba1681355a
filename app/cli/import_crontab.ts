/** `carillon import-crontab`: a task for each line of a crontab. */
import { join } from "node:path";
import { systemReason } from "../base/system_error.ts";
import { crontabTaskFile, readCrontab } from "../task/crontab_import.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./errors.ts";
import { writeNew } from "./new_files.ts";
import { print, say } from "./output.ts";

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
    const written = tasks.filter((task) =>
      writeNew(join(config.scheduler.tasks, `${task.id}.ts`), crontabTaskFile(task))
    );
    print(`${tasks.length} lines were read, ${written.length} tasks written`);
    return problems.length > 0 || written.length < tasks.length ? 1 : 0;
  },
};

async function readText(name: string): Promise<string> {
  if (name === "-") return await new Response(Deno.stdin.readable).text();
  try {
    return await Deno.readTextFile(name);
  } catch (cause) {
    throw new UsageError(`${name} cannot be read: ${systemReason(cause)}`, { cause });
  }
}
