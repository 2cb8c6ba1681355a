/** Sentences about what people wrote, in words: made where the mistake is found, said in the language of whoever reads. */
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Sentence, SentenceValue } from "../base/sentence.ts";
import { nearest } from "../base/suggestion.ts";
import { systemCode } from "../base/system_error.ts";
import type { Locale } from "../model/locale.ts";
import { isTextKey, text, type TextKey } from "./locale.ts";

export type SentenceKey = Extract<TextKey, `mistake.${string}`>;

/** A sentence with a key that every language has a text for. */
export function sentence(key: SentenceKey, values: Sentence["values"] = {}): Sentence {
  return { key, values };
}

/** `cron: …`: what is wrong, after what it is wrong with; the sentence itself where that is empty. */
export function wrongWith(what: SentenceValue, why: SentenceValue): Sentence {
  if (what === "" && typeof why === "object") return why;
  return sentence("mistake.of", { what, why });
}

/** The sentence in words. A text and a number are themselves; a key that this version does not know is shown bare. */
export function sentenceText(said: SentenceValue, locale: Locale): string {
  if (typeof said !== "object") return String(said);
  if (!isTextKey(said.key)) return said.key;
  const values = Object.entries(said.values).map(([name, value]) => [name, sentenceText(value, locale)]);
  return text(locale, said.key, Object.fromEntries(values));
}

/** What was thrown, as a sentence; in its own words where it has none. */
export function saidBy(thrown: unknown): SentenceValue {
  return sentenceOf(thrown) ?? messageOf(thrown);
}

/** Why the system refused, as the rest of a sentence; the error's own message where it is none of the system. */
export function refusedBySystem(thrown: unknown): SentenceValue {
  const code = systemCode(thrown);
  return code === undefined ? messageOf(thrown) : sentence(`mistake.system.${code}`);
}

/** The sentence of an error of ours; undefined for any other. */
export function sentenceOf(thrown: unknown): Sentence | undefined {
  const said = typeof thrown === "object" && thrown !== null && "sentence" in thrown
    ? thrown.sentence
    : undefined;
  return isSentence(said) ? said : undefined;
}

/** Sentences within sentences within sentences: none of ours has more levels. */
const MAX_LEVELS = 12;
const MAX_VALUES = 10;

/** True for what has the shape of one, with texts that are known. */
export function isSentence(said: unknown, level = 1): said is Sentence {
  if (typeof said !== "object" || said === null || level > MAX_LEVELS) return false;
  const { key, values }: { readonly key?: unknown; readonly values?: unknown } = said;
  if (typeof key !== "string" || !key.startsWith("mistake.") || !isTextKey(key)) return false;
  if (typeof values !== "object" || values === null) return false;
  const all: unknown[] = Object.values(values);
  return all.length <= MAX_VALUES &&
    all.every((each) => ["string", "number"].includes(typeof each) || isSentence(each, level + 1));
}

/** The same sentence with other texts in it, such as without what is secret. */
export function changed(said: Sentence, change: (text: string) => string): Sentence {
  const values = Object.entries(said.values).map(([name, value]) => [
    name,
    typeof value === "string" ? change(value) : typeof value === "number" ? value : changed(value, change),
  ]);
  return { key: said.key, values: Object.fromEntries(values) };
}

/** `did you mean "port"?` and what is known, as the end of a sentence. */
export function suggested(word: string, known: readonly string[]): Sentence {
  const near = nearest(word, known);
  if (near !== undefined) return sentence("mistake.did_you_mean", { near, known: known.join(", ") });
  return known.length === 0
    ? sentence("mistake.known_none")
    : sentence("mistake.known", { known: known.join(", ") });
}

/** What an error says: the message in English, and the sentence where it is not in somebody else's words. */
export interface Told {
  readonly message: string;
  readonly sentence?: Sentence | undefined;
}

/** What was thrown, as it is kept. */
export function toldBy(thrown: unknown): Told {
  return { message: messageOf(thrown), sentence: sentenceOf(thrown) };
}

/** A sentence, as it is kept. */
export function toldOf(said: SentenceValue): Told {
  return { message: sentenceText(said, "en"), sentence: typeof said === "object" ? said : undefined };
}

/** In a language: a program's own words stay as they are. */
export function toldText({ message, sentence }: Told, locale: Locale): string {
  return sentence ? sentenceText(sentence, locale) : message;
}

/** An error of ours that is kept and shown in every language. */
export class SentenceError extends OperatorError {
  readonly sentence: Sentence | undefined;

  /** @param said a sentence, or words that stay as they are */
  constructor(said: SentenceValue, options?: ErrorOptions) {
    super(sentenceText(said, "en"), options);
    this.sentence = typeof said === "object" ? said : undefined;
  }
}
