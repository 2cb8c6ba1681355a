/** What the page of a task shows. */
import { percentile } from "../base/percentile.ts";
import { text } from "../locale/locale.ts";
import { shortDay, shortDuration, shortMoment } from "../locale/moments.ts";
import { durationOf, isBad, isTerminal, type Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { TaskFacts } from "../service/queries/tasks.ts";
import type { ParamDescription } from "../task/description.ts";
import type { DurationFacts } from "../../templates/components/duration_chart.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { beginOf, markKind } from "./lane.ts";
import { path } from "./paths.ts";

/** Runs that the rate of success and the durations are taken from, the newest. */
const MEASURED_RUNS = 100;
/** Bars of the chart. */
const BARS = 72;

/** How the newest runs have done; nothing where none has ended. */
export async function measured(queries: Queries, facts: TaskFacts, viewer: ViewerView) {
  const { id } = facts.task;
  const durations = await queries.runs.durations(id, MEASURED_RUNS);
  const recent = await queries.runs.recent(id, MEASURED_RUNS);
  const ended = recent.filter(({ status }) => status === "succeeded" || isBad(status));
  const good = ended.filter(({ status }) => status === "succeeded").length;
  const shown = recent.filter(({ startedAt, status }) => startedAt !== undefined && isTerminal(status)).slice(
    0,
    BARS,
  )
    .toReversed();
  return {
    durations: shown.length === 0 ? undefined : {
      bars: durationBars(shown, viewer),
      measured: durations.length,
      p50: durations.length === 0 ? 0 : percentile(durations, 0.5),
      p95: durations.length === 0 ? 0 : percentile(durations, 0.95),
    },
    success: ended.length === 0 ? undefined : { good, of: ended.length },
  };
}

function durationBars(runs: readonly Run[], { zone, now, locale }: ViewerView): DurationFacts["bars"] {
  let day = "";
  let labelled = -Infinity;
  return runs.map((run, i) => {
    const at = beginOf(run);
    const tookMs = durationOf(run, at) ?? 0;
    const date = shortDay(at, now, zone, locale) || text(locale, "moment.today");
    // Days that follow each other closely would write over each other.
    const begins = date !== day && i - labelled >= 8;
    day = date;
    if (begins) labelled = i;
    return {
      kind: markKind(run.status),
      tookMs,
      address: path.run(run.id),
      title: `${shortMoment(at, now, zone, locale)} ${text(locale, `status.${run.status}`)}, ${
        shortDuration(tookMs, locale)
      }`,
      label: begins ? date : undefined,
    };
  });
}

/** What kind of value a parameter is, in a few words. */
export function aboutOf({ schema, required }: ParamDescription): string {
  const { type, format, enum: choices, description } = schema;
  const kind = Array.isArray(choices)
    ? choices.map(String).join(" | ")
    : typeof format === "string"
    ? format
    : typeof type === "string"
    ? type
    : "";
  const fallback = "default" in schema ? ` = ${JSON.stringify(schema.default)}` : required ? "" : "?";
  return [kind + fallback, typeof description === "string" ? description : ""].filter((each) => each !== "")
    .join(" – ");
}
