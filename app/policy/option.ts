/** How the options of a definition are read. What cannot be is refused with a sentence: the key, what it is, what is allowed. */
import { type DurationLike, durationMs } from "../base/duration.ts";
import { messageOf } from "../base/errors.ts";
import { isSecretName } from "../base/secret_name.ts";
import { MAX_SHOWN, shown } from "../base/shown.ts";
import { suggestion } from "../base/suggestion.ts";

/** Longest sentence about what cannot be: some of them quote what was written. */
const MAX_SENTENCE = 500;

/** Throws the sentence. */
export function refuse(key: string, what: string): never {
  throw new TypeError(
    `defineTask: ${key}: ${what.length > MAX_SENTENCE ? `${what.slice(0, MAX_SENTENCE)}…` : what}`,
  );
}

/** @param known the keys it may have */
export function objectOf(
  key: string,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(key, `${shown(value)} is not an object; it has ${known.join(", ")}`);
  }
  const unknown = Object.keys(value).find((each) => !known.includes(each));
  if (unknown !== undefined) refuse(key, unknownKey(unknown, known));
  return value as Readonly<Record<string, unknown>>;
}

/** The sentence about a key that nobody knows. */
export function unknownKey(unknown: string, known: readonly string[]): string {
  const short = unknown.slice(0, MAX_SHOWN);
  return `unknown key "${short}"; ${suggestion(short, known)}`;
}

/** A definition is read again at each reload, shown on a page and kept in memory: no list in it is longer. */
const MAX_LISTED = 1_000;
/** Longest name, path or date. */
const MAX_TEXT = 1_000;

/** One of them, a list of them, or nothing. */
export function listOf(key: string, value: unknown, most = MAX_LISTED): readonly unknown[] {
  const all: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  // A list with holes gets undefined in their places.
  return all.length <= most ? Array.from(all) : refuse(key, `it lists ${all.length}; ${most} at the most`);
}

/** Texts that are not empty, each once. */
export function textsOf(key: string, value: unknown, most = MAX_LISTED): readonly string[] {
  const texts = listOf(key, value, most).map((each) => {
    if (typeof each !== "string" || each.trim() === "") return refuse(key, `${shown(each)} is not a text`);
    return each.length <= MAX_TEXT
      ? each
      : refuse(key, `${shown(each)} is longer than ${MAX_TEXT} characters`);
  });
  return [...new Set(texts)];
}

/**
 * The name of an entry of `[secrets]`. What is none is not quoted: it may be the secret itself.
 *
 * @param what the secret is, for the sentence, such as "the address"
 */
export function secretNameOf(key: string, value: unknown, what: string): string {
  const [name = ""] = textsOf(key, value, 1);
  if (isSecretName(name)) return name;
  return refuse(
    key,
    `it is the name of an entry of [secrets] (lower-case letters, digits and "_"), not ${what}`,
  );
}

export function oneOf<T extends string>(key: string, value: unknown, known: readonly T[]): T {
  return known.find((each) => each === value) ??
    refuse(key, `${shown(value)} is not one of ${known.join(", ")}`);
}

export function wholeNumber(key: string, value: unknown, least: number, greatest: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= greatest) {
    return value;
  }
  return refuse(key, `${shown(value)} is not a whole number from ${least} to ${greatest}`);
}

/** Milliseconds of a duration. */
export function durationOf(key: string, value: unknown): number {
  if (typeof value !== "string" && (typeof value !== "object" || value === null || Array.isArray(value))) {
    refuse(key, `${shown(value)} is not a duration; write a number and a unit, as in "10s", "5m" or "1h30m"`);
  }
  try {
    return durationMs(value as DurationLike);
  } catch (error) {
    return refuse(key, messageOf(error));
  }
}

/** Milliseconds of a duration that is not 0. */
export function positiveDurationOf(key: string, value: unknown): number {
  return durationOf(key, value) || refuse(key, "it must be longer than 0");
}
