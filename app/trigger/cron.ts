/** Kind `cron`: APScheduler's fields, all of which must match. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import {
  BOUND_KEYS,
  readBounds,
  type TriggerBounds,
  withBoundsWords,
  withinBounds,
  zoneOf,
} from "./bounds.ts";
import { parseCronFields } from "./cron/expression.ts";
import { CRON_FIELDS, type CronFieldName, hasStar } from "./cron/field.ts";
import { firesOfFields } from "./cron/fields.ts";
import { fieldsInWords } from "./cron/words.ts";
import { TriggerError } from "./errors.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys, checkLength, objectAt } from "./options.ts";

export interface CronSpec extends TriggerBounds {
  readonly kind: "cron";
  readonly fields: Readonly<Partial<Record<CronFieldName, string>>>;
}

/** Fields: a number, or an APScheduler expression such as `"8-18"`, `"mon-fri"` or `"1st mon,15,last"`. */
export type CronFields = Readonly<Partial<Record<CronFieldName, number | string>>>;

export function cronSpec(given: CronFields & TriggerBounds): CronSpec {
  checkKeys("cron", given, [...CRON_FIELDS, ...BOUND_KEYS]);
  const fields: Partial<Record<CronFieldName, string>> = {};
  for (const name of CRON_FIELDS) {
    const value: unknown = given[name];
    if (value === undefined) continue;
    if (typeof value !== "string" && !Number.isInteger(value)) {
      throw new TriggerError(wrongWith(name, sentence("mistake.number_or_text", { value: shown(value) })));
    }
    fields[name] = String(value);
    checkLength(name, fields[name]);
  }
  return { kind: "cron", fields, ...readBounds(given) };
}

export const cronKind: TriggerKind<CronSpec> = {
  read(given) {
    checkKeys("", given, ["kind", "fields", ...BOUND_KEYS]);
    return cronSpec({ ...objectAt(given, "fields"), ...readBounds(given) });
  },
  compile(spec, context) {
    const zone = zoneOf(spec, context);
    const fields = parseCronFields(spec.fields);
    const given = CRON_FIELDS.filter((name) => spec.fields[name] !== undefined);
    return {
      ...withinBounds(firesOfFields(fields, zone), spec, zone),
      words: (locale) => withBoundsWords(fieldsInWords(fields, locale), spec, locale, context.timezone),
      rule: `cron[${given.map((name) => `${snakeCase(name)}='${spec.fields[name]}'`).join(", ")}]`,
      timezone: zone.name,
      usesDefaultZone: spec.timezone === undefined,
      isRhythm: hasStar(fields.hour),
    };
  },
};

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
