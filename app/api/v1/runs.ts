/** `/api/v1/runs`: runs by filter, page by page; one; what it returned. */
import { z } from "zod";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { CAUSES, INSTANT, RUN_ID, STATUSES } from "./shapes/fields.ts";
import { RUN, runJson } from "./shapes/run.ts";

const MAX_LISTED = 1_000;
const USUAL_LISTED = 100;

const moment = (text: string | undefined) => text === undefined ? undefined : Date.parse(text);

export const listRuns = route({
  name: "listRuns",
  group: "runs",
  method: "GET",
  path: "/runs",
  right: "view",
  params: NOTHING,
  query: z.strictObject({
    task: z.string().min(1).max(500).optional().meta({ textKey: "api.field.task" }),
    status: STATUSES.optional().meta({ textKey: "api.field.statuses" }),
    cause: CAUSES.optional().meta({ textKey: "api.field.causes" }),
    from: INSTANT.optional().meta({ textKey: "api.field.queued_from" }),
    to: INSTANT.optional().meta({ textKey: "api.field.queued_to" }),
    text: z.string().min(1).max(200).optional().meta({ textKey: "api.field.text" }),
    before: z.uuid().optional().meta({ textKey: "api.field.before" }),
    limit: z.int().min(1).max(MAX_LISTED).optional().meta({ textKey: "api.field.limit" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.runs",
      schema: z.strictObject({
        runs: z.array(RUN),
        next: z.string().nullable().meta({ textKey: "api.field.next_page" }),
      }).meta({ id: "RunList" }),
    },
  },
  problems: [],
}, async ({ queries, query: { task, status, cause, from, to, limit = USUAL_LISTED, ...rest } }) => {
  const runs = await queries.runs.search({
    ...rest,
    taskId: task,
    statuses: status,
    causes: cause,
    from: moment(from),
    to: moment(to),
    limit,
  });
  const last = runs.at(-1);
  return {
    status: 200,
    body: { runs: runs.map(runJson), next: last && runs.length === limit ? last.id : null },
  };
});

export const getRun = route({
  name: "getRun",
  group: "runs",
  method: "GET",
  path: "/runs/:id",
  right: "view",
  params: RUN_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.run", schema: RUN } },
  problems: [404],
}, async ({ queries, params }) => {
  return { status: 200, body: runJson(await queries.runs.get(params.id)) };
});

export const getRunResult = route({
  name: "getRunResult",
  group: "runs",
  method: "GET",
  path: "/runs/:id/result",
  right: "view",
  params: RUN_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.result",
      schema: z.strictObject({
        run: z.string(),
        result: z.unknown().meta({ textKey: "api.field.result" }),
      }).meta({ id: "RunResult" }),
    },
  },
  problems: [404],
}, async ({ queries, params }) => {
  const { id, result = null } = await queries.runs.get(params.id);
  return { status: 200, body: { run: id, result } };
});
