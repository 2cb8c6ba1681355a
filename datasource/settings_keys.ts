/** Keys of a section of database.ini that name something else: a path, a password. */
import { dirname, isAbsolute, resolve } from "node:path";
import type { IniEntry, IniSection } from "../app/base/ini.ts";
import { systemReason } from "../app/base/system_error.ts";
import { readUtf8 } from "../app/base/utf8.ts";
import { NotConfiguredError } from "./errors.ts";

export function failAt(file: string, section: IniSection, line: number, what: string): never {
  throw new NotConfiguredError(`${file}, line ${line}, section [${section.name}]${what}`);
}

/** `password`, or the value of the variable or file that one of the other two names. */
export function passwordOf(file: string, section: IniSection): string {
  const keys = ["password", "password_env", "password_file"].filter((key) => section.entries.has(key));
  if (keys.length > 1) {
    failAt(file, section, section.line, `: ${keys.join(" and ")} are both given; one of them is enough`);
  }
  const plain = section.entries.get("password");
  if (plain) return plain.value;
  const variable = section.entries.get("password_env");
  if (variable) {
    const value = Deno.env.get(variable.value);
    if (value !== undefined) return value;
    failAt(
      file,
      section,
      variable.line,
      `, key "password_env": there is no environment variable ${variable.value}`,
    );
  }
  const path = section.entries.get("password_file");
  return path ? passwordFrom(file, section, path) : "";
}

/** A file of its own, such as one of systemd's credentials; a line end after the password is not part of it. */
function passwordFrom(file: string, section: IniSection, { line, value }: IniEntry): string {
  const credentials = Deno.env.get("CREDENTIALS_DIRECTORY");
  const path = credentials !== undefined && !value.includes("/")
    ? `${credentials}/${value}`
    : beside(file, value);
  try {
    return readUtf8(path).replace(/\r?\n$/, "");
  } catch (cause) {
    failAt(file, section, line, `, key "password_file": ${path} cannot be read: ${systemReason(cause)}`);
  }
}

export function required(file: string, section: IniSection, key: string, what: string): IniEntry {
  const entry = section.entries.get(key);
  if (entry && entry.value !== "") return entry;
  failAt(file, section, section.line, `: key "${key}" is missing; ${what}`);
}

export function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}
