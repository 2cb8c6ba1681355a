/** The watermarks in a history file, for a command that runs a task beside the Carillon that writes them. */
import { existsSync } from "node:fs";
import type { TaskWatermarks } from "../model/order.ts";
import { openToRead } from "./sqlite/reading.ts";

/** None where there is no such file. Throws a HistoryFileError where it cannot be read. */
export function savedWatermarks(file: string, taskId: string): TaskWatermarks {
  if (file === "" || !existsSync(file)) return {};
  const reading = openToRead(file);
  try {
    return reading.watermarks(taskId);
  } finally {
    reading.close();
  }
}
