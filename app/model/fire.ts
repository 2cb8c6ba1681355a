/** A fire: what the scheduler found out about due instants of one task. */
import type { EpochMs } from "../base/time.ts";

/** An instant is due. */
export interface DueFire {
  readonly kind: "due";
  readonly taskId: string;
  readonly at: EpochMs;
  /** True where it is noticed after its grace time and run nevertheless. */
  readonly late: boolean;
  /** True where it is the start of Carillon that made it due, and no instant of the trigger. */
  readonly atStart?: boolean | undefined;
}

/** A stretch of instants went by without being noticed. */
export interface MissedFire {
  readonly kind: "missed";
  readonly taskId: string;
  readonly first: EpochMs;
  readonly last: EpochMs;
  readonly count: number;
  /** True where there were more than could be counted; `count` is then the least. */
  readonly more: boolean;
  /** Carillon was stopped, or it was active and did not notice. */
  readonly why: "stopped" | "asleep";
}

/** An instant was due and waited for its jitter when its task was paused or its file went away. */
export interface WithdrawnFire {
  readonly kind: "withdrawn";
  readonly taskId: string;
  readonly at: EpochMs;
  readonly why: "paused" | "removed";
}

export type Fire = DueFire | MissedFire | WithdrawnFire;
