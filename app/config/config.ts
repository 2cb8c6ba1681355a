/** carillon.ini, environment and flags become one checked, frozen {@link Config}. Later wins: default, file, environment, flag. */
import { isAbsolute, resolve } from "node:path";
import { ConfigError } from "./config_error.ts";
import { type NamedSection, readNamedSections } from "./named_sections.ts";
import { readSecrets, type Secrets } from "./secrets.ts";
import { ALL_SETTINGS, type NamedSetting, SETTINGS, type SettingValues } from "./settings.ts";
import {
  type ConfigSources,
  fromEnvironment,
  fromFile,
  fromFlags,
  type Given,
  readSections,
  SECRETS,
} from "./sources.ts";

export { ConfigError } from "./config_error.ts";
export type { ConfigSources } from "./sources.ts";

/** The settings as the program uses them: paths absolute, durations in milliseconds. */
export interface Config extends SettingValues {
  /** The file the settings came from, where there was one. */
  readonly configFile?: string | undefined;
  /** `[secrets]`, by name. */
  readonly secrets: Secrets;
  /** `[notify:…]`, `[role:…]` and `[watch]`, as they were written. */
  readonly named: readonly NamedSection[];
  /** Where each setting stands that somebody has written, by `section.key`; see {@link placeOf}. */
  readonly places: ReadonlyMap<string, string>;
  /** What is odd about the settings but keeps nothing from starting, in sentences. */
  readonly warnings: readonly string[];
}

/** Merges and checks the settings. Throws a {@link ConfigError} for the first that is invalid. */
export function readConfig(sources: ConfigSources): Config {
  const sections = readSections(sources);
  const environment = fromEnvironment(sources);
  const given = new Map<NamedSetting, Given>();
  for (
    const each of [
      ...fromFile(sections, sources.file?.name ?? ""),
      ...environment.given,
      ...fromFlags(sources),
    ]
  ) {
    given.set(each.setting, each);
  }
  const values = Object.fromEntries(
    Object.keys(SETTINGS).map((section) => [
      section,
      Object.freeze(Object.fromEntries(
        ALL_SETTINGS.filter((each) => each.section === section)
          .map((each) => [each.key, valueOf(each, given.get(each), sources.folder)]),
      )),
    ]),
  ) as unknown as SettingValues;
  const secrets = readSecrets(sections, sources);
  requireApiSecret(values, secrets, [...given.values()]);
  const places = new Map(
    [...given.values()].map(({ setting: { section, key }, place }) => [`${section}.${key}`, place]),
  );
  requireBoth({ ...values, places });
  return Object.freeze({
    ...values,
    secrets,
    named: Object.freeze(readNamedSections(sections, sources)),
    configFile: sources.file?.name,
    places,
    warnings: Object.freeze(environment.warnings),
  });
}

/** Where a setting stands, as the beginning of a sentence: its file and line, where somebody has written it. */
export function placeOf<S extends keyof SettingValues>(
  { places }: Pick<Config, "places">,
  section: S,
  key: keyof SettingValues[S] & string,
): string {
  return places.get(`${section}.${key}`) ?? `section [${section}], key "${key}"`;
}

function valueOf(setting: NamedSetting, given: Given | undefined, folder: string): unknown {
  const text = given?.value ?? setting.fallback;
  const result = setting.check.safeParse(text);
  if (!result.success) {
    const place = given?.place ?? `section [${setting.section}], key "${setting.key}"`;
    const reasons = result.error.issues.map((issue) => issue.message).join("; ");
    const quoted = `"${withoutLogin(text)}"`;
    throw new ConfigError(`${place}: ${reasons.startsWith(quoted) ? reasons : `${quoted} ${reasons}`}`);
  }
  const value = result.data;
  if (!setting.path || typeof value !== "string" || value === "" || isAbsolute(value)) return value;
  return resolve(folder, value);
}

/** The API of `[api]` cannot be asked for a token without its secret. */
function requireApiSecret({ api }: SettingValues, secrets: Secrets, given: readonly Given[]): void {
  if (api.base_url === "" || Object.hasOwn(secrets, api.secret)) return;
  const url = given.find(({ setting }) => setting.section === "api" && setting.key === "base_url");
  throw new ConfigError(
    `${url?.place}: the API needs a secret, and [${SECRETS}] has no "${api.secret}"; ` +
      "add it there, or name another in [api] secret",
  );
}

/** A certificate is of no use without its key. */
function requireBoth(
  { server: { tls_cert: cert, tls_key: key }, places }: Pick<Config, "server" | "places">,
): void {
  if ((cert === "") === (key === "")) return;
  const [there, missing] = cert === "" ? ["tls_key", "tls_cert"] as const : ["tls_cert", "tls_key"] as const;
  throw new ConfigError(`${placeOf({ places }, "server", there)}: TLS needs both; set ${missing} as well`);
}

/** An address may hold a user name and a password; neither belongs in a message. */
function withoutLogin(value: string): string {
  return value.replace(/\/\/[^/]*@/g, "//•••@");
}
