/** Everything that can be seen, narrowed to the tasks that somebody may view: what answers are made of is narrowed, not the answers. */
import type { Access } from "../../model/access.ts";
import type { BackfillProgress } from "../../model/backfill.ts";
import type { Run } from "../../model/run.ts";
import type { HeldRun } from "../../run/approvals.ts";
import type { Queries } from "../queries.ts";
import { BackfillQueries } from "../queries/backfills.ts";
import { ReportQueries } from "../queries/report.ts";
import { RunQueries, type RunQueriesParts } from "../queries/runs.ts";
import { TaskQueries } from "../queries/tasks.ts";
import { TodayQueries } from "../queries/today.ts";
import { SeenActivity } from "./activity.ts";
import { seenFeed } from "./feed.ts";
import { SeenReader } from "./reader.ts";
import { Sight } from "./sight.ts";

export function seenQueries(all: Queries, access: Access): Queries {
  const sight = new Sight(all.tasks.parts.registry, access);
  const reader = new SeenReader(all.runs.parts.reader, sight);
  const tasks = new TaskQueries({
    ...all.tasks.parts,
    registry: sight.registry,
    planned: seenPlans(all.tasks.parts.planned, sight),
  });
  const activity = new SeenActivity(all.activity, sight);
  return {
    ...all,
    tasks,
    activity,
    events: seenFeed(all.events, sight),
    runs: new RunQueries({
      reader,
      files: all.runs.parts.files,
      clock: all.runs.parts.clock,
      runner: seenRunner(all.runs.parts.runner, sight),
      approvals: { all: () => seenHeld(all.runs.parts.approvals, sight) },
      live: { follow: (id, signal) => follow(all.runs.parts.live, sight, id, signal) },
    }),
    today: new TodayQueries({ ...all.today.parts, tasks, activity }),
    report: new ReportQueries({ ...all.report.parts, tasks: () => sight.tasks.values(), runs: reader }),
    backfills: new BackfillQueries({
      ...all.backfills.parts,
      taskOf: (id) => sight.tasks.get(id),
      runs: reader,
      backfills: seenBackfills(all.backfills.parts.backfills, sight),
    }),
  };
}

function seenRunner(runner: RunQueriesParts["runner"], sight: Sight): RunQueriesParts["runner"] {
  const shown = (runs: readonly Run[]) =>
    runs.filter(({ taskId }) => sight.sees(taskId)).map((run) => sight.shown(run));
  return {
    get active() {
      return shown(runner.active);
    },
    live: (taskId) => shown(runner.live(taskId)),
    waitReason(runId) {
      const reason = runner.waitReason(runId);
      // Who holds the lock may be a task that is not there for whoever asks.
      return reason?.kind === "lock" && !sight.sees(reason.holder) ? { ...reason, holder: "…" } : reason;
    },
  };
}

function seenPlans(
  planned: TaskQueries["parts"]["planned"],
  sight: Sight,
): TaskQueries["parts"]["planned"] {
  return {
    all: (taskId) =>
      planned.all(taskId).filter((plan) => sight.sees(plan.taskId)).map((plan) => sight.withoutParams(plan)),
  };
}

function seenHeld(approvals: RunQueriesParts["approvals"], sight: Sight): readonly HeldRun[] {
  return approvals.all().filter(({ taskId }) => sight.sees(taskId)).map((run) => ({
    ...sight.shown(run),
    approval: run.approval,
  }));
}

function seenBackfills(
  backfills: BackfillQueries["parts"]["backfills"],
  sight: Sight,
): BackfillQueries["parts"]["backfills"] {
  const shown = (progress: BackfillProgress) => ({ ...progress, plan: sight.withoutParams(progress.plan) });
  const seen = ({ plan }: BackfillProgress) => sight.sees(plan.taskId);
  return {
    all: () => backfills.all().filter(seen).map(shown),
    find(id) {
      const found = backfills.find(id);
      return found && seen(found) ? shown(found) : undefined;
    },
  };
}

async function* follow(
  live: RunQueriesParts["live"],
  sight: Sight,
  runId: string,
  signal?: AbortSignal,
): AsyncGenerator<Run> {
  for await (const run of live.follow(runId, signal)) {
    if (!sight.sees(run.taskId)) return;
    yield sight.shown(run);
  }
}
