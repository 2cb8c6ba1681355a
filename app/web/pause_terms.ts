/** The form that asks until when to pause, and what was filled in. */
import { type EpochMs, instantOf } from "../base/time.ts";
import { text } from "../locale/locale.ts";
import { shortMoment } from "../locale/moments.ts";
import type { PauseTerms } from "../model/pause.ts";
import { readMoment } from "../service/range.ts";
import type { PauseFieldsProps } from "../../templates/components/pause.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { wordOf } from "./form_words.ts";
import { fieldMoment } from "./time_window.ts";

const HOUR_MS = 3_600_000;
/** The morning until which one pauses: when people are there again. */
const MORNING = Temporal.PlainTime.from({ hour: 8 });

/**
 * In one and four hours, tomorrow morning, and on Monday morning.
 *
 * @param before the pause that there is, whose terms are offered first
 * @param typed what the form held that was refused
 */
export function pauseFields(
  { locale, now, zone }: ViewerView,
  before?: PauseTerms,
  typed?: FormData,
): PauseFieldsProps {
  const today = instantOf(now).toZonedDateTimeISO(zone).toPlainDate();
  const morning = (day: Temporal.PlainDate) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: MORNING }).epochMilliseconds;
  const moments = [
    now + HOUR_MS,
    now + 4 * HOUR_MS,
    morning(today.add({ days: 1 })),
    morning(today.add({ days: 8 - today.dayOfWeek })),
  ];
  const until = before?.until;
  const asNow = until === undefined ? [] : [{
    value: instantOf(until).toString(),
    label: text(locale, "pause.as_now", { until: shortMoment(until, now, zone, locale) }),
    isNow: true,
  }];
  const others = [...new Set(moments)].filter((at) => at !== until).toSorted((a, b) => a - b).map((at) => ({
    value: instantOf(at).toString({ smallestUnit: "minute" }),
    label: shortMoment(at, now, zone, locale),
  }));
  return {
    locale,
    choices: [...asNow, ...others],
    note: typed ? wordOf(typed, "note") : before?.note ?? "",
    from: fieldMoment(now, zone),
    typed: typed && { until: wordOf(typed, "until"), own: wordOf(typed, "until_own") },
  };
}

/** What a form says of a pause, on the viewer's wall clock. @throws Refusal `invalid` for what is no moment */
export function readPause(form: FormData, zone: string): { readonly until?: EpochMs; readonly note: string } {
  const until = wordOf(form, "until_own") || wordOf(form, "until");
  const note = wordOf(form, "note");
  return until === "" ? { note } : { until: readMoment("until", until, zone), note };
}
