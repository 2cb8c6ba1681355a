/** How deeply data may be nested, wherever it comes from: what looks through it calls itself for each level. */

/** Deepest lists and objects within each other. */
export const MAX_DEPTH = 50;

/** @param value as JSON knows it */
export function isTooDeep(value: unknown, depth = 1): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth > MAX_DEPTH || Object.values(value).some((each) => isTooDeep(each, depth + 1));
}
