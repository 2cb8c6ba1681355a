/** How much is kept of a run's log. */
import type { LogLine } from "./run.ts";

/** Log lines kept of one run; the line after the last says so. */
export const MAX_LOG_LINES = 1_000;
/** Characters kept of one log line. */
export const MAX_LINE_LENGTH = 4_000;
/** Characters kept of all lines of one run together; the line after the last says so. */
export const MAX_LOG_BYTES = 500_000;

/** What is in a log already. */
export interface LogSize {
  readonly lines: number;
  readonly bytes: number;
  /** True once the line that says so has been kept. */
  readonly full: boolean;
}

export const EMPTY_LOG: LogSize = { lines: 0, bytes: 0, full: false };

/** The line as it is kept, and the log's size with it; undefined once the log is full. */
export function cappedLine(
  size: LogSize,
  line: LogLine,
): { readonly line: LogLine; readonly size: LogSize } | undefined {
  if (size.full) return undefined;
  if (size.lines >= MAX_LOG_LINES || size.bytes >= MAX_LOG_BYTES) {
    const most = size.lines >= MAX_LOG_LINES ? `${MAX_LOG_LINES} lines` : `${MAX_LOG_BYTES} characters`;
    const text = `… the log of a run is kept to ${most}; the rest is left out`;
    return { line: { ...line, level: "warn", text }, size: { ...size, lines: size.lines + 1, full: true } };
  }
  const left = line.text.length - MAX_LINE_LENGTH;
  const kept = left <= 0
    ? line
    : { ...line, text: `${line.text.slice(0, MAX_LINE_LENGTH)}… (${left} more characters)` };
  return {
    line: kept,
    size: { lines: size.lines + 1, bytes: size.bytes + kept.text.length, full: false },
  };
}
