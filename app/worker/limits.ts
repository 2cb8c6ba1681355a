/** How large what a host says may be. The host cuts to these; the clock refuses what is larger. */

import { ownText } from "../base/own_text.ts";

/** Characters of one log line or one piece of output; longer ones are cut into pieces. */
export const MAX_LINE_LENGTH = 16_000;
/** Characters of a run's one-line message, and of a note on its progress. */
export const MAX_MESSAGE_LENGTH = 500;
export const MAX_ERROR_NAME_LENGTH = 200;
export const MAX_ERROR_MESSAGE_LENGTH = 4_000;
export const MAX_STACK_LENGTH = 8_000;
/** Characters of one watermark, and of all of a task as JSON. */
export const MAX_WATERMARK_LENGTH = 64_000;
export const MAX_WATERMARKS_LENGTH = 256_000;
export const MAX_PROBLEMS = 100;
/** Things left behind that are listed. */
export const MAX_LEFT = 20;

/**
 * A text of at most so many characters; the end of a longer one says how many are missing, behind three dots: one sign for
 * them would make each character of most texts take two bytes.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const said = `... (${text.length - most} more characters)`;
  return ownText(`${text.slice(0, Math.max(0, most - said.length))}${said}`);
}

/** A name, a value or an error of a span. */
export const MAX_SPAN_TEXT = 200;
