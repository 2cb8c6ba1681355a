/** `[secrets]` of carillon.ini: values that tasks ask for by name and that are taken out of what they write. */
import { isAbsolute, resolve } from "node:path";
import { messageOf } from "../base/errors.ts";
import { isSecretName } from "../base/secret_name.ts";
import { readUtf8 } from "../base/utf8.ts";
import { ConfigError } from "./config_error.ts";
import { type ConfigSources, SECRETS, type Sections } from "./sources.ts";

/** A secret by its name. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * Reads the section: `name = value`, `name_env = VARIABLE` or `name_file = path`; the last two keep the value out of the
 * settings file. Throws a {@link ConfigError}, whose message has no secret in it.
 */
export function readSecrets(sections: Sections, sources: ConfigSources): Secrets {
  const { file } = sources;
  const secrets: Record<string, string> = {};
  for (const [key, { line, value }] of sections.get(SECRETS)?.entries ?? []) {
    const place = `${file?.name}, line ${line}, section [${SECRETS}], key "${key}"`;
    const [, name = key, source] = /^(.+)_(env|file)$/.exec(key) ?? [];
    if (!isSecretName(name)) {
      throw new ConfigError(
        `${place}: a name begins with a lower-case letter and has lower-case letters, digits and "_"`,
      );
    }
    if (Object.hasOwn(secrets, name)) throw new ConfigError(`${place}: "${name}" is there already`);
    const read = secretFrom(source, place, value, sources);
    if (read === "") throw new ConfigError(`${place}: it is empty`);
    secrets[name] = read;
  }
  return Object.freeze(secrets);
}

/** The value itself, or what the variable or the file holds that it names. @param source how its key ended */
export function secretFrom(
  source: string | undefined,
  place: string,
  value: string,
  { environment, folder }: ConfigSources,
): string {
  if (source === "env") return fromVariable(place, value, environment);
  return source === "file" ? fromOwnFile(place, isAbsolute(value) ? value : resolve(folder, value)) : value;
}

function fromVariable(place: string, name: string, environment: ConfigSources["environment"]): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) throw new ConfigError(`${place}: there is no environment variable ${name}`);
  return value;
}

/** The last line end of a file is the editor's, not the secret's. */
function fromOwnFile(place: string, path: string): string {
  try {
    return readUtf8(path).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new ConfigError(`${place}: ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
