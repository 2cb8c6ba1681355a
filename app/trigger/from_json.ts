/** Triggers from JSON, as `carillon next` takes them: APScheduler's keyword arguments, or a case with a `kind`. */
import { at, cron, type CronFields, every } from "./declare.ts";
import { type TriggerBounds, TriggerError, type TriggerSpec } from "./trigger.ts";

/** A trigger and the moment from which its fires are asked for (inclusive). */
export interface TriggerCase {
  readonly spec: TriggerSpec;
  readonly from?: Temporal.Instant;
}

const CASE_KEYS = ["kind", "fields", "line", "date", "timezone", "startDate", "endDate", "from", "fires"];

/**
 * Reads `{"hour": "*&#47;2"}` as cron fields, or a case: `{"kind": "cron" | "interval" | "date" | "crontab", "fields": {…},
 * "line": …, "date": …, "timezone", "startDate", "endDate", "from"}`.
 *
 * @throws TriggerError with a sentence about what is wrong in it
 */
export function triggerFromJson(json: string): TriggerCase {
  const value = parseObject(json);
  if (!("kind" in value)) return { spec: cron(value as CronFields & TriggerBounds) };
  for (const key of Object.keys(value)) {
    if (!CASE_KEYS.includes(key)) {
      throw new TriggerError(`unknown key "${key}"; known are: ${CASE_KEYS.join(", ")}`);
    }
  }
  const spec = specOf(value);
  if (value.from === undefined || value.from === null) return { spec };
  try {
    return { spec, from: Temporal.Instant.from(String(value.from)) };
  } catch (cause) {
    throw new TriggerError(`from: "${value.from}" is not an instant such as "2026-01-31T08:00:00Z"`, {
      cause,
    });
  }
}

function specOf(value: Readonly<Record<string, unknown>>): TriggerSpec {
  const bounds = Object.fromEntries(
    ["timezone", "startDate", "endDate"].flatMap((key) =>
      value[key] === undefined || value[key] === null ? [] : [[key, value[key]]]
    ),
  ) as TriggerBounds;
  const fields = (value.fields ?? {}) as object;
  if (typeof fields !== "object" || Array.isArray(fields)) {
    throw new TriggerError(`fields: ${JSON.stringify(fields)} is not an object`);
  }
  switch (value.kind) {
    case "cron":
      return cron({ ...fields, ...bounds });
    case "interval":
      return every({ ...fields, ...bounds });
    case "crontab":
      return cron(String(value.line), bounds);
    case "date":
      return at(String(value.date), bounds.timezone === undefined ? {} : { timezone: bounds.timezone });
    default:
      throw new TriggerError(
        `kind: ${JSON.stringify(value.kind)} is none of "cron", "interval", "crontab", "date"`,
      );
  }
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new TriggerError(`not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TriggerError(`${JSON.stringify(value)} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}
