/** What the code of a task gives to a function of ours: without types it may be anything, and a sentence says what it should be. */
import { shown } from "./shown.ts";

/** A TypeError such as `query: the statement is a text such as "SELECT …", not null`. */
function refuse(what: string, wanted: string, value: unknown): never {
  // What lies in an object may be anything, also what is no concern of a log.
  const found = Array.isArray(value)
    ? "a list"
    : typeof value === "object" && value
    ? "an object"
    : shown(value);
  throw new TypeError(`${what} is ${wanted}, not ${found}`);
}

/** @param what as the beginning of a sentence: `query: the statement` @param wanted such as `a text` */
export function givenText(
  what: string,
  value: unknown,
  wanted: string,
  mayBeEmpty = false,
): asserts value is string {
  if (typeof value !== "string" || (value === "" && !mayBeEmpty)) refuse(what, wanted, value);
}

/** An object that is no list. */
export function givenObject(what: string, value: unknown, wanted: string): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(what, wanted, value);
}

/** Options may be left out; `null` is none. */
export function givenOptions(what: string, value: unknown): void {
  if (value !== undefined) givenObject(what, value, "an object");
}

export function givenFunction(what: string, value: unknown, wanted: string): void {
  if (typeof value !== "function") refuse(what, wanted, value);
}

/** A list, a generator, or whatever else can be gone through; a text has characters and nothing more. */
export function givenSeveral(what: string, value: unknown, wanted: string): void {
  const can = typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
  if (!can) refuse(what, wanted, value);
}

export function givenSignal(what: string, value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal)) {
    refuse(what, "an AbortSignal, such as the one that run is given", value);
  }
}
