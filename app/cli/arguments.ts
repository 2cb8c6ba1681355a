/** What is typed after a command's name: its own flags, the flags that set settings, and the rest in order. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { codeOf } from "../base/errors.ts";
import { nearest } from "../base/suggestion.ts";
import { fileReason, isDanglingLink } from "../base/system_error.ts";
import { NotUtf8Error, readUtf8 } from "../base/utf8.ts";
import { type Config, ConfigError, readConfig } from "../config/config.ts";
import { SETTING_FLAGS } from "../config/settings.ts";
import { type Arguments, type Command, type Flag, type Flags, usageOf } from "./command.ts";
import { UsageError } from "./errors.ts";
import { ownVariable } from "./own_variable.ts";

/** The settings file that is read where none is named and one is there. */
const DEFAULT_CONFIG_FILE = "carillon.ini";

/** The flag of every command that reads settings. */
const CONFIG_FLAG: Flags = {
  config: { value: "FILE", short: "c", help: `settings file (${DEFAULT_CONFIG_FILE}, where there is one)` },
};

/** The flags of every command that asks a Carillon. */
const SERVER_FLAGS: Flags = {
  url: { value: "ADDRESS", help: "a Carillon elsewhere (CARILLON_URL, else the one of this folder)" },
  ca: { value: "FILE", help: "certificates in PEM that are trusted besides the usual ones (CARILLON_CA)" },
};

/** The flags that the command has in common with others, then its own. */
export function allFlags({ configured, asksServer, flags }: Command): Flags {
  return Object.assign(
    {},
    configured ? CONFIG_FLAG : undefined,
    asksServer ? SERVER_FLAGS : undefined,
    flags,
  );
}

/** Parts the arguments. Throws a {@link UsageError} for a flag that there is not, a missing value, or a word too many. */
export function readArguments(args: readonly string[], command: Command): Arguments {
  const usage = usageOf(command);
  const flags = allFlags(command);
  const settingFlags = command.configured ? [...SETTING_FLAGS.keys()] : [];
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries([
      ...settingFlags.map((name) => [name, { type: "string" as const }] as const),
      ...Object.entries(flags).map(([name, flag]) => [name, parseOption(flag)] as const),
    ]),
  });
  const words: string[] = [];
  const own = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag && !settingFlags.includes(name)) {
      const known = [...Object.keys(flags), ...settingFlags];
      throw new UsageError(`unknown flag ${rawName}; ${flagSuggestion(rawName, known, command.name)}`);
    }
    const isSwitch = flag && flag.value === undefined;
    if (isSwitch && value !== undefined) throw new UsageError(`flag ${rawName} takes no value`);
    if (!isSwitch && value === undefined) {
      throw new UsageError(`flag ${rawName} needs a value, as in ${rawName}=…`);
    }
    (flag ? own : settings).set(name, value ?? "true");
  }
  if (words.length > command.words) {
    throw new UsageError(`"${words[command.words]}" is one argument too many; usage: ${usage}`);
  }
  return { words, own, settings: Object.fromEntries(settings), usage };
}

/** A flag as `parseArgs` takes it, which refuses a `short` that is undefined. */
function parseOption({ value, short }: Flag) {
  const type = value === undefined ? "boolean" as const : "string" as const;
  return short === undefined ? { type } : { type, short };
}

/** The nearest flag, and where all of them are listed: there are too many for a line. */
function flagSuggestion(flag: string, known: readonly string[], command: string): string {
  const all = `"carillon ${command} --help" lists the flags`;
  const near = nearest(flag.replace(/^-+/, ""), known);
  return near === undefined ? all : `did you mean "--${near}"? ${all}`;
}

/** A word that the command cannot do without. @param what what it names, such as "a task" */
export function requiredWord({ words, usage }: Arguments, index: number, what: string): string {
  const word = words[index];
  if (word === undefined) throw new UsageError(`name ${what}; usage: ${usage}`);
  return word;
}

/** The settings from file, environment and flags. Throws a {@link ConfigError} where one is invalid. */
export function loadConfig({ own, settings }: Arguments): Config {
  const named = own.get("config") ?? ownVariable("CARILLON_CONFIG");
  const name = named ?? DEFAULT_CONFIG_FILE;
  const text = readSettingsFile(name, named === undefined);
  return readConfig({
    folder: named === undefined ? Deno.cwd() : resolve(named, ".."),
    file: text === undefined ? undefined : { name, text },
    environment: Deno.env.toObject(),
    flags: settings,
  });
}

function readSettingsFile(name: string, mayBeMissing: boolean): string | undefined {
  try {
    return readUtf8(name);
  } catch (cause) {
    if (mayBeMissing && codeOf(cause) === "ENOENT" && !isDanglingLink(name)) return undefined;
    if (cause instanceof NotUtf8Error) throw new ConfigError(`${name}, ${cause.message}`, { cause });
    throw new ConfigError(`settings file ${name} cannot be read: ${fileReason(name, cause)}`, { cause });
  }
}
