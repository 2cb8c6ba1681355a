/** What goes from memory to the file: batch by batch, and later what the file had no room or no place for. */
import { isTerminal, type Run } from "../model/run.ts";
import type { BackingFile } from "./backing_file.ts";
import type { FrontLogs } from "./front_logs.ts";
import type { MemoryLedger } from "./memory.ts";
import type { SqliteLedger } from "./sqlite/store.ts";
import { addTo, type Batch, emptyBatch, type Unsaved } from "./unsaved.ts";

export class FrontWrites {
  /** What is written when the batch that is going on ends: of each run and task only how it is then. */
  #batch: Batch | undefined;

  /** @param missed what the file has not got, because it failed */
  constructor(
    readonly memory: MemoryLedger,
    readonly file: BackingFile,
    readonly logs: FrontLogs,
    readonly missed: Unsaved,
  ) {}

  run(run: Run): void {
    this.batch(() => this.#batch?.runs.set(run.id, run));
  }

  state(taskId: string): void {
    this.batch(() => this.#batch?.states.add(taskId));
  }

  marks(taskId: string): void {
    this.batch(() => this.#batch?.marks.add(taskId));
  }

  batch<T>(work: () => T): T {
    if (this.#batch) return work();
    const batch = this.#batch = emptyBatch();
    try {
      return work();
    } finally {
      this.#batch = undefined;
      this.#write(batch);
    }
  }

  /** Writes what was missed. */
  give(file: SqliteLedger): void {
    for (const id of this.missed.runs) {
      const run = this.memory.get(id);
      if (!run) continue;
      file.save(run);
      file.logs.save(id, this.memory.lines(id));
      file.saveArtifacts(id, this.memory.artifacts(id));
    }
    this.#writeStates(file, this.missed);
  }

  /** The file has what was missed. */
  onGiven(): void {
    this.logs.onWritten(this.missed.runs);
    for (const ids of Object.values(this.missed)) ids.clear();
  }

  /** What the file has is not known any more. */
  missAll(): void {
    for (const run of this.memory.all()) this.missed.runs.add(run.id);
    for (const id of this.memory.stateIds) this.missed.states.add(id);
    for (const id of this.memory.markedIds) this.missed.marks.add(id);
  }

  #write(batch: Batch): void {
    const runs = [...batch.runs.values()];
    const ended = runs.filter(({ status }) => isTerminal(status));
    // The log of a run is in the file before its end is.
    if (ended.length > 0) this.logs.flush();
    // A file that took the place of a damaged one in the first attempt takes it in the second.
    const ok = this.#writeTo(runs, batch) || this.#writeTo(runs, batch);
    for (const { id } of ended) this.logs.end(id);
    if (ok) this.logs.onWritten(ended.map(({ id }) => id));
    else addTo(this.missed, batch);
  }

  #writeTo(runs: readonly Run[], batch: Batch): boolean {
    return this.file.write((file) => {
      const work = () => {
        for (const run of runs) {
          file.save(run);
          file.saveArtifacts(run.id, this.memory.artifacts(run.id));
        }
        this.#writeStates(file, batch);
      };
      // One statement is a transaction by itself.
      if (runs.length + batch.states.size + batch.marks.size === 1) work();
      else file.batch(work);
    });
  }

  #writeStates(file: SqliteLedger, { states, marks }: Pick<Unsaved, "states" | "marks">): void {
    for (const id of states) {
      const state = this.memory.state(id);
      if (state) file.saveState(id, state);
    }
    for (const id of marks) file.keepWatermarks(id, this.memory.watermarks(id));
  }
}
