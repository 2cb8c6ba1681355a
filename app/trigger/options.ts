/** Options as people write them: unknown keys and values of the wrong type are refused with a sentence. */
import { shown } from "../base/shown.ts";
import { suggestion } from "../base/suggestion.ts";
import { TriggerError } from "./errors.ts";

/** Refuses what is no object, and a key that is not known. `what` opens the sentence, such as `"cron: "`. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  if (!isObject(given)) throw new TriggerError(`${what}${shown(given)} is not an object of options`);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new TriggerError(`${what}unknown key "${key}"; ${suggestion(key, known)}`);
    }
  }
}

/** The text under a key, or undefined where there is none. */
export function optionalText(given: object, key: string): string | undefined {
  const value: unknown = Reflect.get(given, key);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw new TriggerError(`${key}: ${shown(value)} is not a text`);
  return value;
}

/** Longer texts are no rules that people write. */
const MAX_LENGTH = 1_000;

/** Refuses an expression or a line that nobody has written by hand. */
export function checkLength(what: string, text: string): void {
  if (text.length <= MAX_LENGTH) return;
  throw new TriggerError(`${what}: it has ${text.length} characters; allowed are ${MAX_LENGTH}`);
}

/** The object under a key of a JSON object; empty where there is none. */
export function objectAt(given: object, key: string): Readonly<Record<string, unknown>> {
  const value: unknown = Reflect.get(given, key) ?? {};
  if (isObject(value)) return value;
  throw new TriggerError(`${key}: ${JSON.stringify(value)} is not an object`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
