/** The questions that Carillon asks itself, too: for notifications, for its metrics, and before it does something. */
import { hookWarning } from "../hook_warning.ts";
import { notifyWarnings } from "../notify_warning.ts";
import { BackfillQueries } from "../queries/backfills.ts";
import { ReportQueries } from "../queries/report.ts";
import { TaskQueries } from "../queries/tasks.ts";
import type { Works } from "./engine.ts";

export interface Questions {
  readonly taskQueries: TaskQueries;
  readonly previews: BackfillQueries;
  readonly report: ReportQueries;
}

export function composeQuestions(parts: Works): Questions {
  const { config, clock, history, registry, triggers, taskOf, scheduler } = parts;
  return {
    previews: new BackfillQueries({ clock, taskOf, triggers, runs: history, backfills: parts.backfills }),
    taskQueries: new TaskQueries({
      clock,
      mask: parts.mask,
      registry,
      triggers,
      scheduler,
      checker: parts.checker,
      reloader: parts.reloader,
      selfPause: parts.selfPause,
      arrivals: parts.arrivals,
      notifyWarnings: (task) => notifyWarnings(task, config.named),
      hookWarning: (task) => hookWarning(task, config.secrets),
      planned: parts.planned,
    }),
    report: new ReportQueries({
      clock,
      tasks: () => registry.tasks.values(),
      triggers,
      scheduler,
      runs: history,
    }),
  };
}
