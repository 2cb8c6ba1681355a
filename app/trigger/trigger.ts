/** What a trigger is: plain data as a task declares it, and the one-method thing the scheduler asks. */
import type { EpochMs } from "../time.ts";
import type { Locale } from "../locale/locale.ts";

/** When a task fires. Pure: no clock, no timers, no I/O. */
export interface Trigger {
  /** First fire strictly after `after`, or null once it has ended. */
  next(after: Temporal.Instant): Temporal.Instant | null;
  /** The same in milliseconds since 1970-01-01T00:00Z, for whoever asks often. */
  nextMs(after: EpochMs): EpochMs | null;
  /** One line for people, in their language. */
  describe(locale: Locale): string;
  /** The exact rule in APScheduler's notation, such as `cron[day_of_week='mon', hour='10']`, as PyScheduler's `/jobs` shows it. */
  readonly rule: string;
  /** The zone whose wall clock the trigger follows. */
  readonly timezone: string;
  /** Equal for triggers that fire alike; it changes with anything that is declared of the trigger. */
  readonly identity: string;
}

/** APScheduler's eight cron fields, from the largest to the smallest. */
export const CRON_FIELDS = [
  "year",
  "month",
  "day",
  "week",
  "dayOfWeek",
  "hour",
  "minute",
  "second",
] as const;
export type CronFieldName = (typeof CRON_FIELDS)[number];

/** Bounds that every repeating trigger can have. Local times are in `timezone` unless they carry an offset. */
export interface TriggerBounds {
  /** First moment on which it may fire (inclusive), such as `"2026-01-31"` or `"2026-01-31T08:00:00"`. */
  readonly startDate?: string;
  /** Last moment on which it may fire (inclusive). */
  readonly endDate?: string;
  /** IANA name of the zone, such as `"Europe/Stockholm"`; the configured default when left out. */
  readonly timezone?: string;
}

export interface CronSpec extends TriggerBounds {
  readonly kind: "cron";
  readonly fields: Readonly<Partial<Record<CronFieldName, string>>>;
}

export interface CrontabSpec extends TriggerBounds {
  readonly kind: "crontab";
  readonly line: string;
}

export interface IntervalSpec extends TriggerBounds {
  readonly kind: "interval";
  /** Whole milliseconds, at least 100. */
  readonly every: number;
}

export interface DateSpec {
  readonly kind: "date";
  readonly date: string;
  readonly timezone?: string;
}

/** Several triggers as one: `any` fires when one of them does, `all` when all of them do. */
export interface CombinedSpec {
  readonly kind: "any" | "all";
  readonly of: readonly TriggerSpec[];
}

/** A trigger as plain data: it travels from a worker to the scheduler, and compiles to a {@link Trigger}. */
export type TriggerSpec = CronSpec | CrontabSpec | IntervalSpec | DateSpec | CombinedSpec;

/** What a spec does not say itself. */
export interface TriggerContext {
  /** Zone of triggers that name none. */
  readonly timezone: string;
  /** Anchor of intervals without a start date: when the task was first seen. */
  readonly anchor: EpochMs;
}

/** A trigger that cannot be; the message names the field, the expression, the position and what is allowed. */
export class TriggerError extends Error {
  override readonly name = "TriggerError";
}
