/** The promise report as programs get it. */
import { z } from "zod";
import { RUN_STATUSES } from "../../../model/run.ts";
import { WHYS } from "../../../service/promise_report.ts";
import type { PromiseReport } from "../../../service/queries/report.ts";
import { MOMENT, momentText } from "./time.ts";

const WHY_COUNTS = z.partialRecord(z.enum(WHYS), z.int());

export const REPORT = z.strictObject({
  timezone: z.string(),
  from: MOMENT,
  to: MOMENT.meta({ textKey: "api.field.behind" }),
  tasks: z.array(z.strictObject({
    task: z.string(),
    due: z.int().meta({ textKey: "api.field.due" }),
    ran: z.int(),
    runs: z.partialRecord(z.enum(RUN_STATUSES), z.int()).meta({ textKey: "api.field.report_runs" }),
    late: z.int().meta({ textKey: "api.field.late" }),
    skipped: z.int(),
    skipped_why: WHY_COUNTS,
    missed: z.int(),
    missed_why: WHY_COUNTS,
    unrecorded: z.int().nullable().meta({ textKey: "api.field.unrecorded" }),
  })),
}).meta({ id: "Report" });

/** `to` is the first moment behind the span. */
export function reportJson({ timezone, from, to, tasks }: PromiseReport): z.output<typeof REPORT> {
  return {
    timezone,
    from: momentText(from),
    to: momentText(to),
    tasks: tasks.map((task) => ({
      task: task.taskId,
      due: task.due,
      ran: task.ran,
      runs: task.runs,
      late: task.late,
      skipped: task.skipped,
      skipped_why: task.skippedWhy,
      missed: task.missed,
      missed_why: task.missedWhy,
      unrecorded: task.unrecorded ?? null,
    })),
  };
}
