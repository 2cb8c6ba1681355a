/** Failures that a person knows of: who, when, and a note. One holds until the task succeeds or fails for another cause. */
import { dirname, join } from "node:path";
import { codeOf, messageOf } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import type { EpochMs } from "../base/time.ts";
import type { EventBus } from "../events/bus.ts";

export interface Acknowledgement {
  readonly cause: string;
  readonly note: string;
  readonly by?: string | undefined;
  readonly at: EpochMs;
}

/** Kept in a small file beside the history, written as a whole; where that fails, in memory, and the journal says so. */
export class Acknowledgements {
  readonly #kept = new Map<string, Acknowledgement>();

  /** @param file where they are kept; empty for in memory only */
  constructor(readonly file: string, readonly journal: Journal, events: EventBus) {
    for (const [taskId, each] of readFile(file, journal)) this.#kept.set(taskId, each);
    events.on("run.ended", ({ run: { taskId, status } }) => {
      if (status !== "succeeded" || !this.#kept.delete(taskId)) return;
      this.#write();
    });
    events.on("task.removed", ({ taskId }) => {
      if (this.#kept.delete(taskId)) this.#write();
    });
  }

  /** What somebody said of a task's failure; undefined where it failed for another cause, or nobody said anything. */
  of(taskId: string, cause: string): Acknowledgement | undefined {
    const found = this.#kept.get(taskId);
    return found?.cause === cause ? found : undefined;
  }

  set(taskIds: readonly string[], acknowledgement: Acknowledgement): void {
    for (const id of taskIds) this.#kept.set(id, acknowledgement);
    this.#write();
  }

  #write(): void {
    if (this.file === "") return;
    try {
      const part = `${this.file}.part`;
      Deno.writeTextFileSync(part, JSON.stringify(Object.fromEntries(this.#kept), null, 1));
      Deno.renameSync(part, this.file);
    } catch (error) {
      this.journal.warn(`acknowledgements are kept in memory only: ${this.file}: ${messageOf(error)}`);
    }
  }
}

/** The file of acknowledgements beside a history file; empty where there is none. */
export function acknowledgementFile(historyFile: string): string {
  return historyFile === "" ? "" : join(dirname(historyFile), "acknowledged.json");
}

function readFile(file: string, journal: Journal): [string, Acknowledgement][] {
  if (file === "") return [];
  try {
    const read: unknown = JSON.parse(Deno.readTextFileSync(file));
    if (typeof read !== "object" || read === null) return [];
    return Object.entries(read).filter((each): each is [string, Acknowledgement] => isOne(each[1]));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") {
      journal.warn(`acknowledgements cannot be read and begin empty: ${file}: ${messageOf(error)}`);
    }
    return [];
  }
}

function isOne(value: unknown): value is Acknowledgement {
  return typeof value === "object" && value !== null && "cause" in value && typeof value.cause === "string" &&
    "note" in value && typeof value.note === "string" && "at" in value && typeof value.at === "number";
}
