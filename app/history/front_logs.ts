/** Logs on their way from memory to where they are kept: the history file, and files of their own for long ones. */
import { isTerminal, type LogLine, type NumberedLine } from "../model/run.ts";
import type { BackingFile } from "./backing_file.ts";
import type { LogFiles } from "./log/log_files.ts";
import type { MemoryLedger } from "./memory.ts";
import type { SettlingLog } from "./sqlite/log_rows.ts";
import type { Unsaved } from "./unsaved.ts";

/** So many log lines wait to be written at the most. */
const MAX_WAITING = 200;
/** So many runs that are over keep their log in memory too. */
const MAX_DROPPABLE = 1_000;
/** What their logs take at the most, in characters, roughly. */
const DROPPABLE_WEIGHT = 4_000_000;

export class FrontLogs {
  /** Lines that are not in the file yet, in their order. */
  readonly #waiting: { readonly runId: string; readonly line: NumberedLine }[] = [];
  /** Logs of runs that have ended, which have outgrown what is kept of them in the history file. */
  readonly #settling: SettlingLog[] = [];
  /** Runs that have ended and are in the file, as far as its WAL. */
  readonly #droppable = new Set<string>();
  #checkpoints = 0;

  constructor(
    readonly memory: MemoryLedger,
    readonly file: BackingFile,
    readonly logs: LogFiles,
    readonly missed: Pick<Unsaved, "runs">,
  ) {}

  add(runId: string, given: LogLine): void {
    // From the line on that makes one go, the whole log is in a file of its own.
    const isFull = this.memory.keptLog(runId)?.isFull ?? false;
    if (isFull && !this.logs.isWriting(runId)) this.logs.add(runId, this.memory.lines(runId));
    const line = this.memory.addLine(runId, given);
    if (!line) return;
    if (this.logs.isWriting(runId)) {
      this.logs.add(runId, [line]);
      return;
    }
    this.#waiting.push({ runId, line });
    if (this.#waiting.length >= MAX_WAITING) this.flush();
  }

  /** Lines are written together: when a run ends, when many wait, and every few seconds. Until then memory has them. */
  flush(): void {
    const lines = this.#waiting.splice(0);
    if (lines.length === 0) return;
    const ok = this.file.write((file) =>
      file.batch(() => lines.forEach(({ runId, line }) => file.logs.save(runId, [line])))
    );
    if (!ok) { for (const { runId } of lines) this.missed.runs.add(runId); }
  }

  /** A run has ended. */
  end(runId: string): void {
    if (!this.logs.isWriting(runId)) return;
    this.logs.end(runId);
    this.#settling.push({ runId, lines: this.memory.lines(runId), written: 0 });
  }

  /** The end of a run is in the file: memory need not keep its log for long. */
  onWritten(runIds: Iterable<string>): void {
    for (const id of runIds) this.#droppable.add(id);
  }

  /** Writes what waits, before the file is kept in shape. */
  prepare(): void {
    this.flush();
    this.logs.flush();
    const isMuch = this.#droppable.size > MAX_DROPPABLE || this.memory.logsWeight > DROPPABLE_WEIGHT;
    if (isMuch && this.#droppable.size > 0) this.file.write((file) => file.checkpoints.run());
  }

  /** Brings some lines of a log that has outgrown its place to the file. True for more. */
  settle(): boolean {
    const [settling] = this.#settling;
    if (!settling) return false;
    const more = this.file.read((file) => file.logs.settle(settling));
    // Where the file has failed, it is given the log with its run.
    if (more !== true) this.#settling.shift();
    return more !== undefined && this.#settling.length > 0;
  }

  /** The log of a run that is over is kept in the file alone, once it is there and not only in its WAL. */
  drop(): void {
    const checkpoints = this.file.read((file) => file.checkpoints.count);
    if (checkpoints === undefined || checkpoints === this.#checkpoints) return;
    this.#checkpoints = checkpoints;
    const settling = new Set(this.#settling.map(({ runId }) => runId));
    for (const id of this.#droppable) {
      if (settling.has(id)) continue;
      const run = this.memory.get(id);
      if (run && isTerminal(run.status) && !this.missed.runs.has(id)) this.memory.dropLines(id);
      this.#droppable.delete(id);
    }
  }

  /** Writes all of it; nothing comes any more. */
  close(): void {
    this.flush();
    this.logs.flush();
    while (this.settle()) continue;
  }
}
