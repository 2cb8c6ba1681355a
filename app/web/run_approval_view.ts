/** What the page of a run says of its approval, for whoever looks. */
import { recordText } from "../locale/reason.ts";
import { text } from "../locale/locale.ts";
import type { Actor } from "../model/actor.ts";
import { isTerminal, type Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import { whyCannotDecide } from "../service/asked_run.ts";
import type { RunApprovalView } from "../../templates/pages/run_approval.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { beginOf } from "./lane.ts";
import { path } from "./paths.ts";

/** Runs of the task that are looked through for the last one that somebody asked for. */
const LOOKED_AT = 200;
/** Characters of what the last run said. */
const MAX_SAID = 200;

export async function runApprovalView(
  queries: Queries,
  run: Run,
  actor: Actor,
  { locale, may }: ViewerView,
): Promise<RunApprovalView | undefined> {
  const { approval } = run;
  if (!approval) return undefined;
  const { role, askedBy, expiresAt, version, decision, decidedBy = "", decidedAt = expiresAt, note } =
    approval;
  const isWaiting = run.status === "awaiting_approval";
  const why = isWaiting ? whyCannotDecide(actor, approval) : undefined;
  const task = queries.tasks.find(run.taskId)?.task;
  return {
    role,
    askedBy,
    expiresAt,
    isWaiting,
    decision: decision && { kind: decision, by: decidedBy, at: decidedAt, note },
    isChanged: isWaiting && version !== undefined && task?.version !== version,
    whyNot: why !== undefined
      ? text(locale, `problem.decide_${why}`, { id: run.id, role })
      : isWaiting && !may("approve", run.taskId)
      ? text(locale, "problem.forbidden_task", { right: "approve", task: run.taskId })
      : undefined,
    last: isWaiting ? await lastAsked(queries, run, locale) : undefined,
  };
}

async function lastAsked(
  queries: Queries,
  run: Run,
  locale: ViewerView["locale"],
): Promise<RunApprovalView["last"]> {
  const recent = await queries.runs.recent(run.taskId, LOOKED_AT);
  const last = recent.find(({ id, status, approval, startedAt }) =>
    id !== run.id && isTerminal(status) && approval !== undefined && startedAt !== undefined
  );
  return last && {
    address: path.run(last.id),
    status: last.status,
    at: beginOf(last),
    said: (last.error?.message ?? recordText(last, locale, queries.tasks.zoneOf(last.taskId))).slice(
      0,
      MAX_SAID,
    ),
    hasSameParams: JSON.stringify(last.params) === JSON.stringify(run.params),
  };
}
