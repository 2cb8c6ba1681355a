/** `GET /search`: tasks, runs, errors, pages and actions that match a text; with `found` only what was found. */
import type { Hono } from "hono";
import { Found, type FoundView, SearchPage } from "../../../templates/pages/search.tsx";
import { STATUS_SIGNS } from "../../../templates/components/sign.tsx";
import type { ViewerView } from "../../../templates/views.ts";
import { text } from "../../locale/locale.ts";
import { shortMoment } from "../../locale/moments.ts";
import { BAD_STATUSES } from "../../model/run.ts";
import type { Queries } from "../../service/queries.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest } from "../document.tsx";
import { path } from "../paths.ts";
import { passesFilter, readTaskFilter, titleOf } from "../task_filter.ts";
import { messageOfRun } from "../today_view.ts";

const MAX_TASKS = 8;
const MAX_ERRORS = 5;
/** What is longer is searched for by its beginning. */
const MAX_LETTERS = 200;
/** Below this a text would match everything. */
const LEAST_LETTERS = 2;

export function serveSearch(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get("/search", async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const q = context.req.query("q") ?? "";
    const found = await search(queries, q.trim().slice(0, MAX_LETTERS), viewer);
    const title = text(viewer.locale, "search.title");
    const isFragment = isFragmentRequest(context);
    const content = isFragment && context.req.query("found") !== undefined
      ? <Found locale={viewer.locale} q={q} found={found} />
      : <SearchPage locale={viewer.locale} q={q} found={found} inDialog={isFragment} />;
    return await answerPage(context, frame, { title, content });
  });
}

async function search(queries: Queries, q: string, viewer: ViewerView): Promise<FoundView[]> {
  await queries.activity.ready();
  const found = [...tasksFor(queries, q, viewer), ...placesFor(q, viewer)];
  if (q.length < LEAST_LETTERS) return found;
  const run = /^[\da-f-]{36}$/i.test(q) ? await queries.runs.find(q.toLowerCase()) : undefined;
  const failed = await queries.runs.search({ statuses: BAD_STATUSES, text: q, limit: MAX_ERRORS });
  const runs = [
    ...run ? [{ run, kind: "run" as const }] : [],
    ...failed.map((each) => ({ run: each, kind: "error" as const })),
  ];
  return [
    ...found,
    ...runs.map(({ run: each, kind }): FoundView => ({
      kind,
      label: messageOfRun(each, queries, viewer).words || text(viewer.locale, `status.${each.status}`),
      note: `${queries.tasks.titleOf(each.taskId, viewer.locale)}, ${
        shortMoment(each.queuedAt, viewer.now, viewer.zone, viewer.locale)
      }`,
      address: path.run(each.id),
      sign: STATUS_SIGNS[each.status].sign,
      tone: STATUS_SIGNS[each.status].tone,
    })),
  ];
}

function tasksFor(queries: Queries, q: string, { locale }: ViewerView): FoundView[] {
  const filter = readTaskFilter(new URLSearchParams({ q }));
  const found: FoundView[] = [];
  for (const brief of queries.tasks.briefs()) {
    const activity = queries.activity.of(brief.task.id);
    if (!passesFilter({ ...brief, activity }, filter)) continue;
    const look = activity.outcome && STATUS_SIGNS[activity.outcome.status];
    found.push({
      kind: "task",
      label: titleOf(brief.task, locale),
      note: brief.task.id,
      address: path.task(brief.task.id),
      sign: look?.sign,
      tone: look?.tone,
    });
    if (found.length === MAX_TASKS) break;
  }
  return found;
}

/** Pages and actions whose words match. */
function placesFor(q: string, { locale, may, mayAny }: ViewerView): FoundView[] {
  const pages = [
    ["/", "page.today", "page"],
    ["/tasks", "page.tasks", "page"],
    ["/runs?status=failed", "search.failed_runs", "page"],
    ["/timeline", "page.timeline", "page"],
    ["/timeline?view=week", "week.title", "page"],
    [path.report, "report.title", "page"],
    [path.backfills, "backfill.page", "page"],
    ["/system", "page.system", "page"],
    [path.users, "users.title", "page"],
    [path.audit, "page.audit", "page"],
    ["/deliveries", "page.deliveries", "page"],
    ["/selected/rerun?status=failed", "search.rerun_failed", "action"],
    ["/pause", "search.pause_all", "action"],
    ["/resume", "search.resume_all", "action"],
  ] as const;
  const offered: Readonly<Record<string, boolean>> = {
    "/system": may("system"),
    [path.users]: may("users"),
    [path.audit]: may("audit"),
    "/deliveries": may("notify"),
    "/selected/rerun?status=failed": mayAny("run"),
    "/pause": mayAny("pause"),
    "/resume": mayAny("pause"),
  };
  return pages.filter(([address]) => offered[address] ?? true).map(([address, key, kind]) => ({
    kind,
    label: text(locale, key),
    note: "",
    address,
  }))
    .filter(({ label }) => label.toLowerCase().includes(q.toLowerCase()));
}
