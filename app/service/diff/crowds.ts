/** Minutes in which many tasks fire, and tasks that want the same lock in one minute. Pure. */
import type { EpochMs } from "../../base/time.ts";
import type { Range } from "../range.ts";
import { type FiringTask, minutesOf } from "./fires.ts";

/** A minute in which more tasks fire than before. */
export interface CrowdedMinute {
  readonly at: EpochMs;
  readonly before: number;
  readonly after: number;
}

/** Two tasks that want the same lock in one minute more often than before. */
export interface LockClash {
  readonly lock: string;
  /** Ids, in their order. */
  readonly tasks: readonly [string, string];
  /** In how many minutes of the span. */
  readonly before: number;
  readonly after: number;
  readonly first: EpochMs;
}

/** So many tasks make a minute crowded. */
export const CROWD = 3;
const MINUTE_MS = 60_000;

/** A version of all tasks, with the minutes in which each fires. */
export interface Minutes {
  readonly tasks: readonly FiringTask[];
  readonly of: ReadonlyMap<string, readonly number[]>;
}

export function minutesOfAll(tasks: readonly FiringTask[], span: Range): Minutes {
  return { tasks, of: new Map(tasks.map((task) => [task.id, minutesOf(task, span)])) };
}

/** The most crowded first, of equals the earliest. */
export function crowdedMinutes(before: Minutes, after: Minutes): CrowdedMinute[] {
  const [old, young] = [before, after].map(countedMinutes);
  return [...young ?? []]
    .map(([minute, n]) => ({ at: minute * MINUTE_MS, before: old?.get(minute) ?? 0, after: n }))
    .filter((each) => each.after >= CROWD && each.after > each.before)
    .sort((a, b) => b.after - a.after || a.at - b.at);
}

function countedMinutes({ of }: Minutes): Map<number, number> {
  const counts = new Map<number, number>();
  for (const minutes of of.values()) {
    for (const minute of minutes) counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  return counts;
}

export function lockClashes(before: Minutes, after: Minutes): LockClash[] {
  const old = new Map([...clashesOf(before)].map((clash) => [keyOf(clash), clash.minutes.length]));
  return [...clashesOf(after)].flatMap(({ lock, tasks, minutes }) => {
    const [first = 0] = minutes;
    const known = old.get(keyOf({ lock, tasks })) ?? 0;
    return minutes.length <= known
      ? []
      : [{ lock, tasks, before: known, after: minutes.length, first: first * MINUTE_MS }];
  });
}

interface Clash {
  readonly lock: string;
  readonly tasks: readonly [string, string];
  readonly minutes: readonly number[];
}

function keyOf({ lock, tasks }: Pick<Clash, "lock" | "tasks">): string {
  return JSON.stringify([lock, ...tasks]);
}

function* clashesOf({ tasks, of }: Minutes): Iterable<Clash> {
  const byLock = new Map<string, string[]>();
  for (const { id, policies } of tasks.toSorted((a, b) => a.id < b.id ? -1 : 1)) {
    for (const lock of policies.locks) byLock.set(lock, [...byLock.get(lock) ?? [], id]);
  }
  for (const [lock, ids] of [...byLock].sort(([a], [b]) => a < b ? -1 : 1)) {
    for (const [i, first] of ids.entries()) {
      const wanted = new Set(of.get(first));
      for (const second of ids.slice(i + 1)) {
        const minutes = (of.get(second) ?? []).filter((minute) => wanted.has(minute));
        if (minutes.length > 0) yield { lock, tasks: [first, second], minutes };
      }
    }
  }
}
