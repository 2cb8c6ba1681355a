/** carillon.ini, environment and flags become one checked, frozen {@link Config}. Later wins: default, file, environment, flag. */
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { IniError, parseIni } from "../datasource/ini.ts";
import { durationMs } from "./duration.ts";
import { suggestion } from "./nearest.ts";
import { isTimeZone } from "./trigger/zone.ts";

/** A setting that cannot be; the message names where it stands and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const port = wholeNumber(0, 65_535);
const hostName = z.string().regex(/^(?:[\w.-]+|[\da-fA-F:.]+)$/, "must be a host name or an IP address");
const zoneName = z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Stockholm or UTC");
const duration = z.string().transform((value, context) => {
  try {
    return durationMs(value);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

/** `all`, `none`, or a list with commas: true, false, or the list. */
const permission = z.string().transform((value): boolean | readonly string[] => {
  if (value === "all") return true;
  return value === "none" || value.trim() === "" ? false : value.split(",").map((each) => each.trim());
});

/** Every section and key there is, each with its check and its default (both as text, as an operator writes them). */
const SETTINGS = {
  server: {
    host: setting(hostName, "127.0.0.1"),
    port: setting(port, "8398"),
    base_url: setting(z.string().refine(isBaseUrl, "must be an http or https URL"), ""),
  },
  scheduler: {
    tasks: setting(z.string().min(1, "must name a folder"), "tasks"),
    data: setting(z.string().min(1, "must name a folder"), "data"),
    timezone: setting(zoneName, systemTimeZone()),
    workers: setting(wholeNumber(1, 200), "10"),
    /** Heap of one run in megabytes. */
    memory: setting(wholeNumber(16, 65_536), "512"),
    grace: setting(duration, "30s"),
  },
  history: {
    limit: setting(wholeNumber(1, 100_000), "100"),
    file: setting(z.string(), "data/carillon.db"),
    /** Runs of each task that the file keeps. */
    keep: setting(wholeNumber(1, 100_000_000), "10000"),
    keep_days: setting(wholeNumber(1, 36_500), "365"),
    log_days: setting(wholeNumber(1, 36_500), "90"),
  },
  /** What tasks that declare no permissions of their own may reach. */
  permissions: {
    net: setting(permission, "all"),
    read: setting(permission, "all"),
    write: setting(permission, "all"),
    env: setting(permission, "all"),
    run: setting(permission, "all"),
  },
  /** The API that `apiGet` and its kin speak to. */
  api: {
    base_url: setting(z.string().refine(isBaseUrl, "must be an http or https URL"), ""),
    app_id: setting(z.string(), ""),
    /** Name of the one of `[secrets]` that is the app's secret. */
    secret: setting(z.string(), "api_secret"),
    token_path: setting(z.string().startsWith("/", "must begin with a slash"), "/url/to/getToken"),
    timeout: setting(duration, "30s"),
  },
  datasource: {
    file: setting(z.string().min(1, "must name a file"), "database.ini"),
  },
  log: {
    level: setting(z.enum(["debug", "info", "warn", "error"]), "info"),
  },
} as const;

type Settings = typeof SETTINGS;

/** The settings as the program uses them: paths absolute, durations in milliseconds. */
export type Config =
  & {
    readonly [S in keyof Settings]: {
      readonly [K in keyof Settings[S]]: Settings[S][K] extends Setting<infer T> ? T : never;
    };
  }
  & {
    /** The file the settings came from, where there was one. */
    readonly configFile?: string;
    /** `[secrets]`, by name: values that tasks ask for and that are taken out of what they write. */
    readonly secrets: Readonly<Record<string, string>>;
  };

/** What the settings are read from. */
export interface ConfigSources {
  /** Folder that relative paths are relative to. */
  readonly folder: string;
  /** Text of carillon.ini, where there is one, with its name for messages. */
  readonly file?: { readonly name: string; readonly text: string };
  readonly environment: Readonly<Record<string, string>>;
  /** Flags without their dashes, such as `server-port`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Short names of the flags an operator types most. */
export const FLAG_ALIASES: Readonly<Record<string, string>> = {
  host: "server-host",
  port: "server-port",
  tasks: "scheduler-tasks",
  data: "scheduler-data",
  timezone: "scheduler-timezone",
};

/** Environment variables that begin like settings and are none. */
const OTHER_VARIABLES = /^CARILLON_(?:TEST_|CONFIG$)/;
const SECRETS = "secrets";
const PATH_KEYS = ["scheduler.tasks", "scheduler.data", "history.file", "datasource.file"];

/** Every setting as `[section, key, default]`, for `--help` and the documentation. */
export function allSettings(): [section: string, key: string, fallback: string][] {
  return Object.entries(SETTINGS).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, { fallback }]): [string, string, string] => [section, key, fallback])
  );
}

/** Merges and checks the settings. Throws a {@link ConfigError} for the first that cannot be. */
export function readConfig(sources: ConfigSources): Config {
  const given = new Map<string, Given>();
  for (const each of [...fromFile(sources), ...fromEnvironment(sources), ...fromFlags(sources)]) {
    given.set(`${each.section}.${each.key}`, each);
  }
  const sections = Object.entries(SETTINGS).map(([section, keys]) => {
    const values = Object.entries(keys).map(([key, { schema, fallback }]) => {
      const name = `${section}.${key}`;
      const entry = given.get(name);
      const result = (schema as z.ZodType).safeParse(entry?.value ?? fallback);
      if (!result.success) {
        const reasons = result.error.issues.map((issue) => issue.message).join("; ");
        throw new ConfigError(`${entry?.place ?? name}: "${entry?.value}" ${reasons}`);
      }
      const value = PATH_KEYS.includes(name) ? absolute(String(result.data), sources.folder) : result.data;
      return [key, value];
    });
    return [section, Object.freeze(Object.fromEntries(values))];
  });
  const secrets = readSecrets(sources);
  const apiUrl = given.get("api.base_url");
  const secretName = given.get("api.secret")?.value ?? SETTINGS.api.secret.fallback;
  if (apiUrl && apiUrl.value !== "" && !Object.hasOwn(secrets, secretName)) {
    throw new ConfigError(
      `${apiUrl.place}: the API needs a secret, and [${SECRETS}] has no "${secretName}"; add it there, or name another in [api] secret`,
    );
  }
  const config = {
    ...Object.fromEntries(sections),
    secrets,
    ...(sources.file ? { configFile: sources.file.name } : {}),
  } as Config;
  return Object.freeze(config);
}

interface Given {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Where it stands, as the beginning of a sentence. */
  readonly place: string;
}

function* fromFile({ file }: ConfigSources): Iterable<Given> {
  if (!file) return;
  let sections;
  try {
    sections = parseIni(file.text, file.name);
  } catch (error) {
    if (error instanceof IniError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
  for (const section of sections.values()) {
    if (section.name === SECRETS) continue;
    const keys = keysOf(section.name);
    if (!keys) {
      throw new ConfigError(
        `${file.name}, line ${section.line}: unknown section [${section.name}]; ${
          suggestion(section.name, [...Object.keys(SETTINGS), SECRETS])
        }`,
      );
    }
    for (const [key, entry] of section.entries) {
      const place = `${file.name}, line ${entry.line}, section [${section.name}], key "${key}"`;
      if (!keys.includes(key)) throw new ConfigError(`${place}: unknown key; ${suggestion(key, keys)}`);
      yield { section: section.name, key, value: entry.value, place };
    }
  }
}

const SECRET_NAME = /^[a-z][a-z0-9_]*$/;

/** `name = value`, `name_env = VARIABLE` or `name_file = path`; the last two keep the value out of the settings file. */
function readSecrets({ file, environment, folder }: ConfigSources): Readonly<Record<string, string>> {
  const section = file && parseIni(file.text, file.name).get(SECRETS);
  const secrets: Record<string, string> = {};
  for (const [key, { line, value }] of section?.entries ?? []) {
    const place = `${file?.name}, line ${line}, section [${SECRETS}], key "${key}"`;
    const [, name = key, source] = /^(.+)_(env|file)$/.exec(key) ?? [];
    if (!SECRET_NAME.test(name)) {
      throw new ConfigError(`${place}: a name has lower-case letters, digits and "_"`);
    }
    if (Object.hasOwn(secrets, name)) throw new ConfigError(`${place}: "${name}" is there already`);
    const read = source === "env"
      ? environment[value]
      : source === "file"
      ? readSecretFile(place, absolute(value, folder))
      : value;
    if (read === undefined) throw new ConfigError(`${place}: there is no environment variable ${value}`);
    if (read === "") throw new ConfigError(`${place}: it is empty`);
    secrets[name] = read;
  }
  return Object.freeze(secrets);
}

function readSecretFile(place: string, path: string): string {
  try {
    return Deno.readTextFileSync(path).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new ConfigError(`${place}: ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function* fromEnvironment({ environment }: ConfigSources): Iterable<Given> {
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("CARILLON_") || OTHER_VARIABLES.test(name)) continue;
    const known = allSettings().map(([section, key]) => `CARILLON_${section}_${key}`.toUpperCase());
    const index = known.indexOf(name);
    const found = allSettings()[index];
    const place = `environment variable ${name}`;
    if (!found) throw new ConfigError(`${place}: unknown setting; ${suggestion(name, known)}`);
    yield {
      section: found[0],
      key: found[1],
      value,
      place: `${place} (section [${found[0]}], key "${found[1]}")`,
    };
  }
}

function* fromFlags({ flags }: ConfigSources): Iterable<Given> {
  for (const [flag, value] of Object.entries(flags)) {
    const known = allSettings().map(flagName);
    const full = FLAG_ALIASES[flag] ?? flag;
    const found = allSettings()[known.indexOf(full)];
    if (!found) {
      throw new ConfigError(
        `flag --${flag}: unknown flag; ${suggestion(flag, [...Object.keys(FLAG_ALIASES), ...known])}`,
      );
    }
    yield {
      section: found[0],
      key: found[1],
      value,
      place: `flag --${flag} (section [${found[0]}], key "${found[1]}")`,
    };
  }
}

/** `--server-base-url` for `[server] base_url`. */
export function flagName([section, key]: readonly [string, string, ...unknown[]]): string {
  return `${section}-${key}`.replaceAll("_", "-");
}

interface Setting<T> {
  readonly schema: z.ZodType<T>;
  readonly fallback: string;
}

function setting<T>(schema: z.ZodType<T>, fallback: string): Setting<T> {
  return { schema, fallback };
}

function keysOf(section: string): string[] | undefined {
  return Object.hasOwn(SETTINGS, section) ? Object.keys(SETTINGS[section as keyof Settings]) : undefined;
}

function wholeNumber(least: number, greatest: number): z.ZodType<number> {
  const message = `must be a whole number from ${least} to ${greatest}`;
  return z.string().regex(/^\d{1,9}$/, message).transform(Number).refine(
    (value) => value >= least && value <= greatest,
    message,
  );
}

function isBaseUrl(url: string): boolean {
  return url === "" || (/^https?:\/\//.test(url) && URL.canParse(url));
}

function absolute(path: string, folder: string): string {
  return path === "" || isAbsolute(path) ? path : resolve(folder, path);
}

function systemTimeZone(): string {
  return Temporal.Now.timeZoneId();
}
