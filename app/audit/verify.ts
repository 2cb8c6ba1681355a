/** Whether the audit is whole: each line sealed, each on the one before, none missing at the beginning or the end. */
import { join } from "node:path";
import { dayFiles, headPath, readHead } from "./files.ts";
import { type AuditLine, BEGINNING, isSealed, type Link, readLine } from "./line.ts";
import { linesOf } from "./read_lines.ts";
import { RETENTION_ACTION } from "./retention.ts";

export interface Verification {
  readonly lines: number;
  readonly first?: Link | undefined;
  readonly last?: Link | undefined;
  /** Sentences, each with the file and the line; the first {@link MAX_PROBLEMS}. */
  readonly problems: readonly string[];
  /** How many more there are. */
  readonly more: number;
}

const MAX_PROBLEMS = 100;

/** @param expected a line that must be there as it was */
export function verify(folder: string, expected?: Link): Verification {
  // Read first: a Carillon that is active may write while the lines are read.
  const head = readHead(folder);
  const files = dayFiles(folder);
  const found = new Findings();
  let first: AuditLine | undefined;
  let last: Link | undefined;
  let lines = 0;
  let isThere = false;
  /** Up to where lines were removed because they were old, as the chain itself says. */
  const removed: Link[] = [];
  for (const file of files) {
    let number = 0;
    for (const text of linesOf(join(folder, file))) {
      const place = `${file}:${++number}`;
      const line = readLine(text);
      if (!line) {
        found.add(
          text === ""
            ? `${place}: the line is empty`
            : `${place}: the line cannot be read: it is cut off or damaged`,
        );
        continue;
      }
      lines++;
      if (!isSealed(text)) {
        found.add(`${place}: line ${line.n} was changed: its hash is not that of its text`);
      }
      if (last) followsOn(last, line, place, found);
      isThere ||= line.n === expected?.n && line.hash === expected.hash;
      first ??= line;
      last = { n: line.n, hash: line.hash };
      const gone = line.action === RETENTION_ACTION && line.by === "carillon" ? removedBy(line) : undefined;
      if (gone) removed.push(gone);
    }
  }
  if (first) beginsWell(first, removed, files[0] ?? "", found);
  if (expected && !isThere) {
    found.add(`line ${expected.n} is not there as it was expected: it was changed, removed or replaced`);
  }
  endsWell(last, head, headPath(folder), found);
  return {
    lines,
    first: first && { n: first.n, hash: first.hash },
    last,
    problems: found.problems,
    more: found.count - found.problems.length,
  };
}

class Findings {
  readonly problems: string[] = [];
  count = 0;

  add(sentence: string): void {
    if (this.count++ < MAX_PROBLEMS) this.problems.push(sentence);
  }
}

function followsOn(before: Link, { n, prev }: AuditLine, place: string, found: Findings): void {
  if (n > before.n + 1) found.add(`${place}: ${linesText(before.n + 1, n - 1)} missing before it`);
  else if (n <= before.n) found.add(`${place}: line ${n} stands behind line ${before.n}`);
  else if (prev !== before.hash) {
    found.add(
      `${place}: line ${n} does not follow line ${before.n} as it is: one of them was changed or replaced`,
    );
  }
}

/** Nothing is missing before the first line, or what is was removed because it was old. */
function beginsWell({ n, prev }: AuditLine, removed: readonly Link[], file: string, found: Findings): void {
  const before = n - 1;
  if (before === 0) {
    if (prev !== BEGINNING.hash) {
      found.add(`${file}:1: line 1 does not stand at the beginning: it was changed or replaced`);
    }
    return;
  }
  const isOld = removed.some((to) => to.n > before || (to.n === before && to.hash === prev));
  if (!isOld) found.add(`${file}:1: ${linesText(1, before)} missing before it`);
}

function endsWell(last: Link | undefined, head: Link | undefined, path: string, found: Findings): void {
  if (!head) {
    if (last) found.add(`${path} is missing or damaged: whether lines are missing at the end cannot be said`);
    return;
  }
  const end = last ?? BEGINNING;
  if (head.n > end.n) {
    found.add(`${linesText(end.n + 1, head.n)} missing at the end: ${path} names line ${head.n}`);
  } else if (head.n === end.n && head.hash !== end.hash) {
    found.add(`line ${end.n}, the last one, is not the one that ${path} names: it was changed or replaced`);
  }
}

function linesText(from: number, to: number): string {
  return from >= to ? `line ${from} is` : `lines ${from} to ${to} are`;
}

function removedBy({ params }: AuditLine): Link | undefined {
  const { to, hash } = params ?? {};
  return typeof to === "number" && typeof hash === "string" ? { n: to, hash } : undefined;
}
