/** `/api/v1/runs/:id/log`: a run's log as text, as lines of JSON, or as events while it goes on. */
import { z } from "zod";
import { LOG_LEVELS } from "../../base/log_level.ts";
import { missingLines } from "../../locale/missing_lines.ts";
import { LogGaps } from "../../model/log_gaps.ts";
import { isTerminal, type NumberedLine } from "../../model/run.ts";
import type { Queries } from "../../service/queries.ts";
import { plainLine } from "../../web/ansi.ts";
import { NO_BODY } from "../reading.ts";
import { route } from "../route.ts";
import { EVENT_STREAM, eventText, NDJSON, PLAIN_TEXT } from "../streams.ts";
import { RUN_ID } from "./shapes/fields.ts";
import { RUN, runJson } from "./shapes/run.ts";
import { MOMENT, momentText } from "./shapes/time.ts";

const FORMATS = { text: PLAIN_TEXT, ndjson: NDJSON, sse: EVENT_STREAM } as const;

const LOG_LINE = z.strictObject({
  number: z.int().min(0).meta({ textKey: "api.field.line_number" }),
  at: MOMENT,
  level: z.enum(LOG_LEVELS),
  text: z.string(),
}).meta({ id: "LogLine" });

const LOG_QUERY = z.strictObject({
  format: z.enum(["text", "ndjson", "sse"]).optional().meta({ textKey: "api.field.log_format" }),
  from: z.int().min(0).optional().meta({ textKey: "api.field.log_from" }),
  text: z.string().min(1).max(200).optional().meta({ textKey: "api.field.log_text" }),
  follow: z.boolean().optional().meta({ textKey: "api.field.follow" }),
});

export const getRunLog = route({
  name: "getRunLog",
  group: "runs",
  method: "GET",
  path: "/runs/:id/log",
  right: "view",
  params: RUN_ID,
  query: LOG_QUERY,
  body: NO_BODY,
  headers: ["Accept", "Last-Event-ID"],
  answers: {
    200: {
      about: "api.answer.log",
      stream: {
        [PLAIN_TEXT]: z.string(),
        [NDJSON]: LOG_LINE,
        [EVENT_STREAM]: z.union([LOG_LINE, RUN]),
      },
    },
  },
  problems: [404],
}, async ({ queries, params, query, header, signal }) => {
  const { id } = await queries.runs.get(params.id);
  const type = query.format ? FORMATS[query.format] : wantedOf(header("Accept"));
  const seen = header("Last-Event-ID");
  // The id of an event is the number of its line: what follows it is what is still to be read.
  const from = seen !== undefined && /^\d{1,15}$/.test(seen) ? Number(seen) + 1 : query.from ?? 0;
  const follow = query.follow ?? type === EVENT_STREAM;
  const lines = linesOf(queries, id, { from, text: query.text, follow, signal });
  return {
    status: 200,
    type,
    pieces: type === EVENT_STREAM ? events(queries, id, lines) : type === NDJSON
      ? jsonTexts(lines)
      // Where a text is looked for, what is between the lines is not missing.
      : texts(lines, query.text === undefined ? new LogGaps(from) : undefined),
  };
});

/** The first form that the field names and that there is; text for whoever takes anything. */
function wantedOf(accept = ""): (typeof FORMATS)[keyof typeof FORMATS] {
  const named = accept.split(",").map((each) => each.split(";")[0]?.trim().toLowerCase());
  return Object.values(FORMATS).find((type) => named.includes(type)) ?? PLAIN_TEXT;
}

interface LogAsked {
  readonly from: number;
  readonly text: string | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Lines from one on, in parts; where they are followed, until the run has ended. */
async function* linesOf(
  { runs }: Queries,
  id: string,
  { from, text, follow, signal }: LogAsked,
): AsyncGenerator<readonly NumberedLine[]> {
  let next = from;
  const there = async function* () {
    const { lines: seen } = await runs.logSize(id);
    for await (const lines of runs.logParts(id, { from: next, text, signal })) {
      next = (lines.at(-1)?.number ?? next - 1) + 1;
      if (lines.length > 0) yield lines;
    }
    // Where a text is looked for, the lines without it have been looked at as well.
    next = Math.max(next, seen);
  };
  if (!follow) return yield* there();
  for await (const run of runs.follow(id, signal)) {
    yield* there();
    if (isTerminal(run.status)) return;
  }
}

function lineJson({ number, at, level, text }: NumberedLine): z.output<typeof LOG_LINE> {
  return { number, at: momentText(at), level, text };
}

function plain({ at, level, text }: NumberedLine): string {
  return `${momentText(at)} ${level.toUpperCase().padEnd(5)} ${plainLine(text)}\n`;
}

async function* texts(
  parts: AsyncIterable<readonly NumberedLine[]>,
  gaps: LogGaps | undefined,
): AsyncGenerator<string> {
  for await (const lines of parts) {
    yield lines.map((line) => `${missingLines(gaps?.before(line) ?? 0, "en")}${plain(line)}`).join("");
  }
}

async function* jsonTexts(parts: AsyncIterable<readonly NumberedLine[]>): AsyncGenerator<string> {
  for await (const lines of parts) yield lines.map((line) => `${JSON.stringify(lineJson(line))}\n`).join("");
}

/**
 * Each line is an event `line`; `end`, with the run as it ended, is the last: a client that gets it need not come back.
 * Where Carillon stops before the run has ended there is none.
 */
async function* events(
  { runs }: Queries,
  id: string,
  parts: AsyncIterable<readonly NumberedLine[]>,
): AsyncGenerator<string> {
  for await (const lines of parts) {
    yield lines.map((line) => eventText({ id: String(line.number), event: "line", data: lineJson(line) }))
      .join("");
  }
  const run = await runs.find(id);
  if (run && isTerminal(run.status)) yield eventText({ event: "end", data: runJson(run) });
}
