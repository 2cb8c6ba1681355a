/** Where settings come from: carillon.ini, the environment, flags. Each yields what it sets, with the place for messages. */
import { IniError, type IniSection, parseIni } from "../base/ini.ts";
import { nearest, suggestion } from "../base/suggestion.ts";
import { ConfigError } from "./config_error.ts";
import { isNamedSection } from "./section_names.ts";
import { ALL_SETTINGS, type NamedSetting, SETTING_FLAGS, SETTINGS } from "./settings.ts";

/** What the settings are read from. */
export interface ConfigSources {
  /** Folder that relative paths are relative to. */
  readonly folder: string;
  /** Text of carillon.ini, where there is one, with its name for messages. */
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Flags without their dashes, such as `server-port`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A setting as somebody has written it. */
export interface Given {
  readonly setting: NamedSetting;
  readonly value: string;
  /** Where it stands, as the beginning of a sentence. */
  readonly place: string;
}

/** The sections of carillon.ini by name; none where there is no file. */
export type Sections = ReadonlyMap<string, IniSection>;

/** The section of the file that holds no settings but secrets. */
export const SECRETS = "secrets";

/** Parses carillon.ini. Throws a {@link ConfigError} where it is no INI file. */
export function readSections({ file }: ConfigSources): Sections {
  if (!file) return new Map();
  try {
    return parseIni(file.text, file.name);
  } catch (cause) {
    if (cause instanceof IniError) throw new ConfigError(cause.message, { cause });
    throw cause;
  }
}

/** What the file sets. Throws a {@link ConfigError} for a section or a key that there is not. */
export function fromFile(sections: Sections, fileName: string): Given[] {
  const ours = [...sections.values()].filter(({ name }) => name !== SECRETS && !isNamedSection(name));
  return ours.flatMap(({ name, line, entries }) => {
    const settings = ALL_SETTINGS.filter(({ section }) => section === name);
    if (settings.length === 0) {
      const known = suggestion(name, [
        ...Object.keys(SETTINGS),
        SECRETS,
        "watch",
        "notify:NAME",
        "role:NAME",
      ]);
      throw new ConfigError(`${fileName}, line ${line}: unknown section [${name}]; ${known}`);
    }
    return [...entries].map(([key, entry]): Given => {
      const place = `${fileName}, line ${entry.line}, section [${name}], key "${key}"`;
      const setting = settings.find((each) => each.key === key);
      if (setting) return { setting, value: entry.value, place };
      throw new ConfigError(`${place}: unknown key; ${suggestion(key, settings.map((each) => each.key))}`);
    });
  });
}

const PREFIX = "CARILLON_";
/** Environment variables that begin like settings and are none: for the commands, and what tasks are given. */
const OTHER_VARIABLES = /^CARILLON_(?:TEST_|RUN_|(?:CONFIG|URL|CA|TOKEN|TASK_ID|SANDBOX)$)/;
/**
 * What Kubernetes and Docker's links set for a service that is named `carillon`, or `carillon-server`: names such as
 * `CARILLON_SERVICE_HOST` and `CARILLON_PORT_8398_TCP_ADDR`, and `CARILLON_PORT` with an address for its value.
 */
const SERVICE_NAME = /_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** What the environment sets, and a sentence about each variable that looks like a setting and is none. */
export function fromEnvironment(
  { environment }: ConfigSources,
): { readonly given: readonly Given[]; readonly warnings: readonly string[] } {
  const given: Given[] = [];
  const warnings: string[] = [];
  const ofServices: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    // An empty one counts as not set: what hands on variables often cannot leave one out.
    if (!name.startsWith(PREFIX) || value === "" || OTHER_VARIABLES.test(name)) continue;
    const setting = ALL_SETTINGS.find(({ variable }) => variable === name);
    const place = `environment variable ${name}`;
    if (SERVICE_ADDRESS.test(value) || (!setting && SERVICE_NAME.test(name))) {
      ofServices.push(name);
    } else if (setting) {
      const { section, key } = setting;
      given.push({ setting, value, place: `${place} (section [${section}], key "${key}")` });
    } else {
      // Without the beginning that all have in common, which would make everything near.
      const bare = (full: string) => full.slice(PREFIX.length);
      const near = nearest(bare(name), ALL_SETTINGS.map(({ variable }) => bare(variable)));
      const hint = near === undefined
        ? '"carillon help" lists the settings'
        : `did you mean "${PREFIX}${near}"?`;
      warnings.push(`${place} is ignored: unknown setting; ${hint}`);
    }
  }
  if (ofServices.length > 0) {
    warnings.push(
      `environment variables ${ofServices.join(", ")} are ignored: ` +
        "Kubernetes or Docker sets such for a service, they are not settings",
    );
  }
  return { given, warnings };
}

/** What the flags set. Throws a {@link ConfigError} for a flag that there is not. */
export function fromFlags({ flags }: ConfigSources): Given[] {
  return Object.entries(flags).map(([flag, value]) => {
    const setting = SETTING_FLAGS.get(flag);
    if (!setting) {
      throw new ConfigError(`flag --${flag}: unknown flag; ${suggestion(flag, [...SETTING_FLAGS.keys()])}`);
    }
    const { section, key } = setting;
    return { setting, value, place: `flag --${flag} (section [${section}], key "${key}")` };
  });
}
