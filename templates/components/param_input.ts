/** By which kind of field a parameter is asked for: one that takes what the parameter takes, and gives back what it shows. */

export type ParamSchema = Readonly<Record<string, unknown>>;

export interface InputKind {
  readonly type: string;
  readonly step?: string | undefined;
  /** How it is written, where the field does not say it itself. */
  readonly example?: string | undefined;
}

const TEXT: InputKind = { type: "text" };

/** @param value what the field shows at first: a browser empties a field of a kind that it does not fit */
export function inputKind({ type, format, pattern }: ParamSchema, value: string): InputKind {
  const fits = (form: RegExp) => value === "" || form.test(value);
  if (format === "date-time") {
    const isTaken = takes(pattern);
    return PICKED.every(isTaken) && fits(PICKED_MOMENT)
      ? { type: "datetime-local", step: "1" }
      : { type: "text", example: EXAMPLES.find(isTaken) };
  }
  if (format === "date") return fits(DATE) ? { type: "date" } : TEXT;
  if (format === "time") return fits(PICKED_TIME) ? { type: "time", step: "1" } : TEXT;
  if (format === "email") return fits(ADDRESS) ? { type: "email" } : TEXT;
  if (format === "uri") return fits(ADDRESS) ? { type: "url" } : TEXT;
  if (type !== "integer" && type !== "number") return TEXT;
  return fits(NUMBER) ? { type: "number", step: type === "integer" ? "1" : "any" } : TEXT;
}

/** What a browser's field for a date and time gives: seconds only where there are some, and never an offset. */
const PICKED = ["2026-01-31T08:00", "2026-01-31T08:00:30"];
const PICKED_MOMENT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d(?::(?!00)\d\d)?$/;
const PICKED_TIME = /^\d\d:\d\d(?::\d\d)?$/;
const DATE = /^(?!0000)\d{4}-\d\d-\d\d$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i;
/** Without spaces, which such a field takes away, and signs that it writes otherwise. */
const ADDRESS = /^[!-~]+$/;

/** Ways to write a date and time, the first of which that is taken is the example. */
const EXAMPLES = ["T08:00:00", "T08:00", "T08:00:00.000", "T08:00:00Z", "T08:00Z", "T08:00:00.000Z"]
  .map((time) => `2026-01-31${time}`);

/** A schema that names no pattern takes everything; one that cannot be read here is for the task to apply. */
function takes(pattern: unknown): (text: string) => boolean {
  if (typeof pattern !== "string") return () => true;
  try {
    const form = new RegExp(pattern);
    return (text) => form.test(text);
  } catch {
    return () => true;
  }
}
