/** Times of day, and the next one of them. */

/** Seconds of a day. */
export const DAY_SECONDS = 86_400;

export interface TimesOfDay {
  /** How many there are in a day. */
  readonly count: number;
  /** Seconds after midnight of the first one. */
  readonly first: number;
  /** The first one at or after so many seconds after midnight, or -1 where the day has no more. */
  next(second: number): number;
  /** Seconds after which the same times come again: 60, 3,600 or 86,400; 1 where there are too many to say more. */
  readonly period: number;
  /** The times within a period, in order. */
  readonly marks: readonly number[];
}

/** More marks than this are not worth their room. */
const MAX_MARKS = 2_000;

/** Each hour with each minute and each second, found by three look-ups. All three are in order and not empty. */
export function timesOfDay(
  hours: readonly number[],
  minutes: readonly number[],
  seconds: readonly number[],
): TimesOfDay {
  const nextHour = nextTable(hours, 24);
  const nextMinute = nextTable(minutes, 60);
  const nextSecond = nextTable(seconds, 60);
  const firstMinute = minutes[0] ?? 0;
  const firstSecond = seconds[0] ?? 0;
  return {
    ...marksOf(hours, minutes, seconds),
    count: hours.length * minutes.length * seconds.length,
    first: (hours[0] ?? 0) * 3_600 + firstMinute * 60 + firstSecond,
    next(from) {
      const hour = Math.floor(from / 3_600);
      const inHour = from - hour * 3_600;
      const minute = Math.floor(inHour / 60);
      const thatHour = nextHour[hour] ?? -1;
      if (thatHour === hour) {
        const thatMinute = nextMinute[minute] ?? -1;
        if (thatMinute === minute) {
          const thatSecond = nextSecond[inHour - minute * 60] ?? -1;
          if (thatSecond !== -1) return hour * 3_600 + minute * 60 + thatSecond;
        }
        const laterMinute = thatMinute === minute ? nextMinute[minute + 1] ?? -1 : thatMinute;
        if (laterMinute !== -1) return hour * 3_600 + laterMinute * 60 + firstSecond;
      }
      const laterHour = thatHour === hour ? nextHour[hour + 1] ?? -1 : thatHour;
      return laterHour === -1 ? -1 : laterHour * 3_600 + firstMinute * 60 + firstSecond;
    },
  };
}

/** Single times, in seconds after midnight. At least one. */
export function listedTimes(given: readonly number[]): TimesOfDay {
  const marks = [...new Set(given)].sort((a, b) => a - b);
  return {
    period: DAY_SECONDS,
    marks,
    count: marks.length,
    first: marks[0] ?? 0,
    next: (from) => marks.find((mark) => mark >= from) ?? -1,
  };
}

function marksOf(
  hours: readonly number[],
  minutes: readonly number[],
  seconds: readonly number[],
): Pick<TimesOfDay, "period" | "marks"> {
  const everyHour = hours.length === 24;
  const everyMinute = everyHour && minutes.length === 60;
  const inHour = everyMinute ? [0] : minutes;
  const inDay = everyHour ? [0] : hours;
  if (inDay.length * inHour.length * seconds.length > MAX_MARKS) return { period: 1, marks: [0] };
  return {
    period: everyMinute ? 60 : everyHour ? 3_600 : DAY_SECONDS,
    marks: inDay.flatMap((hour) =>
      inHour.flatMap((minute) => seconds.map((second) => hour * 3_600 + minute * 60 + second))
    ),
  };
}

/** For each value up to `size` the next allowed one, or -1. */
function nextTable(allowed: readonly number[], size: number): Int8Array {
  const table = new Int8Array(size + 1).fill(-1);
  const known = new Set(allowed);
  for (let value = size - 1; value >= 0; value--) {
    table[value] = known.has(value) ? value : table[value + 1] ?? -1;
  }
  return table;
}
