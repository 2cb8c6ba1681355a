/** Fires of a cron pattern in a zone. croner reads and walks the pattern; the zone is a constant where it can be. */
import { Cron, type CronOptions } from "croner";
import { DAY_MS } from "./calendar.ts";
import type { DayFilter } from "./cron_days.ts";
import type { Zone } from "./zone.ts";

/** Fires in milliseconds since 1970-01-01T00:00Z. */
export interface Fires {
  /** First fire strictly after `after`, or null. */
  nextMs(after: number): number | null;
}

const HOUR_MS = 3_600_000;

/**
 * A croner pattern in a zone, optionally on some days only.
 *
 * Between two offset changes the pattern is walked in UTC, ten times faster, and shifted; near a change croner walks
 * the zone itself, so its daylight-saving rules hold (README of croner 11, "Pattern").
 */
export class PatternFires implements Fires {
  readonly #plain: Cron;
  readonly #zoned: Cron;

  constructor(
    pattern: string,
    readonly zone: Zone,
    options: Pick<CronOptions, "domAndDow"> = {},
    readonly days?: DayFilter,
  ) {
    this.#plain = new Cron(pattern, { ...options, utcOffset: 0 });
    this.#zoned = new Cron(pattern, { ...options, timezone: zone.name });
  }

  nextMs(after: number): number | null {
    const { days, zone } = this;
    if (!days) return this.#next(after);
    let cursor = days.matches(dayOf(zone.toLocal(after))) ? after : this.#skipDays(after, days);
    while (cursor !== null) {
      const candidate = this.#next(cursor);
      if (candidate === null || days.matches(dayOf(zone.toLocal(candidate)))) return candidate;
      cursor = this.#skipDays(candidate, days);
    }
    return null;
  }

  /** A moment just before the first matching day that comes after the day of `from`. */
  #skipDays(from: number, days: DayFilter): number | null {
    const today = dayOf(this.zone.toLocal(from));
    const stretch = this.zone.stretchAt(from);
    // Where the clock goes back over midnight, an earlier day comes again: look at it before skipping on.
    if (dayOf(stretch.end + stretch.offsetAfter) <= today) return stretch.end - 1;
    const day = days.nextDay(today + 1);
    return day === null ? null : this.zone.startOfDay(day) - 1;
  }

  #next(after: number): number | null {
    const stretch = this.zone.stretchAt(after);
    if (isQuiet(after, stretch)) {
      const local = this.#plain.nextRun(new Date(after + stretch.offset))?.getTime();
      if (local === undefined) return null;
      const guess = local - stretch.offset;
      const there = this.zone.stretchAt(guess);
      const fire = local - there.offset;
      if (isQuiet(fire, there)) return fire;
    }
    return this.#zoned.nextRun(new Date(after))?.getTime() ?? null;
  }
}

function dayOf(localMs: number): number {
  return Math.floor(localMs / DAY_MS);
}

/** True where no wall-clock time near `ms` is repeated or left out. */
function isQuiet(ms: number, stretch: ReturnType<Zone["stretchAt"]>): boolean {
  return ms >= stretch.start + Math.abs(stretch.offset - stretch.offsetBefore) + HOUR_MS &&
    ms < stretch.end - Math.abs(stretch.offsetAfter - stretch.offset) - HOUR_MS;
}
