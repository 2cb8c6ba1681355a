import assert from "node:assert/strict";
import { readCalendarDays } from "../../app/policy/calendar_file.ts";

const TODAY = Temporal.PlainDate.from("2026-03-10");

function calendar(...events: string[]): string {
  const body = events.map((event, i) => `BEGIN:VEVENT\r\nUID:${i}\r\n${event}\r\nEND:VEVENT`);
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", ...body, "END:VCALENDAR"].join("\r\n");
}

Deno.test("whole-day events are days off, the end not included", () => {
  const text = calendar(
    "DTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261004\r\nSUMMARY:National Day",
    "DTSTART;VALUE=DATE:20261224\r\nSUMMARY:Eve",
    "DTSTART:20261225T100000Z\r\nDTEND:20261225T110000Z\r\nSUMMARY:A meeting",
  );
  assert.deepEqual(readCalendarDays(text, TODAY), {
    holidays: {
      "2026-10-01": "National Day",
      "2026-10-02": "National Day",
      "2026-10-03": "National Day",
      "2026-12-24": "Eve",
    },
    workingDays: [],
  });
});

Deno.test("China's days that are worked after all are told by Apple's mark or by their name", () => {
  const marked = calendar(
    "DTSTART;VALUE=DATE:20261001\r\nSUMMARY:国庆节（休）\r\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY",
    "DTSTART;VALUE=DATE:20261010\r\nSUMMARY:国庆节（班）\r\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY",
    "DTSTART;VALUE=DATE:20260214\r\nSUMMARY:情人节",
  );
  assert.deepEqual(readCalendarDays(marked, TODAY), {
    holidays: { "2026-10-01": "国庆节（休）" },
    workingDays: ["2026-10-10"],
  });
  const named = calendar(
    "DTSTART;VALUE=DATE:20261001\r\nSUMMARY:国庆节",
    "DTSTART;VALUE=DATE:20261010\r\nSUMMARY:国庆节(班)",
  );
  assert.deepEqual(readCalendarDays(named, TODAY).workingDays, ["2026-10-10"]);
});

Deno.test("a recurring holiday comes every year, from last year on", () => {
  const text = calendar("DTSTART;VALUE=DATE:20100501\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Labour Day");
  const days = Object.keys(readCalendarDays(text, TODAY).holidays);
  assert.equal(days[0], "2025-05-01");
  assert.equal(days.at(-1), "2036-05-01");
  assert.equal(days.length, 12);
});

Deno.test("what is called no working day is a day off", () => {
  const text = calendar(
    "DTSTART;VALUE=DATE:20270308\r\nSUMMARY:Non-working day (8 March)",
    "DTSTART;VALUE=DATE:20270309\r\nSUMMARY:Not a workday",
    "DTSTART;VALUE=DATE:20270310\r\nSUMMARY:Nonworking day",
    "DTSTART;VALUE=DATE:20270311\r\nSUMMARY:no working day",
    "DTSTART;VALUE=DATE:20270313\r\nSUMMARY:Working day instead of 8 March",
    "DTSTART;VALUE=DATE:20270314\r\nSUMMARY:Workday",
  );
  const { holidays, workingDays } = readCalendarDays(text, TODAY);
  assert.deepEqual(Object.keys(holidays), ["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"]);
  assert.deepEqual(workingDays, ["2027-03-13", "2027-03-14"]);
});

Deno.test("a day of a series that was moved or cancelled is what became of it, and a cancelled event is none", () => {
  const event = (uid: string, ...lines: readonly string[]) =>
    ["BEGIN:VEVENT", `UID:${uid}`, ...lines, "END:VEVENT"].join("\r\n");
  const text = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    event("a", "DTSTART;VALUE=DATE:20250601", "RRULE:FREQ=YEARLY;COUNT=4", "SUMMARY:Founders"),
    event("a", "RECURRENCE-ID;VALUE=DATE:20270601", "DTSTART;VALUE=DATE:20270604", "SUMMARY:Founders, moved"),
    event("a", "RECURRENCE-ID;VALUE=DATE:20280601", "DTSTART;VALUE=DATE:20280601", "STATUS:CANCELLED"),
    // Of another series, on the same day.
    event("b", "DTSTART;VALUE=DATE:20250601", "RRULE:FREQ=YEARLY;COUNT=3", "SUMMARY:Summer"),
    event("c", "DTSTART;VALUE=DATE:20270801", "STATUS:cancelled", "SUMMARY:Off after all"),
    // Its series is not in the file.
    event("d", "RECURRENCE-ID;VALUE=DATE:20270901", "DTSTART;VALUE=DATE:20270902", "SUMMARY:Alone"),
    "END:VCALENDAR",
  ].join("\r\n");
  assert.deepEqual(readCalendarDays(text, TODAY).holidays, {
    "2025-06-01": "Summer",
    "2026-06-01": "Summer",
    "2027-06-01": "Summer",
    "2027-06-04": "Founders, moved",
    "2027-09-02": "Alone",
  });
});

Deno.test("a file that is no calendar, or one without days, is refused with a sentence", () => {
  assert.throws(() => readCalendarDays("hello", TODAY), /it is not an iCalendar file: /);
  assert.throws(() => readCalendarDays(calendar(), TODAY), /it has no whole-day events/);
  const endless = calendar("DTSTART;VALUE=DATE:19000101\r\nDTEND;VALUE=DATE:99990101\r\nSUMMARY:Always");
  assert.throws(() => readCalendarDays(endless, TODAY), /it has more than 20000 days/);
});
