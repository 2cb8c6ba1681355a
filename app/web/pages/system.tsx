/** `GET /system`: how Carillon itself is; its buttons try the databases. */
import type { Hono } from "hono";
import { DatabaseResult, Databases, System, type SystemView } from "../../../templates/pages/system.tsx";
import type { RunOutcome } from "../../model/history.ts";
import { duration, sizeText } from "../../locale/format.ts";
import { text } from "../../locale/locale.ts";
import type { ViewerView } from "../../../templates/views.ts";
import { asker } from "../asker.ts";
import { brokenViews } from "../broken_views.ts";
import { percentile } from "../../base/percentile.ts";
import { actorOf, type WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest, revalidated } from "../document.tsx";
import { RequestProblem } from "../request_problem.ts";
import { viewerOf } from "../viewer.ts";

/** Runs that the lateness is taken from, the newest. */
const LATENESS_RUNS = 1_000;
const NEXT_TASKS = 5;
const LARGEST_TASKS = 10;

export function serveSystem(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  app.get("/system", revalidated, async (context) => {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const title = text(locale, "page.system");
    const content = <System viewer={frame.viewer} system={await systemView(web, frame.viewer)} />;
    const after = frame.viewer.may("databases")
      ? <Databases locale={locale} databases={queries.system.databases()} />
      : null;
    return await answerPage(context, frame, { title, content, after, live: true });
  });

  app.post("/system/databases/:name/test", async (context) => {
    const name = context.req.param("name");
    const { locale } = viewerOf(context);
    if (!queries.system.databases().all.some((each) => each.name === name)) {
      throw new RequestProblem(404, "problem.no_database", { name });
    }
    const result = await operations.testDatabase(actorOf(context, "page"), name);
    const content = <DatabaseResult locale={locale} name={name} result={result} />;
    if (isFragmentRequest(context)) return await context.html(content);
    const frame = frameOf(context, web);
    return await answerPage(context, frame, { title: name, content });
  });
}

async function systemView({ queries, version }: WebContext, viewer: ViewerView): Promise<SystemView> {
  const { locale } = viewer;
  const { tasks, runs, system, audit } = queries;
  const { settings } = system;
  const now = system.now();
  const late = latenesses(await runs.outcomes({ from: 0, to: now + 1, limit: LATENESS_RUNS }));
  const due = tasks.all().flatMap(({ task: { id }, next: at, timezone }) =>
    at === null ? [] : [{ id, title: tasks.titleOf(id, locale), at, timezone }]
  ).sort((a, b) => a.at - b.at);
  const { trouble: reason, setAside } = system.health();
  return {
    facts: [
      ["system.version", `${version} (Deno ${Deno.version.deno})`],
      ["system.uptime", duration(now - system.openedAt, locale)],
      ["system.tasks", String(tasks.ids().length)],
      ["system.running", String(runs.unfinished().length)],
      [
        "system.workers",
        text(locale, "system.workers_value", { busy: system.busyWorkers, of: settings.workers }),
      ],
      ["system.warm", String(system.warmHosts)],
      ["system.memory", sizeText(Deno.memoryUsage().rss)],
      ["system.timezone", settings.timezone],
      ["system.folder", settings.folder],
    ],
    lateness: late.length === 0 ? undefined : {
      count: late.length,
      p50: percentile(late, 0.5),
      p95: percentile(late, 0.95),
      p99: percentile(late, 0.99),
    },
    next: due.slice(0, NEXT_TASKS),
    broken: brokenViews(queries, tasks.broken(), viewer),
    history: {
      file: settings.historyFile,
      size: settings.historyFile === "" ? undefined : sizeText(system.historyBytes()),
      reason,
      setAside,
      tasks: largest(await runs.bytesOfTasks()).map(([id, bytes]) => ({
        id,
        title: tasks.titleOf(id, locale),
        size: sizeText(bytes),
      })),
    },
    audit: asker().access.may("audit") ? { trouble: audit.trouble() } : undefined,
  };
}

/** The tasks whose runs and logs take the most. */
function largest(bytes: ReadonlyMap<string, number> | undefined): readonly (readonly [string, number])[] {
  return [...bytes ?? []].sort(([, a], [, b]) => b - a).slice(0, LARGEST_TASKS);
}

/** How late scheduled runs began, in milliseconds. */
function latenesses(outcomes: readonly RunOutcome[]): number[] {
  return outcomes.flatMap(({ cause, scheduledAt, startedAt }) =>
    cause === "schedule" && scheduledAt !== undefined && startedAt !== undefined
      ? [Math.max(0, startedAt - scheduledAt)]
      : []
  );
}
