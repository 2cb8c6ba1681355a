/** The arguments of a command: flags of its own, settings as flags, and the rest in order. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { allSettings, type Config, ConfigError, FLAG_ALIASES, flagName, readConfig } from "../config.ts";
import { UsageError } from "./errors.ts";

/** The settings file that is read where none is named and one is there. */
const DEFAULT_CONFIG_FILE = "carillon.ini";

export interface OwnFlag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** One line for the help text. */
  readonly help: string;
}

export type OwnFlags = Readonly<Record<string, OwnFlag>>;

export interface Arguments {
  /** What is not a flag, in order. */
  readonly words: readonly string[];
  /** Flags of the command itself; a switch that is on has the value `"true"`. */
  readonly own: ReadonlyMap<string, string>;
  /** Flags that set settings, without their dashes. */
  readonly settings: Readonly<Record<string, string>>;
}

const CONFIG_FLAG: OwnFlags = {
  config: { type: "string", short: "c", help: "settings file (carillon.ini)" },
};

/** Parts the arguments; unknown flags are found out when the settings are read. */
export function readArguments(args: readonly string[], own: OwnFlags = {}): Arguments {
  const ownFlags: OwnFlags = { ...CONFIG_FLAG, ...own };
  const known = [...allSettings().map(flagName), ...Object.keys(FLAG_ALIASES)];
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(known.map((name) => [name, { type: "string" as const }])),
      ...Object.fromEntries(
        Object.entries(ownFlags).map((
          [name, { type, short }],
        ) => [name, { type, ...(short === undefined ? {} : { short }) }]),
      ),
    },
  });
  const words: string[] = [];
  const ownGiven = new Map<string, string>();
  const settings: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName } = token;
    const flag = Object.hasOwn(ownFlags, name) ? ownFlags[name] : undefined;
    if (flag?.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`flag ${rawName} takes no value`);
      ownGiven.set(name, "true");
      continue;
    }
    if (token.value === undefined && (flag || known.includes(name))) {
      throw new UsageError(`flag ${rawName} needs a value, as in ${rawName}=…`);
    }
    if (flag) ownGiven.set(name, token.value ?? "");
    else settings[name] = token.value ?? "";
  }
  return { words, own: ownGiven, settings };
}

/** The settings from file, environment and flags. Throws a ConfigError where one cannot be. */
export function loadConfig({ own, settings }: Arguments): Config {
  const named = own.get("config") ?? Deno.env.get("CARILLON_CONFIG");
  const name = named ?? DEFAULT_CONFIG_FILE;
  let text: string | undefined;
  try {
    text = Deno.readTextFileSync(name);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound) || named !== undefined) {
      throw new ConfigError(`settings file ${name} cannot be read: ${(cause as Error).message}`, { cause });
    }
  }
  return readConfig({
    folder: named === undefined ? Deno.cwd() : resolve(named, ".."),
    ...(text === undefined ? {} : { file: { name, text } }),
    environment: Deno.env.toObject(),
    flags: settings,
  });
}

/** Refuses words that the command does not take. */
export function expectWords({ words }: Arguments, most: number, usage: string): void {
  if (words.length > most) throw new UsageError(`"${words[most]}" is one argument too many; usage: ${usage}`);
}
