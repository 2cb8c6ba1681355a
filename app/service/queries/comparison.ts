/** What is different between a run and the last one before it that went well. */
import { type DiffLine, diffLines } from "../../base/line_diff.ts";
import type { RunReader } from "../../contracts.ts";
import type { CodeFile } from "../../model/code.ts";
import { durationOf, type NumberedLine, type Run } from "../../model/run.ts";
import { foldedError } from "./like_error.ts";

/** Lines of a log that are compared. */
const MAX_COMPARED = 2_000;

/** A file of a task's code that reads otherwise; `lines` is undefined where its text is not shown, or not kept. */
export interface CodeChange {
  readonly path: string;
  readonly lines: readonly DiffLine[] | undefined;
}

export interface Comparison {
  readonly good: Run;
  /** The files that are not the same; undefined where it is not known which code one of the runs was made with. */
  readonly code: readonly CodeChange[] | undefined;
  readonly params: readonly { readonly name: string; readonly before: unknown; readonly now: unknown }[];
  readonly tookMs: { readonly before: number | undefined; readonly now: number | undefined };
  /** The first line that reads otherwise, numbers aside; its number counts from 1. */
  readonly line?: {
    readonly number: number;
    readonly before: string | undefined;
    readonly now: string | undefined;
  } | undefined;
  readonly sameCause: boolean;
  readonly sameBy: boolean;
}

/** @param codeOf the code that a run was made with */
export async function compareWithLastGood(
  reader: RunReader,
  run: Run,
  codeOf: (run: Run) => Promise<readonly CodeFile[] | undefined>,
): Promise<Comparison | undefined> {
  const [good] = await reader.find({ taskId: run.taskId, statuses: ["succeeded"], before: run.id, limit: 1 });
  if (!good) return undefined;
  const names = [...new Set([...Object.keys(good.params), ...Object.keys(run.params)])];
  return {
    good,
    code: await codeChanges(good, run, codeOf),
    params: names.map((name) => ({ name, before: good.params[name], now: run.params[name] })).filter(
      ({ before, now }) => JSON.stringify(before) !== JSON.stringify(now),
    ),
    tookMs: { before: durationOf(good, 0), now: durationOf(run, 0) },
    line: firstDifference(await reader.lines(good.id), await reader.lines(run.id)),
    sameCause: good.cause === run.cause,
    sameBy: good.by === run.by,
  };
}

async function codeChanges(
  good: Run,
  run: Run,
  codeOf: (run: Run) => Promise<readonly CodeFile[] | undefined>,
): Promise<readonly CodeChange[] | undefined> {
  if (good.codeVersion === undefined || run.codeVersion === undefined) return undefined;
  if (good.codeVersion === run.codeVersion) return [];
  const [before, now] = [await codeOf(good), await codeOf(run)];
  if (!before || !now) return undefined;
  const paths = [...new Set([...now, ...before].map(({ path }) => path))];
  return paths.flatMap((path): CodeChange[] => {
    const [a, b] = [before, now].map((files) => files.find((each) => each.path === path));
    if (a?.hash === b?.hash) return [];
    // A file that is in one version only has no lines in the other.
    const isKnown = (!a || a.text !== undefined) && (!b || b.text !== undefined);
    return [{ path, lines: isKnown ? diffLines(linesOf(a), linesOf(b)) : undefined }];
  });
}

function linesOf(file: CodeFile | undefined): readonly string[] {
  return file?.text?.replace(/\r?\n$/, "").split(/\r?\n/) ?? [];
}

/** Lines behind a gap are not compared: nobody knows what stood there. */
function firstDifference(
  before: readonly NumberedLine[],
  now: readonly NumberedLine[],
): Comparison["line"] {
  const length = Math.min(MAX_COMPARED, Math.max(before.length, now.length));
  for (let i = 0; i < length; i++) {
    const [a, b] = [before[i], now[i]];
    if ((a && a.number !== i) || (b && b.number !== i)) return undefined;
    if (a && b && a.level === b.level && foldedError(a.text) === foldedError(b.text)) continue;
    return { number: i + 1, before: a?.text, now: b?.text };
  }
  return undefined;
}
