/** How the options of a definition are read. What cannot be is refused with a sentence: the key, what it is, what is allowed. */
import { saidBy, sentence, sentenceText, suggested, wrongWith } from "../locale/sentence.ts";
import { type DurationLike, durationMs } from "../base/duration.ts";
import type { Sentence, SentenceValue } from "../base/sentence.ts";
import { isSecretName } from "../base/secret_name.ts";
import { MAX_SHOWN, shown } from "../base/shown.ts";

/** Longest sentence about what cannot be: some of them quote what was written. */
const MAX_SENTENCE = 500;

/** What is wrong with a definition; the message is the sentence in English. */
export class DefinitionError extends TypeError {
  readonly sentence: Sentence;

  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(sentenceText(sentence, "en"), options);
    this.sentence = sentence;
  }
}

/** Throws what is wrong with a key of the definition. */
export function refuse(key: string, what: SentenceValue): never {
  const english = sentenceText(what, "en");
  const said = english.length > MAX_SENTENCE ? `${english.slice(0, MAX_SENTENCE)}…` : what;
  throw new DefinitionError(wrongWith("defineTask", wrongWith(key, said)));
}

/** @param known the keys it may have */
export function objectOf(
  key: string,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(key, sentence("mistake.no_object_of", { value: shown(value), known: known.join(", ") }));
  }
  const unknown = Object.keys(value).find((each) => !known.includes(each));
  if (unknown !== undefined) refuse(key, unknownKey(unknown, known));
  return value as Readonly<Record<string, unknown>>;
}

/** The sentence about a key that nobody knows. */
export function unknownKey(unknown: string, known: readonly string[]): Sentence {
  const short = unknown.slice(0, MAX_SHOWN);
  return sentence("mistake.unknown_key", { key: short, known: suggested(short, known) });
}

/** A definition is read again at each reload, shown on a page and kept in memory: no list in it is longer. */
const MAX_LISTED = 1_000;
/** Longest name, path or date. */
const MAX_TEXT = 1_000;

/** One of them, a list of them, or nothing. */
export function listOf(key: string, value: unknown, most = MAX_LISTED): readonly unknown[] {
  const all: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  // A list with holes gets undefined in their places.
  return all.length <= most
    ? Array.from(all)
    : refuse(key, sentence("mistake.listed", { n: all.length, most }));
}

/** Texts that are not empty, each once. */
export function textsOf(key: string, value: unknown, most = MAX_LISTED): readonly string[] {
  const texts = listOf(key, value, most).map((each) => {
    if (typeof each !== "string" || each.trim() === "") {
      return refuse(key, sentence("mistake.no_text", { value: shown(each) }));
    }
    return each.length <= MAX_TEXT
      ? each
      : refuse(key, sentence("mistake.longer", { value: shown(each), most: MAX_TEXT }));
  });
  return [...new Set(texts)];
}

/**
 * The name of an entry of `[secrets]`. What is none is not quoted: it may be the secret itself.
 *
 * @param what the secret is, for the sentence
 */
export function secretNameOf(key: string, value: unknown, what: "address" | "secret"): string {
  const [name = ""] = textsOf(key, value, 1);
  if (isSecretName(name)) return name;
  return refuse(key, sentence(`mistake.secret_name.${what}`));
}

export function oneOf<T extends string>(key: string, value: unknown, known: readonly T[]): T {
  return known.find((each) => each === value) ??
    refuse(key, sentence("mistake.one_of", { value: shown(value), known: known.join(", ") }));
}

export function wholeNumber(key: string, value: unknown, least: number, greatest: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= greatest) {
    return value;
  }
  return refuse(key, sentence("mistake.whole_number", { value: shown(value), least, greatest }));
}

/** Milliseconds of a duration. */
export function durationOf(key: string, value: unknown): number {
  if (typeof value !== "string" && (typeof value !== "object" || value === null || Array.isArray(value))) {
    refuse(key, sentence("mistake.no_duration", { value: shown(value) }));
  }
  try {
    return durationMs(value as DurationLike);
  } catch (error) {
    return refuse(key, saidBy(error));
  }
}

/** Milliseconds of a duration that is not 0. */
export function positiveDurationOf(key: string, value: unknown): number {
  return durationOf(key, value) || refuse(key, sentence("mistake.duration.zero"));
}
