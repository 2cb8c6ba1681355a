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
const WORKDAY_NAME =
  /[(（【\[]班|补班|調班|调休上班|(?<!\b(?:non|not|no)[\s\u2010\u2011-]+(?:an?\s+)?)\b(?:working[ -]?day|workday)/i;

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
  for (const { item, start } of events.flatMap((event) => [...occurrences(event, today)])) {
    if (isCancelled(item)) continue;
    const name = item.summary ?? "";
    const mark = String(item.component.getFirstPropertyValue(SPECIAL_DAY) ?? "");
    if (marked && mark === "") continue;
    const works = mark === "ALTERNATE-WORKDAY" || WORKDAY_NAME.test(name);
    for (const day of daysOf(item, start)) {
      if (++count > MAX_DAYS) throw new SentenceError(sentence("mistake.calendar.days", { most: MAX_DAYS }));
      if (works) workingDays.push(day);
      else holidays[day] = name;
    }
  }
  if (events.length === 0) throw new SentenceError(sentence("mistake.calendar.no_events"));
  return { holidays, workingDays };
}

/**
 * Whole-day events alone: an event with a time of day is an appointment, not a day off. What moves or cancels one day of a
 * series belongs to the series.
 */
function eventsOf(text: string): ICAL.Event[] {
  let calendar;
  try {
    calendar = new ICAL.Component(ICAL.parse(text));
  } catch (cause) {
    throw new SentenceError(sentence("mistake.calendar.not", { why: messageOf(cause) }), { cause });
  }
  const components = calendar.getAllSubcomponents("vevent");
  const uidOf = (component: ICAL.Component) => String(component.getFirstPropertyValue("uid") ?? "");
  const isException = (component: ICAL.Component) => component.hasProperty("recurrence-id");
  const series = new Set(components.filter((each) => !isException(each)).map(uidOf));
  const exceptions = Map.groupBy(components.filter(isException), uidOf);
  return components
    .filter((component) => !isException(component) || !series.has(uidOf(component)))
    .map((component) =>
      isException(component)
        ? new ICAL.Event(component)
        : new ICAL.Event(component, { exceptions: exceptions.get(uidOf(component)) ?? [] })
    )
    .filter((event) => event.startDate?.isDate);
}

function isCancelled({ component }: ICAL.Event): boolean {
  return String(component.getFirstPropertyValue("status") ?? "").toUpperCase() === "CANCELLED";
}

interface Occurrence {
  /** The event itself, or what it is on this day. */
  readonly item: ICAL.Event;
  readonly start: ICAL.Time;
}

function* occurrences(event: ICAL.Event, today: Temporal.PlainDate): Iterable<Occurrence> {
  if (!event.isRecurring()) return yield { item: event, start: event.startDate };
  const first = today.year - 1;
  const last = today.year + YEARS_AHEAD;
  const iterator = event.iterator();
  for (let at = iterator.next(); at && at.year <= last; at = iterator.next()) {
    if (at.year < first) continue;
    const { item, startDate } = event.getOccurrenceDetails(at);
    yield { item, start: startDate };
  }
}

function* daysOf(item: ICAL.Event, start: ICAL.Time): Iterable<string> {
  const date = new Temporal.PlainDate(start.year, start.month, start.day);
  // The end of a whole-day event is the day after it; an event without an end is one day long.
  const length = Math.max(1, Math.round(item.duration.toSeconds() / 86_400));
  for (let i = 0; i < length; i++) yield date.add({ days: i }).toString();
}
