/** Which tasks a role or a token is for: `finance/*, tag:ledger`. */
import type { TaskRule } from "../model/access.ts";

/** More of a pattern would be slow to compare. */
const MAX_RULE = 200;

/**
 * Reads a list with commas. `tag:ledger` means the tasks with that tag; anything else is compared with a task's id and
 * with the path of its file below the tasks folder, where `*` stands for any characters, slashes too.
 *
 * @throws RangeError with the word that means nothing
 */
export function readTaskRules(text: string): readonly TaskRule[] {
  const words = text.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (words.length === 0) throw new RangeError(`no task is named; write such as finance/*, tag:ledger, or *`);
  return words.map(ruleOf);
}

function ruleOf(text: string): TaskRule {
  if (text.length > MAX_RULE) {
    throw new RangeError(`"${text.slice(0, 20)}…" has more than ${MAX_RULE} characters`);
  }
  const [, tag] = /^tag:(.*)$/.exec(text) ?? [];
  if (tag === "") throw new RangeError('"tag:" names no tag; write such as tag:ledger');
  if (tag !== undefined) return { text, matches: ({ tags }) => tags.includes(tag) };
  const matches = globOf(text);
  return { text, matches: ({ id, path }) => matches(id) || matches(path) };
}

/** Goes through the text once for each star: no pattern makes it slow. */
function globOf(pattern: string): (text: string) => boolean {
  const [first = "", ...pieces] = pattern.split("*");
  const last = pieces.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const piece of pieces) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
