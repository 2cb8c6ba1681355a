/** Backfills as files of the data folder: one each, its plan in the first line and what became of it in those that follow. */
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import type { BackfillLog } from "../contracts.ts";
import type { BackfillEntry, BackfillPlan, BackfillRecord } from "../model/backfill.ts";
import { RUN_STATUSES } from "../model/run.ts";
import { recordNames, writeRecord } from "./record_files.ts";

const ENDING = ".ndjson";
const NAME = /^bf-[0-9a-z]+-[0-9a-f]{4}\.ndjson$/;
const MOMENT = z.int();

const PLAN = z.object({
  id: z.string(),
  taskId: z.string(),
  from: MOMENT,
  to: MOMENT,
  instants: z.array(MOMENT),
  atOnce: z.int().min(1),
  params: z.record(z.string(), z.unknown()),
  by: z.string().optional(),
  askedAt: MOMENT,
});

const ENTRY = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ended"), instant: MOMENT, run: z.string(), status: z.enum(RUN_STATUSES) }),
  z.object({ kind: z.literal("cancelled"), at: MOMENT, by: z.string().optional() }),
]);

export class BackfillFiles implements BackfillLog {
  /** @param onDamaged is told of a file that cannot be read; it is left where it is */
  constructor(readonly folder: string, readonly onDamaged: (sentence: string) => void) {}

  read(): readonly BackfillRecord[] {
    return recordNames(this.folder, NAME).flatMap((name) => {
      const path = join(this.folder, name);
      try {
        return [recordOf(readFileSync(path, "utf8"))];
      } catch (error) {
        this.onDamaged(`the backfill ${path} cannot be read (${systemReason(error)}); it does not go on`);
        return [];
      }
    });
  }

  begin(plan: BackfillPlan): void {
    try {
      writeRecord(this.#path(plan.id), JSON.stringify(plan), "wx");
    } catch (cause) {
      throw new OperatorError(`the backfill cannot be written to ${this.folder}: ${systemReason(cause)}`, {
        cause,
      });
    }
  }

  /**
   * The line break comes first, so that a line which a crash cut off spoils no other. The mode is said again: Deno gives a
   * file that is there all rights otherwise, and there may be secrets in it.
   */
  add(id: string, entry: BackfillEntry): void {
    appendFileSync(this.#path(id), `\n${JSON.stringify(entry)}`, { mode: 0o600 });
  }

  remove(id: string): void {
    rmSync(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.folder, `${id}${ENDING}`);
  }
}

function recordOf(text: string): BackfillRecord {
  const [first = "", ...rest] = text.split("\n");
  return { plan: PLAN.parse(JSON.parse(first)), entries: rest.flatMap(entryOf) };
}

/** No entry for a line that a crash cut off: the history knows what it said. */
function entryOf(line: string): BackfillEntry[] {
  try {
    return [ENTRY.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
