/** Triggers from JSON, as `carillon next` takes them: APScheduler's keyword arguments, or a case with a `kind`. */
import { messageOf } from "../base/errors.ts";
import type { TriggerBounds } from "./bounds.ts";
import { type CronFields, cronSpec } from "./cron.ts";
import { TriggerError } from "./errors.ts";
import { readTrigger, type TriggerSpec } from "./kinds.ts";
import { isObject } from "./options.ts";

/** A trigger and the moment from which its fires are asked for (inclusive). */
export interface TriggerCase {
  readonly spec: TriggerSpec;
  readonly from?: Temporal.Instant | undefined;
}

/**
 * Reads `{"hour": "*&#47;2"}` as cron fields, or a case with a `kind`: a trigger as {@link readTrigger} takes it, with
 * `"from"`, the first moment that counts, and `"fires"`, which is passed over. A key with null counts as left out.
 *
 * @throws TriggerError with a sentence about what is wrong in it
 */
export function triggerFromJson(json: string): TriggerCase {
  const value = parseObject(json);
  if (!("kind" in value)) return { spec: cronSpec(value as CronFields & TriggerBounds) };
  const { from, fires: _, ...given } = Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== null),
  );
  return { spec: readTrigger(given), from: from === undefined ? undefined : instantFrom(from) };
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
