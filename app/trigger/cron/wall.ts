/**
 * Fires by the wall clock of a zone: some times of day on some days, and what becomes of them where the clock is set.
 *
 * The hour decides: hours that are listed make fixed times, each of which comes once, in a gap at its end and in a
 * repeated hour at its first pass. Without a list of hours (`*`, or `*` with a step) the times are a rhythm, which
 * fires whenever the wall clock shows one of them.
 */
import type { Fires, Grid } from "../fires.ts";
import { type Lattice, LATTICE_OF_ALL } from "../lattice.ts";
import type { Stretch } from "../../base/stretches.ts";
import type { Zone } from "../zone.ts";
import { DAY_MS } from "./calendar.ts";
import type { DayFilter } from "./days.ts";
import { DAY_SECONDS, type TimesOfDay } from "./time_of_day.ts";

export interface WallTimes {
  readonly times: TimesOfDay;
  readonly days: DayFilter;
  /** True where hours are not listed: the times keep running through a repeated hour, and a gap has none. */
  readonly rhythm: boolean;
}

const SECOND_MS = 1_000;

export class WallFires implements Fires {
  readonly #lattices = new Map<number, Lattice>();
  readonly #wall: WallTimes;
  readonly #zone: Zone;
  /** The day that was last looked at; most questions are about the same one. */
  #day = NaN;
  #dayMatches = false;

  constructor(wall: WallTimes, zone: Zone) {
    this.#wall = wall;
    this.#zone = zone;
  }

  nextMs(after: number): number | null {
    return this.#wall.rhythm ? this.#nextOfRhythm(after) : this.#nextOfFixed(after);
  }

  gridAt(from: number): Grid {
    const { start, end, offset } = this.#zone.stretchAt(from);
    // At the end of a gap the times of the gap fire, whatever the clock shows.
    if (from === start) return { lattice: LATTICE_OF_ALL, until: start + 1 };
    let lattice = this.#lattices.get(offset);
    if (!lattice) this.#lattices.set(offset, lattice = latticeOf(this.#wall.times, offset));
    return { lattice, until: end };
  }

  /** Whole days between two changes of the clock are counted, the rest is walked. */
  count(from: number, to: number): number {
    let total = 0;
    let at = from;
    while (at <= to) {
      const { end, offset, repeatsUntil } = this.#zone.stretchAt(at);
      const firstDay = Math.ceil((Math.max(at, repeatsUntil + 1) + offset) / DAY_MS);
      const dayAfter = Math.floor((Math.min(to + 1, end) + offset) / DAY_MS);
      const walkTo = dayAfter > firstDay ? firstDay * DAY_MS - offset : Math.min(to + 1, end);
      for (let fire = this.nextMs(at - 1); fire !== null && fire < walkTo; fire = this.nextMs(fire)) total++;
      at = walkTo;
      if (dayAfter <= firstDay) continue;
      total += this.#wall.times.count * this.#matchingDays(firstDay, dayAfter);
      at = dayAfter * DAY_MS - offset;
    }
    return total;
  }

  #matchingDays(first: number, after: number): number {
    let count = 0;
    let day = this.#wall.days.nextDay(first);
    while (day !== null && day < after) {
      count++;
      day = this.#wall.days.nextDay(day + 1);
    }
    return count;
  }

  #nextOfFixed(after: number): number | null {
    const stretch = this.#zone.stretchAt(after);
    // While the clock shows again what it has shown before, those times have fired already.
    let shown: number | null = after < stretch.repeatsUntil
      ? stretch.start + stretch.offsetBefore - 1
      : after + stretch.offset;
    for (;;) {
      shown = this.#nextShown(shown);
      if (shown === null) return null;
      const instant = this.#zone.instantAt(shown);
      if (instant !== null && instant > after) return instant;
    }
  }

  #nextOfRhythm(after: number): number | null {
    let from = after + 1;
    for (;;) {
      const stretch = this.#zone.stretchAt(from);
      const shown = this.#nextShown(from + stretch.offset - 1);
      if (shown !== null && shown - stretch.offset < stretch.end) return shown - stretch.offset;
      const next = this.#afterStretch(stretch, from, shown);
      if (next === null) return null;
      from = next;
    }
  }

  /** Where to look on, when the next time that is shown lies after a stretch. */
  #afterStretch(stretch: Stretch, from: number, shown: number | null): number | null {
    const { end, offset, offsetAfter } = stretch;
    if (end === Infinity) return null;
    const shownAfter = end + offsetAfter;
    // The clock goes back to before where the search began: times that were passed over come again.
    if (shownAfter < from + offset) return end;
    if (shown === null) return null;
    return shown < shownAfter ? end : Math.max(end, this.#zone.instantAt(shown) ?? end);
  }

  /** The first wall-clock time after `shown` that is one of ours, whether or not the zone's clock ever shows it. */
  #nextShown(shown: number): number | null {
    const { times, days } = this.#wall;
    const day = Math.floor(shown / DAY_MS);
    if (this.#matches(day)) {
      const second = Math.floor((shown - day * DAY_MS) / SECOND_MS) + 1;
      const time = second < DAY_SECONDS ? times.next(second) : -1;
      if (time !== -1) return day * DAY_MS + time * SECOND_MS;
    }
    const nextDay = days.nextDay(day + 1);
    return nextDay === null ? null : nextDay * DAY_MS + times.first * SECOND_MS;
  }

  #matches(day: number): boolean {
    if (day !== this.#day) {
      this.#day = day;
      this.#dayMatches = this.#wall.days.matches(day);
    }
    return this.#dayMatches;
  }
}

/** Where the times of day are at an offset. */
function latticeOf({ period, marks }: TimesOfDay, offset: number): Lattice {
  const phases = marks.map((mark) => {
    const ms = (mark * SECOND_MS - offset) % (period * SECOND_MS);
    return ms < 0 ? ms + period * SECOND_MS : ms;
  });
  return { period: period * SECOND_MS, phases: phases.sort((a, b) => a - b) };
}
