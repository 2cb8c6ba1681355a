/** A file that has come and starts a run, and what is remembered of it so that it starts one only. */
import type { EpochMs } from "../base/time.ts";

/** What tells one content of a file from another, and a file that was renamed from one that was written. */
export interface FileVersion {
  readonly bytes: number;
  /** When its content was last written, in milliseconds. */
  readonly modified: number;
  /** When anything of it was last changed, its name included. */
  readonly changed: number;
  /** Number of the file on its disk; undefined where the system has none. */
  readonly inode?: number | undefined;
}

/** One version of a file that was taken. */
export interface Arrival {
  /** Absolute path. */
  readonly path: string;
  readonly version: FileVersion;
  /** `scheduledAt` of its run: each file of a task has another moment. */
  readonly at: EpochMs;
  /** True once its run has begun, or was cancelled before: it is never taken again. */
  readonly settled: boolean;
}

/** What is written down, one after the other. */
export type ArrivalEntry =
  | ({ readonly kind: "taken" } & Omit<Arrival, "settled">)
  | { readonly kind: "settled"; readonly at: EpochMs }
  | ({ readonly kind: "renamed" } & Arrival);
