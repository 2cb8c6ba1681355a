/** Values in sentences. */

/** Longest piece of a value that a sentence quotes. */
export const MAX_SHOWN = 100;

/** A value as a sentence quotes it, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  // JSON has no NaN and no Infinity.
  if (typeof value === "number") return String(value);
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  } catch {
    // A circle, or an object that throws when it is looked at.
    return Array.isArray(value) ? "a list" : "an object";
  }
}
