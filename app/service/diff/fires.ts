/** Which fires of a task appear, go or move between two versions of it. Pure. */
import { type EpochMs, instantOf } from "../../base/time.ts";
import type { Trigger } from "../../contracts.ts";
import { closedBecause } from "../../policy/closed.ts";
import type { TaskPolicies } from "../../policy/policies.ts";
import type { Range } from "../range.ts";

/** A task as far as its fires are concerned. */
export interface FiringTask {
  readonly id: string;
  readonly trigger: Trigger | undefined;
  readonly policies: Pick<TaskPolicies, "blackout" | "calendar" | "locks">;
}

export interface Move {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** In the order of time. */
export interface FireChanges {
  readonly appear: readonly EpochMs[];
  readonly go: readonly EpochMs[];
  readonly move: readonly Move[];
  /** The fires before this moment were compared; it is the end of the span, unless there are too many of them. */
  readonly until: EpochMs;
}

/** Fires of one task that are compared. */
const MOST_FIRES = 20_000;
const MINUTE_MS = 60_000;

/**
 * Compares the fires of a span; what a blackout or a calendar closes is no fire. Of those that go and appear on one day
 * of the zone, the first goes to the first, the second to the second, and so on: they move.
 */
export function fireChanges(
  before: FiringTask | undefined,
  after: FiringTask | undefined,
  span: Range,
  timezone: string,
): FireChanges {
  if (before && after && firesAlike(before, after)) return { appear: [], go: [], move: [], until: span.to };
  const [old, young] = [firesOf(before, span), firesOf(after, span)];
  const until = Math.min(old.until, young.until);
  const [had, has] = [new Set(old.fires), new Set(young.fires)];
  const gone = old.fires.filter((at) => at < until && !has.has(at));
  const come = young.fires.filter((at) => at < until && !had.has(at));
  return {
    ...pairedByDay(gone, come, after?.trigger?.timezone ?? before?.trigger?.timezone ?? timezone),
    until,
  };
}

function firesAlike(before: FiringTask, after: FiringTask): boolean {
  const rest = ({ trigger, policies: { blackout, calendar } }: FiringTask) =>
    JSON.stringify([trigger?.identity, trigger?.timezone, blackout, calendar]);
  return rest(before) === rest(after);
}

/** @returns `until`, before which all fires are there */
function firesOf(task: FiringTask | undefined, { from, to }: Range): { fires: EpochMs[]; until: EpochMs } {
  const fires: EpochMs[] = [];
  if (!task?.trigger) return { fires, until: to };
  const { trigger } = task;
  let count = 0;
  for (let at = trigger.nextMs(from - 1); at !== null && at < to; at = trigger.nextMs(at)) {
    if (++count > MOST_FIRES) return { fires, until: at };
    if (!isClosed(task, trigger, at)) fires.push(at);
  }
  return { fires, until: to };
}

function isClosed(
  { policies: { blackout, calendar } }: FiringTask,
  { timezone }: Trigger,
  at: EpochMs,
): boolean {
  return closedBecause(at, timezone, blackout, calendar) !== undefined;
}

function pairedByDay(gone: readonly EpochMs[], come: readonly EpochMs[], timezone: string) {
  const dayOf = (at: EpochMs) => instantOf(at).toZonedDateTimeISO(timezone).toPlainDate().toString();
  const waiting = Map.groupBy(come, dayOf);
  const move: Move[] = [];
  const go: EpochMs[] = [];
  for (const from of gone) {
    const to = waiting.get(dayOf(from))?.shift();
    if (to === undefined) go.push(from);
    else move.push({ from, to });
  }
  return { appear: [...waiting.values()].flat().sort((a, b) => a - b), go, move };
}

/** The minutes since 1970 in which a task fires in a span. */
export function minutesOf(task: FiringTask, { from, to }: Range): number[] {
  const minutes: number[] = [];
  const { trigger } = task;
  if (!trigger) return minutes;
  for (let at = trigger.nextMs(from - 1); at !== null && at < to;) {
    const minute = Math.floor(at / MINUTE_MS);
    if (!isClosed(task, trigger, at)) minutes.push(minute);
    at = trigger.nextMs((minute + 1) * MINUTE_MS - 1);
  }
  return minutes;
}
