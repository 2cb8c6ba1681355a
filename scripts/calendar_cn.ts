/**
 * Makes app/policy/calendars/cn.ts: China's days off and make-up days, of the years for which two packages that are kept
 * apart from each other agree on every day. Run it when the State Council has published a year and both packages have it:
 * `deno run -A scripts/calendar_cn.ts`, after raising the two versions here.
 */
import chineseDays from "npm:chinese-days@1.5.7";

const SOURCES = ["chinese-days 1.5.7", "holiday-calendar 1.3.3"];
const FIRST_YEAR = 2019;
const LAST_YEAR = new Date().getFullYear() + 1;
const OUTPUT = new URL("../app/policy/calendars/cn.ts", import.meta.url);

/** A day that is off although it is a weekday or has a name, or worked although it is a weekend. */
interface SpecialDay {
  readonly working: boolean;
  readonly name: string;
}

type Year = ReadonlyMap<string, SpecialDay>;

interface HolidayCalendarFile {
  readonly dates: readonly {
    readonly date: string;
    readonly name_cn: string;
    readonly type: "public_holiday" | "transfer_workday";
  }[];
}

/** Name of a day, as in `"New Year's Day,元旦,1"`; an ordinary day has one without commas. */
function fromChineseDays(year: number): Year {
  const special = new Map<string, SpecialDay>();
  for (const date of datesOf(year)) {
    const { work, name } = chineseDays.getDayDetail(date);
    const [, chinese] = name.split(",");
    if (chinese !== undefined) special.set(date, { working: work, name: chinese });
  }
  return special;
}

async function fromHolidayCalendar(year: number): Promise<Year> {
  let file: HolidayCalendarFile;
  try {
    const name = `npm:holiday-calendar@1.3.3/data/CN/${year}.json`;
    file = (await import(name, { with: { type: "json" } })).default;
  } catch {
    // The package has no file for a year that is not published yet.
    return new Map();
  }
  return new Map(
    file.dates.map(({ date, name_cn, type }) => [date, {
      working: type === "transfer_workday",
      name: name_cn.replace("补班", ""),
    }]),
  );
}

function datesOf(year: number): string[] {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  return Array.from({ length: first.daysInYear }, (_, day) => first.add({ days: day }).toString());
}

/** Whether a date is worked: as a special day, or by its weekday. */
function isWorked(date: string, year: Year): boolean {
  return year.get(date)?.working ?? Temporal.PlainDate.from(date).dayOfWeek <= 5;
}

const lines: string[] = [];
for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
  const [one, other] = [fromChineseDays(year), await fromHolidayCalendar(year)];
  const apart = datesOf(year).filter((date) => isWorked(date, one) !== isWorked(date, other));
  if (one.size === 0 || other.size === 0 || apart.length > 0) {
    await Deno.stderr.write(
      new TextEncoder().encode(
        `${year} is left out: ${apart.length > 0 ? `apart on ${apart.join(", ")}` : "not published"}\n`,
      ),
    );
    continue;
  }
  const dates = [...one].sort(([a], [b]) => a < b ? -1 : 1);
  lines.push(`  ${year}: {`, "    holidays: {");
  for (const [date, { working, name }] of dates) if (!working) lines.push(`      "${date}": "${name}",`);
  lines.push("    },", "    workingDays: [");
  for (const [date, { working }] of dates) if (working) lines.push(`      "${date}",`);
  lines.push("    ],", "  },");
}

await Deno.writeTextFile(
  OUTPUT,
  `/**
 * China's days off and the weekend days that are worked instead, by year, as the State Council publishes them.
 * Made by scripts/calendar_cn.ts from ${
    SOURCES.join(" and ")
  }, which agree on every day of these years; not edited by hand.
 */

/** Days off of one year with their names, and weekend days that are worked. Dates are \`2026-10-01\`. */
export interface CalendarYear {
  readonly holidays: Readonly<Record<string, string>>;
  readonly workingDays: readonly string[];
}

export const CN: Readonly<Record<number, CalendarYear>> = {
${lines.join("\n")}
};
`,
);
