/** `POST /api/v1/tasks/:id/runs`: starts a run with parameters in JSON, once for each key, and waits for its end where asked to. */
import { z } from "zod";
import { route } from "../route.ts";
import { keyOf, STARTED, startedReply, WAIT, waitMs } from "../started.ts";
import { CONFIRM, NOTE, PARAMS, TASK_ID } from "./shapes/fields.ts";

export const startRun = route({
  name: "startRun",
  group: "tasks",
  method: "POST",
  path: "/tasks/:id/runs",
  right: "run",
  params: TASK_ID,
  query: z.strictObject({ wait: WAIT }),
  body: z.strictObject({ params: PARAMS.optional(), note: NOTE, confirm: CONFIRM }),
  headers: ["Idempotency-Key"],
  answers: {
    200: { about: "api.answer.ended", schema: STARTED },
    202: { about: "api.answer.started", schema: STARTED },
  },
  problems: [404, 422, 503],
}, async ({ operations, queries, actor, params, query, body, header, signal }) => {
  const wait = waitMs(query.wait);
  const key = keyOf(header("Idempotency-Key"));
  const { params: given = {}, note, confirm } = body;
  const answer = await operations.start(actor, params.id, given, key, { note, confirm });
  return await startedReply(queries, answer, wait, signal);
});
