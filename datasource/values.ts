/** Values on their way between tasks and databases: what each kind is sent as, and how moments are written. */

/** `Date`, `Temporal.Instant` and `Temporal.ZonedDateTime`: a moment, whatever the place. */
export type InstantLike = Date | Temporal.Instant | Temporal.ZonedDateTime;

export function isInstant(value: unknown): value is InstantLike {
  return value instanceof Date || value instanceof Temporal.Instant ||
    value instanceof Temporal.ZonedDateTime;
}

export function instantOf(value: InstantLike): Temporal.Instant {
  if (value instanceof Temporal.Instant) return value;
  if (value instanceof Temporal.ZonedDateTime) return value.toInstant();
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw new TypeError("an invalid Date cannot be sent to a database");
  return Temporal.Instant.fromEpochMilliseconds(ms);
}

/**
 * A moment as the clocks of a zone show it, such as `2026-03-10 16:00:00+08:00`.
 *
 * @param tail whether the zone's offset stands behind it
 */
export function instantText(value: InstantLike, zone: string, tail: "offset" | "nothing"): string {
  const local = instantOf(value).toZonedDateTimeISO(zone);
  const text = dateTimeText(local.toPlainDateTime());
  return tail === "nothing" ? text : `${text}${local.offset}`;
}

/** `2026-03-10 16:00:00.5`, which every database reads. */
export function dateTimeText(value: Temporal.PlainDateTime): string {
  return value.withCalendar("iso8601").toString().replace("T", " ");
}

/** A number, or a bigint where the number would not be exact. */
export function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A number as text, with all its digits; of the two noughts the one that it is. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A number of four bytes by the fewest digits that say it: 1.1, not 1.10000002384. */
export function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** Up to here a floating point number of so many bytes is each whole number. */
const FLOAT_WHOLE = { 4: 2 ** 24, 8: 2 ** 53 } as const;
/** More digits of a number are not written (ECMA-262, "Number.prototype.toPrecision"). */
const MOST_DIGITS = 100;

/**
 * A value on its way into a column of floating point numbers. Digits behind the point are rounded there, as in every column
 * that has fewer of them.
 *
 * @throws TypeError where others would be lost
 */
export function checkFloat(value: unknown, bytes: 4 | 8): void {
  if (typeof value === "number") {
    if (bytes === 8 || !Number.isInteger(value)) return;
  } else if (typeof value !== "bigint" && typeof value !== "string") return;
  const number = Number(value);
  const stored = bytes === 4 ? Math.fround(number) : number;
  // What is no number, or larger than any, the server refuses itself.
  if (!Number.isFinite(stored) || stored === value || Math.abs(number) < FLOAT_WHOLE[bytes]) return;
  const digits = significantDigits(String(value));
  const kept = significantDigits(stored.toPrecision(Math.min(digits.length, MOST_DIGITS)));
  if (kept === digits) return;
  throw new TypeError(
    `${value} has more digits than a floating point number of ${bytes} bytes keeps; give the column the type DECIMAL, or one of texts`,
  );
}

/** `1234` of `-0012.340e5`. */
function significantDigits(text: string): string {
  return text.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "");
}

/** A text that every database can store: half of a character would arrive as another one. */
export function checkedText(text: string): string {
  if (text.isWellFormed()) return text;
  throw new TypeError("the text holds half of a character (a lone surrogate), which UTF-8 does not have");
}

/** A value as it is sent: times as text, lists and objects as JSON, nothing as NULL. */
export function toSent(value: unknown): string | number | bigint | boolean | null | Uint8Array {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return checkedText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new TypeError(`${value} is a number that this database does not have`);
  }
  if (value instanceof Uint8Array) return value;
  if (isInstant(value)) return instantOf(value).toString();
  if (value instanceof Temporal.PlainDateTime) return dateTimeText(value);
  if (value instanceof Temporal.PlainDate) return value.withCalendar("iso8601").toString();
  if (value instanceof Temporal.PlainTime || value instanceof Temporal.Duration) return value.toString();
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(`a ${typeof value} cannot be sent to a database`);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return value instanceof ArrayBuffer
      ? new Uint8Array(value)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return jsonText(value);
}

/** What has members, but none that JSON would write, is more than `{}`. */
function checkForm(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const kind = Object.getPrototypeOf(value);
  if (kind === null || kind === Object.prototype) return;
  // A class with fields of its own, and an empty one of the task's, are objects as others.
  if (!ArrayBuffer.isView(value) && (Object.keys(value).length > 0 || !isBuiltIn(value))) return;
  const name = value instanceof Promise ? "Promise" : kind.constructor?.name ?? "object";
  throw new TypeError(`a ${name} has no form in JSON${value instanceof Promise ? "; await it" : ""}`);
}

/** Objects of the language and the platform name themselves, all but the two last. */
function isBuiltIn(value: object): boolean {
  return Symbol.toStringTag in value || value instanceof RegExp || value instanceof Error;
}

/** A text that is JSON already; newer than the types of the language. */
const { rawJSON: rawJson } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

/**
 * A value as JSON; a bigint as the number that it is.
 *
 * @throws TypeError for what would become `null` or `{}`, or would be left out: NaN, a promise, a map, a function
 */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, (key, each) => {
    if (typeof each === "bigint") return rawJson(String(each));
    if (typeof each === "number" && !Number.isFinite(each)) {
      throw new TypeError(`${each} is a number that JSON does not have`);
    }
    if (typeof each === "function" || typeof each === "symbol") {
      throw new TypeError(`${key === "" ? "" : `"${key}": `}a ${typeof each} has no form in JSON`);
    }
    checkForm(each);
    return each;
  });
  if (text === undefined) throw new TypeError("the value has no form in JSON");
  return text;
}

/** Lists and objects as JSON; what has a text form of its own, such as Temporal's other types, as that. See {@link jsonOf}. */
export function jsonText(value: unknown): string {
  const text = jsonOf(value);
  return typeof value === "object" && text.startsWith('"') ? JSON.parse(text) as string : text;
}
