/** A time zone as stretches of constant offset, so that a wall clock can be computed by adding a number. */

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
  /** Up to this moment the wall clock shows again what it has shown before; `start` where it shows nothing again. */
  readonly repeatsUntil: number;
}

/** Zones are some hundreds; their names are written in more ways than that by those who mean harm. */
const MAX_ZONES = 1_000;

/** The stretches of one zone. What was asked once is remembered. */
export class Stretches {
  static readonly #zones = new Map<string, Stretches>();
  /** In their order; not all of them, and none twice. */
  readonly #known: Stretch[] = [];
  #last: Stretch | undefined;

  private constructor(readonly name: string) {}

  /** The stretches of an IANA name, or an offset. @throws RangeError where there is no such zone, once it is asked */
  static of(name: string): Stretches {
    let zone = Stretches.#zones.get(name);
    if (!zone) {
      zone = new Stretches(name);
      if (Stretches.#zones.size >= MAX_ZONES) Stretches.#zones.clear();
      Stretches.#zones.set(name, zone);
    }
    return zone;
  }

  /** The stretch that holds the instant `ms`. */
  at(ms: number): Stretch {
    const last = this.#last;
    if (last && ms >= last.start && ms < last.end) return last;
    return this.#last = this.#remembered(ms);
  }

  #remembered(ms: number): Stretch {
    const all = this.#known;
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.start ?? Infinity) <= ms) low = middle + 1;
      else high = middle;
    }
    const known = all[low - 1];
    if (known && ms < known.end) return known;
    const found = findStretch(ms, this.name);
    all.splice(low, 0, found);
    return found;
  }
}

function findStretch(ms: number, timezone: string): Stretch {
  const here = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone);
  const end = here.getTimeZoneTransition("next");
  const before = here.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  const start = before?.epochMilliseconds ?? -Infinity;
  const offset = offsetMs(here);
  const offsetBefore = before ? offsetMs(before.subtract({ nanoseconds: 1 })) : offset;
  return {
    start,
    end: end?.epochMilliseconds ?? Infinity,
    offset,
    offsetBefore,
    offsetAfter: end ? offsetMs(end) : offset,
    repeatsUntil: start + Math.max(0, offsetBefore - offset),
  };
}

function offsetMs(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1e6;
}
