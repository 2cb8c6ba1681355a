/** Carillon's own log: one line an event on standard error, where journald and `docker logs` pick it up. */
import type { EpochMs } from "./time.ts";
import { LOG_LEVELS, type LogLevel } from "./history/run.ts";

export interface Journal {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

export interface JournalOptions {
  readonly level: LogLevel;
  /** Undefined where the reader stamps the lines itself, as journald does. */
  readonly now?: () => EpochMs;
  readonly write: (line: string) => void;
}

export function createJournal({ level, now, write }: JournalOptions): Journal {
  const say = (at: LogLevel, message: string) => {
    if (LOG_LEVELS.indexOf(at) < LOG_LEVELS.indexOf(level)) return;
    const stamp = now ? `${new Date(now()).toISOString()} ` : "";
    write(`${stamp}${at.toUpperCase().padEnd(5)} ${oneLine(message)}\n`);
  };
  return {
    debug: (message) => say("debug", message),
    info: (message) => say("info", message),
    warn: (message) => say("warn", message),
    error: (message, cause) =>
      say("error", cause === undefined ? message : `${message}: ${causeText(cause)}`),
  };
}

/** A line stays a line: what a task or a database says cannot forge another one. */
function oneLine(message: string): string {
  return message.replace(/\r\n|[\r\n\u2028\u2029]/g, "\n      ")
    // deno-lint-ignore no-control-regex -- control characters are what is taken out here
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�");
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const deeper = cause.cause === undefined ? "" : `\ncaused by ${causeText(cause.cause)}`;
  return `${cause.stack ?? `${cause.name}: ${cause.message}`}${deeper}`;
}
