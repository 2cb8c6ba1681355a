/** `schedule`: a run of a task plans another one, for one moment. */
import { type DurationLike, durationMs } from "../base/duration.ts";
import { currentRun } from "./current_run.ts";

/** A moment: a value of `Temporal`, a `Date`, a text with an offset, or how long from now: `"90m"`. */
export type Moment = Temporal.Instant | Temporal.ZonedDateTime | Date | string;

/**
 * Plans one run of a task, which begins at that moment, or at once where it has passed, whatever its trigger and its
 * working days. Plans count once the run that makes them has succeeded; then they outlive a restart. A run on the
 * command line plans nothing.
 *
 * @param task its id; the calling task may plan itself
 * @param params as for a run by hand; they are checked when the run begins
 * @throws TypeError for a moment that is none; RangeError beyond 1,000 plans or 256,000 characters of parameters;
 *   Error outside of a run
 * @example
 * schedule("remind_customer", Temporal.Now.instant().add({ hours: 48 }), { order: 17 });
 * schedule("check_again", "15m");
 */
export function schedule(
  task: string,
  at: Moment,
  params: Readonly<Record<string, unknown>> = {},
): void {
  const run = currentRun.getStore();
  if (!run) throw new Error("schedule() was called outside of a run; call it in the task's run()");
  if (typeof task !== "string" || task === "") throw new TypeError("schedule: name a task by its id");
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    throw new TypeError("schedule: params is an object of names and values");
  }
  run.plan({ taskId: task, at: momentOf(at), params });
}

function momentOf(at: Moment): number {
  const ms = millisecondsOf(at);
  if (ms !== undefined && Number.isSafeInteger(ms)) return ms;
  throw new TypeError(
    `schedule: ${
      JSON.stringify(at)
    } is no moment; write "2030-01-01T08:00:00+01:00", "90m" from now, or a Temporal.Instant`,
  );
}

function millisecondsOf(at: Moment): number | undefined {
  if (at instanceof Temporal.Instant || at instanceof Temporal.ZonedDateTime) return at.epochMilliseconds;
  if (at instanceof Date) return at.getTime();
  if (typeof at !== "string") return undefined;
  try {
    return Temporal.Instant.from(at).epochMilliseconds;
  } catch {
    return fromNow(at);
  }
}

function fromNow(text: string): number | undefined {
  try {
    return Date.now() + durationMs(text as DurationLike);
  } catch {
    return undefined;
  }
}
