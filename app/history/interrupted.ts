/** What becomes of a run that nobody ended: the program or its machine went away. */
import { reasonText } from "../locale/reason.ts";
import type { EpochMs } from "../base/time.ts";
import type { RunReason } from "../model/reason.ts";
import type { Run } from "../model/run.ts";

const REASON: RunReason = { key: "reason.interrupted", values: {} };

/** @param now when it is held to have ended */
export function interrupted(now: EpochMs): Pick<Run, "status" | "finishedAt" | "message" | "reason"> {
  return { status: "interrupted", finishedAt: now, message: reasonText(REASON, "en"), reason: REASON };
}
