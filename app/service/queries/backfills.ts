/** Questions about backfills: how far each is, and what one would do. */
import type { EpochMs } from "../../base/time.ts";
import { localDateTime } from "../../base/time_zone.ts";
import type { Clock, RunReader } from "../../contracts.ts";
import type { BackfillProgress } from "../../model/backfill.ts";
import { closedBecause } from "../../policy/closed.ts";
import { usualMs } from "../../policy/promise.ts";
import type { Backfills } from "../../run/backfills.ts";
import type { Task } from "../../task/task.ts";
import type { TriggerTable } from "../../task/trigger_table.ts";
import { type Range, type RangeText, readRange } from "../range.ts";
import { Refusal } from "../refusal.ts";

export interface BackfillQueriesParts {
  readonly clock: Clock;
  readonly taskOf: (id: string) => Task | undefined;
  readonly triggers: TriggerTable;
  readonly runs: Pick<RunReader, "durations">;
  readonly backfills: Pick<Backfills, "all" | "find">;
}

export interface BackfillRequest extends RangeText {
  /** Most of its runs at one time; 1 when left out. Never more than the task's `concurrency`. */
  readonly atOnce?: number | undefined;
}

/** What a backfill would do. */
export interface BackfillPreview extends Range {
  readonly taskId: string;
  /** Zone of the task. */
  readonly timezone: string;
  /** In their order: those of the range that have passed and that no calendar or blackout closes. */
  readonly instants: readonly EpochMs[];
  /** How many of the range a calendar or a blackout closes: they get no run. */
  readonly closed: number;
  /** Most runs at one time: what was asked for, or the task's `concurrency` where that is less. */
  readonly atOnce: number;
  /** How long it will take by what a run of the task usually takes, in milliseconds; undefined where nobody knows. */
  readonly aboutMs?: number | undefined;
}

/** More instants in one backfill are a mistake in the range. */
export const MAX_BACKFILL = 10_000;
const MAX_AT_ONCE = 100;
/** Successful runs by which the usual duration is found. */
const LOOKED_AT = 20;

export class BackfillQueries {
  constructor(readonly parts: BackfillQueriesParts) {}

  /** All that are kept, the newest first; those of one task where its id is given. */
  all(taskId?: string): BackfillProgress[] {
    const all = this.parts.backfills.all();
    return taskId === undefined ? all : all.filter(({ plan }) => plan.taskId === taskId);
  }

  /** A backfill. @throws Refusal `unknown` */
  get(id: string): BackfillProgress {
    const found = this.parts.backfills.find(id);
    if (!found) throw new Refusal("unknown", "problem.no_backfill", { id });
    return found;
  }

  /**
   * What a backfill of a task would do; nothing is started. Both ends of the range belong to it, a date alone is the whole
   * day on the wall clock of the task's zone, and what is not past yet is left out.
   *
   * @throws Refusal `unknown`, `conflict` or `invalid`
   */
  async preview(taskId: string, request: BackfillRequest): Promise<BackfillPreview> {
    const { taskOf, triggers, clock, runs } = this.parts;
    const task = taskOf(taskId);
    if (!task) throw new Refusal("unknown", "problem.no_task", { id: taskId });
    if (!triggers.of(taskId)) throw new Refusal("conflict", "problem.backfill_no_trigger", { id: taskId });
    const now = clock.now();
    const timezone = triggers.zoneOf(taskId);
    const range = readRange(request, timezone, { from: now, to: now + 1 });
    const atOnce = Math.min(atOnceOf(request.atOnce), task.description.policies.concurrency);
    const { instants, closed } = this.#instants(task, timezone, {
      ...range,
      to: Math.min(range.to, now + 1),
    });
    const usual = usualMs(await runs.durations(taskId, LOOKED_AT));
    const aboutMs = usual === undefined ? undefined : Math.ceil(instants.length / atOnce) * usual;
    return { taskId, timezone, ...range, instants, closed, atOnce, aboutMs };
  }

  #instants(task: Task, zone: string, { from, to }: Range) {
    const { triggers } = this.parts;
    const all = triggers.upcoming(task.id, from - 1, MAX_BACKFILL + 1, to);
    const { blackout, calendar } = task.description.policies;
    const instants = all.filter((at) => !closedBecause(at, zone, blackout, calendar));
    const ends = { from: localDateTime(from, zone), to: localDateTime(to - 1, zone) };
    if (all.length > MAX_BACKFILL) {
      throw new Refusal("invalid", "problem.backfill_many", { most: MAX_BACKFILL, ...ends });
    }
    if (instants.length === 0) {
      throw new Refusal("invalid", "problem.backfill_none", { id: task.id, ...ends });
    }
    return { instants, closed: all.length - instants.length };
  }
}

function atOnceOf(given = 1): number {
  if (Number.isInteger(given) && given >= 1 && given <= MAX_AT_ONCE) return given;
  throw new Refusal("invalid", "problem.at_once", { n: given, most: MAX_AT_ONCE });
}
