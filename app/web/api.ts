/** `/api/v1`: runs in JSON, for programs. */
import type { EpochMs } from "../time.ts";
import type { Hono } from "hono";
import { isTerminal, type Run } from "../history/run.ts";
import type { WebParts } from "./app.ts";
import { RequestProblem } from "./problem.ts";

/** How `carillon` as a client of itself names itself. */
export const CLI_AGENT = "carillon-cli";

export function serveApi(app: Hono, { carillon }: WebParts): void {
  app.get("/api/v1/runs/:id", (context) => context.json(runJson(runOf(context.req.param("id")))));

  app.post("/api/v1/runs/:id/cancel", (context) => {
    const run = runOf(context.req.param("id"));
    // Who asks is shown, not trusted: everybody who may call this may cancel.
    const by = context.req.header("user-agent")?.startsWith(CLI_AGENT) ? "the command line" : "the API";
    if (!carillon.runner.cancel(run.id, by)) {
      throw new RequestProblem(409, "problem.run_is_over", { id: run.id, status: run.status });
    }
    return context.json({ status: "success", run: runJson(runOf(run.id)) }, 202);
  });

  function runOf(id: string): Run {
    const run = carillon.history.get(id);
    if (!run) throw new RequestProblem(404, "problem.no_run", { id });
    return run;
  }
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
