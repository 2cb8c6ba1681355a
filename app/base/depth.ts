/** How deeply data may be nested, wherever it comes from: what looks through it calls itself for each level. */

/** Deepest lists and objects within each other. */
export const MAX_DEPTH = 50;
export const TOO_DEEP = `more than ${MAX_DEPTH} lists and objects within each other`;

/** @param value as JSON knows it */
export function isTooDeep(value: unknown): boolean {
  return isDeeperThan(MAX_DEPTH, value);
}

/** No more levels than those are looked at, and one. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}
