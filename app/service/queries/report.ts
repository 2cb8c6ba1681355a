/** The promise report: what became of every due instant of a span, task by task. */
import { type EpochMs, instantOf } from "../../base/time.ts";
import type { Clock, RunReader } from "../../contracts.ts";
import { isDueCause, type Run } from "../../model/run.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Task } from "../../task/task.ts";
import type { TriggerTable } from "../../task/trigger_table.ts";
import { type ReportedTask, reportOf, type TaskReport } from "../promise_report.ts";
import { type Range, type RangeText, readRange } from "../range.ts";
import { Refusal } from "../refusal.ts";

export interface ReportQueriesParts {
  readonly clock: Clock;
  readonly tasks: () => Iterable<Task>;
  readonly triggers: TriggerTable;
  readonly scheduler: Scheduler;
  readonly runs: Pick<RunReader, "find">;
}

export interface PromiseReport extends Range {
  /** Zone that the span was read in. */
  readonly timezone: string;
  /** By id; tasks without a trigger promise nothing. */
  readonly tasks: readonly TaskReport[];
}

/** Days of the span where none is given, today included. */
const USUAL_DAYS = 7;
/** Records that are read at once. */
const PAGE = 1_000;
/** Records before the span that may reach into it: a stretch that was skipped is the newest of its task, but for runs by hand. */
const LOOKED_BACK = 50;
/** What comes after the span is looked at in ever longer steps, until a record of a later instant is found. */
const FIRST_STEP_MS = 86_400_000;
const GROWTH = 4;

export class ReportQueries {
  constructor(readonly parts: ReportQueriesParts) {}

  /**
   * The report on a span, the last seven days where none is given. Both ends belong to it, a date alone is the whole day
   * in `[scheduler] timezone`; what is not past yet is left out.
   *
   * @throws Refusal `invalid` for a span, `unknown` for a task
   */
  async report(span: RangeText, taskId?: string): Promise<PromiseReport> {
    const { clock, triggers, tasks } = this.parts;
    const { timezone } = triggers;
    const now = clock.now();
    const today = instantOf(now).toZonedDateTimeISO(timezone).startOfDay();
    const usual = { from: today.subtract({ days: USUAL_DAYS - 1 }).epochMilliseconds, to: now + 1 };
    const { from, to } = readRange(span, timezone, usual);
    const known = [...tasks()].filter(({ id }) => taskId === undefined || id === taskId);
    if (taskId !== undefined && known.length === 0) {
      throw new Refusal("unknown", "problem.no_task", { id: taskId });
    }
    const reports: TaskReport[] = [];
    for (const task of known) {
      const trigger = triggers.of(task.id);
      // New files have no instants that could be missed.
      if (!trigger || task.description.triggers.length === 0) continue;
      const reported = { id: task.id, trigger, policy: task.description.policies };
      reports.push(await this.#report(reported, { from, to: Math.min(to, now + 1) }, now));
    }
    return { timezone, from, to, tasks: reports };
  }

  async #report(task: ReportedTask, span: Range, now: EpochMs): Promise<TaskReport> {
    const { triggers, scheduler } = this.parts;
    const records = await this.#records(task.id, span, now);
    const firstSeen = triggers.firstSeen(task.id) ?? now;
    const known = {
      from: Math.max(span.from, firstSeen + 1),
      to: Math.min(span.to, scheduler.next(task.id) ?? span.to),
    };
    return reportOf(task, records, span, known, now);
  }

  /** Every record that may have an instant in the span. */
  async #records(taskId: string, { from, to }: Range, now: EpochMs): Promise<readonly Run[]> {
    const { runs } = this.parts;
    const found = new Map<string, Run>();
    const keep = (all: readonly Run[]) => {
      for (const run of all) found.set(run.id, run);
    };
    keep(await runs.find({ taskId, to: from, limit: LOOKED_BACK }));
    keep(await this.#between(taskId, from, to));
    // What was missed or caught up has its record when it was noticed.
    let step = FIRST_STEP_MS;
    for (let after = to; after <= now; after += step, step *= GROWTH) {
      const later = await this.#between(taskId, after, after + step);
      keep(later);
      if (later.some((run) => isDueCause(run.cause) && (run.scheduledAt ?? 0) >= to)) break;
    }
    return [...found.values()];
  }

  /** All records of a task that were queued in a span. */
  async #between(taskId: string, from: EpochMs, to: EpochMs): Promise<Run[]> {
    const all: Run[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await this.parts.runs.find({ taskId, from, to, before, limit: PAGE });
      all.push(...page);
      before = page.at(-1)?.id;
      if (page.length < PAGE) return all;
    }
  }
}
