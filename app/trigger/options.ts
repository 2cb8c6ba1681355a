/** Options as people write them: unknown keys and values of the wrong type are refused with a sentence. */
import { sentence, suggested, wrongWith } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { TriggerError } from "./errors.ts";

/** Refuses what is no object, and a key that is not known. `what` opens the sentence, such as `"cron"`. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  if (!isObject(given)) {
    throw new TriggerError(wrongWith(what, sentence("mistake.no_options", { value: shown(given) })));
  }
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new TriggerError(
        wrongWith(what, sentence("mistake.unknown_key", { key, known: suggested(key, known) })),
      );
    }
  }
}

/** The text under a key, or undefined where there is none. */
export function optionalText(given: object, key: string): string | undefined {
  const value: unknown = Reflect.get(given, key);
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    throw new TriggerError(wrongWith(key, sentence("mistake.no_text", { value: shown(value) })));
  }
  return value;
}

/** Longer texts are no rules that people write. */
const MAX_LENGTH = 1_000;

/** Refuses an expression or a line that nobody has written by hand. */
export function checkLength(what: string, text: string): void {
  if (text.length <= MAX_LENGTH) return;
  throw new TriggerError(
    wrongWith(what, sentence("mistake.characters", { n: text.length, most: MAX_LENGTH })),
  );
}

/** The object under a key of a JSON object; empty where there is none. */
export function objectAt(given: object, key: string): Readonly<Record<string, unknown>> {
  const value: unknown = Reflect.get(given, key) ?? {};
  if (isObject(value)) return value;
  throw new TriggerError(wrongWith(key, sentence("mistake.no_object", { value: JSON.stringify(value) })));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
