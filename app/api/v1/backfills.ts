/** `/api/v1/backfills`: runs for the due instants of a past range; how far they are; ending them. */
import { z } from "zod";
import { FieldProblem } from "../problem.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { paramErrors } from "../started.ts";
import { BACKFILL, backfillJson, PREVIEW, previewJson } from "./shapes/backfill.ts";
import { BACKFILL_ID, CONFIRM, DONE, SUCCESS, TASK_ID, WALL_MOMENT } from "./shapes/fields.ts";

const CHANGED = z.strictObject({ status: SUCCESS, backfill: BACKFILL }).meta({ id: "BackfillAnswer" });

export const listBackfills = route({
  name: "listBackfills",
  group: "backfills",
  method: "GET",
  path: "/backfills",
  right: "view",
  params: NOTHING,
  query: z.strictObject({
    task: z.string().min(1).max(500).optional().meta({ textKey: "api.field.task" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.backfills",
      schema: z.strictObject({ backfills: z.array(BACKFILL) }).meta({ id: "BackfillList" }),
    },
  },
  problems: [],
}, ({ queries, query }) => ({
  status: 200,
  body: { backfills: queries.backfills.all(query.task).map(backfillJson) },
}));

export const getBackfill = route({
  name: "getBackfill",
  group: "backfills",
  method: "GET",
  path: "/backfills/:id",
  right: "view",
  params: BACKFILL_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.backfill", schema: BACKFILL } },
  problems: [404],
}, ({ queries, params }) => ({ status: 200, body: backfillJson(queries.backfills.get(params.id)) }));

export const startBackfill = route({
  name: "startBackfill",
  group: "backfills",
  method: "POST",
  path: "/tasks/:id/backfills",
  right: "run",
  params: TASK_ID,
  query: NOTHING,
  body: z.strictObject({
    from: WALL_MOMENT.meta({ textKey: "api.field.range_from" }),
    to: WALL_MOMENT.meta({ textKey: "api.field.range_to" }),
    at_once: z.int().optional().meta({ textKey: "api.field.at_once" }),
    dry: z.boolean().optional().meta({ textKey: "api.field.dry" }),
    params: z.record(z.string(), z.string()).optional().meta({ textKey: "api.field.text_params" }),
    confirm: CONFIRM,
  }),
  headers: [],
  answers: {
    200: { about: "api.answer.preview", schema: PREVIEW },
    202: { about: "api.answer.backfill_started", schema: CHANGED },
  },
  problems: [404, 409, 422, 503],
}, async ({ operations, queries, actor, params, body }) => {
  const { from, to, at_once: atOnce, dry, params: given = {}, confirm } = body;
  const request = { from, to, atOnce };
  if (dry) return { status: 200, body: previewJson(await queries.backfills.preview(params.id, request)) };
  const answer = await operations.backfill(actor, params.id, request, Object.entries(given), { confirm });
  if (!answer.ok) throw new FieldProblem(422, paramErrors(answer.problems));
  return { status: 202, body: { status: DONE, backfill: backfillJson(answer.progress) } };
});

export const cancelBackfill = route({
  name: "cancelBackfill",
  group: "backfills",
  method: "POST",
  path: "/backfills/:id/cancel",
  right: "cancel",
  params: BACKFILL_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 202: { about: "api.answer.backfill_cancelled", schema: CHANGED } },
  problems: [404, 409],
}, ({ operations, actor, params }) => ({
  status: 202,
  body: { status: DONE, backfill: backfillJson(operations.cancelBackfill(actor, params.id)) },
}));
