/** The log of a run as a page shows it: the lines that pass its filter, the newest of them. */
import { LOG_LEVELS, type LogLevel } from "../base/log_level.ts";
import { text } from "../locale/locale.ts";
import { isTerminal, type LogLine, type NumberedLine, type Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { LogFilter, LogLineView, RunLogProps } from "../../templates/pages/run_log.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { ansiPieces, plainLine } from "./ansi.ts";
import { path, withQuery } from "./paths.ts";
import { RequestProblem } from "./request_problem.ts";
import { runView } from "./views.ts";

/** Lines that a page shows, the newest; all of them are a link away. */
const MAX_SHOWN = 1_000;

export function readLogFilter(params: URLSearchParams): LogFilter {
  const level = params.get("level") ?? "";
  const known = LOG_LEVELS.find((each) => each === level);
  if (level !== "" && !known) {
    throw new RequestProblem(400, "problem.request", {
      reason: `level: "${level}" is not one of ${LOG_LEVELS.join(", ")}`,
    });
  }
  return { q: (params.get("q") ?? "").trim(), level: known ?? "" };
}

/**
 * @param after number of the last line that the page has; only newer ones are wanted
 * @param gone aborted once nobody waits for it: a long log is looked through no further
 */
export async function runLogView(
  queries: Queries,
  run: Run,
  filter: LogFilter,
  viewer: ViewerView,
  gone: AbortSignal,
  after = 0,
): Promise<RunLogProps> {
  const all = await queries.runs.lines(run.id);
  const { lines: total, fileBytes } = await queries.runs.logSize(run.id);
  const page = path.run(run.id);
  // What is not at hand is looked for in the whole log; what comes while one looks on is at hand.
  const looked = filter.q !== "" && fileBytes !== undefined && after === 0
    ? await queries.runs.lines(run.id, { text: filter.q, limit: MAX_SHOWN, signal: gone })
    : all;
  const passing = passingLines(looked, filter, after);
  const isWhole = filter.q === "" && filter.level === "";
  const lines = passing.slice(-MAX_SHOWN).map((line, i, shown): LogLineView => ({
    number: line.number + 1,
    at: line.at,
    level: line.level,
    pieces: ansiPieces(line.text),
    gap: isWhole ? gapBefore(line, shown[i - 1], page) : undefined,
  }));
  const chip = (level: LogLevel | "", label: string, n: number | undefined) => ({
    label,
    n,
    address: withQuery(page, { ...filter, level }),
    current: filter.level === level,
  });
  const atLeast = (level: LogLevel) => all.filter((line) => reaches(line, level)).length;
  const firstError = all.find(({ level }) => level === "error");
  return {
    viewer,
    run: runView(queries, run, viewer.locale),
    poll: isTerminal(run.status)
      ? undefined
      : withQuery(path.runLog(run.id), { ...filter, after: String(total) }),
    lines,
    left: Math.max(0, passing.length - MAX_SHOWN),
    whole: withQuery(page, { lines: "all" }),
    total,
    chips: [
      chip("", text(viewer.locale, "filter.all"), undefined),
      chip("warn", text(viewer.locale, "log.warnings"), atLeast("warn")),
      chip("error", text(viewer.locale, "log.errors"), atLeast("error")),
    ],
    filter,
    firstError: firstError && lineAddress(page, firstError.number + 1, total),
  };
}

/** Lines between two neighbours that are in the whole log only. */
function gapBefore(
  { number }: NumberedLine,
  before: NumberedLine | undefined,
  page: string,
): LogLineView["gap"] {
  if (!before || number === before.number + 1) return undefined;
  const first = before.number + 2;
  return { lines: number - before.number - 1, address: wholeAddress(page, first) };
}

function wholeAddress(page: string, line: number): string {
  return `${withQuery(page, { lines: "all", line: String(line) })}#L${line}`;
}

/** Where a line is: on the page where it is among the newest, else in the whole log. */
export function lineAddress(page: string, number: number, total: number): string {
  return number > total - MAX_SHOWN ? `#L${number}` : wholeAddress(page, number);
}

function reaches({ level }: LogLine, least: LogLevel | ""): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.findIndex((each) => each === least);
}

function passingLines(
  all: readonly NumberedLine[],
  { q, level }: LogFilter,
  after: number,
): readonly NumberedLine[] {
  const wanted = q.toLowerCase();
  return all.filter((line) =>
    line.number >= after && reaches(line, level) &&
    (wanted === "" || plainLine(line.text).toLowerCase().includes(wanted))
  );
}
