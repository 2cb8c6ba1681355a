/** What is different between two texts, line by line, as few lines as may be (Myers, "An O(ND) Difference Algorithm", 1986). */

export interface DiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
  /** Its number in the text that has it, the later one where both have; counted from 1. */
  readonly number: number;
}

/** Lines that come and go, after which two texts are as good as different: the search takes its square. */
const MAX_CHANGES = 400;

/** All lines of both texts, in their order. */
export function diffLines(before: readonly string[], now: readonly string[]): readonly DiffLine[] {
  const shorter = Math.min(before.length, now.length);
  let head = 0;
  while (head < shorter && before[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [a, b] = [before.slice(head, before.length - tail), now.slice(head, now.length - tail)];
  const middle = changesOf(a, b) ?? [...a.map(() => "gone" as const), ...b.map(() => "new" as const)];
  const kinds = [...Array(head).fill("same"), ...middle, ...Array(tail).fill("same")] as DiffLine["kind"][];
  let [i, j] = [0, 0];
  return kinds.map((kind) => {
    const text = (kind === "gone" ? before[i] : now[j]) ?? "";
    if (kind !== "new") i++;
    if (kind !== "gone") j++;
    return { kind, text, number: kind === "gone" ? i : j };
  });
}

/** Runs of changed lines, each with so many unchanged ones around it. */
export function hunksOf(lines: readonly DiffLine[], around: number): readonly (readonly DiffLine[])[] {
  const hunks: DiffLine[][] = [];
  let shownTo = 0;
  lines.forEach(({ kind }, i) => {
    if (kind === "same" || i < shownTo - around) return;
    const from = Math.max(i - around, 0);
    let to = i + 1;
    while (lines[to] && lines[to]?.kind !== "same") to++;
    const last = hunks.at(-1);
    const piece = lines.slice(Math.max(from, shownTo), to + around);
    if (last && from <= shownTo) last.push(...piece);
    else hunks.push(piece);
    shownTo = Math.min(lines.length, to + around);
  });
  return hunks;
}

/** The steps that lead from one to the other; undefined where they are too many. */
function changesOf(a: readonly string[], b: readonly string[]): DiffLine["kind"][] | undefined {
  const most = Math.min(MAX_CHANGES, a.length + b.length);
  const offset = most + 1;
  const reached = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let changes = 0; changes <= most; changes++) {
    trace.push(reached.slice());
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = stepsDown(reached, offset, diagonal, changes)
        ? at(reached, offset + diagonal + 1)
        : at(reached, offset + diagonal - 1) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reached[offset + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return wayBack(trace, offset, a.length, b.length);
    }
  }
  return undefined;
}

function stepsDown(reached: Int32Array, offset: number, diagonal: number, changes: number): boolean {
  return diagonal === -changes ||
    (diagonal !== changes && at(reached, offset + diagonal - 1) < at(reached, offset + diagonal + 1));
}

function wayBack(trace: readonly Int32Array[], offset: number, x: number, y: number): DiffLine["kind"][] {
  const kinds: DiffLine["kind"][] = [];
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const reached = trace[changes] ?? new Int32Array();
    const down = stepsDown(reached, offset, x - y, changes);
    const diagonal = x - y + (down ? 1 : -1);
    const fromX = changes === 0 ? 0 : at(reached, offset + diagonal);
    const fromY = changes === 0 ? 0 : fromX - diagonal;
    while (x > fromX && y > fromY) {
      kinds.push("same");
      x--;
      y--;
    }
    if (changes > 0) kinds.push(down ? "new" : "gone");
    [x, y] = [fromX, fromY];
  }
  return kinds.reverse();
}

function at(reached: Int32Array, place: number): number {
  return reached[place] ?? 0;
}
