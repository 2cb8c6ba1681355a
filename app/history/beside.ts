/** The history of a run on the command line: it leaves nothing, and begins where the task's last recorded run ended. */
import type { TaskWatermarks } from "../model/order.ts";
import { MemoryHistory } from "./memory.ts";
import { openToRead } from "./sqlite/reading.ts";

/** In memory; the watermarks of the history file are read, also while a Carillon writes it. */
export class BesideHistory extends MemoryHistory {
  /** @param file path of the history file, empty where there is none */
  constructor(limit: number, readonly file: string) {
    super(limit);
  }

  /** @throws HistoryFileError where the file is there and cannot be read: a copy would start from the beginning */
  override async watermarks(taskId: string): Promise<TaskWatermarks> {
    return { ...this.#recorded(taskId), ...await super.watermarks(taskId) };
  }

  #recorded(taskId: string): TaskWatermarks {
    if (this.file === "" || !isThere(this.file)) return {};
    const reading = openToRead(this.file);
    try {
      return reading.watermarks(taskId);
    } finally {
      reading.close();
    }
  }
}

/** An empty file is one that was just made. */
function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
