/** Takes secrets out of data: of its texts, never of the JSON that they are written in, whose numbers and signs are no text. */
import { type Mask, MASKED } from "./mask.ts";

/**
 * The data without secrets in texts and in names of members. A number that is a secret as a whole goes too; one that only has
 * the digits of one among its own is another number.
 *
 * @param value as JSON knows it
 * @returns the same value where nothing is taken out; the mask alone where it is nested too deeply to be looked through
 */
export function maskData(value: unknown, mask: Mask): unknown {
  try {
    return masked(value, mask);
  } catch (error) {
    if (error instanceof RangeError) return MASKED;
    throw error;
  }
}

/** The same of a record's values alone: what they are called stays. */
export function maskValues(
  data: Readonly<Record<string, unknown>>,
  mask: Mask,
): Readonly<Record<string, unknown>> {
  return membersOf(data, (name) => name, (value) => maskData(value, mask));
}

function masked(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value === "number") return mask(String(value)) === MASKED ? MASKED : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const clean = value.map((each) => masked(each, mask));
    return clean.every((each, i) => Object.is(each, value[i])) ? value : clean;
  }
  return membersOf(value, mask, (each) => masked(each, mask));
}

/** The same object where no name and no value is another one. */
function membersOf(
  data: object,
  nameOf: (name: string) => string,
  valueOf: (value: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  const given: [string, unknown][] = Object.entries(data);
  const made = given.map(([name, value]) => [nameOf(name), valueOf(value)] as const);
  const isSame = made.every(([name, value], i) => name === given[i]?.[0] && Object.is(value, given[i]?.[1]));
  return isSame ? data as Readonly<Record<string, unknown>> : Object.fromEntries(made);
}
