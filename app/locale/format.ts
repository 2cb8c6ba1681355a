/** Times and durations in words. */
import type { EpochMs } from "../base/time.ts";
import { wallMs } from "../base/time_zone.ts";
import { text } from "./locale.ts";
import type { Locale } from "../model/locale.ts";

/** `08:00:00.123`, the wall clock of a zone. */
export function timeOfDay(at: EpochMs, timezone: string): string {
  return new Date(wallMs(at, timezone)).toISOString().slice(-13, -1);
}

/** `12 ms`, `3 s`, `3.4 s`, `5 min`, `5 min 6 s`, `1 h`, `1 h 2 min`. */
export function duration(ms: number, locale: Locale): string {
  if (ms < 1_000) return text(locale, "time.ms", { n: Math.max(0, Math.round(ms)) });
  if (ms < 59_950) {
    return text(locale, "time.s", { n: ms % 1_000 === 0 ? ms / 1_000 : (ms / 1_000).toFixed(1) });
  }
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) {
    if (seconds % 60 === 0) return text(locale, "time.min", { min: seconds / 60 });
    return text(locale, "time.min_s", { min: Math.floor(seconds / 60), s: seconds % 60 });
  }
  if (seconds % 3_600 === 0) return text(locale, "time.h", { h: seconds / 3_600 });
  return text(locale, "time.h_min", {
    h: Math.floor(seconds / 3_600),
    min: Math.floor(seconds % 3_600 / 60),
  });
}

/** `3.4 kB`, `12 MB`: in powers of a thousand. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A parameter's value as a person writes it into a form. */
export function paramText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
