/** What the history knows of a failed run by the time its message is sent: asked late, so that an event costs nothing. */
import type { EpochMs } from "../base/time.ts";
import type { RunReader } from "../contracts.ts";
import { BAD_STATUSES, type Run } from "../model/run.ts";
import { failedNotice } from "./notices.ts";

export interface RunStory {
  readonly run: Run;
  /** The last one that succeeded before it. */
  readonly lastGood?: Run | undefined;
  /** How many failed with an error that is alike since then, itself not counted. */
  readonly alike: number;
  /** Names of parameters that the last good run had otherwise. */
  readonly otherParams: readonly string[];
  /** When the task's file was changed, where that was after the last good run began. */
  readonly changedAt?: EpochMs | undefined;
}

const LOOKED_AT = 50;

/** @param changedAt when a task's file was written last; undefined where nobody knows */
export async function storyOf(
  reader: RunReader,
  runId: string,
  changedAt: (taskId: string) => Promise<EpochMs | undefined>,
): Promise<RunStory | undefined> {
  const run = await reader.get(runId);
  if (!run) return undefined;
  const { taskId } = run;
  const [lastGood] = await reader.find({ taskId, statuses: ["succeeded"], before: runId, limit: 1 });
  const bad = await reader.find({
    taskId,
    statuses: BAD_STATUSES,
    before: runId,
    from: lastGood?.queuedAt,
    limit: LOOKED_AT,
  });
  const likeness = failedNotice(run)?.likeness;
  const changed = lastGood && await changedAt(taskId);
  return {
    run,
    lastGood,
    alike: bad.filter((each) => failedNotice(each)?.likeness === likeness).length,
    otherParams: lastGood ? differing(run.params, lastGood.params) : [],
    changedAt: changed !== undefined && changed > (lastGood?.startedAt ?? 0) ? changed : undefined,
  };
}

function differing(now: Run["params"], before: Run["params"]): string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]));
}
