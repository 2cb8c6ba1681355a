/** `/api/v1`: runs in JSON, for programs. */
import type { EpochMs } from "../time.ts";
import type { Hono } from "hono";
import { isTerminal, type Run, RUN_STATUSES } from "../history/run.ts";
import type { RunQuery } from "../history/store.ts";
import { z } from "zod";
import type { WebParts } from "./app.ts";
import { RequestProblem } from "./problem.ts";
import { runOf } from "./views.ts";

/** How `carillon` as a client of itself names itself. */
export const CLI_AGENT = "carillon-cli";

export function serveApi(app: Hono, { carillon }: WebParts): void {
  app.get("/api/v1/runs", (context) => {
    const query = runQuery(new URL(context.req.url).searchParams);
    return context.json({ runs: carillon.history.find(query).map(runJson) });
  });

  app.get("/api/v1/runs/:id", (context) => context.json(runJson(runOf(carillon, context.req.param("id")))));

  app.post("/api/v1/runs/:id/cancel", (context) => {
    const run = runOf(carillon, context.req.param("id"));
    // Who asks is shown, not trusted: everybody who may call this may cancel.
    const by = context.req.header("user-agent")?.startsWith(CLI_AGENT) ? "the command line" : "the API";
    if (!carillon.runner.cancel(run.id, by)) {
      throw new RequestProblem(409, "problem.run_is_over", { id: run.id, status: run.status });
    }
    return context.json({ status: "success", run: runJson(runOf(carillon, run.id)) }, 202);
  });
}

const MAX_LISTED = 1_000;

const RUN_QUERY = z.strictObject({
  task: z.string().min(1).optional(),
  status: z.string().transform((text) => text.split(",")).pipe(z.array(z.enum(RUN_STATUSES))).optional(),
  from: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)).optional(),
  to: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)).optional(),
  text: z.string().min(1).max(200).optional(),
  before: z.uuid().optional(),
  limit: z.string().regex(/^\d{1,4}$/).transform(Number).pipe(z.int().min(1).max(MAX_LISTED)).optional(),
});

/** `?task=&status=failed,timed_out&from=&to=&text=&before=&limit=`, newest first, 100 unless said otherwise. */
function runQuery(params: URLSearchParams): RunQuery {
  const result = RUN_QUERY.safeParse(Object.fromEntries(params));
  if (!result.success) {
    const reason = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new RequestProblem(400, "problem.request", { reason });
  }
  const { task, status, limit = 100, ...rest } = result.data;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    ...(task === undefined ? {} : { taskId: task }),
    ...(status === undefined ? {} : { statuses: status }),
    limit,
  };
}

/** A run as programs get it: instants in ISO 8601 with milliseconds, in UTC. */
export function runJson(run: Run): Record<string, unknown> {
  const time = (at: EpochMs | undefined) => at === undefined ? null : new Date(at).toISOString();
  return {
    id: run.id,
    task: run.taskId,
    status: run.status,
    finished: isTerminal(run.status),
    cause: run.cause,
    by: run.by ?? null,
    scheduled_at: time(run.scheduledAt),
    queued_at: time(run.queuedAt),
    started_at: time(run.startedAt),
    finished_at: time(run.finishedAt),
    attempt: run.attempt,
    instants: run.instants,
    params: run.params,
    message: run.message ?? null,
    error: run.error ? { name: run.error.name, message: run.error.message } : null,
    progress: run.progress ?? null,
  };
}
