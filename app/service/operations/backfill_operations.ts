/** Asking for a backfill: what it would do is what it does, one at a time for a task. */
import type { EpochMs } from "../../base/time.ts";
import type { Clock } from "../../contracts.ts";
import type { Actor } from "../../model/actor.ts";
import type { BackfillProgress } from "../../model/backfill.ts";
import type { ParamProblem } from "../../model/order.ts";
import type { Backfills } from "../../run/backfills.ts";
import { readParams } from "../../task/params.ts";
import type { Windows } from "../../task/windows.ts";
import type { Hosts } from "../../worker/hosts.ts";
import { type AskedRun, expectConfirmed } from "../asked_run.ts";
import type { BackfillQueries, BackfillRequest } from "../queries/backfills.ts";
import { Refusal } from "../refusal.ts";
import type { Expected } from "./expected.ts";
import { withoutShownDefaults } from "./shown_defaults.ts";

export interface BackfillOperationsParts {
  readonly clock: Clock;
  readonly expected: Expected;
  readonly windows: Windows;
  readonly checker: Pick<Hosts, "check">;
  readonly backfills: Backfills;
  readonly previews: BackfillQueries;
}

/** What asking for a backfill led to. */
export type BackfillAnswer =
  | { readonly ok: true; readonly progress: BackfillProgress }
  | { readonly ok: false; readonly problems: readonly ParamProblem[] };

export class BackfillOperations {
  constructor(readonly parts: BackfillOperationsParts) {}

  async begin(
    actor: Actor,
    taskId: string,
    request: BackfillRequest,
    given: Iterable<readonly [string, string]> = [],
    asked: AskedRun = {},
  ): Promise<BackfillAnswer> {
    const { expected, backfills, previews, windows, checker, clock } = this.parts;
    const task = expected.task(taskId);
    expected.starting();
    expectConfirmed(task, asked);
    if (task.description.policies.approval) {
      throw new Refusal("conflict", "problem.backfill_approval", { task: taskId });
    }
    const { instants, from, to, atOnce } = await previews.preview(taskId, request);
    const declared = task.description.params;
    const read = readParams(withoutShownDefaults(given, declared), declared);
    if (!read.ok) return read;
    const { params } = read;
    const [first = from] = instants;
    const filled = windows.fill(task, params, windows.of(task, first));
    const problems = await checker.check(task, filled);
    if (problems.length > 0) return { ok: false, problems };
    const other = backfills.all().find(({ plan, state }) => plan.taskId === taskId && state === "going");
    if (other) throw new Refusal("conflict", "problem.backfill_goes_on", { id: other.plan.id, task: taskId });
    const askedAt = clock.now();
    const plan = {
      id: backfillId(askedAt),
      taskId,
      from,
      to,
      instants,
      atOnce,
      params,
      by: actor.name,
      askedAt,
    };
    return { ok: true, progress: backfills.begin(plan) };
  }
}

/** `bf-mblz3k-4f2a`: short enough to be typed, and in the order of time. */
function backfillId(now: EpochMs): string {
  return `bf-${now.toString(36)}-${crypto.randomUUID().slice(0, 4)}`;
}
