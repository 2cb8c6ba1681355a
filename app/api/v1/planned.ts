/** `/api/v1/planned`: runs that other runs have planned, until they begin; taking one back. */
import { z } from "zod";
import type { PlannedRun } from "../../model/planned_run.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { DONE, SUCCESS } from "./shapes/fields.ts";
import { MOMENT, momentText } from "./shapes/time.ts";

const PLANNED = z.strictObject({
  id: z.string().meta({ textKey: "api.field.plan_id" }),
  task: z.string(),
  at: MOMENT,
  params: z.record(z.string(), z.unknown()),
  asked_by: z.string().meta({ textKey: "api.field.run_id" }),
  asked_at: MOMENT,
}).meta({ id: "PlannedRun" });

function plannedJson({ id, taskId, at, params, askedBy, askedAt }: PlannedRun): z.output<typeof PLANNED> {
  return {
    id,
    task: taskId,
    at: momentText(at),
    params: { ...params },
    asked_by: askedBy,
    asked_at: momentText(askedAt),
  };
}

export const listPlanned = route({
  name: "listPlanned",
  group: "runs",
  method: "GET",
  path: "/planned",
  right: "view",
  params: NOTHING,
  query: z.strictObject({
    task: z.string().min(1).max(500).optional().meta({ textKey: "api.field.task" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.planned",
      schema: z.strictObject({ planned: z.array(PLANNED) }).meta({ id: "PlannedList" }),
    },
  },
  problems: [],
}, ({ queries, query }) => ({
  status: 200,
  body: { planned: queries.tasks.planned(query.task).map(plannedJson) },
}));

export const cancelPlanned = route({
  name: "cancelPlanned",
  group: "runs",
  method: "POST",
  path: "/planned/:id/cancel",
  right: "cancel",
  params: z.strictObject({ id: z.string().min(1).max(100).meta({ textKey: "api.field.plan_id" }) }),
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.plan_cancelled",
      schema: z.strictObject({ status: SUCCESS, planned: PLANNED }).meta({ id: "PlannedAnswer" }),
    },
  },
  problems: [404],
}, ({ operations, actor, params }) => ({
  status: 200,
  body: { status: DONE, planned: plannedJson(operations.cancelPlanned(actor, params.id)) },
}));
