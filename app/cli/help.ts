/** `carillon help`: the commands, one command with its flags and examples, or the settings; all from what is declared. */
import { suggestion } from "../base/suggestion.ts";
import { ALL_SETTINGS, SETTINGS } from "../config/settings.ts";
import { allFlags } from "./arguments.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print, table } from "./output.ts";
import { styled } from "./style.ts";

const SETTINGS_TOPIC = "settings";

/** The command itself; it is given the table that it stands in. */
export function helpCommand(commands: () => Promise<readonly Command[]>): Command {
  return {
    name: "help",
    usage: `[command | ${SETTINGS_TOPIC}]`,
    words: 2,
    summary: "this text, or that of one command, or what each setting is",
    flags: {},
    configured: false,
    examples: [
      { line: "help next", what: "as carillon next --help" },
      { line: `help ${SETTINGS_TOPIC}`, what: "every setting with its flag, its default and what it is" },
    ],
    async run({ words }): Promise<ExitCode> {
      printHelp(await commands(), words.join(" "));
      return 0;
    },
  };
}

/** @param topic nothing, a command, the first word of several, or `settings` */
export function printHelp(commands: readonly Command[], topic: string): void {
  for (const line of helpLines(commands, topic)) print(line);
}

/** The text that {@link printHelp} prints. */
export function helpLines(commands: readonly Command[], topic: string): string[] {
  if (topic === "") return overview(commands);
  if (topic === SETTINGS_TOPIC) return settings();
  const command = commands.find(({ name }) => name === topic);
  if (command) return commandHelp(command);
  const group = commands.filter(({ name }) => name.startsWith(`${topic} `));
  if (group.length > 0) {
    return [
      ...table(group.map((each) => indented([usageOf(each), each.summary]))),
      "",
      `"carillon ${group[0]?.name} --help" shows the flags of one, and examples.`,
    ];
  }
  throw new UsageError(
    `there is no command "${topic}"; ${
      suggestion(topic, [...commands.map(({ name }) => name), SETTINGS_TOPIC])
    }`,
  );
}

function overview(commands: readonly Command[]): string[] {
  const rows = ALL_SETTINGS.map(({ section, key, longFlag, flag, fallback }) => [
    `  [${section}] ${key}`,
    `--${longFlag}${flag === undefined ? "" : ` or --${flag}`}`,
    fallback || "(empty)",
  ]);
  return [
    "Carillon runs scheduled tasks and shows them in a browser.",
    "",
    heading("usage: carillon [command] [flags]"),
    "",
    ...commandTable(commands),
    "",
    '"carillon <command> --help" shows the flags of a command, and examples.',
    "",
    "Settings come from carillon.ini (or --config FILE), then from the environment as",
    "CARILLON_SECTION_KEY, then from flags; the later wins.",
    `"carillon help ${SETTINGS_TOPIC}" says what each of them is.`,
    "",
    ...table([["  setting", "flag", "default"], ...rows]),
  ];
}

function commandTable(commands: readonly Command[]): string[] {
  return table(
    commands.map(({ name, usage, summary }) => [`  ${usage === "" ? name : `${name} ${usage}`}`, summary]),
  );
}

function commandHelp(command: Command): string[] {
  const { summary, examples, configured } = command;
  const shown = [
    ...flagRows(allFlags(command)),
    ...(configured
      ? [["    --SECTION-KEY VALUE", `any setting; "carillon help ${SETTINGS_TOPIC}" lists them`]]
      : []),
  ];
  return [
    heading(`usage: ${usageOf(command)}`),
    "",
    `  ${summary}`,
    ...(shown.length === 0 ? [] : ["", heading("flags"), ...table(shown.map(indented))]),
    "",
    heading(examples.length === 1 ? "example" : "examples"),
    ...table(examples.map(({ line, what }) => indented([`carillon ${line}`, what]))),
  ];
}

function flagRows(flags: Flags): string[][] {
  return Object.entries(flags).map(([name, { short, value, help }]) => [
    `${short === undefined ? "   " : `-${short},`} --${name}${value === undefined ? "" : ` ${value}`}`,
    help,
  ]);
}

function settings(): string[] {
  return Object.keys(SETTINGS).flatMap((section) => [
    heading(`[${section}]`),
    ...table(
      ALL_SETTINGS.filter((each) => each.section === section).map(({ key, longFlag, flag, fallback, help }) =>
        indented([key, `--${flag ?? longFlag}`, fallback || "(empty)", help])
      ),
    ),
    "",
  ]).slice(0, -1);
}

function indented([first = "", ...rest]: readonly string[]): string[] {
  return [`  ${first}`, ...rest];
}

function heading(text: string): string {
  return styled(Deno.stdout, "bold", text);
}
