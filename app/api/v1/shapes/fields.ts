/** Fields that several routes take. */
import { z } from "zod";
import { RUN_CAUSES, RUN_STATUSES } from "../../../model/run.ts";

export const TASK_ID = z.strictObject({
  id: z.string().min(1).max(500).meta({ textKey: "api.field.task" }),
});
export const RUN_ID = z.strictObject({
  id: z.string().min(1).max(100).meta({ textKey: "api.field.run_id" }),
});
export const BACKFILL_ID = z.strictObject({
  id: z.string().min(1).max(100).meta({ textKey: "api.field.backfill_id" }),
});

/** A moment of a filter. */
export const INSTANT = z.iso.datetime({ offset: true });
/** A date, or a date with a time, on a wall clock; the door reads it. */
export const WALL_MOMENT = z.string().max(100);

export const STATUSES = z.array(z.enum(RUN_STATUSES)).min(1);
export const CAUSES = z.array(z.enum(RUN_CAUSES)).min(1);

export const PARAMS = z.record(z.string(), z.unknown()).meta({ textKey: "api.field.params" });

/** What is asked for besides parameters; the door says what is too long or wrong. */
export const NOTE = z.string().optional().meta({ textKey: "api.field.note" });
export const CONFIRM = z.string().optional().meta({ textKey: "api.field.confirm" });

/** Status of an answer that says what was done. */
export const DONE = "success" as const;
export const SUCCESS = z.literal(DONE);
