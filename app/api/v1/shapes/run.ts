/** A run as programs get it. */
import { z } from "zod";
import { type Approval, isTerminal, type Run, RUN_CAUSES, RUN_STATUSES } from "../../../model/run.ts";
import { MOMENT, momentOrNull, momentText } from "./time.ts";

export const RUN_STATUS = z.enum(RUN_STATUSES).meta({ id: "RunStatus", textKey: "api.field.status" });
export const RUN_CAUSE = z.enum(RUN_CAUSES).meta({ id: "RunCause", textKey: "api.field.cause" });

const APPROVAL = z.strictObject({
  role: z.string(),
  asked_by: z.string(),
  expires_at: MOMENT,
  decision: z.enum(["approved", "declined"]).nullable(),
  decided_by: z.string().nullable(),
  decided_at: MOMENT.nullable(),
  note: z.string().nullable(),
});

export const RUN = z.strictObject({
  id: z.string().meta({ textKey: "api.field.run_id" }),
  task: z.string().meta({ textKey: "api.field.task" }),
  status: RUN_STATUS,
  finished: z.boolean().meta({ textKey: "api.field.finished" }),
  cause: RUN_CAUSE,
  by: z.string().nullable().meta({ textKey: "api.field.by" }),
  scheduled_at: MOMENT.nullable().meta({ textKey: "api.field.scheduled_at" }),
  queued_at: MOMENT,
  started_at: MOMENT.nullable(),
  finished_at: MOMENT.nullable(),
  attempt: z.int().meta({ textKey: "api.field.attempt" }),
  instants: z.int().meta({ textKey: "api.field.instants" }),
  params: z.record(z.string(), z.unknown()).meta({ textKey: "api.field.run_params" }),
  message: z.string().nullable().meta({ textKey: "api.field.message" }),
  error: z.strictObject({ name: z.string(), message: z.string() }).nullable(),
  progress: z.strictObject({ fraction: z.number().optional(), note: z.string().optional() }).nullable(),
  note: z.string().nullable().meta({ textKey: "api.field.run_note" }),
  approval: APPROVAL.nullable().meta({ textKey: "api.field.approval" }),
  host: z.string().nullable().meta({ textKey: "api.field.host" }),
  code_version: z.string().nullable().meta({ textKey: "api.field.code_version" }),
}).meta({ id: "Run" });

export function runJson(run: Run): z.output<typeof RUN> {
  return {
    id: run.id,
    task: run.taskId,
    status: run.status,
    finished: isTerminal(run.status),
    cause: run.cause,
    by: run.by ?? null,
    scheduled_at: momentOrNull(run.scheduledAt),
    queued_at: momentText(run.queuedAt),
    started_at: momentOrNull(run.startedAt),
    finished_at: momentOrNull(run.finishedAt),
    attempt: run.attempt,
    instants: run.instants,
    params: { ...run.params },
    message: run.message ?? null,
    error: run.error ? { name: run.error.name, message: run.error.message } : null,
    progress: run.progress ?? null,
    note: run.note ?? null,
    approval: run.approval ? approvalJson(run.approval) : null,
    host: run.host ?? null,
    code_version: run.codeVersion ?? null,
  };
}

function approvalJson(approval: Approval): z.output<typeof APPROVAL> {
  return {
    role: approval.role,
    asked_by: approval.askedBy,
    expires_at: momentText(approval.expiresAt),
    decision: approval.decision ?? null,
    decided_by: approval.decidedBy ?? null,
    decided_at: momentOrNull(approval.decidedAt),
    note: approval.note ?? null,
  };
}
