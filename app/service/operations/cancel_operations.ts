/** Ending what was asked for: a run, a run that is planned, a backfill. */
import type { Actor } from "../../model/actor.ts";
import type { BackfillProgress } from "../../model/backfill.ts";
import type { PlannedRun } from "../../model/planned_run.ts";
import type { Run } from "../../model/run.ts";
import type { Approvals } from "../../run/approvals.ts";
import type { Backfills } from "../../run/backfills.ts";
import type { PlannedRuns } from "../../run/planned_runs.ts";
import type { Runner } from "../../run/runner.ts";
import type { BackfillQueries } from "../queries/backfills.ts";
import { Refusal } from "../refusal.ts";
import type { Expected } from "./expected.ts";

export interface CancelOperationsParts {
  readonly expected: Expected;
  readonly runner: Runner;
  readonly approvals: Approvals;
  readonly planned: PlannedRuns;
  readonly backfills: Backfills;
  readonly previews: BackfillQueries;
}

export class CancelOperations {
  constructor(readonly parts: CancelOperationsParts) {}

  async run({ name }: Actor, runId: string): Promise<Run> {
    const { expected, runner, approvals } = this.parts;
    if (runner.cancel(runId, name) || approvals.cancel(runId, name)) return await expected.run(runId);
    const { id, status } = await expected.run(runId);
    throw new Refusal("conflict", "problem.run_is_over", { id, status });
  }

  planned(id: string): PlannedRun {
    const plan = this.parts.planned.cancel(id);
    if (!plan) throw new Refusal("unknown", "problem.no_plan", { id });
    return plan;
  }

  backfill({ name }: Actor, id: string): BackfillProgress {
    const { backfills, previews } = this.parts;
    const { state } = previews.get(id);
    if (backfills.cancel(id, name)) return previews.get(id);
    throw new Refusal("conflict", "problem.backfill_is_over", { id, state });
  }
}
