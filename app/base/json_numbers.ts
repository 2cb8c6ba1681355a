/** Numbers of JSON that JavaScript cannot hold: a whole number beyond 2^53 would become another one, a huge one Infinity. */

/** What the runtime hands to a reviver with each value; newer than the language's types. */
export interface JsonSource {
  readonly source?: string;
}

type Reviver = (name: string, value: unknown, context?: JsonSource) => unknown;

/** JSON with a reviver that is told how each number was written. */
export function parseWithSource(text: string, revive: Reviver): unknown {
  return JSON.parse(text, revive);
}

/** True where a number is not the one that was written. */
export function losesDigits(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true;
  return /^-?\d+$/.test(source) && BigInt(value) !== BigInt(source);
}
