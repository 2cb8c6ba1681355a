/** What two errors have in common when they are "the same again": their words without what differs each time. */

const MAX_LENGTH = 160;

/**
 * The first line of an error without numbers, ids, quoted values, addresses and times, so that `timeout after 3012 ms` and
 * `timeout after 2999 ms` are alike. Linear in the length of the text, of which no more than a few hundred characters are read.
 */
export function likenessOf(kind: string, error: string | undefined): string {
  if (error === undefined) return kind;
  const line = (error.split("\n", 1)[0] ?? "").slice(0, 400);
  const bare = line
    .replace(/https?:\/\/[^\s"'<>)]+/gi, "<url>")
    .replace(/"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`/g, "<text>")
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, "<id>")
    .replace(/\b(?=[\da-f]*\d)[\da-f]{8,}\b/gi, "<id>")
    .replace(/\d+(?:[.,:]\d+)*/g, "#")
    .replace(/\s+/g, " ").trim();
  return `${kind}: ${bare.slice(0, MAX_LENGTH)}`;
}
