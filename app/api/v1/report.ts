/** `/api/v1/report`: what became of every due instant of a span. */
import { z } from "zod";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { WALL_MOMENT } from "./shapes/fields.ts";
import { REPORT, reportJson } from "./shapes/report.ts";

export const getReport = route({
  name: "getReport",
  group: "runs",
  method: "GET",
  path: "/report",
  right: "view",
  params: NOTHING,
  query: z.strictObject({
    from: WALL_MOMENT.optional().meta({ textKey: "api.field.span_from" }),
    to: WALL_MOMENT.optional().meta({ textKey: "api.field.span_to" }),
    task: z.string().min(1).max(500).optional().meta({ textKey: "api.field.task" }),
  }),
  body: NO_BODY,
  headers: [],
  answers: { 200: { about: "api.answer.report", schema: REPORT } },
  problems: [404, 422],
}, async ({ queries, query: { task, ...span } }) => {
  return { status: 200, body: reportJson(await queries.report.report(span, task)) };
});
