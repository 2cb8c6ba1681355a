/** How far tasks have come: values that a run leaves for the next one, in a small file that is replaced as a whole. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";

/** A number, or a text such as a moment. */
export type WatermarkValue = string | number;

/** The marks of one task, by name. */
export type TaskWatermarks = Readonly<Record<string, WatermarkValue>>;

const FILE = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])));

/** Marks that are kept nowhere. */
export const noWatermarks: WatermarkStore = { of: () => ({}), keep: () => {} };

export interface WatermarkStore {
  of(taskId: string): TaskWatermarks;
  /** Adds the marks that a run has left when it succeeded. */
  keep(taskId: string, marks: TaskWatermarks): void;
}

export class WatermarkFile implements WatermarkStore {
  readonly #marks: Map<string, TaskWatermarks>;

  /** @throws Error with a sentence where the file is there and is not one of these */
  constructor(readonly path: string) {
    this.#marks = new Map(Object.entries(read(path)));
  }

  of(taskId: string): TaskWatermarks {
    return this.#marks.get(taskId) ?? {};
  }

  keep(taskId: string, marks: TaskWatermarks): void {
    this.#marks.set(taskId, { ...this.of(taskId), ...marks });
    const draft = `${this.path}.new`;
    try {
      writeFileSync(draft, `${JSON.stringify(Object.fromEntries(this.#marks), null, 2)}\n`, { mode: 0o600 });
      renameSync(draft, this.path);
    } catch (cause) {
      throw new WatermarkError(`${this.path}: ${(cause as Error).message}`, { cause });
    }
  }
}

function read(path: string): Record<string, TaskWatermarks> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return {};
    throw error;
  }
  try {
    return FILE.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError
      ? cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
      : (cause as Error).message;
    throw new WatermarkError(
      `${path}: it does not hold the watermarks of tasks (${why}); mend it, or remove it, and tasks begin anew`,
      { cause },
    );
  }
}

/** The file of the watermarks is damaged, or cannot be written. */
export class WatermarkError extends Error {
  override readonly name = "WatermarkError";
}
