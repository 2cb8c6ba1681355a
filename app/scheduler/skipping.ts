/** A trigger some of whose instants have a record already, because the system clock was ahead before. */
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import { MOST_BESIDE_MS } from "../policy/beside.ts";

/**
 * The trigger without those instants. A rhythm has to go on, so that it yields a moment just behind each of them: the
 * first that has no record, for the clock may have been set back more than once.
 *
 * @param recorded instants that have their record: those of the trigger, and moments behind them
 */
export function withoutRecorded(trigger: Trigger, recorded: ReadonlySet<EpochMs>): Trigger {
  if (recorded.size === 0) return trigger;
  let last = -Infinity;
  for (const at of recorded) last = Math.max(last, at);
  const nextMs = (after: EpochMs): EpochMs | null => {
    if (after > last + MOST_BESIDE_MS) return trigger.nextMs(after);
    for (let at = trigger.nextMs(after - MOST_BESIDE_MS - 1); at !== null; at = trigger.nextMs(at)) {
      const there = !recorded.has(at) ? at : trigger.isRhythm ? freeBeside(at, recorded) : undefined;
      if (there !== undefined && there > after) return there;
    }
    return null;
  };
  return {
    ...properties(trigger),
    nextMs,
    next(after) {
      const ms = Math.floor(Number(after.epochNanoseconds) / 1e6);
      const at = nextMs(ms);
      return at === null ? null : Temporal.Instant.fromEpochMilliseconds(at);
    },
  };
}

function freeBeside(at: EpochMs, recorded: ReadonlySet<EpochMs>): EpochMs | undefined {
  for (let beside = 1; beside <= MOST_BESIDE_MS; beside++) if (!recorded.has(at + beside)) return at + beside;
  return undefined;
}

function properties(trigger: Trigger): Omit<Trigger, "next" | "nextMs"> {
  return {
    describe: (locale) => trigger.describe(locale),
    rule: trigger.rule,
    timezone: trigger.timezone,
    identity: trigger.identity,
    atStart: trigger.atStart,
    onFiles: trigger.onFiles,
    isRhythm: trigger.isRhythm,
  };
}
