/** What stands in a log where lines of it are kept nowhere. */
import type { Locale } from "../model/locale.ts";
import { text } from "./locale.ts";

/** A line of its own; nothing where none is missing. */
export function missingLines(lines: number, locale: Locale): string {
  return lines === 0 ? "" : `… ${text(locale, "log.missing", { n: lines })}\n`;
}
