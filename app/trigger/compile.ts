/** Turns a trigger's plain data into a {@link Trigger}; a spec that cannot be is refused here, with a sentence. */
import type { Locale } from "../locale/locale.ts";
import { coversAll, dayFilter } from "./cron_days.ts";
import { describeTrigger } from "./describe.ts";
import { type CronField, parseCronFields, plainValues } from "./expression.ts";
import { type Fires, PatternFires } from "./pattern.ts";
import { ruleOf } from "./rule.ts";
import {
  type CronSpec,
  type CrontabSpec,
  type Trigger,
  type TriggerBounds,
  type TriggerContext,
  TriggerError,
  type TriggerSpec,
} from "./trigger.ts";
import { Zone } from "./zone.ts";

/** Shortest interval, in milliseconds. */
export const MIN_INTERVAL_MS = 100;

/** How often the triggers of `allOf` may overtake each other before it is held that they never meet again. */
const MAX_CHASES = 1_000;

/** Compiles a spec. Throws a {@link TriggerError} that names the field, the expression and what is allowed. */
export function compileTrigger(spec: TriggerSpec, context: TriggerContext): Trigger {
  const fires = compileFires(spec, context);
  const rule = ruleOf(spec, context.timezone);
  const timezone = zoneName(spec, context);
  // A list of tasks asks for all of them each time it is looked at.
  const words = new Map<Locale, string>();
  return {
    next(after) {
      const ms = fires.nextMs(after.epochMilliseconds);
      return ms === null ? null : Temporal.Instant.fromEpochMilliseconds(ms);
    },
    nextMs: (after) => fires.nextMs(after),
    describe(locale) {
      const known = words.get(locale) ?? describeTrigger(spec, locale, context.timezone);
      words.set(locale, known);
      return known;
    },
    rule,
    timezone,
    identity: `${context.timezone} ${JSON.stringify(spec)}`,
  };
}

function zoneName(spec: TriggerSpec, context: TriggerContext): string {
  if ("of" in spec) {
    const first = spec.of[0];
    return first ? zoneName(first, context) : context.timezone;
  }
  return spec.timezone ?? context.timezone;
}

function compileFires(spec: TriggerSpec, context: TriggerContext): Fires {
  switch (spec.kind) {
    case "cron":
      return bounded(cronFires(spec, context), spec, context);
    case "crontab":
      return bounded(crontabFires(spec, context), spec, context);
    case "interval": {
      const zone = Zone.of(spec.timezone ?? context.timezone);
      const start = spec.startDate === undefined
        ? undefined
        : zone.instantOf(spec.startDate, "startDate").epochMilliseconds;
      const first = start ?? anchorOf(context.anchor, spec.every) + spec.every;
      return bounded(intervalFires(first, spec.every), spec, context);
    }
    case "date": {
      const zone = Zone.of(spec.timezone ?? context.timezone);
      const ms = zone.instantOf(spec.date, "at").epochMilliseconds;
      return { nextMs: (after) => ms > after ? ms : null };
    }
    case "any":
      return anyFires(spec.of.map((each) => compileFires(each, context)));
    case "all":
      return allFires(spec.of.map((each) => compileFires(each, context)));
  }
}

/** A task that was first seen at 10:00:00.123 and runs every 5 s shall run on whole seconds. */
function anchorOf(ms: number, every: number): number {
  return every % 1_000 === 0 ? Math.floor(ms / 1_000) * 1_000 : ms;
}

function bounded(fires: Fires, bounds: TriggerBounds, context: TriggerContext): Fires {
  if (bounds.startDate === undefined && bounds.endDate === undefined) return fires;
  const zone = Zone.of(bounds.timezone ?? context.timezone);
  const start = bounds.startDate === undefined
    ? -Infinity
    : ceilMs(zone.instantOf(bounds.startDate, "startDate"));
  const end = bounds.endDate === undefined
    ? Infinity
    : zone.instantOf(bounds.endDate, "endDate").epochMilliseconds;
  return {
    nextMs(after) {
      const fire = fires.nextMs(Math.max(after, start - 1));
      return fire === null || fire > end ? null : fire;
    },
  };
}

function ceilMs(instant: Temporal.Instant): number {
  return instant.round({ smallestUnit: "millisecond", roundingMode: "ceil" }).epochMilliseconds;
}

/** Instants `first + n × every`; hours and days are exact lengths of time, also over a change of the clock. */
function intervalFires(first: number, every: number): Fires {
  return {
    nextMs: (after) => after < first ? first : first + (Math.floor((after - first) / every) + 1) * every,
  };
}

function cronFires(spec: CronSpec, context: TriggerContext): Fires {
  const fields = parseCronFields(spec.fields);
  const zone = Zone.of(spec.timezone ?? context.timezone);
  const plainDay = plainValues(fields.day) !== undefined;
  const pattern = [
    numberList(fields.second),
    numberList(fields.minute),
    numberList(fields.hour),
    plainDay ? numberList(fields.day) : "*",
    numberList(fields.month),
    numberList(fields.dayOfWeek, (value) => (value + 1) % 7),
    yearList(fields.year),
  ].join(" ");
  const needsFilter = !plainDay || !coversAll(fields.week);
  return new PatternFires(pattern, zone, { domAndDow: true }, needsFilter ? dayFilter(fields) : undefined);
}

function numberList(field: CronField, translate: (value: number) => number = (value) => value): string {
  return coversAll(field) ? "*" : (plainValues(field) ?? []).map(translate).join(",");
}

/** Years as ranges: a list of all even years would be thousands of numbers long. */
function yearList(field: CronField): string {
  if (coversAll(field)) return "*";
  return field.expressions.map((expression) => {
    if (expression.kind !== "values") return "*";
    const { form, values } = expression;
    const first = values[0] ?? 0;
    const last = values.at(-1) ?? first;
    return form.kind === "single" ? `${first}` : `${first}-${last}/${form.step}`;
  }).join(",");
}

function crontabFires(spec: CrontabSpec, context: TriggerContext): Fires {
  const zone = Zone.of(spec.timezone ?? context.timezone);
  try {
    return new PatternFires(spec.line, zone);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^CronPattern: /, "") : String(cause);
    throw new TriggerError(`crontab line "${spec.line}": ${reason}`, { cause });
  }
}

function anyFires(all: readonly Fires[]): Fires {
  return {
    nextMs: (after) =>
      all.reduce<number | null>((first, fires) => {
        const next = fires.nextMs(after);
        return next === null ? first : first === null ? next : Math.min(first, next);
      }, null),
  };
}

/** Whoever is behind jumps to whoever is ahead, until all stand on the same instant. */
function allFires(all: readonly Fires[]): Fires {
  return {
    nextMs(after) {
      let meeting = after + 1;
      for (let chase = 0; chase < MAX_CHASES; chase++) {
        const before = meeting;
        for (const fires of all) {
          const next = fires.nextMs(meeting - 1);
          if (next === null) return null;
          meeting = next;
        }
        if (meeting === before) return meeting;
      }
      return null;
    },
  };
}
