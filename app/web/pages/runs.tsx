/** `GET /runs`: runs of all tasks, by window, outcome, cause, task and text. */
import type { Hono } from "hono";
import { Runs, RunSelection, type RunsProps } from "../../../templates/pages/runs.tsx";
import type { ChipView } from "../../../templates/components/task_table.tsx";
import type { ViewerView } from "../../../templates/views.ts";
import { text } from "../../locale/locale.ts";
import type { RunOutcome } from "../../model/history.ts";
import { isBad, type Run, RUN_CAUSES, type RunStatus } from "../../model/run.ts";
import type { Queries } from "../../service/queries.ts";
import type { Bin } from "../../service/queries/today.ts";
import { hourLabels } from "../axis.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, frameOf, isFragmentRequest } from "../document.tsx";
import { path, withQuery } from "../paths.ts";
import { recordedInstants } from "../recorded_instants.ts";
import { OUTCOMES, readRunFilter, type RunFilter, statusesOf } from "../run_filter.ts";
import { type AskedWindow, readWindow } from "../time_window.ts";
import { runView } from "../views.ts";
import { stripBins, windowChoice } from "../window_views.ts";

/** Runs of a page. */
const PAGE_RUNS = 100;
/** Runs of a window that are counted, the newest. */
const MAX_COUNTED = 50_000;
/** The same where they are those that a text is in. */
const MAX_SEARCHED = 2_000;
const BINS = 60;
const AXIS_LABELS = 12;

export function serveRuns(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get(path.runs, async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const { locale } = viewer;
    const params = new URL(context.req.url).searchParams;
    const filter = readRunFilter(params);
    const window = readWindow(params, viewer.now, viewer.zone);
    const revision = `${queries.system.revision} ${Math.floor(viewer.now / 60_000)}`;
    const same = filter.q === "" ? answerUnchanged(context, frame, revision) : undefined;
    if (same) return same;
    const title = text(locale, "page.runs");
    const props = await runsView(queries, filter, window, viewer);
    if (isFragmentRequest(context)) context.header("hx-replace-url", props.address);
    const content = <Runs {...props} />;
    if (isFragmentRequest(context)) return await answerPage(context, frame, { title, content, live: true });
    return await answerPage(context, frame, { title, content, after: <RunSelection viewer={viewer} /> });
  });
}

async function runsView(
  queries: Queries,
  filter: RunFilter,
  window: AskedWindow,
  viewer: ViewerView,
): Promise<RunsProps> {
  await queries.activity.ready();
  const asked = { ...window.query, ...filter };
  const { outcomes, isCut } = await countedRuns(queries, filter, window);
  const counts = counted(outcomes, filter, window);
  const found = await findRuns(queries, filter, window);
  const runs = found.slice(0, PAGE_RUNS);
  const last = runs.at(-1);
  const recorded = OUTCOMES.not_run.some((status) => counts.byStatus.has(status))
    ? await recordedInstants(queries, {
      ...selectionOf(filter),
      statuses: OUTCOMES.not_run,
      from: window.from,
      to: window.to,
    })
    : undefined;
  const rest = { q: filter.q, status: filter.status, cause: filter.cause, task: filter.task };
  return {
    viewer,
    address: withQuery(path.runs, asked),
    choice: windowChoice(window, viewer, path.runs, rest),
    windowName: window.name,
    counts: { all: counts.all, failed: counts.failed, tasks: counts.failedTasks.size },
    bins: stripBins(counts.bins, viewer, rest),
    axis: hourLabels(window, viewer.zone, AXIS_LABELS),
    chips: outcomeChips(
      counts,
      filter,
      (status) => withQuery(path.runs, { ...asked, status, before: "" }),
      viewer,
    ),
    standFor: recorded && recorded.instants > recorded.records
      ? text(viewer.locale, "runs.stand_for", {
        records: `${recorded.records}${recorded.more}`,
        instants: `${recorded.instants}${recorded.more}`,
      })
      : undefined,
    runs: runs.map((run) => runView(queries, run, viewer.locale)),
    older: found.length > PAGE_RUNS && last ? withQuery(path.runs, { ...asked, before: last.id }) : undefined,
    newest: filter.before === "" ? undefined : withQuery(path.runs, { ...asked, before: "" }),
    busy: queries.runs.unfinished().length > 0,
    cut: isCut ? text(viewer.locale, filter.q === "" ? "window.cut" : "window.cut_text") : undefined,
    form: {
      ...filter,
      fields: [...Object.entries(window.query), ["status", filter.status] as const].filter(([, value]) =>
        value !== ""
      ),
      tasks: queries.tasks.ids().map((id) => ({
        value: id,
        label: queries.tasks.titleOf(id, viewer.locale),
      })),
      causes: RUN_CAUSES.map((value) => ({ value, label: text(viewer.locale, `cause.${value}`) })),
    },
  };
}

function findRuns(queries: Queries, filter: RunFilter, { from, to }: AskedWindow): Promise<readonly Run[]> {
  return queries.runs.search({
    ...selectionOf(filter),
    statuses: statusesOf(filter.status),
    // What goes on is of now, whenever it began.
    from: isGoing(filter) ? undefined : from,
    to,
    before: filter.before || undefined,
    limit: PAGE_RUNS + 1,
  });
}

function isGoing({ status }: RunFilter): boolean {
  return status === "running" || status === "queued";
}

/** What is asked of runs beside their outcome and the time. */
function selectionOf({ task, cause, q }: RunFilter) {
  return { taskId: task || undefined, causes: cause === "" ? undefined : [cause], text: q || undefined };
}

/** The runs that are counted, whatever their outcome; `isCut` where there are more. */
async function countedRuns(
  queries: Queries,
  filter: RunFilter,
  { from, to }: AskedWindow,
): Promise<{ readonly outcomes: readonly RunOutcome[]; readonly isCut: boolean }> {
  const { q, cause } = filter;
  const { taskId } = selectionOf(filter);
  const within = q === ""
    ? await queries.activity.outcomes({ taskId, from, to, limit: MAX_COUNTED })
    : await queries.runs.search({ ...selectionOf(filter), from, to, limit: MAX_SEARCHED });
  const going = queries.runs.unfinished(taskId).filter(({ queuedAt }) => queuedAt < from);
  const before = q === "" || going.length === 0 ? going : await queries.runs.search({
    ...selectionOf(filter),
    statuses: OUTCOMES.running,
    to: from,
    limit: MAX_SEARCHED,
  });
  return {
    outcomes: [...within, ...before].filter((each) => cause === "" || each.cause === cause),
    isCut: within.length >= (q === "" ? MAX_COUNTED : MAX_SEARCHED),
  };
}

function outcomeChips(
  { every: all, byStatus }: Counts,
  { status: chosen }: RunFilter,
  address: (status: string) => string,
  { locale }: ViewerView,
): ChipView[] {
  const signs = {
    failed: "s-bad",
    succeeded: "s-ok",
    awaiting: "s-ask",
    running: "s-run",
    not_run: "s-skip",
    cancelled: "s-skip",
  } as const;
  const tones = {
    failed: "bad",
    succeeded: "good",
    awaiting: "warn",
    running: "busy",
    not_run: "",
    cancelled: "",
  } as const;
  const n = (statuses: readonly RunStatus[]) =>
    statuses.reduce((sum, status) => sum + (byStatus.get(status) ?? 0), 0);
  const every = { label: text(locale, "filter.all"), address: address(""), n: all, current: chosen === "" };
  const chips = (Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[]).map((name) => ({
    label: text(locale, `outcomes.${name}`),
    address: address(name),
    n: n(OUTCOMES[name]),
    current: chosen === name,
    sign: signs[name],
    tone: tones[name],
  }));
  const single = chosen === "" || chosen in OUTCOMES ? [] : [{
    label: text(locale, `status.${chosen as RunStatus}`),
    address: address(chosen),
    n: n([chosen as RunStatus]),
    current: true,
  }];
  return [every, ...chips.filter(({ n, current }) => n > 0 || current), ...single];
}

interface Counts {
  /** What the whole filter selects. */
  readonly all: number;
  readonly failed: number;
  readonly failedTasks: ReadonlySet<string>;
  readonly bins: readonly Bin[];
  /** What it selects whatever the outcome. */
  readonly every: number;
  readonly byStatus: ReadonlyMap<RunStatus, number>;
}

/** All that is counted of a window, in one pass: it may have tens of thousands of runs. */
function counted(outcomes: readonly RunOutcome[], filter: RunFilter, { from, to }: AskedWindow): Counts {
  const size = (to - from) / BINS;
  const bins = Array.from({ length: BINS }, (_, i) => ({
    from: Math.round(from + i * size),
    to: Math.round(from + (i + 1) * size),
    good: 0,
    bad: 0,
  }));
  const wanted = statusesOf(filter.status);
  const byStatus = new Map<RunStatus, number>();
  const failedTasks = new Set<string>();
  let [every, all, failed] = [0, 0, 0];
  for (const { status, queuedAt, taskId } of outcomes) {
    const isBefore = queuedAt < from;
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    if (!isBefore) every++;
    if (wanted ? !wanted.includes(status) || (isBefore && !isGoing(filter)) : isBefore) continue;
    all++;
    const bin = isBefore ? undefined : bins[Math.min(BINS - 1, Math.floor((queuedAt - from) / size))];
    if (status === "succeeded" && bin) bin.good++;
    if (!isBad(status)) continue;
    failed++;
    failedTasks.add(taskId);
    if (bin) bin.bad++;
  }
  return { every, all, failed, failedTasks, byStatus, bins };
}
