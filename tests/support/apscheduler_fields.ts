/** Cron fields and crontab lines in APScheduler's words. */
import type { WallCase } from "./trigger_oracle.ts";

const SUNDAY_FIRST = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NTH = ["", "1st", "2nd", "3rd", "4th", "5th"];

/** Undefined for a line that says what APScheduler's fields cannot: days or weekdays, `W`, `L-3`. */
export function fieldsForApscheduler(
  { kind, fields = {}, line = "" }: WallCase,
): Record<string, string> | undefined {
  if (kind === "cron") {
    const { dayOfWeek, ...others } = fields;
    return { ...others, ...(dayOfWeek !== undefined && { day_of_week: dayOfWeek }) };
  }
  const words = line.split(" ");
  if (words.length === 5) words.unshift("0");
  const [second = "", minute = "", hour = "", monthDay = "", month = "", weekday = ""] = words;
  const together = weekday.startsWith("+");
  if (/L-|W/.test(monthDay) || (!together && monthDay !== "*" && weekday !== "*")) return undefined;
  const day = monthDay.replace("L", "last");
  const nth = /^(\w+?)(?:#(\d|L)|L)$/.exec(weekday);
  const time = { second, minute, hour, month };
  if (!nth) return { ...time, day, day_of_week: weekdaysOf(weekday.replace("+", "")) };
  const which = nth[2] === undefined || nth[2] === "L" ? "last" : NTH[Number(nth[2])];
  return { ...time, day: `${which} ${weekdaysOf(nth[1] ?? "")}`, day_of_week: "*" };
}

/** Names, because APScheduler's numbers begin on Monday. */
function weekdaysOf(text: string): string {
  if (text === "*") return text;
  return text.toLowerCase().split(",").flatMap((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to = from] = range === "*" ? ["0", "6"] : range.split("-");
    const number = (word: string) => SUNDAY_FIRST.includes(word) ? SUNDAY_FIRST.indexOf(word) : Number(word);
    const first = number(from);
    const last = number(to) < first ? number(to) + 7 : number(to);
    const names: string[] = [];
    for (let day = first; day <= last; day += Number(step)) names.push(SUNDAY_FIRST[day % 7] ?? "");
    return names;
  }).join(",");
}
