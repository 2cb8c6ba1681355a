/** `/api/v1/tasks`: the tasks by filter, one with its parameters, its next instants, its report, its source. */
import { z } from "zod";
import type { TaskFacts } from "../../service/queries/tasks.ts";
import { passesFilter, TASK_STATES } from "../../web/task_filter.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { PLAIN_TEXT } from "../streams.ts";
import { INSTANT, TASK_ID, WALL_MOMENT } from "./shapes/fields.ts";
import { REPORT, reportJson } from "./shapes/report.ts";
import { TASK, taskJson } from "./shapes/task.ts";
import { MOMENT, momentText } from "./shapes/time.ts";

const MAX_LISTED = 1_000;
const MAX_INSTANTS = 1_000;
const USUAL_INSTANTS = 10;

/** The filter of the page of tasks. */
export const TASK_FILTER = z.strictObject({
  q: z.string().max(200).optional().meta({ textKey: "api.field.task_q" }),
  status: z.enum(TASK_STATES).optional().meta({ textKey: "api.field.task_status" }),
  tag: z.string().max(100).optional().meta({ textKey: "api.field.tag" }),
  folder: z.string().max(500).optional().meta({ textKey: "api.field.folder" }),
});
export type AskedFilter = z.output<typeof TASK_FILTER>;

export const listTasks = route({
  name: "listTasks",
  group: "tasks",
  method: "GET",
  path: "/tasks",
  right: "view",
  params: NOTHING,
  query: TASK_FILTER.extend({
    after: z.string().max(500).optional().meta({ textKey: "api.field.after" }),
    limit: z.int().min(1).max(MAX_LISTED).optional().meta({ textKey: "api.field.limit_tasks" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.tasks",
      schema: z.strictObject({
        tasks: z.array(TASK),
        next: z.string().nullable().meta({ textKey: "api.field.next_page" }),
      }).meta({ id: "TaskList" }),
    },
  },
  problems: [],
}, async ({ queries, query: { after, limit = MAX_LISTED, ...filter } }) => {
  await queries.activity.ready();
  const ids = filteredTasks(queries, filter).filter((id) => after === undefined || id > after);
  const page = ids.slice(0, limit);
  const tasks = page.flatMap((id) => {
    const facts = queries.tasks.find(id);
    return facts ? [taskJson(queries, facts)] : [];
  });
  return { status: 200, body: { tasks, next: ids.length > limit ? page.at(-1) ?? null : null } };
});

/** Ids of the tasks that pass, in their order. The newest runs must have been read. */
export function filteredTasks(
  { tasks, activity }: Parameters<typeof taskJson>[0],
  asked: AskedFilter,
): string[] {
  const { q = "", tag = "", folder = "" } = asked;
  const filter = {
    q,
    tag,
    folder,
    status: asked.status ?? "",
    first: "",
    group: "",
    sort: "",
    open: [],
  } as const;
  return [...tasks.briefs()].filter((brief) =>
    passesFilter({ ...brief, activity: activity.of(brief.task.id) }, filter)
  ).map(({ task }) => task.id);
}

export const getTask = route({
  name: "getTask",
  group: "tasks",
  method: "GET",
  path: "/tasks/:id",
  right: "view",
  params: TASK_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.task",
      schema: TASK.extend({
        params: z.array(z.strictObject({
          name: z.string(),
          required: z.boolean(),
          schema: z.record(z.string(), z.unknown()).meta({ textKey: "api.field.param_schema" }),
        })).meta({ textKey: "api.field.task_params" }),
        open_params: z.boolean().meta({ textKey: "api.field.open_params" }),
        warnings: z.array(z.string()).meta({ textKey: "api.field.warnings" }),
        broken: z.array(z.string()).meta({ textKey: "api.field.broken" }),
      }).meta({ id: "TaskDetails" }),
    },
  },
  problems: [404],
}, async ({ queries, params: { id } }) => {
  const facts = queries.tasks.get(id);
  await queries.activity.ready();
  const { fields, open } = await queries.tasks.params(id);
  const body = {
    ...taskJson(queries, facts),
    params: fields.map(({ name, required, schema }) => ({ name, required, schema: { ...schema } })),
    open_params: open,
    warnings: queries.tasks.warnings(id, "en"),
    broken: queries.tasks.broken(id).map(({ message }) => message),
  };
  return { status: 200, body };
});

export const listInstants = route({
  name: "listInstants",
  group: "tasks",
  method: "GET",
  path: "/tasks/:id/next",
  right: "view",
  params: TASK_ID,
  query: z.strictObject({
    after: INSTANT.optional().meta({ textKey: "api.field.instants_after" }),
    limit: z.int().min(1).max(MAX_INSTANTS).optional().meta({ textKey: "api.field.limit_instants" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.instants",
      schema: z.strictObject({ task: z.string(), timezone: z.string(), instants: z.array(MOMENT) })
        .meta({ id: "Instants" }),
    },
  },
  problems: [404],
}, ({ queries, params, query: { after, limit = USUAL_INSTANTS } }) => {
  const { task: { id }, timezone }: TaskFacts = queries.tasks.get(params.id);
  const from = after === undefined ? queries.system.now() : Date.parse(after);
  const instants = queries.tasks.upcoming(id, from, limit).map(momentText);
  return { status: 200, body: { task: id, timezone, instants } };
});

export const getTaskReport = route({
  name: "getTaskReport",
  group: "tasks",
  method: "GET",
  path: "/tasks/:id/report",
  right: "view",
  params: TASK_ID,
  query: z.strictObject({
    from: WALL_MOMENT.optional().meta({ textKey: "api.field.span_from" }),
    to: WALL_MOMENT.optional().meta({ textKey: "api.field.span_to" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.report", schema: REPORT } },
  problems: [404, 422],
}, async ({ queries, params, query }) => {
  return { status: 200, body: reportJson(await queries.report.report(query, params.id)) };
});

export const getTaskSource = route({
  name: "getTaskSource",
  group: "tasks",
  method: "GET",
  path: "/tasks/:id/source",
  right: "source",
  params: TASK_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.source", stream: { [PLAIN_TEXT]: z.string() } } },
  problems: [404],
}, async ({ queries, params }) => {
  const source = await queries.tasks.source(params.id);
  return { status: 200, type: PLAIN_TEXT, pieces: once(source) };
});

/** A text is a stream of one piece. */
async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
