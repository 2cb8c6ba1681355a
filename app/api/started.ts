/** What starting a run leads to: the run, as it is or as it ended within the time that the client waits; or what is wrong. */
import { z } from "zod";
import { durationMs } from "../base/duration.ts";
import type { ParamProblem } from "../model/order.ts";
import { isTerminal, type Run } from "../model/run.ts";
import type { StartAnswer } from "../service/operations.ts";
import type { Queries } from "../service/queries.ts";
import { type FieldError, FieldProblem } from "./problem.ts";
import { REQUEST_HEADERS } from "./request_headers.ts";
import { DONE, SUCCESS } from "./v1/shapes/fields.ts";
import { RUN, runJson } from "./v1/shapes/run.ts";

/** Longest time that a client may wait in one request. */
const MAX_WAIT_MS = 300_000;

export const STARTED = z.strictObject({ status: SUCCESS, run: RUN }).meta({ id: "Started" });

/** `30s` */
export const WAIT = z.string().regex(/^\d{1,6}(?:ms|s|m)$/, 'write a time such as "30s"').optional()
  .meta({ textKey: "api.field.wait" });

/** Milliseconds of a `wait`, never more than the longest. */
export function waitMs(wait: string | undefined): number {
  return wait === undefined ? 0 : Math.min(durationMs(wait), MAX_WAIT_MS);
}

/** The key by which a request that is sent again is known. @throws FieldProblem for one that is empty or too long */
export function keyOf(header: string | undefined): string | undefined {
  const result = REQUEST_HEADERS["Idempotency-Key"].optional().safeParse(header);
  if (result.success) return result.data;
  const detail = result.error.issues.map(({ message }) => message).join("; ");
  throw new FieldProblem(400, [{ in: "header", name: "Idempotency-Key", detail }]);
}

export function paramErrors(problems: readonly ParamProblem[]): FieldError[] {
  return problems.map(({ name, message }) => ({
    in: "body",
    name: name === "" ? "params" : `params.${name}`,
    detail: message,
  }));
}

/** The reply to a request that starts a run: 200 where it has ended meanwhile, 202 where it goes on. @throws FieldProblem */
export async function startedReply(
  queries: Queries,
  answer: StartAnswer,
  wait: number,
  signal: AbortSignal,
) {
  if (!answer.ok) throw new FieldProblem(422, paramErrors(answer.problems));
  const run = await endedWithin(queries, answer.run, wait, signal);
  const headers = { location: `/api/v1/runs/${run.id}` };
  const body = { status: DONE, run: runJson(run) };
  return isTerminal(run.status)
    ? { status: 200 as const, body, headers }
    : { status: 202 as const, body, headers };
}

/** The run as it ended, or as it is when the time is over. */
async function endedWithin(
  { runs, system }: Queries,
  run: Run,
  ms: number,
  gone: AbortSignal,
): Promise<Run> {
  if (ms === 0) return run;
  const enough = new AbortController();
  const stop = () => enough.abort("over");
  gone.addEventListener("abort", stop, { once: true });
  const timer = system.sleep(ms, enough.signal).then(stop, () => undefined);
  let last = run;
  for await (const now of runs.follow(run.id, enough.signal)) last = now;
  stop();
  await timer;
  gone.removeEventListener("abort", stop);
  return last;
}
