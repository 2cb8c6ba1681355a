/** Triggers from JSON, as `carillon next` takes them: APScheduler's keyword arguments, as PyScheduler writes them, or a case with a `kind`. */
import { messageOf } from "../base/errors.ts";
import { suggested, wrongWith } from "../locale/sentence.ts";
import type { TriggerBounds } from "./bounds.ts";
import { type CronFields, cronSpec } from "./cron.ts";
import { dateSpec } from "./date.ts";
import { TriggerError } from "./errors.ts";
import { intervalSpec } from "./interval.ts";
import { readTrigger, type TriggerSpec } from "./kinds.ts";
import { isObject } from "./options.ts";

/** A trigger and the moment from which its fires are asked for (inclusive). */
export interface TriggerCase {
  readonly spec: TriggerSpec;
  readonly from?: Temporal.Instant | undefined;
}

/** Arguments that have another name here. */
const NAMES: Readonly<Record<string, string>> = {
  day_of_week: "dayOfWeek",
  start_date: "startDate",
  end_date: "endDate",
  run_date: "runDate",
};
const LENGTHS = ["weeks", "days", "hours", "minutes", "seconds"];
const TRIGGERS = ["cron", "interval", "date"];

/**
 * Reads `{"hour": "*&#47;2"}` as cron fields, `{"hours": 2}` as a length and `{"run_date": "…"}` as a moment, which
 * `"trigger"` may say as well; or a case with a `kind`: a trigger as {@link readTrigger} takes it, with `"from"`, the first
 * moment that counts, and `"fires"`, which is passed over. A key with null counts as left out.
 *
 * @throws TriggerError with a sentence about what is wrong in it
 */
export function triggerFromJson(json: string): TriggerCase {
  const value = parseObject(json);
  const present = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
  if (!("kind" in present)) return { spec: fromArguments(present) };
  const { from, fires: _, ...given } = present;
  return { spec: readTrigger(given), from: from === undefined ? undefined : instantFrom(from) };
}

/** `jitter` is passed over: it moves the begin of runs and none of the due instants. */
function fromArguments(given: Readonly<Record<string, unknown>>): TriggerSpec {
  const { trigger, jitter: _, ...rest } = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [Object.hasOwn(NAMES, name) ? NAMES[name] : name, value]),
  );
  const isLength = LENGTHS.some((name) => Object.hasOwn(rest, name));
  switch (trigger ?? ("runDate" in rest ? "date" : isLength ? "interval" : "cron")) {
    case "date": {
      const { runDate, ...options } = rest;
      return dateSpec(String(runDate ?? ""), options);
    }
    case "interval":
      // APScheduler takes no length for one second.
      return intervalSpec(isLength ? rest : { seconds: 1, ...rest });
    case "cron":
      return cronSpec(rest as CronFields & TriggerBounds);
    default:
      throw new TriggerError(wrongWith("trigger", suggested(String(trigger), TRIGGERS)));
  }
}

function instantFrom(from: unknown): Temporal.Instant {
  try {
    return Temporal.Instant.from(String(from));
  } catch (cause) {
    throw new TriggerError(`from: "${from}" is not an instant such as "2026-01-31T08:00:00Z"`, { cause });
  }
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new TriggerError(`not JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(value)) throw new TriggerError(`${JSON.stringify(value)} is not a JSON object`);
  return value;
}
