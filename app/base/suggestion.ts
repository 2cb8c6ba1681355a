/** "Did you mean …?": the known name that is nearest to a mistyped one. */
import { closest, distance } from "fastest-levenshtein";

/** The nearest of `known`, whatever the case, or undefined where none is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const lowered = known.map((each) => each.toLowerCase());
  if (lowered.length === 0) return undefined;
  const best = closest(wanted, lowered);
  return distance(wanted, best) <= Math.max(2, Math.floor(best.length / 2))
    ? known[lowered.indexOf(best)]
    : undefined;
}

/** `did you mean "port"? ` and what is known, as the end of a sentence. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  const list = known.length === 0 ? "none" : known.join(", ");
  return near === undefined ? `known are: ${list}` : `did you mean "${near}"? Known are: ${list}`;
}
