/** The history that settings name: in memory, or in a file with memory in front. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import type { Clock, History } from "../contracts.ts";
import type { ArtifactSettings } from "./artifact_files.ts";
import type { HistoryFile } from "./backing_file.ts";
import type { OnTrouble } from "./front.ts";
import { FileBackedHistory } from "./file_backed.ts";
import type { LogLimits } from "./log/log_files.ts";
import { MemoryHistory } from "./memory.ts";
import { HistoryFileError } from "./sqlite/errors.ts";
import { SqliteLedger, type SqliteOptions } from "./sqlite/store.ts";

export interface HistorySettings extends SqliteOptions {
  /** Path of the history file; empty for a history in memory. */
  readonly file: string;
  /** Folder of the logs that outgrow it; `logs` beside it where undefined. */
  readonly logs?: string | undefined;
  /** Folder with a folder a run of the files that it has left; `artifacts` beside it where undefined. */
  readonly artifacts?: string | undefined;
  readonly logLimits?: LogLimits | undefined;
  readonly artifactLimits?: ArtifactSettings | undefined;
}

/** What SQLite keeps beside its file. */
const PARTS = ["", "-wal", "-shm"];

/** What must fit on the disk for it not to be full. */
const PROBE_BYTES = 4_000_000;

/**
 * Throws a {@link HistoryFileError} for a file of a newer version; any other trouble goes to `onTrouble`.
 *
 * @param onWritten gets how many milliseconds each write of the file took
 */
export function openHistory(
  settings: HistorySettings,
  clock: Pick<Clock, "now">,
  onTrouble: OnTrouble,
  onWritten?: (ms: number) => void,
): History {
  if (settings.file === "") return new MemoryHistory(settings.limit);
  return new FileBackedHistory(settings.limit, { ...historyFile(settings, clock), onWritten }, onTrouble, {
    logs: settings.logs ?? join(dirname(settings.file), "logs"),
    artifacts: settings.artifacts ?? join(dirname(settings.file), "artifacts"),
    keepLogsMs: settings.keepLogsMs,
    logLimits: settings.logLimits,
    artifactLimits: settings.artifactLimits,
  });
}

export function historyFile(settings: HistorySettings, clock: Pick<Clock, "now">): HistoryFile {
  const { file, limit, keep, keepMs, keepLogsMs } = settings;
  const options = { limit, keep, keepMs, keepLogsMs };
  return {
    open(isActive) {
      makeFolder(dirname(file), file);
      return new SqliteLedger(file, options, clock.now(), isActive);
    },
    setAside() {
      const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(":", "");
      const kept = `${file}.damaged-${stamp}-${crypto.randomUUID().slice(0, 4)}`;
      for (const part of PARTS) {
        try {
          renameSync(`${file}${part}`, `${kept}${part}`);
        } catch (error) {
          if (codeOf(error) !== "ENOENT") throw error;
        }
      }
      return kept;
    },
    canWrite: () => canWrite(`${file}.try`),
  };
}

/** Tries it: a full disk counts, and so do rights and mounts. */
function canWrite(path: string): boolean {
  try {
    writeFileSync(path, new Uint8Array(PROBE_BYTES), { mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}

function makeFolder(folder: string, file: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new HistoryFileError(
      `history file ${file} cannot be used: its folder cannot be made: ${systemReason(cause)}`,
      "unavailable",
      { cause },
    );
  }
}
