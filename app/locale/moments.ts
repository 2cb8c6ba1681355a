/** Moments and durations as short as a person says them: no seconds, no date for today, no year for this one. */
import type { EpochMs } from "../base/time.ts";
import { wallMs } from "../base/time_zone.ts";
import type { Locale } from "../model/locale.ts";
import { LANGUAGE_TAG, text } from "./locale.ts";

const DAY_MS = 86_400_000;

/** `08:00`, the wall clock of a zone. */
export function clockTime(at: EpochMs, zone: string): string {
  return new Date(wallMs(at, zone)).toISOString().slice(-13, -8);
}

/** `08:00` of today, `Wed 22:00` within six days, `12 Mar 08:00`, `12 Mar 2024 08:00`. */
export function shortMoment(at: EpochMs, now: EpochMs, zone: string, locale: Locale): string {
  const time = clockTime(at, zone);
  const day = shortDay(at, now, zone, locale);
  return day === "" ? time : `${day} ${time}`;
}

/** The day of {@link shortMoment}; empty for today. */
export function shortDay(at: EpochMs, now: EpochMs, zone: string, locale: Locale): string {
  const [day, today] = [wallMs(at, zone), wallMs(now, zone)].map((ms) => Math.floor(ms / DAY_MS));
  if (day === undefined || today === undefined || day === today) return "";
  const tag = LANGUAGE_TAG[locale] === "en" ? "en-GB" : LANGUAGE_TAG[locale];
  if (Math.abs(day - today) < 6) return format(day, tag, WEEKDAY);
  return format(day, tag, yearOf(day) === yearOf(today) ? DAY_OF_YEAR : DAY_AND_YEAR);
}

/** `Thursday, 26 November`, with the year where it is not this one. */
export function longDay(day: Temporal.PlainDate, thisYear: number, locale: Locale): string {
  const tag = LANGUAGE_TAG[locale] === "en" ? "en-GB" : LANGUAGE_TAG[locale];
  const number = day.toZonedDateTime("UTC").epochMilliseconds / DAY_MS;
  return format(number, tag, day.year === thisYear ? LONG : LONG_AND_YEAR);
}

const WEEKDAY = { weekday: "short" } as const;
const DAY_OF_YEAR = { day: "numeric", month: "short" } as const;
const DAY_AND_YEAR = { ...DAY_OF_YEAR, year: "numeric" } as const;
const LONG = { weekday: "long", day: "numeric", month: "long" } as const;
const LONG_AND_YEAR = { ...LONG, year: "numeric" } as const;

/** Days that are written are few, and the same again and again. */
const MAX_WRITTEN = 1_000;

interface Written {
  readonly format: Intl.DateTimeFormat;
  readonly days: Map<number, string>;
}
const writers = new Map<Intl.DateTimeFormatOptions, Map<string, Written>>();

/** @param day counted from 1970-01-01 @param options one of the constants above */
function format(day: number, tag: string, options: Intl.DateTimeFormatOptions): string {
  const { format, days } = writerOf(tag, options);
  const known = days.get(day);
  if (known !== undefined) return known;
  if (days.size >= MAX_WRITTEN) days.clear();
  const written = format.format(day * DAY_MS);
  days.set(day, written);
  return written;
}

function writerOf(tag: string, options: Intl.DateTimeFormatOptions): Written {
  const byTag = writers.get(options) ?? new Map<string, Written>();
  writers.set(options, byTag);
  const found = byTag.get(tag) ??
    { format: new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" }), days: new Map() };
  byTag.set(tag, found);
  return found;
}

function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}

/** `796 ms`, `4.2 s`, `12 s`, `14 min`, `2 h 5 min`, `3 d`: two figures are enough to compare. */
export function shortDuration(ms: number, locale: Locale): string {
  if (ms < 999.5) return text(locale, "time.ms", { n: Math.max(0, Math.round(ms)) });
  if (ms < 9_950) return text(locale, "time.s", { n: Number((ms / 1_000).toFixed(1)) });
  if (ms < 99_500) return text(locale, "time.s", { n: Math.round(ms / 1_000) });
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return text(locale, "time.min", { min: minutes });
  if (ms >= 2 * DAY_MS) return text(locale, "time.d", { d: Math.round(ms / DAY_MS) });
  const [h, min] = [Math.floor(minutes / 60), minutes % 60];
  return min === 0 ? text(locale, "time.h", { h }) : text(locale, "time.h_min", { h, min });
}

/** `0:24`, `38:12`, `1:02:33`: time that is counted while one looks. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `2.1`, `13`: how many times the usual; undefined where it is less than half more, or a trifle. */
export function timesUsual(ms: number | undefined, usualMs: number | undefined): string | undefined {
  if (ms === undefined || usualMs === undefined || ms < 1_000) return undefined;
  const times = ms / Math.max(1, usualMs);
  if (times < 1.5) return undefined;
  return times < 9.95 ? times.toFixed(1) : String(Math.round(times));
}
