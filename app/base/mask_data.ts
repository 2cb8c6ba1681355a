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

function masked(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value === "number") return mask(String(value)) === MASKED ? MASKED : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const clean = value.map((each) => masked(each, mask));
    return clean.every((each, i) => each === value[i]) ? value : clean;
  }
  const members = Object.entries(value);
  const clean = members.map(([key, each]) => [mask(key), masked(each, mask)] as const);
  const isSame = clean.every(([key, each], i) => key === members[i]?.[0] && each === members[i]?.[1]);
  return isSame ? value : Object.fromEntries(clean);
}
