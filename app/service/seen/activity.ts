/** What the tasks that somebody sees have done lately. */
import type { OutcomeQuery, RunOutcome } from "../../model/history.ts";
import { NO_FAILURES } from "../queries/failures.ts";
import type { ActivityView, TaskActivity } from "../queries/activity.ts";
import type { Sight } from "./sight.ts";

export class SeenActivity implements ActivityView {
  constructor(readonly all: ActivityView, readonly sight: Sight) {}

  async ready(): Promise<void> {
    await this.all.ready();
  }

  get changes(): number {
    return this.all.changes;
  }

  get structure(): number {
    return this.all.structure;
  }

  get revision(): string {
    return this.all.revision;
  }

  numberOf(revision: string): number | undefined {
    return this.all.numberOf(revision);
  }

  of(taskId: string): TaskActivity {
    if (!this.sight.sees(taskId)) return { active: [], outcomes: [], failures: NO_FAILURES, changed: 0 };
    const { sight } = this;
    const { outcome, verdict, lastGood, notRun, active, failing, ...rest } = this.all.of(taskId);
    return {
      ...rest,
      outcome: outcome && sight.shown(outcome),
      verdict: verdict && sight.shown(verdict),
      lastGood: lastGood && sight.shown(lastGood),
      notRun: notRun && sight.shown(notRun),
      active: active.map((run) => sight.shown(run)),
      failing: failing && { ...failing, first: sight.shown(failing.first) },
    };
  }

  changedAt(taskId: string): number {
    return this.sight.sees(taskId) ? this.all.changedAt(taskId) : 0;
  }

  async lastFailures(): Promise<readonly RunOutcome[]> {
    return (await this.all.lastFailures()).filter(({ taskId }) => this.sight.sees(taskId));
  }

  async outcomes(query: OutcomeQuery): Promise<readonly RunOutcome[]> {
    const { ids } = this.sight;
    const taskIds = ids && query.taskIds ? query.taskIds.filter((id) => this.sight.sees(id)) : ids;
    return await this.all.outcomes({ ...query, taskIds: taskIds ?? query.taskIds });
  }
}
