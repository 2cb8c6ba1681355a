/** Whether a trigger may start its task at a moment, by the task's blackouts and its calendar. */
import { type EpochMs, instantOf } from "../base/time.ts";
import type { RunReason } from "../model/reason.ts";
import { blackoutReason, type BlackoutWindow } from "./blackout.ts";
import { dayOffReason, type WorkCalendar } from "./calendar.ts";

/** Why nothing is started at this moment; undefined where something may be. */
export function closedBecause(
  at: EpochMs,
  timezone: string,
  blackout: readonly BlackoutWindow[],
  calendar: WorkCalendar | undefined,
): RunReason | undefined {
  if (blackout.length === 0 && !calendar) return undefined;
  const local = instantOf(at).toZonedDateTimeISO(timezone).toPlainDateTime();
  return blackoutReason(local, blackout) ?? (calendar && dayOffReason(local.toPlainDate(), calendar));
}
