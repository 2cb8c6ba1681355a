/** Where the lines of a Carillon go: a file, or standard error in the form that its reader wants. */
import { statSync } from "node:fs";
import { createJournal, type Journal, type LogFormat } from "../base/journal.ts";
import { LogFile } from "../base/log_file.ts";
import { Outlet } from "../base/outlet.ts";
import { isJournal } from "../base/systemd.ts";
import { systemReason } from "../base/system_error.ts";
import { type Config, ConfigError, placeOf } from "../config/config.ts";
import { FLUSH_MS } from "./output.ts";
import { systemClock } from "../scheduler/clock.ts";

export interface Log extends AsyncDisposable {
  readonly journal: Journal;
  /** Opens the file again, where there is one. */
  reopen(): void;
  /** Waits until what was said is written, for a moment. */
  flush(): Promise<void>;
}

/** Where lines go, with what there is to do about it. */
interface Writing {
  readonly write: (line: string) => void;
  reopen(): void;
  flush(): Promise<void>;
  close(): void;
}

export function openLog(config: Config): Log {
  const { level, format, file: path } = config.log;
  const journald = path === "" && isJournal(Deno.env.get("JOURNAL_STREAM"));
  const form: LogFormat = format !== "auto" ? format : journald ? "journald" : "text";
  const onDropped = (lines: number) =>
    journal.error(`${lines} lines of this log were dropped: whoever reads it took no more`);
  const writing = writingOf(config, onDropped);
  const journal = createJournal({
    level,
    format: form,
    // journald stamps them itself.
    now: form === "journald" || (journald && form === "text") ? undefined : systemClock.now,
    write: writing.write,
  });
  return {
    journal,
    reopen: writing.reopen,
    flush: writing.flush,
    async [Symbol.asyncDispose]() {
      await writing.flush();
      writing.close();
    },
  };
}

function writingOf(config: Config, onDropped: (lines: number) => void): Writing {
  const path = config.log.file;
  const stderr = outletWriting(new Outlet(Deno.stderr, { onDropped }), () => {});
  if (path === "") return stderr;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) {
      // To open a pipe for writing alone waits for its reader.
      const pipe = Deno.openSync(path, { read: true, write: true });
      return outletWriting(new Outlet(pipe, { onDropped }), () => pipe.close());
    }
    const file = new LogFile(path, stderr.write);
    return {
      write: (line) => file.write(line),
      reopen: () => file.reopen(),
      flush: stderr.flush,
      close: () => file[Symbol.dispose](),
    };
  } catch (cause) {
    throw new ConfigError(
      `${placeOf(config, "log", "file")}: ${path} cannot be opened: ${systemReason(cause)}`,
      {
        cause,
      },
    );
  }
}

function outletWriting(outlet: Outlet, close: () => void): Writing {
  return {
    write: (line) => outlet.write(line),
    // A pipe has no other file under its name.
    reopen() {},
    flush: () => outlet.flush(FLUSH_MS),
    close,
  };
}
