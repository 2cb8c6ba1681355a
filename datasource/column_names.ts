/** Column names of rows, matched to those of the table that they go into. */
import type { CallOptions } from "./database.ts";

/**
 * A row has one value for each name: of two columns with the same one would be lost.
 *
 * @throws TypeError where rows are to arrive exactly
 */
export function checkDistinct(names: readonly string[], { exact = false }: Pick<CallOptions, "exact">): void {
  const twice = exact ? names.find((name, i) => names.indexOf(name) !== i) : undefined;
  if (twice === undefined) return;
  throw new TypeError(
    `two columns of the question are called "${twice}"; give one of them another name (AS)`,
  );
}

/**
 * The table's own names for those of the rows: the same, or the one that differs in its case alone. Oracle's rows have their
 * names in capitals, PostgreSQL's tables in small letters.
 *
 * @param known the table's names; none where they could not be had, then the rows' own are taken
 */
export function matchedNames(
  wanted: readonly string[],
  known: readonly string[],
  label: string,
  table: string,
): string[] {
  if (known.length === 0) return [...wanted];
  const found = wanted.map((name) => {
    if (known.includes(name)) return name;
    const similar = known.filter((each) => each.toLowerCase() === name.toLowerCase());
    const [only, ...more] = similar;
    if (only === undefined) {
      throw new TypeError(`${label}: ${table} has no column "${name}"; it has ${known.join(", ")}`);
    }
    if (more.length === 0) return only;
    throw new TypeError(
      `${label}: ${table}: "${name}" may be ${
        similar.map((each) => `"${each}"`).join(" or ")
      }; write its case as it is`,
    );
  });
  const twice = found.find((name, i) => found.indexOf(name) !== i);
  if (twice === undefined) return found;
  throw new TypeError(`${label}: ${table}: two columns of the rows go into "${twice}"`);
}
