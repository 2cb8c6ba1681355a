/** Kind `interval`: again and again after the same length of time. */
import { saidBy, sentence, wrongWith } from "../locale/sentence.ts";
import { DURATION_UNITS, durationMs, type DurationParts, splitDuration } from "../base/duration.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import {
  BOUND_KEYS,
  boundsUseDefaultZone,
  readBounds,
  type TriggerBounds,
  withBoundsWords,
  withinBounds,
  zoneOf,
} from "./bounds.ts";
import { TriggerError } from "./errors.ts";
import type { Fires } from "./fires.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys, objectAt } from "./options.ts";

export interface IntervalSpec extends TriggerBounds {
  readonly kind: "interval";
  /** Whole milliseconds, at least 100. */
  readonly every: number;
}

/** A length of time; each part may be a fraction. Days are 24 hours and weeks 7 such days. */
export type IntervalLength = Omit<DurationParts, "milliseconds">;

/** Shortest interval, in milliseconds. */
export const MIN_INTERVAL_MS = 100;

const UNITS = DURATION_UNITS.filter((unit) => unit !== "milliseconds");

export function intervalSpec(
  length: string | IntervalLength & TriggerBounds,
  bounds: TriggerBounds = {},
): IntervalSpec {
  if (typeof length === "string") {
    checkKeys("every", bounds, BOUND_KEYS);
    return withLength(lengthMs(length), bounds);
  }
  checkKeys("every", length, [...UNITS, ...BOUND_KEYS]);
  return withLength(lengthMs(Object.fromEntries(UNITS.map((unit) => [unit, length[unit]]))), length);
}

function lengthMs(length: string | DurationParts): number {
  try {
    return durationMs(length);
  } catch (cause) {
    throw new TriggerError(wrongWith("every", saidBy(cause)), { cause });
  }
}

function withLength(every: number, bounds: TriggerBounds): IntervalSpec {
  if (!Number.isSafeInteger(every)) {
    throw new TriggerError(wrongWith("every", sentence("mistake.every.whole", { n: every })));
  }
  if (every < MIN_INTERVAL_MS) {
    const values = { n: every, least: MIN_INTERVAL_MS };
    throw new TriggerError(wrongWith("every", sentence("mistake.every.short", values)));
  }
  return { kind: "interval", every, ...readBounds(bounds) };
}

export const intervalKind: TriggerKind<IntervalSpec> = {
  read(given) {
    checkKeys("", given, ["kind", "fields", "every", ...BOUND_KEYS]);
    const { every } = given;
    if (typeof every === "number") return withLength(every, readBounds(given));
    if (typeof every === "string") return intervalSpec(every, readBounds(given));
    return intervalSpec({ ...objectAt(given, "fields"), ...readBounds(given) });
  },
  compile(spec, context) {
    const zone = zoneOf(spec, context);
    const first = spec.startDate === undefined
      ? anchorOf(context.anchor, spec.every) + spec.every
      : zone.instantOf(spec.startDate, "startDate").epochMilliseconds;
    const usesDefaultZone = boundsUseDefaultZone(spec);
    const shownZone = usesDefaultZone ? context.timezone : undefined;
    const { fires, begin = context.anchor } = withinBounds(firesFrom(first, spec.every), spec, zone);
    return {
      fires,
      begin,
      words: (locale) => withBoundsWords(inWords(spec.every, locale), spec, locale, shownZone),
      rule: `interval[${timedelta(spec.every)}]`,
      timezone: zone.name,
      usesDefaultZone,
      isRhythm: true,
    };
  },
};

/** A task that was first seen at 10:00:00.123 and runs every 5 s shall run on whole seconds. */
function anchorOf(ms: number, every: number): number {
  return every % 1_000 === 0 ? Math.floor(ms / 1_000) * 1_000 : ms;
}

/** Instants `first + n × every`; hours and days are exact lengths of time, also over a change of the clock. */
function firesFrom(first: number, every: number): Fires {
  const lattice = { period: every, phases: [((first % every) + every) % every] };
  return {
    nextMs: (after) => after < first ? first : first + (Math.floor((after - first) / every) + 1) * every,
    gridAt: () => ({ lattice, until: Infinity }),
    count(from, to) {
      const before = Math.max(0, Math.ceil((from - first) / every));
      return Math.max(0, Math.floor((to - first) / every) + 1 - before);
    },
  };
}

function inWords(ms: number, locale: Locale): string {
  const parts = splitDuration(ms);
  const [only] = parts;
  if (parts.length === 1 && only && only[1] === 1) return text(locale, `every.${only[0]}.1`);
  const words = parts.map(([unit, count]) =>
    text(locale, count === 1 ? `unit.${unit}.1` : `unit.${unit}`, { n: count })
  );
  return text(locale, "every", { duration: words.join(" ") });
}

/** Python's `str(timedelta)`: `0:00:05`, `1 day, 2:00:00`, `14 days, 0:00:00`, `0:00:00.500000`. */
function timedelta(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const rest = ms - days * 86_400_000;
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${Math.floor(rest / 3_600_000)}:${two(Math.floor(rest / 60_000) % 60)}:${
    two(Math.floor(rest / 1_000) % 60)
  }`;
  const fraction = rest % 1_000 === 0 ? "" : `.${String(rest % 1_000).padStart(3, "0")}000`;
  return (days === 0 ? "" : `${days} day${days === 1 ? "" : "s"}, `) + clock + fraction;
}
