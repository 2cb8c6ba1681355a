/** Days off from an iCalendar file (RFC 5545), as public holidays are published. ical.js reads the file. */
import { sentence, SentenceError } from "../locale/sentence.ts";
import ICAL from "ical.js";
import { messageOf } from "../base/errors.ts";

/** Recurring events are followed from one year before now to this many after it. */
const YEARS_AHEAD = 10;
/** More days than this in one file are a mistake. */
const MAX_DAYS = 20_000;

/** Apple's calendars of public holidays mark days off and, in China, the days that are worked instead. */
const SPECIAL_DAY = "x-apple-special-day";
const WORKDAY_NAME = /[(（【\[]班|补班|調班|调休上班|working day|workday/i;

/** Days that are not what their weekday says. Dates are `2026-10-01`. */
export interface CalendarDays {
  /** Days off and what they are called. */
  readonly holidays: Readonly<Record<string, string>>;
  /** Days that are worked although their weekday or a holiday says otherwise. */
  readonly workingDays: readonly string[];
}

/**
 * Reads whole-day events: each day of one is a day off, or a working day where it is marked so. In a file that marks
 * its days, an event without a mark is neither.
 *
 * @param today recurring events are followed from the year before it
 * @throws Error with a sentence about what is wrong in the text
 */
export function readCalendarDays(text: string, today: Temporal.PlainDate): CalendarDays {
  const events = eventsOf(text);
  const marked = events.some(({ component }) => component.hasProperty(SPECIAL_DAY));
  const holidays: Record<string, string> = {};
  const workingDays: string[] = [];
  let count = 0;
  for (const event of events) {
    const name = event.summary ?? "";
    const mark = String(event.component.getFirstPropertyValue(SPECIAL_DAY) ?? "");
    if (marked && mark === "") continue;
    const works = mark === "ALTERNATE-WORKDAY" || WORKDAY_NAME.test(name);
    for (const day of daysOf(event, today)) {
      if (++count > MAX_DAYS) throw new SentenceError(sentence("mistake.calendar.days", { most: MAX_DAYS }));
      if (works) workingDays.push(day);
      else holidays[day] = name;
    }
  }
  if (events.length === 0) throw new SentenceError(sentence("mistake.calendar.no_events"));
  return { holidays, workingDays };
}

/** Whole-day events alone: an event with a time of day is an appointment, not a day off. */
function eventsOf(text: string): ICAL.Event[] {
  let calendar;
  try {
    calendar = new ICAL.Component(ICAL.parse(text));
  } catch (cause) {
    throw new SentenceError(sentence("mistake.calendar.not", { why: messageOf(cause) }), { cause });
  }
  return calendar.getAllSubcomponents("vevent")
    .map((component) => new ICAL.Event(component))
    .filter((event) => event.startDate?.isDate);
}

function* daysOf(event: ICAL.Event, today: Temporal.PlainDate): Iterable<string> {
  const first = today.subtract({ years: 1 }).with({ month: 1, day: 1 });
  const last = today.add({ years: YEARS_AHEAD });
  // The end of a whole-day event is the day after it; an event without an end is one day long.
  const length = Math.max(1, Math.round(event.duration.toSeconds() / 86_400));
  const starts = event.isRecurring() ? occurrences(event, last) : [event.startDate];
  for (const start of starts) {
    const date = new Temporal.PlainDate(start.year, start.month, start.day);
    if (event.isRecurring() && Temporal.PlainDate.compare(date, first) < 0) continue;
    for (let i = 0; i < length; i++) yield date.add({ days: i }).toString();
  }
}

function* occurrences(event: ICAL.Event, last: Temporal.PlainDate): Iterable<ICAL.Time> {
  const iterator = event.iterator();
  for (let start = iterator.next(); start && start.year <= last.year; start = iterator.next()) yield start;
}
