/** `/api/v1/tasks/:id/pause` and `/resume`: stops a task's trigger and lets it go on; runs by hand are not affected. */
import { z } from "zod";
import { MAX_PAUSE_NOTE } from "../../model/pause.ts";
import { readMoment } from "../../service/range.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { DONE, SUCCESS, TASK_ID, WALL_MOMENT } from "./shapes/fields.ts";
import { TASK, taskJson } from "./shapes/task.ts";

const PAUSED = z.strictObject({
  status: SUCCESS,
  changed: z.boolean().meta({ textKey: "api.field.changed" }),
  task: TASK,
}).meta({ id: "PauseAnswer" });

/** What a pause may say of itself. */
export const PAUSE_TERMS = z.strictObject({
  until: WALL_MOMENT.optional().meta({ textKey: "api.field.pause_until" }),
  note: z.string().max(MAX_PAUSE_NOTE).optional().meta({ textKey: "api.field.pause_note" }),
});

/** The terms, with the moment on the wall clock of a zone. @throws Refusal `invalid` */
export function pauseTerms({ until, note }: z.output<typeof PAUSE_TERMS>, zone: string) {
  return { until: until === undefined ? undefined : readMoment("until", until, zone), note };
}

export const pauseTask = route({
  name: "pauseTask",
  group: "tasks",
  method: "POST",
  path: "/tasks/:id/pause",
  right: "pause",
  params: TASK_ID,
  query: NOTHING,
  body: PAUSE_TERMS,
  headers: [],
  answers: { 200: { about: "api.answer.paused", schema: PAUSED } },
  problems: [404, 409, 422],
}, async ({ operations, queries, actor, params: { id }, body }) => {
  const terms = pauseTerms(body, queries.tasks.get(id).timezone);
  const changed = await operations.pause(actor, [id], terms) > 0;
  await queries.activity.ready();
  return {
    status: 200,
    body: { status: DONE, changed, task: taskJson(queries, queries.tasks.get(id)) },
  };
});

export const resumeTask = route({
  name: "resumeTask",
  group: "tasks",
  method: "POST",
  path: "/tasks/:id/resume",
  right: "pause",
  params: TASK_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.resumed", schema: PAUSED } },
  problems: [404, 409],
}, async ({ operations, queries, actor, params: { id } }) => {
  const changed = await operations.resume(actor, [id]) > 0;
  await queries.activity.ready();
  return {
    status: 200,
    body: { status: DONE, changed, task: taskJson(queries, queries.tasks.get(id)) },
  };
});
