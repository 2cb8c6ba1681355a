/** Logs in the history file: each line a row, by its number; of a long log only what is kept at hand. */
import type { LogLine, NumberedLine } from "../../model/run.ts";
import { HEAD_LINES, KeptLog } from "../log/kept_log.ts";
import { LINES } from "./reading.ts";
import { toNumberedLine } from "./rows.ts";
import type { Statements } from "./statements.ts";
import { INSERT_LINE } from "./taking.ts";
import type { TextIndex } from "./text_index.ts";

/** A log that is being brought to what is kept of it. */
export interface SettlingLog {
  readonly runId: string;
  readonly lines: readonly NumberedLine[];
  /** How many of them are in the file. */
  written: number;
}

/** Lines of a settling log that are written in one step. */
const SETTLED_A_STEP = 500;

export class LogRows {
  /** The logs of unfinished runs that are written line by line. */
  readonly #open = new Map<string, KeptLog>();

  constructor(readonly sql: Statements, readonly texts: TextIndex) {}

  add(runId: string, given: LogLine): void {
    if (!this.sql.one("SELECT 1 FROM runs WHERE id = ?", runId)) return;
    const log = this.#open.get(runId) ?? new KeptLog();
    this.#open.set(runId, log);
    const line = log.add(given);
    if (!log.isOutgrown) this.save(runId, [line]);
  }

  /** The run has ended: its log loses what is not kept of it. */
  end(runId: string): void {
    const log = this.#open.get(runId);
    this.#open.delete(runId);
    if (!log?.isOutgrown) return;
    const settling: SettlingLog = { runId, lines: log.lines(), written: 0 };
    while (this.settle(settling)) continue;
  }

  /** Brings a log to what is kept of it, some lines at a time: those between go, then those at the end come. True for more. */
  settle(settling: SettlingLog): boolean {
    const { runId, lines } = settling;
    return this.sql.batch(() => {
      if (this.texts.removeBetween(runId, HEAD_LINES, tailStart(lines))) return true;
      const end = Math.min(settling.written + SETTLED_A_STEP, lines.length);
      this.save(runId, lines.slice(settling.written, end));
      settling.written = end;
      return end < lines.length;
    });
  }

  /** Writes lines: some of them may be there, and some may not. */
  save(runId: string, lines: readonly NumberedLine[]): void {
    for (const { number, at, level, text } of lines) {
      this.sql.run(INSERT_LINE, runId, number, at, level, text);
    }
  }

  lines(runId: string): readonly NumberedLine[] {
    const log = this.#open.get(runId);
    return log?.isOutgrown ? log.lines() : this.sql.all(LINES, runId).map(toNumberedLine);
  }

  length(runId: string): number {
    const row = this.sql.one("SELECT max(number) AS last FROM lines WHERE run_id = ?", runId);
    return this.#open.get(runId)?.count ?? Math.max(0, Number(row?.last ?? -1) + 1);
  }
}

/** Number of the first of the lines that follow each other up to the last. */
function tailStart(lines: readonly NumberedLine[]): number {
  let first = lines.length - 1;
  while (first > 0 && lines[first - 1]?.number === (lines[first]?.number ?? 0) - 1) first--;
  return lines[first]?.number ?? 0;
}
