/** Sections of carillon.ini of which there may be several, such as `[notify:ops]`: checked by the room they belong to. */
import { isAbsolute, resolve } from "node:path";
import type { IniSection } from "../base/ini.ts";
import { ConfigError } from "./config_error.ts";
import { isNamedSection, NAMED, type SectionKind } from "./section_names.ts";
import { secretFrom } from "./secrets.ts";
import type { ConfigSources, Sections } from "./sources.ts";

export interface SectionEntry {
  readonly value: string;
  /** Where it stands, as the beginning of a sentence. */
  readonly place: string;
  /** True where it came from the environment or a file of its own: it is a secret. */
  readonly secret: boolean;
}

export interface NamedSection {
  readonly kind: SectionKind;
  /** `ops`; empty for a kind that stands alone. */
  readonly name: string;
  readonly place: string;
  /** By key; `key_env` and `key_file` have become `key`. */
  readonly entries: ReadonlyMap<string, SectionEntry>;
  /** The folder that relative paths are relative to. */
  readonly folder: string;
}

/** Throws a {@link ConfigError} for a value that cannot be read; no message has a secret in it. */
export function readNamedSections(sections: Sections, sources: ConfigSources): readonly NamedSection[] {
  return [...sections.values()].filter(({ name }) => isNamedSection(name)).map((section) =>
    readSection(section, sources)
  );
}

function readSection({ name: full, line, entries }: IniSection, sources: ConfigSources): NamedSection {
  const [, kind, name] = NAMED.exec(full) ?? [];
  const file = sources.file?.name ?? "";
  const read = new Map<string, SectionEntry>();
  for (const [written, entry] of entries) {
    const place = `${file}, line ${entry.line}, section [${full}], key "${written}"`;
    const [, key = written, source] = /^(.+)_(env|file)$/.exec(written) ?? [];
    if (read.has(key)) throw new ConfigError(`${place}: "${key}" is there already`);
    const value = secretFrom(source, place, entry.value, sources);
    read.set(key, { value, place, secret: source !== undefined });
  }
  return {
    kind: kind === "notify" || kind === "role" ? kind : "watch",
    name: name ?? "",
    place: `${file}, line ${line}, section [${full}]`,
    entries: read,
    folder: sources.folder,
  };
}

/** A path of a section, from the folder of the settings file. */
export function pathIn({ folder }: NamedSection, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
