/** `cron`, `every`, `at`, `allOf`, `anyOf`: how a task file declares its triggers. Each call checks what it is given. */
import { type DurationLike, durationMs, type DurationParts } from "../duration.ts";
import { suggestion } from "../nearest.ts";
import { compileTrigger, MIN_INTERVAL_MS } from "./compile.ts";
import {
  CRON_FIELDS,
  type CronFieldName,
  type CronSpec,
  type CrontabSpec,
  type DateSpec,
  type IntervalSpec,
  type TriggerBounds,
  TriggerError,
  type TriggerSpec,
} from "./trigger.ts";

/** Fields of {@link cron}: a number, or an APScheduler expression such as `"8-18"`, `"mon-fri"` or `"1st mon,15,last"`. */
export type CronFields = Readonly<Partial<Record<CronFieldName, number | string>>>;

const BOUNDS = ["startDate", "endDate", "timezone"] as const;
const INTERVAL_UNITS = ["weeks", "days", "hours", "minutes", "seconds"] as const;

/**
 * Fires when the wall clock matches.
 *
 * With an object: all given fields must match; fields left out are `*` above the smallest one given and their minimum
 * below it, so `{ hour: 10 }` is ten o'clock sharp; `dayOfWeek` 0 is Monday (APScheduler's cron trigger).
 * With a text: a crontab line of 5 to 7 fields in croner's dialect, or a nickname such as `@daily`.
 *
 * @example cron({ dayOfWeek: "mon-fri", hour: 10, minute: 30, timezone: "Asia/Shanghai" })
 * @example cron("0 9 * * MON", { timezone: "Europe/Stockholm" })
 * @throws TriggerError that names the field, the expression and what is allowed
 */
export function cron(fields: CronFields & TriggerBounds): CronSpec;
export function cron(line: string, bounds?: TriggerBounds): CrontabSpec;
export function cron(
  what: string | CronFields & TriggerBounds,
  bounds: TriggerBounds = {},
): CronSpec | CrontabSpec {
  if (typeof what === "string") {
    checkKeys("cron", bounds, BOUNDS);
    return checked({ kind: "crontab", line: what, ...pickBounds(bounds) });
  }
  checkKeys("cron", what, [...CRON_FIELDS, ...BOUNDS]);
  const fields: Partial<Record<CronFieldName, string>> = {};
  for (const name of CRON_FIELDS) {
    const value: unknown = what[name];
    if (value === undefined) continue;
    if (typeof value !== "string" && !Number.isInteger(value)) {
      throw new TriggerError(`${name}: ${shown(value)} is neither a whole number nor a text`);
    }
    fields[name] = String(value);
  }
  return checked({ kind: "cron", fields, ...pickBounds(what) });
}

/**
 * Fires again and again after the same length of time, down to 100 ms. `startDate` is the first fire and the anchor;
 * without it the first fire is one interval after the task was first seen. Days are 24 hours, weeks 7 such days.
 *
 * @example every("10m")
 * @example every({ hours: 2, startDate: "2026-01-01T00:30:00", timezone: "Europe/Stockholm" })
 */
export function every(
  interval: string | DurationParts & TriggerBounds,
  bounds: TriggerBounds = {},
): IntervalSpec {
  const limits = typeof interval === "string" ? bounds : interval;
  checkKeys("every", limits, typeof interval === "string" ? BOUNDS : [...INTERVAL_UNITS, ...BOUNDS]);
  const length: DurationLike = typeof interval === "string"
    ? interval
    : Object.fromEntries(INTERVAL_UNITS.map((unit) => [unit, interval[unit]]));
  let ms: number;
  try {
    ms = durationMs(length);
  } catch (cause) {
    throw new TriggerError(`every: ${(cause as Error).message}`, { cause });
  }
  if (ms < MIN_INTERVAL_MS) {
    throw new TriggerError(`every: ${ms} ms is too short; the shortest interval is ${MIN_INTERVAL_MS} ms`);
  }
  return checked({ kind: "interval", every: ms, ...pickBounds(limits) });
}

/**
 * Fires once.
 *
 * @param date local to `timezone` unless it carries an offset
 * @example at("2026-12-24T18:00", { timezone: "Europe/Stockholm" })
 */
export function at(date: string, options: Pick<TriggerBounds, "timezone"> = {}): DateSpec {
  checkKeys("at", options, ["timezone"]);
  return checked({ kind: "date", date: String(date), ...pickBounds(options) });
}

/** Fires on the instants on which all of the triggers fire. */
export function allOf(...triggers: TriggerSpec[]): TriggerSpec {
  if (triggers.length === 0) throw new TriggerError("allOf: give at least one trigger");
  return checked({ kind: "all", of: triggers });
}

/** Fires on every instant on which one of the triggers fires, once where several coincide. A list means the same. */
export function anyOf(...triggers: TriggerSpec[]): TriggerSpec {
  if (triggers.length === 0) throw new TriggerError("anyOf: give at least one trigger");
  return checked({ kind: "any", of: triggers });
}

/** Compiles the spec once for its errors, so that they point at the line of the task file that made it. */
function checked<S extends TriggerSpec>(spec: S): S {
  compileTrigger(spec, { timezone: "UTC", anchor: 0 });
  return spec;
}

function checkKeys(name: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new TriggerError(`${name}: unknown key "${key}"; ${suggestion(key, known)}`);
    }
  }
}

function pickBounds(from: TriggerBounds): TriggerBounds {
  const bounds: Record<string, string> = {};
  for (const key of BOUNDS) {
    const value: unknown = from[key];
    if (value === undefined) continue;
    if (typeof value !== "string") throw new TriggerError(`${key}: ${shown(value)} is not a text`);
    bounds[key] = value;
  }
  return bounds;
}

function shown(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) ?? "an object" : String(value);
}
