/** Which instants of a trigger the records of a task stand for: each has one, or an assertion says which has two. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { Trigger } from "../../app/contracts.ts";
import { isDueCause, type Run } from "../../app/model/run.ts";
import { MOST_BESIDE_MS } from "../../app/policy/beside.ts";

/**
 * @param records of one task, in the order in which they were made
 * @param triggerOf the trigger that the task had then
 * @param label what a failure is known by
 */
export function attributedInstants(
  records: readonly Run[],
  triggerOf: (run: Run) => Trigger,
  label: string,
): ReadonlySet<number> {
  const taken = new Set<number>();
  for (const run of records) {
    if (!isDueCause(run.cause)) continue;
    const { taskId, scheduledAt: first = 0, status, instants, message } = run;
    const what = () => `${label}, ${taskId}, ${instantOf(first)} ${status} ${instants}: ${message}`;
    const found = instants === 1 ? [first] : instants === 0 ? [] : expanded(run, triggerOf(run), taken);
    const uncounted = String(run.reason?.values.n ?? "").endsWith("+");
    if (!uncounted) assert.equal(found.length, instants, `${what()} counts others than it stands for`);
    for (const at of found) {
      assert.ok(!taken.has(at), `${what()} stands for ${instantOf(at)}, which has a record`);
      taken.add(at);
    }
  }
  return taken;
}

/** A stretch: what it spans and nobody has; of a rhythm that met recorded instants, the moments behind them. */
function expanded(run: Run, trigger: Trigger, taken: ReadonlySet<number>): number[] {
  const most = trigger.isRhythm ? MOST_BESIDE_MS : 0;
  const first = run.scheduledAt ?? 0;
  const last = (run.reason?.lastAt ?? first) + most;
  const found: number[] = [];
  for (let at = trigger.nextMs(first - most - 1); at !== null && at <= last; at = trigger.nextMs(at)) {
    for (let beside = 0; beside <= most; beside++) {
      const there = at + beside;
      if (taken.has(there) || there < first) continue;
      if (there <= last) found.push(there);
      break;
    }
  }
  return found;
}
