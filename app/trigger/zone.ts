/** Wall-clock questions about a time zone, answered by its stretches of constant offset. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { readDateText } from "../base/date_text.ts";
import { type Stretch, Stretches } from "../base/stretches.ts";
import { isTimeZone } from "../base/time_zone.ts";
import { DAY_MS } from "./cron/calendar.ts";
import { TriggerError } from "./errors.ts";

/** True for a date and time that carries an offset, so that no zone has a say in it. */
export function hasOffset(text: string): boolean {
  return readDateText(text)?.kind === "instant";
}

/** Before a wall-clock time by more than any offset and any change of one. */
const SURELY_BEFORE_MS = 2 * DAY_MS;

/** Wall-clock questions about one zone. Answers are remembered, so one zone object serves all triggers in it. */
export class Zone {
  static readonly #known = new Map<string, Zone>();
  readonly #stretches: Stretches;
  #last: Stretch | undefined;

  private constructor(readonly name: string) {
    this.#stretches = Stretches.of(name);
  }

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
    return this.#last = this.#stretches.at(ms);
  }

  /**
   * The first instant at which the wall clock shows `local` (milliseconds as if it were UTC). A time that is left out
   * gives the end of the gap; one on a date that is left out altogether gives null.
   */
  instantAt(local: number): number | null {
    const last = this.#last;
    if (last) {
      const guess = local - last.offset;
      if (guess >= last.repeatsUntil && guess < last.end) return guess;
    }
    let stretch = this.stretchAt(local - SURELY_BEFORE_MS);
    while (local - stretch.offset >= stretch.end) {
      const { end, offset, offsetAfter } = stretch;
      if (local < end + offsetAfter) {
        const day = Math.floor(local / DAY_MS) * DAY_MS;
        return day >= end + offset && day + DAY_MS <= end + offsetAfter ? null : end;
      }
      stretch = this.stretchAt(end);
    }
    return local - stretch.offset;
  }

  /**
   * The date and time of a text, which is local to this zone unless it carries an offset; one that is left out by the
   * clock is the end of the gap, as everywhere.
   */
  instantOf(text: string, what: string): Temporal.Instant {
    const read = readDateText(text);
    if (!read) throw new TriggerError(wrongWith(what, sentence("mistake.no_date", { text })));
    if (read.kind === "instant") return read.instant;
    const shown = this.instantAt(read.time.toZonedDateTime("UTC").epochMilliseconds);
    return shown === null
      ? read.time.toZonedDateTime(this.name).toInstant()
      : Temporal.Instant.fromEpochMilliseconds(shown);
  }
}

function checkedZoneName(name: string): string {
  if (isTimeZone(name)) return name;
  throw new TriggerError(wrongWith("timezone", sentence("mistake.no_zone", { name })));
}
