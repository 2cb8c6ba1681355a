/** Instants at equal distances: what two such rows have in common is computed, not searched for. */

/** The instants `phase + n × period`, in milliseconds since 1970-01-01T00:00Z, for each of the phases. */
export interface Lattice {
  /** Whole milliseconds; `Infinity` where each phase comes only once. */
  readonly period: number;
  /** In order, each at least 0 and less than the period. */
  readonly phases: readonly number[];
}

export const LATTICE_OF_ALL: Lattice = { period: 1, phases: [0] };

/** So many pairs of phases are tried at the most. */
const MAX_PAIRS = 200_000;

/** The first instant at or after `from`, or null. */
export function firstOn({ period, phases }: Lattice, from: number): number | null {
  const base = period === Infinity ? 0 : Math.floor(from / period) * period;
  const [first] = phases;
  if (first === undefined) return null;
  let [low, high] = [0, phases.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((phases[middle] ?? Infinity) < from - base) low = middle + 1;
    else high = middle;
  }
  const found = phases[low];
  if (found !== undefined) return base + found;
  return period === Infinity ? null : base + period + first;
}

/**
 * The instants that two lattices share (Chinese remainder theorem), which is a lattice again, of the least common
 * multiple of their periods. Where too many phases would have to be paired it is the one of the two with fewer of them:
 * it holds all the shared instants, and others.
 */
export function sharedLattice(a: Lattice, b: Lattice): Lattice {
  if (a.phases.length * b.phases.length > MAX_PAIRS || a.period === Infinity || b.period === Infinity) {
    return a.phases.length <= b.phases.length ? a : b;
  }
  const [p, q] = [BigInt(a.period), BigInt(b.period)];
  const { gcd, inverse } = extendedGcd(p, q);
  const divisor = Number(gcd);
  const multiple = p / gcd * q;
  const rest = q / gcd;
  const phases: number[] = [];
  for (const x of a.phases) {
    for (const y of b.phases) {
      if ((y - x) % divisor !== 0) continue;
      const steps = ((BigInt((y - x) / divisor) * inverse) % rest + rest) % rest;
      const phase = BigInt(x) + p * steps;
      // Where the period is that long, a phase beyond what a number can say is beyond every date, too.
      if (phase <= BigInt(Number.MAX_SAFE_INTEGER)) phases.push(Number(phase));
    }
  }
  const period = multiple <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(multiple) : Infinity;
  return { period, phases: phases.sort((left, right) => left - right) };
}

/** Greatest common divisor of two positive numbers, and the `inverse` with `a × inverse ≡ gcd (mod b)`. */
function extendedGcd(a: bigint, b: bigint): { readonly gcd: bigint; readonly inverse: bigint } {
  let [r, nextR] = [a, b];
  let [s, nextS] = [1n, 0n];
  while (nextR !== 0n) {
    const quotient = r / nextR;
    [r, nextR] = [nextR, r - quotient * nextR];
    [s, nextS] = [nextS, s - quotient * nextS];
  }
  return { gcd: r, inverse: s };
}
