/** A task as the scheduler knows it, and what is remembered of it over a restart. */
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import type { TaskState } from "../model/history.ts";
import { isPauseOver, type PauseTerms } from "../model/pause.ts";
import type { FirePolicy } from "../policy/misfire.ts";

/** Kept in place of a trigger's identity for a task that is away. */
export const NO_TRIGGER = "";

export interface Scheduled {
  /** As it was declared. */
  readonly declared: Trigger;
  /** Without the instants that have a record already. */
  readonly trigger: Trigger;
  readonly policy: FirePolicy;
  readonly firstSeen: EpochMs;
  /** The instant that is next without a record; its turn comes when its jitter is over. Milliseconds. */
  next: number | null;
  /** Undefined while it is not paused. */
  pause: PauseTerms | undefined;
  /** When it went on after a pause, the last time. */
  resumedAt: EpochMs | undefined;
}

/** What is remembered of a task whose instants have their records up to a moment. */
export function stateOf({ firstSeen, trigger, pause, resumedAt }: Scheduled, settledTo: EpochMs): TaskState {
  return {
    firstSeen,
    trigger: trigger.identity,
    settledTo,
    paused: pause !== undefined,
    pause,
    resumedAt,
  };
}

/** Up to where a pause that is over has settled a task: an instant at its very end is due. */
export function settledByPause({ until = -Infinity }: PauseTerms): EpochMs {
  return until - 1;
}

/** How a task's pause, as it was remembered, stands at a moment. */
export function pauseAt(known: TaskState | undefined, now: EpochMs): {
  /** The pause that goes on. */
  readonly pause: PauseTerms | undefined;
  /** The pause that was over meanwhile. */
  readonly over: PauseTerms | undefined;
} {
  if (!known?.paused) return { pause: undefined, over: undefined };
  const kept = known.pause ?? {};
  return isPauseOver(kept, now) ? { pause: undefined, over: kept } : { pause: kept, over: undefined };
}
