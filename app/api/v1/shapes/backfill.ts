/** Backfills as programs get them. */
import { z } from "zod";
import type { BackfillProgress } from "../../../model/backfill.ts";
import { RUN_STATUSES } from "../../../model/run.ts";
import type { BackfillPreview } from "../../../service/queries/backfills.ts";
import { RUN_STATUS } from "./run.ts";
import { MOMENT, momentText } from "./time.ts";

export const BACKFILL = z.strictObject({
  id: z.string().meta({ textKey: "api.field.backfill_id" }),
  task: z.string(),
  state: z.enum(["going", "done", "cancelled"]),
  from: MOMENT,
  to: MOMENT.meta({ textKey: "api.field.behind" }),
  at_once: z.int().meta({ textKey: "api.field.at_once" }),
  params: z.record(z.string(), z.unknown()),
  by: z.string().nullable(),
  asked_at: MOMENT,
  total: z.int(),
  waiting: z.int().meta({ textKey: "api.field.waiting" }),
  going: z.array(z.string()).meta({ textKey: "api.field.going" }),
  ended: z.partialRecord(z.enum(RUN_STATUSES), z.int()),
  failed: z.array(z.strictObject({ instant: MOMENT, run: z.string(), status: RUN_STATUS })),
}).meta({ id: "Backfill" });

/** `to` is the first moment behind its range. */
export function backfillJson(
  { plan, state, total, waiting, going, ended, failed }: BackfillProgress,
): z.output<typeof BACKFILL> {
  return {
    id: plan.id,
    task: plan.taskId,
    state,
    from: momentText(plan.from),
    to: momentText(plan.to),
    at_once: plan.atOnce,
    params: { ...plan.params },
    by: plan.by ?? null,
    asked_at: momentText(plan.askedAt),
    total,
    waiting,
    going: [...going],
    ended,
    failed: failed.map(({ instant, run, status }) => ({ instant: momentText(instant), run, status })),
  };
}

export const PREVIEW = z.strictObject({
  task: z.string(),
  timezone: z.string(),
  from: MOMENT,
  to: MOMENT.meta({ textKey: "api.field.behind" }),
  at_once: z.int(),
  instants: z.array(MOMENT),
  closed: z.int().meta({ textKey: "api.field.closed" }),
  about_ms: z.number().nullable().meta({ textKey: "api.field.about_ms" }),
}).meta({ id: "BackfillPreview" });

export function previewJson(preview: BackfillPreview): z.output<typeof PREVIEW> {
  return {
    task: preview.taskId,
    timezone: preview.timezone,
    from: momentText(preview.from),
    to: momentText(preview.to),
    at_once: preview.atOnce,
    instants: preview.instants.map(momentText),
    closed: preview.closed,
    about_ms: preview.aboutMs ?? null,
  };
}
