/** Carillon's own log: a line an event, as text, as JSON, or with the priorities that journald reads. */
import type { EpochMs } from "./time.ts";
import { LOG_LEVELS, type LogLevel } from "./log_level.ts";

/** What a line is about, for programs that look for it. */
export interface LineFacts {
  readonly task?: string | undefined;
  readonly run?: string | undefined;
  /** Name of the event, such as `run.ended`. */
  readonly event?: string | undefined;
}

export interface Journal {
  debug(message: string, facts?: LineFacts): void;
  info(message: string, facts?: LineFacts): void;
  warn(message: string, facts?: LineFacts): void;
  error(message: string, cause?: unknown, facts?: LineFacts): void;
}

/** `text` for people, `json` for programs, `journald` for the journal of systemd (sd-daemon(3)). */
export const LOG_FORMATS = ["text", "json", "journald"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface JournalOptions {
  readonly level: LogLevel;
  /** Undefined where the reader stamps the lines itself, as journald does. */
  readonly now?: (() => EpochMs) | undefined;
  /** `text` when left out. */
  readonly format?: LogFormat | undefined;
  readonly write: (line: string) => void;
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly cause?: unknown;
  readonly facts: LineFacts;
  readonly at: EpochMs | undefined;
}

export function createJournal({ level: least, now, format = "text", write }: JournalOptions): Journal {
  const say = (level: LogLevel, message: string, cause: unknown, facts: LineFacts = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    write(`${WRITERS[format]({ level, message, cause, facts, at: now?.() })}\n`);
  };
  return {
    debug: (message, facts) => say("debug", message, undefined, facts),
    info: (message, facts) => say("info", message, undefined, facts),
    warn: (message, facts) => say("warn", message, undefined, facts),
    error: (message, cause, facts) => say("error", message, cause, facts),
  };
}

const WRITERS: Readonly<Record<LogFormat, (line: Line) => string>> = { text, json, journald };

function text({ level, message, cause, at }: Line): string {
  const stamp = at === undefined ? "" : `${new Date(at).toISOString()} `;
  return `${stamp}${level.toUpperCase().padEnd(5)} ${indented(whole(message, cause))}`;
}

/** One object a line; `message` has no stack, `error` has all of it. */
function json({ level, message, cause, facts, at }: Line): string {
  return JSON.stringify({
    time: at === undefined ? undefined : new Date(at).toISOString(),
    level,
    message,
    ...facts,
    error: cause === undefined ? undefined : causeText(cause),
  });
}

/** syslog(3): LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** One entry of the journal for each event: what has several lines is put into one. */
function journald({ level, message, cause }: Line): string {
  return `<${PRIORITIES[level]}>${printable(whole(message, cause)).replace(/\s*\n\s*/g, " | ")}`;
}

function whole(message: string, cause: unknown): string {
  return cause === undefined ? message : `${message}: ${causeText(cause)}`;
}

/** A line stays a line: what a task or a database says cannot forge another one. */
function indented(message: string): string {
  return printable(message).replaceAll("\n", "\n      ");
}

function printable(message: string): string {
  return message.replace(/\r\n|[\r\u2028\u2029]/g, "\n")
    // deno-lint-ignore no-control-regex -- control characters are what is taken out here
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�");
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const deeper = cause.cause === undefined ? "" : `\ncaused by ${causeText(cause.cause)}`;
  return `${cause.stack ?? `${cause.name}: ${cause.message}`}${deeper}`;
}
