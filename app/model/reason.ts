/** Why a run was skipped, missed or ended: a key and values, so that every language can say it. */
import type { EpochMs } from "../base/time.ts";

export interface RunReason {
  /** Key of a text, such as `"reason.timeout"`; a history of another version may hold one that is unknown here. */
  readonly key: `reason.${string}`;
  readonly values: Readonly<Record<string, string | number>>;
  /** Where one record stands for several due instants: the last of them. */
  readonly lastAt?: EpochMs | undefined;
}
