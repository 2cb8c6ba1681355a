/** Kind `date`: once. */
import { text } from "../locale/locale.ts";
import { readBounds, spaced, type TriggerBounds, withBoundsWords, zoneOf } from "./bounds.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys } from "./options.ts";
import { hasOffset } from "./zone.ts";

export interface DateSpec {
  readonly kind: "date";
  readonly date: string;
  readonly timezone?: string | undefined;
}

export function dateSpec(date: string, options: Pick<TriggerBounds, "timezone">): DateSpec {
  checkKeys("at", options, ["timezone"]);
  return { kind: "date", date, ...readBounds(options) };
}

export const dateKind: TriggerKind<DateSpec> = {
  read(given) {
    checkKeys("", given, ["kind", "date", "timezone"]);
    return dateSpec(String(given.date), readBounds(given));
  },
  compile(spec, context) {
    const zone = zoneOf(spec, context);
    const instant = zone.instantOf(spec.date, "at");
    const ms = instant.epochMilliseconds;
    const local = instant.toZonedDateTimeISO(zone.name).toPlainDateTime();
    return {
      fires: { nextMs: (after) => ms > after ? ms : null },
      words: (locale) =>
        withBoundsWords(
          text(locale, "trigger.once", { date: spaced(spec.date) }),
          { timezone: spec.timezone },
          locale,
          hasOffset(spec.date) ? undefined : context.timezone,
        ),
      rule: `date[${spaced(local.toString({ smallestUnit: "second" }))} ${zone.name}]`,
      timezone: zone.name,
      usesDefaultZone: spec.timezone === undefined && !hasOffset(spec.date),
      isRhythm: false,
    };
  },
};
