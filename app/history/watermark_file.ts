/** The watermarks of an earlier Carillon: a small file, taken into the history once. */
import { readFileSync, renameSync } from "node:fs";
import { z } from "zod";
import { codeOf, messageOf, OperatorError } from "../base/errors.ts";
import type { TaskStates } from "../contracts.ts";
import type { TaskWatermarks } from "../model/order.ts";

const FILE = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])));

/**
 * Takes a `watermarks.json` into the history and names it `….imported`. What the history has already is newer. Where the
 * history cannot keep them they count from memory, and the file stays for the next start.
 *
 * @throws OperatorError where the file is there and does not hold watermarks
 */
export async function importWatermarkFile(
  path: string,
  history: Pick<TaskStates, "watermarks" | "keepWatermarks">,
): Promise<void> {
  const file = read(path);
  if (!file) return;
  let kept = true;
  for (const [taskId, marks] of Object.entries(file)) {
    const known = await history.watermarks(taskId);
    try {
      await history.keepWatermarks(taskId, { ...marks, ...known });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      kept = false;
    }
  }
  if (!kept) return;
  try {
    renameSync(path, `${path}.imported`);
  } catch {
    // It is read again at the next start, and changes nothing: the history has all of it.
  }
}

function read(path: string): Record<string, TaskWatermarks> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new OperatorError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  try {
    return FILE.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError
      ? cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
      : messageOf(cause);
    throw new OperatorError(
      `${path}: it does not hold the watermarks of tasks (${why}); correct it, or remove it, and tasks start again from nothing`,
      { cause },
    );
  }
}
