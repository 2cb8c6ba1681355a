/** `GET /api/v1/events`: what happens, as server-sent events; after a reconnect with what was missed. */
import { z } from "zod";
import { isTerminal } from "../../model/run.ts";
import { FEED_EVENTS, type FeedEvent, type FeedNews } from "../../service/event_feed.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { EVENT_STREAM, eventText } from "../streams.ts";
import { RUN_CAUSE, RUN_STATUS } from "./shapes/run.ts";
import { MOMENT, momentOrNull, momentText } from "./shapes/time.ts";

/** How soon a client comes back whose connection was cut, in milliseconds. */
const RETRY_MS = 2_000;
/** After so many events that are not wanted the client is told the id of the last: it would come back with one that is forgotten. */
const PASSED_OVER = 100;

const EVENT = z.strictObject({
  event: z.enum(FEED_EVENTS),
  at: MOMENT,
  task: z.string().nullable(),
  run: z.strictObject({
    id: z.string(),
    status: RUN_STATUS,
    finished: z.boolean().meta({ textKey: "api.field.finished" }),
    cause: RUN_CAUSE,
    scheduled_at: MOMENT.nullable(),
    started_at: MOMENT.nullable(),
    finished_at: MOMENT.nullable(),
    attempt: z.int(),
    instants: z.int(),
    message: z.string().nullable(),
  }).nullable().meta({ textKey: "api.field.event_run" }),
  backfill: z.string().nullable().meta({ textKey: "api.field.backfill_id" }),
  message: z.string().nullable(),
}).meta({ id: "Event" });

const GAP = z.strictObject({ event: z.literal("gap") }).meta({ id: "Gap", textKey: "api.field.gap" });

export const followEvents = route({
  name: "followEvents",
  group: "system",
  method: "GET",
  path: "/events",
  right: "view",
  params: NOTHING,
  query: z.strictObject({
    task: z.string().min(1).max(500).optional().meta({ textKey: "api.field.task" }),
    events: z.array(z.enum(FEED_EVENTS)).min(1).optional().meta({ textKey: "api.field.events" }),
    after: z.string().max(100).optional().meta({ textKey: "api.field.events_after" }),
  }),
  body: NO_BODY,
  headers: ["Last-Event-ID"],
  answers: { 200: { about: "api.answer.events", stream: { [EVENT_STREAM]: z.union([EVENT, GAP]) } } },
  problems: [],
}, ({ queries, query: { task, events, after }, header, signal }) => {
  const news = queries.events.follow({ after: header("Last-Event-ID") ?? after, signal });
  const isWanted = ({ taskId, name }: FeedEvent) =>
    (task === undefined || taskId === task) && (events === undefined || events.includes(name));
  return { status: 200, type: EVENT_STREAM, pieces: texts(news, isWanted) };
});

async function* texts(
  news: AsyncIterable<FeedNews>,
  isWanted: (event: FeedEvent) => boolean,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`;
  let passedOver = 0;
  for await (const each of news) {
    if (each.kind === "gap") yield eventText({ id: each.id, event: "gap", data: { event: "gap" } });
    else if (each.kind === "begin") yield `id: ${each.id}\n\n`;
    else if (isWanted(each.event)) {
      const { id, name } = each.event;
      yield eventText({ id, event: name, data: eventJson(each.event) });
      passedOver = 0;
    } else if (++passedOver % PASSED_OVER === 0) yield `id: ${each.event.id}\n\n`;
  }
}

function eventJson({ name, at, taskId, run, backfillId, message }: FeedEvent): z.output<typeof EVENT> {
  return {
    event: name,
    at: momentText(at),
    task: taskId ?? null,
    run: run
      ? {
        id: run.id,
        status: run.status,
        finished: isTerminal(run.status),
        cause: run.cause,
        scheduled_at: momentOrNull(run.scheduledAt),
        started_at: momentOrNull(run.startedAt),
        finished_at: momentOrNull(run.finishedAt),
        attempt: run.attempt,
        instants: run.instants,
        message: run.message ?? null,
      }
      : null,
    backfill: backfillId ?? null,
    message: message ?? null,
  };
}
