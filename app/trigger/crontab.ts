/** Kind `crontab`: a line of five to seven fields, or a nickname such as `@daily` or `@reboot`. */
import { sentence } from "../locale/sentence.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import {
  BOUND_KEYS,
  readBounds,
  type TriggerBounds,
  withBoundsWords,
  withinBounds,
  zoneOf,
} from "./bounds.ts";
import { type CrontabLine, parseCrontab } from "./cron/crontab_line.ts";
import { coversAll, type CronFields, everyValue, hasStar } from "./cron/field.ts";
import { firesOfFields } from "./cron/fields.ts";
import { fieldsInWords } from "./cron/words.ts";
import { TriggerError } from "./errors.ts";
import { NO_FIRES } from "./fires.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys, checkLength } from "./options.ts";

export interface CrontabSpec extends TriggerBounds {
  readonly kind: "crontab";
  readonly line: string;
}

export function crontabSpec(line: string, bounds: TriggerBounds): CrontabSpec {
  checkKeys("cron", bounds, BOUND_KEYS);
  checkLength("crontab line", line);
  return { kind: "crontab", line, ...readBounds(bounds) };
}

export const crontabKind: TriggerKind<CrontabSpec> = {
  read(given) {
    checkKeys("", given, ["kind", "line", ...BOUND_KEYS]);
    return crontabSpec(String(given.line), readBounds(given));
  },
  compile(spec, context) {
    const line = parseCrontab(spec.line);
    const bounds = { ...spec, timezone: zoneNameOf(line, spec) };
    const zone = zoneOf(bounds, context);
    const atStart = line.kind === "start";
    return {
      ...withinBounds(atStart ? NO_FIRES : firesOfFields(line.fields, zone, line.rule), bounds, zone),
      words: (locale) =>
        atStart
          ? text(locale, "trigger.start")
          : withBoundsWords(inWords(spec.line, line, locale), bounds, locale, context.timezone),
      rule: `crontab[${spec.line}]`,
      timezone: zone.name,
      usesDefaultZone: !atStart && bounds.timezone === undefined,
      isRhythm: !atStart && hasStar(line.fields.hour),
      atStart,
    };
  },
};

function zoneNameOf({ timezone }: CrontabLine, spec: CrontabSpec): string | undefined {
  if (timezone !== undefined && spec.timezone !== undefined && timezone !== spec.timezone) {
    const what = sentence("mistake.crontab.zones", { own: timezone, timezone: spec.timezone });
    throw new TriggerError(sentence("mistake.crontab.line", { line: spec.line, what }));
  }
  return timezone ?? spec.timezone;
}

function inWords(
  written: string,
  { fields, rule }: Extract<CrontabLine, { kind: "fields" }>,
  locale: Locale,
): string {
  const speakable = rule === "both" ? speakableFields(fields) : undefined;
  return speakable ? fieldsInWords(speakable, locale) : text(locale, "trigger.crontab", { line: written });
}

/** The second Friday is a weekday in a crontab line, and a day of the month in words. */
function speakableFields(fields: CronFields): CronFields | undefined {
  const { day, dayOfWeek } = fields;
  if (dayOfWeek.expressions.every((each) => each.kind === "values")) return fields;
  if (!coversAll(day) || !dayOfWeek.expressions.every((each) => each.kind === "nthWeekday")) return undefined;
  return {
    ...fields,
    day: { ...day, expressions: dayOfWeek.expressions },
    dayOfWeek: everyValue("dayOfWeek"),
  };
}
