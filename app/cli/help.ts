/** `carillon help`: the commands, and every setting with its default. */
import { allSettings, FLAG_ALIASES, flagName } from "../config.ts";
import type { ExitCode } from "./errors.ts";
import { print, table } from "./output.ts";

const COMMANDS: readonly (readonly [string, string])[] = [
  ["serve", "run the tasks and show them on the dashboard (the default command)"],
  ["run <task> [name=value …]", "run one task here and now, its log on standard error; nothing is recorded"],
  ["cancel <run id>", "end a run of the Carillon that is at work here"],
  ["history export", "all runs with their logs as NDJSON on standard output"],
  ["history import <file>", "add runs from such a file, or from PyScheduler's task_history.json"],
  ["list", "the tasks, their triggers and next fires [--json]"],
  [
    "next <task | cron line | JSON>",
    "when a trigger fires [-n 10] [--from …] [--json], or --batch for NDJSON on standard input",
  ],
  ["check", "read settings, database.ini and task files, and tell what is wrong with them"],
  ["db list", "the databases of database.ini [--json]"],
  ["db test [name]", "whether they answer, which version they have and how fast they are"],
  ['db query <name> "SELECT …"', "the rows of a statement, as a table or as JSON lines [--json]"],
  ["init [folder]", "write a settings file, a database.ini and example tasks into a folder"],
  ["help", "this text"],
  ["version", "the version of Carillon and of its runtime"],
];

export function help(_args: readonly string[] = []): ExitCode {
  const aliases = new Map(Object.entries(FLAG_ALIASES).map(([short, full]) => [full, short]));
  const settings = allSettings().map((setting) => {
    const [section, key, fallback] = setting;
    const flag = flagName(setting);
    const alias = aliases.get(flag);
    return [
      `  [${section}] ${key}`,
      `--${flag}${alias === undefined ? "" : ` or --${alias}`}`,
      fallback || "(empty)",
    ];
  });
  const lines = [
    "Carillon runs scheduled tasks and shows them in a browser.",
    "",
    "usage: carillon [command] [flags]",
    "",
    ...table(COMMANDS.map(([usage, what]) => [`  ${usage}`, what])),
    "",
    "Settings come from carillon.ini (or --config FILE), then from the environment as",
    "CARILLON_SECTION_KEY, then from flags; the later wins.",
    "",
    ...table([["  setting", "flag", "default"], ...settings]),
  ];
  for (const line of lines) print(line);
  return 0;
}
