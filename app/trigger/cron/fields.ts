/** The instants of cron fields in a zone. */
import type { Zone } from "../zone.ts";
import { dayFilter, type DayRule } from "./days.ts";
import { type CronField, type CronFields, hasStar, plainValues } from "./field.ts";
import { timesOfDay } from "./time_of_day.ts";
import { WallFires } from "./wall.ts";

export function firesOfFields(fields: CronFields, zone: Zone, rule: DayRule = "both"): WallFires {
  const times = timesOfDay(numbers(fields.hour), numbers(fields.minute), numbers(fields.second));
  return new WallFires({ times, days: dayFilter(fields, rule), rhythm: hasStar(fields.hour) }, zone);
}

/** Hours, minutes and seconds have plain values only: the parser takes nothing else there. */
function numbers(field: CronField): readonly number[] {
  return plainValues(field) ?? [];
}
