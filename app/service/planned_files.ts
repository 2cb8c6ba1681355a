/** Planned runs as files of the data folder, one each: what is planned outlives a crash. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import type { PlannedRunLog } from "../contracts.ts";
import type { PlannedRun } from "../model/planned_run.ts";
import { recordNames, writeRecord } from "./record_files.ts";

const ENDING = ".json";
const NAME = /^plan-[0-9a-z-]+\.json$/;

const PLAN = z.object({
  id: z.string().regex(/^plan-[0-9a-z-]+$/),
  taskId: z.string(),
  at: z.int(),
  params: z.record(z.string(), z.unknown()),
  askedBy: z.string(),
  askedAt: z.int(),
});

export class PlannedFiles implements PlannedRunLog {
  /** @param onDamaged is told of a file that cannot be read; it is left where it is */
  constructor(readonly folder: string, readonly onDamaged: (sentence: string) => void) {}

  read(): readonly PlannedRun[] {
    return recordNames(this.folder, NAME).flatMap((name) => {
      const path = join(this.folder, name);
      try {
        return [PLAN.parse(JSON.parse(readFileSync(path, "utf8")))];
      } catch (error) {
        this.onDamaged(`the planned run ${path} cannot be read (${systemReason(error)}); it does not begin`);
        return [];
      }
    });
  }

  /** It is there as a whole or not at all. */
  add(plan: PlannedRun): void {
    const path = join(this.folder, `${plan.id}${ENDING}`);
    try {
      writeRecord(`${path}.new`, JSON.stringify(plan), "w");
      renameSync(`${path}.new`, path);
    } catch (cause) {
      throw new OperatorError(`${path} cannot be written: ${systemReason(cause)}`, { cause });
    }
  }

  remove(id: string): void {
    rmSync(join(this.folder, `${id}${ENDING}`), { force: true });
  }
}
