/** Days of the week in APScheduler's notation, as windows and calendars have them. */
import { saidBy, sentence } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { parseCronFields } from "../trigger/cron/expression.ts";
import { plainValues } from "../trigger/cron/field.ts";
import { refuse } from "./option.ts";

/** APScheduler's `day_of_week`; 0 = Monday. */
export function weekdaysOf(key: string, text: unknown): readonly number[] {
  if (typeof text !== "string") refuse(key, sentence("mistake.weekdays", { value: shown(text) }));
  try {
    return plainValues(parseCronFields({ dayOfWeek: text }).dayOfWeek) ?? [];
  } catch (error) {
    return refuse(key, saidBy(error));
  }
}
