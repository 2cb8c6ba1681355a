/** A backfill: the due instants of a past range, each run once more for its own time. */
import type { EpochMs } from "../base/time.ts";
import type { RunStatus } from "./run.ts";

/** What was asked for. Its instants are fixed when it is: a trigger that changes meanwhile changes nothing of it. */
export interface BackfillPlan {
  /** `bf-mblz3k-4f2a` */
  readonly id: string;
  readonly taskId: string;
  /** First moment of the range, and the first one behind it. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** In their order. */
  readonly instants: readonly EpochMs[];
  /** Most of its runs at one time. */
  readonly atOnce: number;
  /** Of each run, as they were given. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Who asked for it, where that is known. */
  readonly by?: string | undefined;
  readonly askedAt: EpochMs;
}

/** What became of it so far, one after the other. */
export type BackfillEntry =
  | { readonly kind: "ended"; readonly instant: EpochMs; readonly run: string; readonly status: RunStatus }
  | { readonly kind: "cancelled"; readonly at: EpochMs; readonly by?: string | undefined };

/** A backfill as it was written down. */
export interface BackfillRecord {
  readonly plan: BackfillPlan;
  readonly entries: readonly BackfillEntry[];
}

/** `going` also while its task's file is away: it goes on once that is back. */
export type BackfillState = "going" | "done" | "cancelled";

/** How far a backfill is. */
export interface BackfillProgress {
  readonly plan: Omit<BackfillPlan, "instants">;
  readonly state: BackfillState;
  /** Instants in all, and those that have no run yet. */
  readonly total: number;
  readonly waiting: number;
  /** Ids of the runs that are queued or running. */
  readonly going: readonly string[];
  /** How the runs that are over have ended. */
  readonly ended: Readonly<Partial<Record<RunStatus, number>>>;
  /** Runs that did not succeed, the first ones. */
  readonly failed: readonly { readonly instant: EpochMs; readonly run: string; readonly status: RunStatus }[];
}
