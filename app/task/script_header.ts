/** The comment that makes a task of a script: `# carillon: cron="0 2 * * *" timeout=10m`, `--` in SQL. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import type { Sentence } from "../base/sentence.ts";
import { unknownKey } from "../policy/option.ts";
import { PlacedError } from "./placed_error.ts";
import { DEFINITION_KEYS } from "./script_keys.ts";

/** Lines from the top in which the comment may stand. */
const HEAD_LINES = 30;
const HEADER = /^#\s*carillon(:|\s)(.*)$/i;
const SQL_HEADER = /^--\s*carillon(:|\s)(.*)$/i;
/** `key=word`, `key="several words"`; a quote within is doubled by a backslash. */
const PAIR = /\s*([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+))(?=\s|$)/y;
/** Each of them is a trigger; given several times, several. */
export const TRIGGERS = ["cron", "every", "at"];
/** Of all triggers that may have them. */
export const BOUNDS = ["timezone", "startDate", "endDate"];
const SHARED_KEYS = [...TRIGGERS, ...BOUNDS, "atStart", "params", ...DEFINITION_KEYS];
const COMMAND_KEYS = [...SHARED_KEYS, "success", "cwd"];
const SQL_KEYS = [...SHARED_KEYS, "database", "transaction"];
/** `param.day=2026-01-01` gives a parameter its default. */
export const DEFAULT = /^param\.(\w+)$/;

/** One `key=word` of a comment; its line counts from 1. */
export interface Pair {
  readonly key: string;
  readonly word: string;
  readonly line: number;
}

/** What a comment says, and where. */
export interface Header {
  readonly sign: "#" | "--";
  /** Line in which the comment begins. */
  readonly line: number;
  readonly pairs: readonly Pair[];
}

export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** Undefined where there is none. @throws PlacedError */
export function readHeader(text: string, sign: Header["sign"]): Header | undefined {
  const pattern = sign === "#" ? HEADER : SQL_HEADER;
  let begin: number | undefined;
  const pairs: Pair[] = [];
  for (const [index, each] of plainText(text).split(/\r?\n/, HEAD_LINES).entries()) {
    const [, colon, words = ""] = pattern.exec(each) ?? [];
    if (colon === undefined) continue;
    const line = index + 1;
    if (colon !== ":") {
      // A comment that only speaks of Carillon is none.
      if (!new RegExp(PAIR, "y").test(words)) continue;
      const said = sentence("mistake.script.colon", { sign, words: words.trim().slice(0, 60) });
      throw new PlacedError(said, line);
    }
    begin ??= line;
    for (const pair of readPairs(words, line, sign)) {
      const before = TRIGGERS.includes(pair.key) ? undefined : pairs.find(({ key }) => key === pair.key);
      if (before) {
        const said = sentence("mistake.script.twice", { key: pair.key, line: before.line });
        throw new PlacedError(wrongWith(opening(sign), said), line);
      }
      pairs.push(pair);
    }
  }
  return begin === undefined ? undefined : { sign, line: begin, pairs };
}

function readPairs(text: string, line: number, sign: Header["sign"]): Pair[] {
  const pairs: Pair[] = [];
  const keys = sign === "--" ? SQL_KEYS : COMMAND_KEYS;
  const rest = text.trimEnd();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < rest.length) {
    const at = PAIR.lastIndex;
    const match = PAIR.exec(rest);
    const [, key = "", double, single, word] = match ?? [];
    if (!match) {
      const text = rest.slice(at).trim().slice(0, 60);
      throw new PlacedError(sentence("mistake.script.pair", { text, sign }), line);
    }
    if (!keys.includes(key) && !DEFAULT.test(key)) {
      throw new PlacedError(wrongWith(opening(sign), unknownPart(key, keys)), line);
    }
    pairs.push({ key, word: double?.replace(/\\(.)/g, "$1") ?? single ?? word ?? "", line });
  }
  return pairs;
}

/** Of `retry.tries`, only what stands behind the dot is unknown; `hook` alone says nothing. */
function unknownPart(key: string, keys: readonly string[]): Sentence {
  const [name = "", inner] = key.split(".");
  const whole = keys.filter((each) => each.startsWith(`${name}.`));
  if (whole.length === 0) return unknownKey(key, [...new Set(keys.map((each) => each.split(".")[0] ?? ""))]);
  if (inner === undefined) return sentence("mistake.script.parts", { name, known: whole.join(", ") });
  const shown = inner.slice(0, 60);
  return wrongWith(name, unknownKey(shown, whole.map((each) => each.slice(name.length + 1))));
}

/** @throws PlacedError for another word than yes or no */
export function isYes({ key, word, line }: Pair, sign: Header["sign"]): boolean {
  if (word === "yes" || word === "no") return word === "yes";
  const said = sentence("mistake.script.yes", { word: word.slice(0, 60) });
  throw new PlacedError(wrongWith(opening(sign), wrongWith(key, said)), line);
}

/** What stands before all that is said of the comment. */
export function opening(sign: Header["sign"]): string {
  return `${sign} carillon`;
}
