/** Which instants have their record, asked of the history where the system clock was ahead. */
import { localDateTime } from "../base/time_zone.ts";
import type { EpochMs } from "../base/time.ts";
import type { RecordedInstants, RunReader, Trigger } from "../contracts.ts";
import { isDueCause, type Run } from "../model/run.ts";
import { MOST_BESIDE_MS } from "../policy/beside.ts";
import type { Recorder } from "./recorder.ts";

/** Records of one task that are looked at, the newest. */
const MAX_RECORDS = 100_000;
/** Those that began before the moment and may reach beyond it. */
const MAX_BEFORE = 1_000;

/** A record of instants that were missed. */
interface Stretch {
  readonly run: Run;
  readonly first: EpochMs;
  readonly last: EpochMs;
}

export class HistoryInstants implements RecordedInstants {
  constructor(
    readonly runs: Pick<RunReader, "find">,
    readonly recorder: Recorder,
    readonly zoneOf: (taskId: string) => string,
  ) {}

  async after(
    taskId: string,
    trigger: Trigger,
    from: EpochMs,
    now: EpochMs,
  ): Promise<ReadonlySet<EpochMs>> {
    // Whatever has an instant beyond a moment was recorded when the clock was beyond it.
    const records = [
      ...await this.runs.find({ taskId, from, limit: MAX_RECORDS }),
      // What was skipped is one record from its first instant on.
      ...await this.runs.find({ taskId, to: from, limit: MAX_BEFORE }),
    ];
    const found = new Set<EpochMs>();
    const missed: Stretch[] = [];
    for (const run of records) {
      const { scheduledAt: first } = run;
      if (first === undefined || run.instants === 0 || !isDueCause(run.cause)) continue;
      const last = run.reason?.lastAt ?? first;
      if (run.status === "missed") missed.push({ run, first, last });
      else for (const at of recordedOf(trigger, first, last)) found.add(at);
    }
    for (const { run, first, last } of missed) {
      const end = Math.min(last, now);
      // A rhythm that met recorded instants had gone on beside them: each counts all the same.
      const left = [...instants(trigger, first, end)].filter((at) => trigger.isRhythm || !found.has(at));
      // Under another trigger nothing of it is to come.
      if (last > now && isOf(trigger, first)) this.#shorten(run, left);
      for (const at of recordedOf(trigger, first, end)) found.add(at);
    }
    return new Set([...found].filter((at) => at > from));
  }

  /** What a missed stretch has beyond the moment was not missed: it is still to come. @param left what stays missed */
  #shorten(run: Run, left: readonly EpochMs[]): void {
    const count = Math.min(left.length, run.instants);
    this.recorder.shortenMissed(run, count, left.at(-1), (at) => localDateTime(at, this.zoneOf(run.taskId)));
  }
}

/**
 * The instants of a record. Those between its first and its last are known where the trigger is still the one it had; a
 * rhythm that had gone on beside recorded instants may have taken the moments there too.
 */
function* recordedOf(trigger: Trigger, first: EpochMs, last: EpochMs): Iterable<EpochMs> {
  if (first > last) return;
  yield first;
  yield last;
  if (!isOf(trigger, first)) return;
  const beside = first - (trigger.nextMs(first - MOST_BESIDE_MS - 1) ?? first);
  for (const at of instants(trigger, first, last)) {
    yield at;
    if (beside > 0) yield at + beside;
  }
}

/** True for an instant of the trigger, or a moment that its rhythm had gone on at. */
function isOf(trigger: Trigger, at: EpochMs): boolean {
  if (trigger.nextMs(at - 1) === at) return true;
  const before = trigger.isRhythm ? trigger.nextMs(at - MOST_BESIDE_MS - 1) : null;
  return before !== null && before < at;
}

/** The instants of a trigger from one of them to another, both included. */
function* instants(trigger: Trigger, first: EpochMs, last: EpochMs): Iterable<EpochMs> {
  if (first > last) return;
  yield first;
  for (let at = trigger.nextMs(first); at !== null && at <= last; at = trigger.nextMs(at)) yield at;
}
