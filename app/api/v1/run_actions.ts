/**
 * `/api/v1/runs/:id/cancel` ends a run; `/rerun` starts it once more with the parameters it had; `/approve` and `/decline`
 * decide about one that waits for the word of another person.
 */
import { z } from "zod";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { keyOf, STARTED, startedReply, WAIT, waitMs } from "../started.ts";
import { CONFIRM, DONE, NOTE, RUN_ID } from "./shapes/fields.ts";
import { runJson } from "./shapes/run.ts";

export const cancelRun = route({
  name: "cancelRun",
  group: "runs",
  method: "POST",
  path: "/runs/:id/cancel",
  right: "cancel",
  params: RUN_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 202: { about: "api.answer.cancelled", schema: STARTED } },
  problems: [404, 409],
}, async ({ operations, actor, params }) => {
  const run = await operations.cancel(actor, params.id);
  return { status: 202, body: { status: DONE, run: runJson(run) } };
});

export const rerun = route({
  name: "rerun",
  group: "runs",
  method: "POST",
  path: "/runs/:id/rerun",
  right: "run",
  params: RUN_ID,
  query: z.strictObject({ wait: WAIT }),
  body: z.strictObject({ note: NOTE, confirm: CONFIRM }),
  headers: ["Idempotency-Key"],
  answers: {
    200: { about: "api.answer.ended", schema: STARTED },
    202: { about: "api.answer.started", schema: STARTED },
  },
  problems: [404, 422, 503],
}, async ({ operations, queries, actor, params, query, body, header, signal }) => {
  const wait = waitMs(query.wait);
  const answer = await operations.rerun(actor, params.id, keyOf(header("Idempotency-Key")), body);
  return await startedReply(queries, answer, wait, signal);
});

/** What somebody says who decides. */
const DECISION = z.strictObject({ note: z.string().optional().meta({ textKey: "api.field.decision_note" }) });

export const approveRun = route({
  name: "approveRun",
  group: "runs",
  method: "POST",
  path: "/runs/:id/approve",
  right: "approve",
  params: RUN_ID,
  query: NOTHING,
  body: DECISION,
  headers: [],
  answers: { 202: { about: "api.answer.approved", schema: STARTED } },
  problems: [403, 404, 409, 422, 503],
}, async ({ operations, actor, params, body }) => {
  const run = await operations.approve(actor, params.id, body.note);
  return { status: 202, body: { status: DONE, run: runJson(run) } };
});

export const declineRun = route({
  name: "declineRun",
  group: "runs",
  method: "POST",
  path: "/runs/:id/decline",
  right: "approve",
  params: RUN_ID,
  query: NOTHING,
  body: DECISION,
  headers: [],
  answers: { 200: { about: "api.answer.declined", schema: STARTED } },
  problems: [403, 404, 409, 422],
}, async ({ operations, actor, params, body }) => {
  const run = await operations.decline(actor, params.id, body.note);
  return { status: 200, body: { status: DONE, run: runJson(run) } };
});
