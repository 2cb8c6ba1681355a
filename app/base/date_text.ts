/**
 * Dates and times as people write them: `2026-01-31`, `2021-11-9 15:00:00`, `2026/1/31 8:00`, or ISO 8601, with or
 * without an offset or a zone in brackets. Year, month and day in this order only: nobody can say which part of
 * `01/02/2026` is the month.
 */

export type DateText =
  /** On the wall clock of a zone that the text does not name. `timed` is false where it is a date alone: midnight. */
  | { readonly kind: "local"; readonly time: Temporal.PlainDateTime; readonly timed: boolean }
  /** With an offset, or a zone in brackets. */
  | { readonly kind: "instant"; readonly instant: Temporal.Instant };

const DATE = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})/;
const TIME = /^(?:[T\s]\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?/i;
const OFFSET = /^\s*(Z|[+-]\d{2}(?::?\d{2})?)$/i;

/** Reads a date, or a date and a time; undefined for anything else and for a day or hour that does not exist. */
export function readDateText(text: string): DateText | undefined {
  const trimmed = text.trim();
  const date = DATE.exec(trimmed);
  if (!date) return readIso(trimmed);
  const [matched, year = "", , month = "", day = ""] = date;
  const afterDate = trimmed.slice(matched.length);
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (afterDate === "") return readIso(iso);
  const time = TIME.exec(afterDate);
  if (!time) return undefined;
  const [clock, hour = "", minute = "", second = "00", fraction = "0"] = time;
  const rest = afterDate.slice(clock.length);
  const offset = OFFSET.exec(rest)?.[1];
  // A zone in brackets is left to Temporal.
  if (rest !== "" && offset === undefined && !rest.startsWith("[") && !/^[+-Z][\d:]*\[/i.test(rest)) {
    return undefined;
  }
  return readIso(
    `${iso}T${hour.padStart(2, "0")}:${minute}:${second}.${fraction}${offset?.toUpperCase() ?? rest}`,
  );
}

/** `"2026-01-31T08:00:00"`, the local date and time that a schema of such texts takes; undefined where the text is none. */
export function isoLocalDateTime(text: string): string | undefined {
  const read = readDateText(text);
  return read?.kind === "local" ? read.time.toString() : undefined;
}

/** `"2026-01-31"`, where the text is a date without a time. */
export function isoDate(text: string): string | undefined {
  const read = readDateText(text);
  return read?.kind === "local" && !read.timed ? read.time.toPlainDate().toString() : undefined;
}

function readIso(text: string): DateText | undefined {
  try {
    if (text.endsWith("]")) {
      return { kind: "instant", instant: Temporal.ZonedDateTime.from(text).toInstant() };
    }
    const [, time = ""] = text.split(/T|\s/i);
    if (/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(time)) {
      return { kind: "instant", instant: Temporal.Instant.from(text) };
    }
    return {
      kind: "local",
      time: Temporal.PlainDateTime.from(text, { overflow: "reject" }),
      timed: time !== "",
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
