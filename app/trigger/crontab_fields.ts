/** Reads the plain crontab lines as cron fields, so that they can be put in words like any other trigger. */
import { parseCronFields } from "./expression.ts";
import { type CronFieldName, TriggerError } from "./trigger.ts";

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const PLAIN = /^(?:\*(?:\/\d+)?|[\da-z]+(?:-[\da-z]+)?(?:,[\da-z]+(?:-[\da-z]+)?)*)$/i;
const SUNDAY_FIRST = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * The fields of a crontab line, or undefined where it says something fields cannot: croner's `L`, `W`, `#`, `+`, a day
 * of the month together with a weekday (either of them fires there), a step the fields refuse.
 */
export function fieldsOfCrontab(line: string): Partial<Record<CronFieldName, string>> | undefined {
  const parts = (NICKNAMES[line.trim().toLowerCase()] ?? line).trim().split(/\s+/).map((part) =>
    part === "?" ? "*" : part
  );
  if (parts.length < 5 || parts.length > 7 || !parts.every((part) => PLAIN.test(part))) return undefined;
  if (parts.length === 5) parts.unshift("0");
  const [second = "0", minute = "*", hour = "*", day = "*", month = "*", weekday = "*", year = "*"] = parts;
  const dayOfWeek = mondayFirst(weekday);
  if (dayOfWeek === undefined || (day !== "*" && dayOfWeek !== "*")) return undefined;
  if (/[lw]/i.test(day) || year.includes("/")) return undefined;
  const fields = { year, month, day, dayOfWeek, hour, minute, second };
  return refusedByFields(fields) ? undefined : fields;
}

/** True for what croner reads and the fields do not, such as a step that is greater than its range. */
function refusedByFields(fields: Partial<Record<CronFieldName, string>>): boolean {
  try {
    parseCronFields(fields);
    return false;
  } catch (error) {
    if (error instanceof TriggerError) return true;
    throw error;
  }
}

/** Crontab counts from Sunday (0 and 7), the fields from Monday. */
function mondayFirst(expression: string): string | undefined {
  if (expression === "*") return "*";
  const days = new Set<number>();
  for (const part of expression.split(",")) {
    const [first, last] = part.split("-").map((word) => {
      const named = SUNDAY_FIRST.indexOf(word.toLowerCase());
      return named === -1 ? Number(word) : named;
    });
    if (first === undefined || Number.isNaN(first) || Number.isNaN(last ?? 0)) return undefined;
    for (let day = first; day <= (last ?? first); day++) days.add((day + 6) % 7);
  }
  return days.size === 7 ? "*" : ranges([...days].sort((a, b) => a - b));
}

/** `0,1,2,4` → `0-2,4` */
function ranges(values: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && value === run[1] + 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([first, last]) =>
    first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`
  ).join(",");
}
