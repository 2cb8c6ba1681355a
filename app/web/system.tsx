/** `GET /system`: how Carillon itself is; its buttons try the databases. */
import type { Hono } from "hono";
import {
  DatabaseResult,
  Databases,
  type DatabasesView,
  System,
  type SystemView,
} from "../../templates/system.tsx";
import type { Carillon } from "../carillon.ts";
import { duration, sizeText } from "../locale/format.ts";
import { allDatabaseSettings } from "../../datasource/settings.ts";
import { type Locale, text } from "../locale/locale.ts";
import { percentile } from "../percentile.ts";
import { ThreadExecutor } from "../run/executor.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest, revalidated } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { viewerOf } from "./viewer.ts";
import { titleOf } from "./views.ts";

/** Runs that the lateness is taken from, the newest. */
const LATENESS_RUNS = 1_000;
const NEXT_TASKS = 5;

export function serveSystem(app: Hono, parts: WebParts): void {
  const { carillon, version } = parts;

  app.get("/system", revalidated, async (context) => {
    const frame = frameOf(context, parts);
    const { locale } = frame.viewer;
    const title = text(locale, "page.system");
    const content = <System viewer={frame.viewer} system={systemView(carillon, version, locale)} />;
    if (isFragmentRequest(context)) return await answerPage(context, frame, { title, content });
    const after = <Databases locale={locale} databases={databases(carillon)} />;
    return await answerPage(context, frame, { title, content, before: <h1>{title}</h1>, after });
  });

  app.post("/system/databases/:name/test", async (context) => {
    const name = context.req.param("name");
    const { locale } = viewerOf(context);
    if (!databases(carillon).all.some((each) => each.name === name)) {
      throw new RequestProblem(404, "problem.no_database", { name });
    }
    const result = await carillon.checker.testDatabase(name);
    const content = <DatabaseResult locale={locale} name={name} result={result} />;
    if (isFragmentRequest(context)) return await context.html(content);
    const frame = frameOf(context, parts);
    return await answerPage(context, frame, { title: name, content });
  });
}

/** The sections of database.ini, or what is wrong with the file. */
function databases(carillon: Carillon): DatabasesView {
  const { file } = carillon.config.datasource;
  try {
    return { file, all: allDatabaseSettings(file).map(({ name, type }) => ({ name, type })) };
  } catch (error) {
    return { file, all: [], problem: (error as Error).message };
  }
}

function systemView(carillon: Carillon, version: string, locale: Locale): SystemView {
  const { config, runner, registry, scheduler, clock, history } = carillon;
  const now = clock.now();
  const late = history.outcomes({ from: 0, to: now + 1, limit: LATENESS_RUNS }).flatMap((
    { cause, scheduledAt, startedAt },
  ) =>
    cause === "schedule" && scheduledAt !== undefined && startedAt !== undefined
      ? [Math.max(0, startedAt - scheduledAt)]
      : []
  );
  const due = [...registry.tasks.values()].flatMap((task) => {
    const at = scheduler.next(task.id);
    return at === null
      ? []
      : [{ id: task.id, title: titleOf(task, locale), at, timezone: carillon.zoneOf(task.id) }];
  }).sort((a, b) => a.at - b.at);
  const { rss } = Deno.memoryUsage();
  const { worker } = runner.parts.executors;
  const { reason, setAside } = carillon.historyTrouble;
  return {
    facts: [
      ["system.version", `${version} (Deno ${Deno.version.deno})`],
      ["system.uptime", duration(now - carillon.openedAt, locale)],
      ["system.tasks", String(registry.tasks.size)],
      ["system.running", String(runner.active.length)],
      [
        "system.workers",
        text(locale, "system.workers_value", { busy: runner.busyWorkers, of: config.scheduler.workers }),
      ],
      ["system.warm", String(worker instanceof ThreadExecutor ? worker.pool.size : 0)],
      ["system.memory", sizeText(rss)],
      ["system.timezone", config.scheduler.timezone],
      ["system.folder", config.scheduler.tasks],
    ],
    lateness: late.length === 0 ? undefined : {
      count: late.length,
      p50: percentile(late, 0.5),
      p95: percentile(late, 0.95),
      p99: percentile(late, 0.99),
    },
    next: due.slice(0, NEXT_TASKS),
    broken: registry.broken,
    history: {
      file: config.history.file,
      ...(config.history.file === "" ? {} : { size: fileSize(config.history.file) }),
      ...(reason === undefined ? {} : { reason }),
      ...(setAside === undefined ? {} : { setAside }),
    },
  };
}

/** Bytes of the history file and of what belongs to it; nothing where it is not there. */
function fileSize(path: string): string {
  const bytes = ["", "-wal"].reduce((sum, ending) => {
    try {
      return sum + Deno.statSync(path + ending).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return sum;
      throw error;
    }
  }, 0);
  return sizeText(bytes);
}
