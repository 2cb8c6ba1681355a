/** A time zone as stretches of constant offset, so that a wall clock can be computed by adding a number. */
import { type EpochMs, instantOf } from "../time.ts";
import { DAY_MS } from "./calendar.ts";
import { TriggerError } from "./trigger.ts";

/** A stretch between two offset changes. Times are milliseconds since 1970-01-01T00:00Z; offsets are milliseconds. */
export interface Stretch {
  /** First moment of the stretch, `-Infinity` where the zone knows no earlier change. */
  readonly start: number;
  /** First moment after it, `Infinity` where no later change is known. */
  readonly end: number;
  readonly offset: number;
  /** Offsets of the neighbours; the own offset where there is none. */
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

/** Wall-clock questions about one zone. Answers are remembered, so one zone object serves all triggers in it. */
export class Zone {
  static readonly #known = new Map<string, Zone>();
  #last: Stretch | undefined;
  #beforeLast: Stretch | undefined;

  private constructor(readonly name: string) {}

  /** The zone of an IANA name. Throws a {@link TriggerError} for an unknown one. */
  static of(name: string): Zone {
    let zone = Zone.#known.get(name);
    if (!zone) {
      zone = new Zone(checkedZoneName(name));
      Zone.#known.set(name, zone);
    }
    return zone;
  }

  /** The stretch that holds the instant `ms`. */
  stretchAt(ms: number): Stretch {
    const last = this.#last;
    if (last && ms >= last.start && ms < last.end) return last;
    const earlier = this.#beforeLast;
    if (earlier && ms >= earlier.start && ms < earlier.end) return earlier;
    this.#beforeLast = last;
    return this.#last = this.#find(ms);
  }

  /** Wall-clock time of an instant, as if it were UTC. */
  toLocal(ms: number): number {
    return ms + this.stretchAt(ms).offset;
  }

  /** First instant of the local day that lies `day` days after 1970-01-01. */
  startOfDay(day: number): number {
    const date = Temporal.Instant.fromEpochMilliseconds(day * DAY_MS).toZonedDateTimeISO("UTC").toPlainDate();
    return date.toZonedDateTime(this.name).epochMilliseconds;
  }

  /**
   * The instant of `"2026-01-31"`, `"2026-01-31 08:00:00"` or `"2026-01-31T08:00:00+01:00"`; local to this zone
   * unless it carries an offset. In a gap the time moves forward by the gap, in a repeated hour the first one counts.
   */
  instantOf(text: string, what: string): Temporal.Instant {
    try {
      if (/[T ].*(?:Z|[+-]\d\d(?::?\d\d)?)(?:\[|$)/i.test(text)) return Temporal.Instant.from(text);
      return Temporal.PlainDateTime.from(text).toZonedDateTime(this.name).toInstant();
    } catch (cause) {
      throw new TriggerError(
        `${what}: "${text}" is not a date and time; write "2026-01-31", "2026-01-31T08:00:00" or with an offset "2026-01-31T08:00:00+01:00"`,
        { cause },
      );
    }
  }

  #find(ms: number): Stretch {
    const here = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(this.name);
    const end = here.getTimeZoneTransition("next");
    const before = here.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
    return {
      start: before?.epochMilliseconds ?? -Infinity,
      end: end?.epochMilliseconds ?? Infinity,
      offset: offsetMs(here),
      offsetBefore: before ? offsetMs(before.subtract({ nanoseconds: 1 })) : offsetMs(here),
      offsetAfter: end ? offsetMs(end) : offsetMs(here),
    };
  }
}

/** True for an IANA name that the runtime knows, such as `Europe/Stockholm`, or an offset such as `+01:00`. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** `2026-01-31 08:00:00`, the wall clock of a zone. */
export function localDateTime(at: EpochMs, timezone: string): string {
  return instantOf(at).toZonedDateTimeISO(timezone).toPlainDateTime().toString({ smallestUnit: "second" })
    .replace(
      "T",
      " ",
    );
}

function offsetMs(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1e6;
}

function checkedZoneName(name: string): string {
  if (isTimeZone(name)) return name;
  throw new TriggerError(
    `timezone: "${name}" is not a time zone; write an IANA name such as "Europe/Stockholm" or "UTC"`,
  );
}
