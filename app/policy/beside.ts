/** Where a rhythm goes on that meets an instant which has its record already, because the clock was set back. */

/**
 * It goes on so many milliseconds behind the instant at the most: on the first of them that is free. No rhythm is faster
 * than twice this.
 */
export const MOST_BESIDE_MS = 50;
