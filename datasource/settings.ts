/** database.ini: one section a database, checked; the message of an error names file, line, section and key. */
import { codeOf } from "../app/base/errors.ts";
import { IniError, type IniSection, parseIni } from "../app/base/ini.ts";
import { suggestion } from "../app/base/suggestion.ts";
import { fileReason, isDanglingLink } from "../app/base/system_error.ts";
import { NotUtf8Error, readUtf8 } from "../app/base/utf8.ts";
import { NotConfiguredError } from "./errors.ts";
import { passwordOf } from "./settings_keys.ts";
import { checkSection, type DatabaseSettings, KEYS, typeOf } from "./settings_section.ts";

export type { DatabaseSettings, ServerSettings, SqliteSettings } from "./settings_section.ts";

/** Reads one section. `file` is the path of database.ini; paths in it are relative to its folder. */
export function databaseSettings(file: string, name: string): DatabaseSettings {
  const sections = readSections(file);
  const section = sections.get(name);
  if (!section) {
    const known = [...sections.keys()].map((each) => `[${each}]`).join(", ") || "none";
    throw new NotConfiguredError(`database "${name}": ${file} has no section [${name}]; it has ${known}`);
  }
  return checkSection(file, section);
}

/** All sections of database.ini; none where there is no such file. */
export function allDatabaseSettings(file: string): DatabaseSettings[] {
  return [...readSections(file, true).values()].map((section) => checkSection(file, section));
}

/** The passwords of database.ini, so that they can be taken out of logs; none where the file cannot be read. */
export function secretsOf(file: string): string[] {
  try {
    return [...readSections(file, true).values()].flatMap((section) => {
      try {
        return passwordOf(file, section) || [];
      } catch {
        // What is wrong with it is told to whoever uses the database.
        return [];
      }
    });
  } catch {
    return [];
  }
}

/**
 * What an operator should know about sections that work: a type that was guessed, keys that mean nothing here, a lone percent
 * sign, a password that others can read.
 */
export function settingsWarnings(file: string): string[] {
  const sections = [...readSections(file, true).values()];
  const odd = sections.flatMap((section) => keyWarnings(file, section));
  const guessed = sections.filter(({ entries }) => !entries.has("type")).map((section) => {
    const { type } = checkSection(file, section);
    return `${file}, line ${section.line}, section [${section.name}]: no key "type"; from its port it is taken for ${type}`;
  });
  const withPassword = sections.some(({ entries }) => (entries.get("password")?.value ?? "") !== "");
  const open = withPassword && isWorldReadable(file)
    ? [`${file} holds passwords, and every user of this machine can read it; chmod 600 ${file}`]
    : [];
  return [...guessed, ...odd, ...open];
}

/** PyScheduler's files have keys such as `driver` and `charset`, which nothing depends on here. */
function keyWarnings(file: string, section: IniSection): string[] {
  const known = KEYS[typeOf(file, section)];
  return [...section.entries].flatMap(([key, { line, warning }]) => {
    const unknown = known.includes(key) ? [] : [
      `${file}, line ${line}, section [${section.name}], key "${key}": unknown key, which is left out; ${
        suggestion(key, known)
      }`,
    ];
    return warning === undefined ? unknown : [...unknown, warning];
  });
}

function isWorldReadable(file: string): boolean {
  return ((Deno.statSync(file).mode ?? 0) & 0o004) !== 0;
}

function readSections(file: string, mayBeMissing = false): ReadonlyMap<string, IniSection> {
  let text: string;
  try {
    text = readUtf8(file);
  } catch (cause) {
    if (cause instanceof NotUtf8Error) {
      throw new NotConfiguredError(`${file}, ${cause.message}`, {}, { cause });
    }
    if (codeOf(cause) !== "ENOENT" || isDanglingLink(file)) {
      throw new NotConfiguredError(`${file} cannot be read: ${fileReason(file, cause)}`, {}, { cause });
    }
    if (mayBeMissing) return new Map();
    throw new NotConfiguredError(
      `${file} is not there; it holds one section a database, as in:\n[test_db]\ntype = sqlite\ndatabase = data/test.db`,
      {},
      { cause },
    );
  }
  try {
    return parseIni(text, file, { lenient: true });
  } catch (cause) {
    if (cause instanceof IniError) throw new NotConfiguredError(cause.message, {}, { cause });
    throw cause;
  }
}
