/** A trigger whose instants on days off move to a working day: `calendar: { onHoliday: "next" | "previous" }`. */
import { type EpochMs, instantOf } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import { text } from "../locale/locale.ts";
import { isWorkingDay, type WorkCalendar } from "./calendar.ts";

/**
 * The trigger as the calendar moves it. An instant on a day off comes at the same time of day of the working day that
 * follows, or that is before; several that meet are one. The same trigger where the calendar moves nothing.
 *
 * Inside a gap of daylight saving that time comes at the gap's end, in a repeated hour at its first pass.
 */
export function onWorkingDays(trigger: Trigger, calendar: WorkCalendar | undefined): Trigger {
  const onHoliday = calendar?.onHoliday ?? "skip";
  if (calendar === undefined || onHoliday === "skip") return trigger;
  const groups = new DayGroups(trigger.timezone, calendar, onHoliday);
  const nextMs = (after: EpochMs) => nextMoved(trigger, groups, after);
  return {
    next(after) {
      const ms = nextMs(after.epochMilliseconds);
      return ms === null ? null : instantOf(ms);
    },
    nextMs,
    describe: (locale) => text(locale, `trigger.moved_${onHoliday}`, { trigger: trigger.describe(locale) }),
    rule: trigger.rule,
    timezone: trigger.timezone,
    atStart: trigger.atStart,
    onFiles: trigger.onFiles,
    isRhythm: trigger.isRhythm,
    // The days themselves are left out: a calendar that is brought up to date makes no other trigger of it.
    identity: `${trigger.identity} ${onHoliday}`,
  };
}

/** Days that follow each other and whose instants all go to one of them. */
interface DayGroup {
  readonly first: Temporal.PlainDate;
  readonly last: Temporal.PlainDate;
  /** The working day among them; the one day itself where no working day is near. */
  readonly target: Temporal.PlainDate;
  /** First instant of the target, and the first after it. */
  readonly begin: EpochMs;
  readonly end: EpochMs;
  /** True for a working day to which no other day's instants go. */
  readonly isAlone: boolean;
}

const DAY_MS = 86_400_000;
/** Nobody is off for longer: a day without a working day so near keeps its instants, and they are skipped. */
const MAX_DAYS_OFF = 366;

class DayGroups {
  readonly #calendar: WorkCalendar;
  readonly #direction: 1 | -1;
  /** The group that was asked for last, and the one before it: questions come in order. */
  #recent: readonly DayGroup[] = [];

  constructor(readonly zone: string, calendar: WorkCalendar, onHoliday: "next" | "previous") {
    this.#calendar = calendar;
    this.#direction = onHoliday === "next" ? 1 : -1;
  }

  of(day: Temporal.PlainDate): DayGroup {
    const known = this.#recent.find(({ first, last }) =>
      Temporal.PlainDate.compare(first, day) <= 0 && Temporal.PlainDate.compare(day, last) <= 0
    );
    if (known) return known;
    const found = this.#find(day);
    this.#recent = [found, ...this.#recent.slice(0, 1)];
    return found;
  }

  /** The end of the day of a moment, where that day is one of those asked for last and nothing moves to it or from it. */
  quietUntil(at: EpochMs): EpochMs | undefined {
    return this.#recent.find(({ begin, end, isAlone }) => isAlone && begin <= at && at < end)?.end;
  }

  dayOf(at: EpochMs): Temporal.PlainDate {
    return instantOf(at).toZonedDateTimeISO(this.zone).toPlainDate();
  }

  startOf(day: Temporal.PlainDate): EpochMs {
    return day.toZonedDateTime(this.zone).epochMilliseconds;
  }

  /** The instant of the same time on another day, at the end of a gap that holds this time. */
  moved(at: EpochMs, target: Temporal.PlainDate): EpochMs {
    const wanted = target.toPlainDateTime(this.#timeOf(at));
    const there = wanted.toZonedDateTime(this.zone);
    if (there.toPlainDateTime().equals(wanted)) return there.epochMilliseconds;
    // From before the gap: the time at which it begins is itself the moment of the change, which is not "previous" to it.
    const before = wanted.toZonedDateTime(this.zone, { disambiguation: "earlier" });
    return before.getTimeZoneTransition("next")?.epochMilliseconds ?? there.epochMilliseconds;
  }

  /** A moment on a day up to which no instant is moved beyond `after`. */
  timeOn(day: Temporal.PlainDate, after: EpochMs): EpochMs {
    const wanted = day.toPlainDateTime(this.#timeOf(after));
    return wanted.toZonedDateTime(this.zone, { disambiguation: "earlier" }).epochMilliseconds - 1;
  }

  #timeOf(at: EpochMs): Temporal.PlainTime {
    return instantOf(at).toZonedDateTimeISO(this.zone).toPlainTime();
  }

  #find(day: Temporal.PlainDate): DayGroup {
    const target = this.#walk(day, this.#direction, (each) => !this.#works(each));
    if (!this.#works(target)) return this.#group(day, day, day);
    const step = { days: -this.#direction };
    const far = this.#walk(target, -this.#direction, (each) => !this.#works(each.add(step)));
    return this.#direction === 1 ? this.#group(far, target, target) : this.#group(target, far, target);
  }

  /** As many days on as the condition holds, up to the greatest number. */
  #walk(
    day: Temporal.PlainDate,
    step: number,
    goesOn: (day: Temporal.PlainDate) => boolean,
  ): Temporal.PlainDate {
    for (let i = 0; i < MAX_DAYS_OFF && goesOn(day); i++) day = day.add({ days: step });
    return day;
  }

  #group(first: Temporal.PlainDate, last: Temporal.PlainDate, target: Temporal.PlainDate): DayGroup {
    const begin = this.startOf(target);
    const end = this.startOf(target.add({ days: 1 }));
    return { first, last, target, begin, end, isAlone: first.equals(last) };
  }

  #works(day: Temporal.PlainDate): boolean {
    return isWorkingDay(day, this.#calendar);
  }
}

/** The first moved instant after a moment: of the days that share a target, the earliest of all. */
function nextMoved(trigger: Trigger, groups: DayGroups, after: EpochMs): EpochMs | null {
  // Most instants of a frequent trigger come on a day of which there is nothing to say.
  const quietUntil = groups.quietUntil(after);
  const near = quietUntil === undefined ? null : trigger.nextMs(after);
  if (near !== null && quietUntil !== undefined && near < quietUntil) return near;
  let cursor = groups.startOf(groups.of(groups.dayOf(after)).first) - 1;
  for (;;) {
    const first = trigger.nextMs(cursor);
    if (first === null) return null;
    const day = groups.dayOf(first);
    const group = groups.of(day);
    let best: EpochMs | undefined;
    for (let each = day; Temporal.PlainDate.compare(each, group.last) <= 0; each = each.add({ days: 1 })) {
      const found = firstOn(trigger, groups, each, group, after);
      if (found !== undefined && (best === undefined || found < best)) best = found;
    }
    if (best !== undefined) return best;
    cursor = groups.startOf(group.last.add({ days: 1 })) - 1;
  }
}

/** The earliest instant of one day that comes after a moment on the target of its group. */
function firstOn(
  trigger: Trigger,
  groups: DayGroups,
  day: Temporal.PlainDate,
  { target, begin, end }: DayGroup,
  after: EpochMs,
): EpochMs | undefined {
  if (after >= end) return undefined;
  const stays = day.equals(target);
  const start = groups.startOf(day);
  const from = stays ? Math.max(after, start - 1) : after >= begin ? groups.timeOn(day, after) : start - 1;
  const dayEnd = stays ? end : groups.startOf(day.add({ days: 1 }));
  // The repeated hour of a longer day: an instant of the second pass may go before one of the first.
  const goesBack = !stays && dayEnd - start > DAY_MS;
  let best: EpochMs | undefined;
  for (let at = trigger.nextMs(from); at !== null && at < dayEnd; at = trigger.nextMs(at)) {
    const there = stays ? at : groups.moved(at, target);
    if (there <= after || (best !== undefined && best <= there)) continue;
    if (!goesBack) return there;
    best = there;
  }
  return best;
}
