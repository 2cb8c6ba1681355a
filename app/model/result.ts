/** What a task returns, as it is kept with its run: JSON of a limited size and depth. */

import { isTooDeep, MAX_DEPTH, TOO_DEEP } from "../base/depth.ts";

/** Bytes of JSON that are kept of one result. */
export const MAX_RESULT_BYTES = 65_536;

/** `json` is undefined where nothing was returned; `problem` says why what was returned is not kept. */
export interface KeptResult {
  readonly json?: string | undefined;
  readonly problem?: string | undefined;
}

/** Characters of texts, and values beside them, after which what is returned is not even written: it may be huge. */
const MOST = 1_000_000;

/** A bigint becomes a text; what JSON does not know, such as a function, becomes nothing. */
export function keptResult(returned: unknown): KeptResult {
  let seen = 0;
  let json: string | undefined;
  try {
    json = JSON.stringify(returned, (_, value: unknown) => {
      seen += typeof value === "string" ? value.length : 1;
      if (seen > MOST) throw new RangeError("too large");
      return typeof value === "bigint" ? String(value) : value;
    });
  } catch (error) {
    if (seen > MOST) return tooLarge(`more than ${MOST}`);
    return { problem: `the result is not kept: it cannot be written as JSON (${String(error)})` };
  }
  if (json === undefined) return {};
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > MAX_RESULT_BYTES) return tooLarge(String(bytes));
  // Each level has two brackets.
  const isDeep = json.length > 2 * MAX_DEPTH && isTooDeep(JSON.parse(json));
  return isDeep ? { problem: `the result is not kept: it has ${TOO_DEEP}` } : { json };
}

function tooLarge(bytes: string): KeptResult {
  return { problem: `the result is not kept: it has ${bytes} bytes as JSON, of at most ${MAX_RESULT_BYTES}` };
}
