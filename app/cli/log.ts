/** Where the lines of a Carillon go: a file, or standard error in the form that its reader wants. */
import { OperatorError } from "../base/errors.ts";
import { createJournal, type Journal, type LogFormat } from "../base/journal.ts";
import { LogFile } from "../base/log_file.ts";
import { isJournal } from "../base/systemd.ts";
import { systemReason } from "../base/system_error.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { systemClock } from "../scheduler/clock.ts";
import { OutputClosedError, writeAll } from "./output.ts";

export interface Log extends Disposable {
  readonly journal: Journal;
  /** Opens the file again, where there is one. */
  reopen(): void;
}

export function openLog({ log: { level, format, file: path } }: Config): Log {
  const file = path === "" ? undefined : openFile(path, writeStderr);
  const journald = file === undefined && isJournal(Deno.env.get("JOURNAL_STREAM"));
  const form: LogFormat = format !== "auto" ? format : journald ? "journald" : "text";
  return {
    journal: createJournal({
      level,
      format: form,
      // journald stamps them itself.
      now: form === "journald" || (journald && form === "text") ? undefined : systemClock.now,
      write: file ? (line) => file.write(line) : writeStderr,
    }),
    reopen: () => file?.reopen(),
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
}

/** What cannot be written is lost: a reader that has gone, or a disk that is full, must not end what is being logged. */
function writeStderr(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch (error) {
    // There is nowhere left to say so.
    if (!(error instanceof OutputClosedError || error instanceof OperatorError)) throw error;
  }
}

function openFile(path: string, otherwise: (text: string) => void): LogFile {
  try {
    return new LogFile(path, otherwise);
  } catch (cause) {
    throw new ConfigError(`section [log], key "file": ${path} cannot be opened: ${systemReason(cause)}`, {
      cause,
    });
  }
}
