/** Reads INI text with the meaning of Python's `configparser`, and remembers the line of every key. */
import { OperatorError } from "./errors.ts";

export interface IniEntry {
  readonly value: string;
  /** 1-based line on which the key stands. */
  readonly line: number;
  /** What is odd about the value, which was taken as it stands; for lenient readers only. */
  readonly warning?: string | undefined;
}

export interface IniOptions {
  /** A `%` that begins nothing stands for itself, with a warning, in place of an error that makes the whole file unusable. */
  readonly lenient?: boolean | undefined;
}

export interface IniSection {
  readonly name: string;
  /** 1-based line of the `[section]` header. */
  readonly line: number;
  /** Keys are lower case, as configparser's `optionxform` makes them; keys of `[DEFAULT]` are merged in. */
  readonly entries: ReadonlyMap<string, IniEntry>;
}

/** A text that is not INI; `line` is 1-based, the message names file and line. */
export class IniError extends OperatorError {
  override readonly name = "IniError";
  constructor(readonly file: string, readonly line: number, what: string) {
    super(`${file}, line ${line}: ${what}`);
  }
}

interface RawEntry {
  readonly lines: string[];
  readonly line: number;
}

interface RawSection {
  readonly name: string;
  readonly line: number;
  readonly entries: Map<string, RawEntry>;
}

const HEADER = /^\[(.+)\]/;
const OPTION = /^(.*?)\s*[=:]\s*(.*)$/;
const MAX_INTERPOLATION_DEPTH = 10;

/**
 * Parses INI text.
 *
 * Rules, as in Python's `configparser.ConfigParser()`: keys are case-insensitive; `=` and `:` part key and value at
 * the first of the two; lines that start with `#` or `;` are comments, but neither starts one inside a value; lines
 * indented deeper than their key go on with its value; `%%` means `%` and `%(key)s` another key's value; a section or
 * key given twice is an error. A byte order mark and CRLF line ends are accepted.
 */
export function parseIni(
  text: string,
  file: string,
  { lenient = false }: IniOptions = {},
): ReadonlyMap<string, IniSection> {
  const raw = readRaw(text, file);
  const defaults = raw.get("DEFAULT");
  const sections = new Map<string, IniSection>();
  for (const section of raw.values()) {
    if (section.name === "DEFAULT") continue;
    const merged = new Map([...(defaults?.entries ?? []), ...section.entries]);
    const values = new Map([...merged].map(([key, entry]) => [key, joinLines(entry.lines)]));
    const entries = new Map<string, IniEntry>();
    for (const [key, entry] of merged) {
      const written = values.get(key) ?? "";
      try {
        const value = interpolate(written, values, { file, section: section.name, key, line: entry.line });
        entries.set(key, { value, line: entry.line });
      } catch (error) {
        if (!lenient || !(error instanceof IniError)) throw error;
        // Only what was meant as one percent sign is one: the rest of the value is as it was written.
        const value = written.replaceAll("%%", "%");
        entries.set(key, { value, line: entry.line, warning: `${error.message}; it is taken as it stands` });
      }
    }
    sections.set(section.name, { name: section.name, line: section.line, entries });
  }
  return sections;
}

function readRaw(text: string, file: string): Map<string, RawSection> {
  const sections = new Map<string, RawSection>();
  let section: RawSection | undefined;
  let entry: RawEntry | undefined;
  let keyIndent = 0;
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, full] of lines.entries()) {
    const line = index + 1;
    const trimmed = full.trim();
    if (trimmed.startsWith("#") || trimmed.startsWith(";")) continue;
    if (trimmed === "") {
      entry?.lines.push("");
      continue;
    }
    const indent = full.length - full.trimStart().length;
    if (section && entry && indent > keyIndent) {
      entry.lines.push(trimmed);
      continue;
    }
    keyIndent = indent;
    const header = HEADER.exec(trimmed);
    if (header) {
      const name = header[1] ?? "";
      const earlier = sections.get(name);
      if (earlier && name !== "DEFAULT") {
        throw new IniError(file, line, `section [${name}] is there twice (first on line ${earlier.line})`);
      }
      section = earlier ?? { name, line, entries: new Map() };
      sections.set(name, section);
      entry = undefined;
      continue;
    }
    if (!section) {
      throw new IniError(
        file,
        line,
        `"${shorten(trimmed)}" stands before the first [section]; add a section header above it`,
      );
    }
    const option = OPTION.exec(trimmed);
    const key = option?.[1]?.trim().toLowerCase() ?? "";
    if (!option || key === "") {
      throw new IniError(
        file,
        line,
        `section [${section.name}]: "${shorten(trimmed)}" is not "key = value"`,
      );
    }
    const earlier = section.entries.get(key);
    if (earlier) {
      throw new IniError(
        file,
        line,
        `section [${section.name}]: key "${key}" is there twice (first on line ${earlier.line})`,
      );
    }
    entry = { lines: [(option[2] ?? "").trim()], line };
    section.entries.set(key, entry);
  }
  return sections;
}

function joinLines(lines: readonly string[]): string {
  return lines.join("\n").trimEnd();
}

/** Never quotes a value in full: what stands on a wrong line may be a password. */
function shorten(text: string): string {
  const word = text.split(/[\s=:]/, 1)[0] ?? "";
  return word.length < text.length ? `${word.slice(0, 20)}…` : word.slice(0, 20);
}

interface Place {
  readonly file: string;
  readonly section: string;
  readonly key: string;
  readonly line: number;
}

function interpolate(
  value: string,
  values: ReadonlyMap<string, string>,
  place: Place,
  depth = 1,
): string {
  if (!value.includes("%")) return value;
  const fail = (what: string) =>
    new IniError(place.file, place.line, `section [${place.section}], key "${place.key}": ${what}`);
  if (depth > MAX_INTERPOLATION_DEPTH) throw fail("%(…)s refers to itself");
  return value.replace(/%(%|\(([^)]*)\)s|)/g, (_all, what: string, name: string | undefined) => {
    if (what === "%") return "%";
    if (name === undefined) throw fail('a lone "%"; write "%%" for a percent sign');
    const other = values.get(name.toLowerCase());
    if (other === undefined) throw fail(`%(${name})s names a key that is not there`);
    return interpolate(other, values, place, depth + 1);
  });
}
