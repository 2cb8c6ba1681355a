/** What V8 is told in the executable, in the clock and in task hosts alike; docs/decisions/0019 has the reasons. */

/** Of the young generation of each process, in MB: a quarter of what V8 takes by itself has the shortest pauses and costs nothing. */
const SEMI_SPACE_MB = 4;
/**
 * How much more than what lives a heap may hold until it is cleared up, in percent. By itself V8 lets it come to four
 * times as much on a machine with much memory: the clock looks as if it leaked, and a task is ended for more memory than
 * it needs.
 */
const HEAP_GROWTH_PERCENT = 100;

const FLAGS = [
  `--max-semi-space-size=${SEMI_SPACE_MB}`,
  `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`,
  // What belongs to a run is dead a millisecond later. V8 takes it for long-lived at thousands of runs a second, because
  // their records are, and makes all of it in the old generation: three times as much had to be cleared up there.
  "--no-allocation-site-pretenuring",
];

/** As `deno run` and `deno compile` take them. */
export const V8_FLAGS: string = `--v8-flags=${FLAGS.join(",")}`;
