/** What changed since the last good run, as the page of a run shows it. */
import { hunksOf } from "../base/line_diff.ts";
import { text } from "../locale/locale.ts";
import type { Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { CodeChange } from "../service/queries/comparison.ts";
import type { CodeDiffView } from "../../templates/components/code_diff.tsx";
import type { RunChangesView } from "../../templates/pages/run_changes.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { plainLine } from "./ansi.ts";
import { beginOf } from "./lane.ts";
import { path } from "./paths.ts";

/** Characters of a line of log that is set against another. */
const MAX_LINE = 160;
/** Lines of a file that are shown, and unchanged ones around each change. */
const MAX_DIFF_LINES = 120;
const AROUND = 2;
/** Characters of a line of code. */
const MAX_CODE_LINE = 300;

export async function changesOf(
  queries: Queries,
  run: Run,
  { locale }: ViewerView,
): Promise<RunChangesView | undefined> {
  const found = await queries.runs.compared(run);
  if (!found) return undefined;
  const { good, code, params, tookMs, line, sameCause } = found;
  const causeText = (each: Run) => text(locale, `cause.${each.cause}`);
  const short = (words: string | undefined) =>
    words === undefined ? undefined : plainLine(words).slice(0, MAX_LINE);
  return {
    good: { address: path.run(good.id), at: beginOf(good) },
    timezone: queries.tasks.zoneOf(run.taskId),
    code: code?.map(codeView),
    params,
    tookMs,
    line: line && {
      number: line.number,
      address: line.now === undefined ? `${path.run(good.id)}#L${line.number}` : `#L${line.number}`,
      before: short(line.before),
      now: short(line.now),
    },
    cause: sameCause ? undefined : { before: causeText(good), now: causeText(run) },
    host: changed(good.host, run.host),
    carillon: changed(good.carillonVersion, run.carillonVersion),
  };
}

/** What is not known of one of the two did not change, as far as one can tell. */
function changed(before: string | undefined, now: string | undefined): RunChangesView["host"] {
  return before === undefined || now === undefined || before === now ? undefined : { before, now };
}

function codeView({ path: file, lines }: CodeChange): CodeDiffView {
  if (!lines) return { path: file, added: 0, removed: 0, left: 0 };
  let left = MAX_DIFF_LINES;
  const all = hunksOf(lines, AROUND);
  const hunks = all.flatMap((hunk) => {
    const shown = hunk.slice(0, Math.max(0, left)).map((line) => ({
      ...line,
      text: line.text.slice(0, MAX_CODE_LINE),
    }));
    left -= hunk.length;
    return shown.length === 0 ? [] : [shown];
  });
  return {
    path: file,
    added: lines.filter(({ kind }) => kind === "new").length,
    removed: lines.filter(({ kind }) => kind === "gone").length,
    hunks,
    left: Math.max(0, -left),
  };
}
