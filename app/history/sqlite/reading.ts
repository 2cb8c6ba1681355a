/** The history file read from beside, also while a Carillon writes it. */
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../base/errors.ts";
import type { TaskWatermarks } from "../../model/order.ts";
import type { NumberedLine, Run } from "../../model/run.ts";
import { DamagedRowError, HistoryFileError, isBusy, isDamage } from "./errors.ts";
import { closeQuietly } from "./file.ts";
import { type RunRow, toNumberedLine, toRun } from "./rows.ts";
import { readWatermarks } from "./states.ts";
import { takeSnapshot } from "./snapshot.ts";
import { Statements } from "./statements.ts";

export const LINES =
  "SELECT number, at, level, text FROM lines WHERE run_id = ? AND number >= 0 ORDER BY number";

/** A file that is only looked at. */
export interface HistoryReading {
  /** All runs, the oldest first; a few are in memory at a time. */
  runs(): Iterable<Run>;
  lines(runId: string): readonly NumberedLine[];
  watermarks(taskId: string): TaskWatermarks;
  close(): void;
}

/** Opens a file to look at it; where a Carillon is writing it, a copy. Throws a {@link HistoryFileError}. */
export function openToRead(file: string): HistoryReading {
  try {
    return readingOf(file);
  } catch (cause) {
    if (!isBusy(cause)) throw unreadable(file, cause);
  }
  try {
    const { file: copy, remove } = takeSnapshot(file);
    return readingOf(copy, remove);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): HistoryFileError {
  const advice = isDamage(cause) ? "; start Carillon, which saves what is readable of it in a new file" : "";
  return new HistoryFileError(
    `history file ${file} cannot be read: ${messageOf(cause)}${advice}`,
    "unavailable",
    { cause },
  );
}

function readingOf(file: string, onClose: () => void = () => {}): HistoryReading {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    // Deno gives a file that is only read five seconds whatever `timeout` says; a Carillon holds its lock for longer.
    db.exec("PRAGMA busy_timeout = 0");
    db.prepare("SELECT runs.reason, lines.id FROM runs, lines").get();
  } catch (error) {
    closeQuietly(db);
    onClose();
    throw error;
  }
  const opened = db;
  const sql = new Statements(opened);
  return {
    *runs() {
      try {
        yield* allRuns(opened);
      } catch (cause) {
        throw unreadable(file, cause);
      }
    },
    lines(runId) {
      try {
        return sql.all(LINES, runId).map(toNumberedLine);
      } catch (cause) {
        throw unreadable(file, cause);
      }
    },
    watermarks: (taskId) => hasWatermarks(sql) ? readWatermarks(sql, taskId) : {},
    close: () => {
      opened.close();
      onClose();
    },
  };
}

/** A file of an earlier version has no such table. */
function hasWatermarks(sql: Statements): boolean {
  return sql.one("SELECT 1 FROM sqlite_schema WHERE name = 'watermarks'") !== undefined;
}

function* allRuns(db: DatabaseSync): Iterable<Run> {
  const statement = db.prepare("SELECT * FROM runs WHERE id > ? ORDER BY id LIMIT 500");
  let last = "";
  for (;;) {
    const rows = statement.all(last);
    if (rows.length === 0) return;
    for (const row of rows) {
      const run = toRun(row as RunRow);
      if (run.id <= last) throw new DamagedRowError("runs are not in their order");
      last = run.id;
      yield run;
    }
  }
}
