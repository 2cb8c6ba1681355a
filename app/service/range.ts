/** A range of time as people write it: two dates, or two dates with times. */
import { readDateText } from "../base/date_text.ts";
import type { EpochMs } from "../base/time.ts";
import { localDateTime } from "../base/time_zone.ts";
import { Refusal } from "./refusal.ts";

/** `from` is the first moment of the range, `to` the first one behind it. */
export interface Range {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The texts of a range; an end that is left out is for the caller to say. */
export interface RangeText {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Reads a range on the wall clock of a zone. Both ends belong to it: a date alone is the whole day.
 *
 * @param otherwise what an end is that was left out
 * @throws Refusal `invalid`
 */
export function readRange({ from, to }: RangeText, zone: string, otherwise: Range): Range {
  const range: Range = {
    from: from === undefined ? otherwise.from : momentOf("from", from, zone).first,
    to: to === undefined ? otherwise.to : momentOf("to", to, zone).behind,
  };
  if (range.from < range.to) return range;
  const [first, last] = [range.from, range.to - 1].map((at) => localDateTime(at, zone));
  throw new Refusal("invalid", "problem.range", { from: first ?? "", to: last ?? "" });
}

/** The moment that a text stands for, on the wall clock of a zone; of a date alone its midnight. @throws Refusal `invalid` */
export function readMoment(name: string, text: string, zone: string): EpochMs {
  return momentOf(name, text, zone).first;
}

/** The first moment that a text stands for, and the first one behind it. */
function momentOf(name: string, text: string, zone: string): { first: EpochMs; behind: EpochMs } {
  const read = readDateText(text);
  if (!read) throw new Refusal("invalid", "problem.moment", { name, text: text.slice(0, 100) });
  if (read.kind === "instant") {
    return { first: read.instant.epochMilliseconds, behind: read.instant.epochMilliseconds + 1 };
  }
  try {
    const first = read.time.toZonedDateTime(zone).epochMilliseconds;
    if (read.timed) return { first, behind: first + 1 };
    const next = read.time.toPlainDate().add({ days: 1 });
    return { first, behind: next.toZonedDateTime(zone).epochMilliseconds };
  } catch (error) {
    // The last days that there are for Temporal have no day after them.
    if (error instanceof RangeError) {
      throw new Refusal("invalid", "problem.moment", { name, text: text.slice(0, 100) });
    }
    throw error;
  }
}
