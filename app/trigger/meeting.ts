/** The instants on which all of several triggers fire. */
import type { Fires, Grid } from "./fires.ts";
import { firstOn, type Lattice, LATTICE_OF_ALL, sharedLattice } from "./lattice.ts";

/**
 * How often the triggers may overtake each other before it is held that they never meet again. Only triggers that are
 * on no common lattice get there, or such as meet on no date, each of which takes a round or two.
 */
const MAX_ROUNDS = 50_000;

/** The calendar with its weekdays comes again after 400 years: wall clocks that have not met by then are given up. */
const CALENDAR_CYCLE_MS = 146_097 * 86_400_000;

/** Whoever is behind jumps to whoever is ahead; instants that are on no common lattice are not even looked at. */
export function meetingFires(all: readonly Fires[]): Fires {
  const gridAt = commonGrid(all);
  return {
    gridAt,
    nextMs(after) {
      let meeting = after + 1;
      const horizon = after + CALENDAR_CYCLE_MS;
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const { lattice, until } = gridAt(meeting);
        const candidate = firstOn(lattice, meeting);
        if (candidate === null || candidate >= until) {
          if (until === Infinity || until > horizon) return null;
          meeting = until;
          continue;
        }
        const reached = firstFrom(all, candidate);
        if (reached === null || reached === candidate) return reached;
        if (reached > horizon) return null;
        meeting = reached;
      }
      return null;
    },
  };
}

/** `from` where all fire then, else a later moment before which they do not meet; null where one has ended. */
function firstFrom(all: readonly Fires[], from: number): number | null {
  for (const fires of all) {
    const next = fires.nextMs(from - 1);
    if (next !== from) return next;
  }
  return from;
}

/** A zone has few offsets, and with each of them its triggers have the same lattices again. */
const MAX_REMEMBERED = 16;

function commonGrid(all: readonly Fires[]): (from: number) => Grid {
  const remembered: { readonly of: readonly Lattice[]; readonly shared: Lattice }[] = [];
  const sharedBy = (lattices: readonly Lattice[]): Lattice => {
    const known = remembered.find(({ of }) =>
      of.length === lattices.length && of.every((each, i) => each === lattices[i])
    );
    if (known) return known.shared;
    const fewFirst = [...lattices].sort((a, b) => a.phases.length - b.phases.length);
    const shared = fewFirst.reduce((common, each) => sharedLattice(common, each), LATTICE_OF_ALL);
    remembered.splice(MAX_REMEMBERED - 1);
    remembered.unshift({ of: lattices, shared });
    return shared;
  };
  return (from) => {
    const grids = all.flatMap((fires) => fires.gridAt?.(from) ?? []);
    return {
      lattice: sharedBy(grids.map((grid) => grid.lattice)),
      until: Math.min(Infinity, ...grids.map((grid) => grid.until)),
    };
  };
}
