/** `startDate`, `endDate` and `timezone`, which every repeating trigger can have. */
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { Fires } from "./fires.ts";
import type { TriggerContext } from "./kind.ts";
import { optionalText } from "./options.ts";
import { hasOffset, Zone } from "./zone.ts";

/** Bounds that every repeating trigger can have. Local times are in `timezone` unless they carry an offset. */
export interface TriggerBounds {
  /** First moment on which it may fire (inclusive), such as `"2026-01-31"` or `"2026-01-31T08:00:00"`. */
  readonly startDate?: string | undefined;
  /** Last moment on which it may fire (inclusive). */
  readonly endDate?: string | undefined;
  /** IANA name of the zone, such as `"Europe/Stockholm"`; the configured default when left out. */
  readonly timezone?: string | undefined;
}

export const BOUND_KEYS = ["startDate", "endDate", "timezone"] as const;

/** The bounds among some options; keys that are not given are left out. */
export function readBounds(given: object): TriggerBounds {
  const bounds: Record<string, string> = {};
  for (const key of BOUND_KEYS) {
    const value = optionalText(given, key);
    if (value !== undefined) bounds[key] = value;
  }
  return bounds;
}

export function zoneOf(bounds: TriggerBounds, context: TriggerContext): Zone {
  return Zone.of(bounds.timezone ?? context.timezone);
}

/** First and last moment, in milliseconds; infinite where there is no bound. */
export function boundsMs(
  bounds: TriggerBounds,
  zone: Zone,
): { readonly start: number; readonly end: number } {
  return {
    start: bounds.startDate === undefined ? -Infinity : ceilMs(zone.instantOf(bounds.startDate, "startDate")),
    end: bounds.endDate === undefined
      ? Infinity
      : zone.instantOf(bounds.endDate, "endDate").epochMilliseconds,
  };
}

/** Those fires that lie between the bounds, and when they begin. */
export function withinBounds(
  fires: Fires,
  bounds: TriggerBounds,
  zone: Zone,
): { readonly fires: Fires; readonly begin?: number | undefined } {
  if (bounds.startDate === undefined && bounds.endDate === undefined) return { fires };
  const { start, end } = boundsMs(bounds, zone);
  const { count } = fires;
  return {
    begin: bounds.startDate === undefined ? undefined : start,
    fires: {
      nextMs(after) {
        const fire = fires.nextMs(Math.max(after, start - 1));
        return fire === null || fire > end ? null : fire;
      },
      gridAt: (from) => fires.gridAt?.(from),
      count: count && ((from, to) => count.call(fires, Math.max(from, start), Math.min(to, end))),
    },
  };
}

/** True where a bound is local to a zone that the bounds do not name. */
export function boundsUseDefaultZone({ startDate, endDate, timezone }: TriggerBounds): boolean {
  return timezone === undefined &&
    [startDate, endDate].some((date) => date !== undefined && !hasOffset(date));
}

/** `…, from 2026-01-05, until 2026-12-31, Europe/Stockholm` */
export function withBoundsWords(
  words: string,
  { startDate, endDate, timezone }: TriggerBounds,
  locale: Locale,
  defaultZone: string | undefined,
): string {
  const parts = [words];
  if (startDate !== undefined) parts.push(text(locale, "trigger.from", { date: spaced(startDate) }));
  if (endDate !== undefined) parts.push(text(locale, "trigger.until", { date: spaced(endDate) }));
  const zone = timezone ?? defaultZone;
  if (zone !== undefined) parts.push(zone);
  return parts.join(text(locale, "trigger.comma"));
}

/** A date and time for people: with a space between the two. */
export function spaced(date: string): string {
  return date.replace("T", " ");
}

function ceilMs(instant: Temporal.Instant): number {
  return instant.round({ smallestUnit: "millisecond", roundingMode: "ceil" }).epochMilliseconds;
}
