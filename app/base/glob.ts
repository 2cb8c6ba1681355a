/**
 * Patterns of file names: `inbox/*.csv`, `in/**\/[!_]*.{csv,txt}`. Whatever the pattern and the name, matching takes a
 * time that grows with the product of their lengths: a pattern of a task file is read in the scheduler's own process,
 * and those that become regular expressions can be written so that they never come to an end.
 */
import { ValueError } from "./sentence.ts";

/** What is wrong with a pattern, as the end of a sentence. */
export class GlobError extends ValueError {
  override readonly name = "GlobError";
}

/** One alternative of a pattern. */
export interface Glob {
  /** The folders before the first special character, as written: `inbox`, `/data/in`, `../x`; empty for none. */
  readonly base: string;
  /** What follows, a segment a folder; the last is the file's name. */
  readonly segments: readonly Segment[];
}

/** `**` is any number of folders; everything else a name. */
export type Segment = "folders" | readonly Token[];

type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "one" }
  | {
    readonly kind: "set";
    readonly negated: boolean;
    readonly ranges: readonly (readonly [string, string])[];
  };

const MAX_ALTERNATIVES = 100;

/**
 * Reads a pattern: `*` and `?` stand for characters other than "/", `[a-z]` and `[!a-z]` for one of a set, `{a,b}` for
 * alternatives, `**` between slashes for any folders; `\` takes the meaning of the character behind it. Names that begin
 * with "." are only meant where the pattern has the dot.
 *
 * @throws GlobError
 */
export function readGlob(pattern: string): readonly Glob[] {
  const all = alternatives(pattern);
  if (all.length > MAX_ALTERNATIVES) {
    throw tooMany(all.length);
  }
  return all.map(globOf);
}

function tooMany(n: number): GlobError {
  const most = MAX_ALTERNATIVES;
  return new GlobError(`it has ${n} alternatives; ${most} at the most`, "glob.many", { n, most });
}

/** `a{b,c}d` as `abd` and `acd`. */
function alternatives(pattern: string): string[] {
  const open = special(pattern, "{", 0);
  if (open === -1) return [pattern];
  const close = special(pattern, "}", open);
  if (close === -1) throw new GlobError(`"{" has no "}"`, "glob.brace");
  const inner = pattern.slice(open + 1, close);
  if (special(inner, "{", 0) !== -1) throw new GlobError(`"{" stands inside of another`, "glob.nested");
  const ends = alternatives(pattern.slice(close + 1));
  const choices = split(inner);
  if (choices.length * ends.length > MAX_ALTERNATIVES) {
    throw tooMany(choices.length * ends.length);
  }
  return choices.flatMap((choice) => ends.map((end) => pattern.slice(0, open) + choice + end));
}

/** Place of a character that is not escaped; -1 for none. */
function special(text: string, char: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === char) return at;
  }
  return -1;
}

function split(choices: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = special(choices, ",", 0); at !== -1; at = special(choices, ",", from)) {
    found.push(choices.slice(from, at));
    from = at + 1;
  }
  return [...found, choices.slice(from)];
}

function globOf(pattern: string): Glob {
  const parts = pattern.split("/");
  const name = parts.pop() ?? "";
  if (name === "" || name === "." || name === "..") {
    throw new GlobError("it names a folder; end it with a file, as in inbox/*.csv", "glob.folder");
  }
  const isAbsolute = parts[0] === "";
  const folders = parts.filter((part) => part !== "" && part !== ".");
  const firstSpecial = folders.findIndex((part) => /[*?[\]]/.test(part));
  const literal = firstSpecial === -1 ? folders : folders.slice(0, firstSpecial);
  const rest = firstSpecial === -1 ? [] : folders.slice(firstSpecial);
  if (rest.includes("..")) throw new GlobError(`".." stands behind a special character`, "glob.above");
  // Several "**" in a row are one.
  const segments = [...rest, name].filter((part, at, all) => part !== "**" || all[at - 1] !== "**").map(
    segmentOf,
  );
  // "inbox/**" means the files, however deep.
  if (segments.at(-1) === "folders") segments.push([{ kind: "any" }]);
  return { base: (isAbsolute ? "/" : "") + literal.map(unescaped).join("/"), segments };
}

function unescaped(part: string): string {
  return part.replace(/\\(.)/g, "$1");
}

function segmentOf(part: string): Segment {
  if (part === "**") return "folders";
  const tokens: Token[] = [];
  const chars = [...part];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "*") {
      // Several in a row are one.
      if (tokens.at(-1)?.kind !== "any") tokens.push({ kind: "any" });
    } else if (char === "?") tokens.push({ kind: "one" });
    else if (char === "[") {
      const close = chars.indexOf("]", at + 2);
      if (close === -1) throw new GlobError(`"[" has no "]"`, "glob.bracket");
      tokens.push(setOf(chars.slice(at + 1, close)));
      at = close;
    } else tokens.push({ kind: "char", char: char === "\\" ? chars[++at] ?? "\\" : char });
  }
  return tokens;
}

function setOf(chars: readonly string[]): Token {
  const negated = chars[0] === "!" || chars[0] === "^";
  const members = negated ? chars.slice(1) : chars;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const first = members[at] ?? "";
    const last = members[at + 1] === "-" ? members[at + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) at += 2;
  }
  if (ranges.length === 0) throw new GlobError(`"[" and "]" have nothing between them`, "glob.empty_set");
  return { kind: "set", negated, ranges };
}

/** How far a path is through the segments of a pattern: several ways may be open at one time. */
export type Places = ReadonlySet<number>;

/** At the pattern's base. */
export function startOf(glob: Glob): Places {
  return reached(glob, [0]);
}

/** Into a folder, or on to a file. Empty where nothing beneath is meant. */
export function step(glob: Glob, places: Places, name: string): Places {
  const next: number[] = [];
  for (const at of places) {
    const segment = glob.segments[at];
    if (segment === "folders") {
      if (!name.startsWith(".")) next.push(at);
    } else if (segment !== undefined && isNamed(segment, name)) next.push(at + 1);
  }
  return reached(glob, next);
}

/** True for the places of a file that the pattern means. */
export function isMeant(glob: Glob, places: Places): boolean {
  return places.has(glob.segments.length);
}

/** `**` may be no folder at all. */
function reached({ segments }: Glob, places: readonly number[]): Places {
  const all = new Set<number>();
  for (let at of places) {
    all.add(at);
    while (segments[at] === "folders") all.add(++at);
  }
  return all;
}

/** The usual way with one step back: to the last `*`, which takes one character more. */
function isNamed(tokens: readonly Token[], name: string): boolean {
  const first = tokens[0];
  if (name.startsWith(".") && !(first?.kind === "char" && first.char === ".")) return false;
  const chars = [...name];
  let [token, char] = [0, 0];
  let back: { readonly token: number; char: number } | undefined;
  while (char < chars.length) {
    const wanted = tokens[token];
    if (wanted?.kind === "any") {
      back = { token, char };
      token++;
    } else if (wanted && fits(wanted, chars[char] ?? "")) {
      token++;
      char++;
    } else if (back) {
      back.char++;
      [token, char] = [back.token + 1, back.char];
    } else return false;
  }
  while (tokens[token]?.kind === "any") token++;
  return token === tokens.length;
}

function fits(token: Token, char: string): boolean {
  switch (token.kind) {
    case "char":
      return token.char === char;
    case "set":
      return token.ranges.some(([first, last]) => first <= char && char <= last) !== token.negated;
    default:
      return true;
  }
}
