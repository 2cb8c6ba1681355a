/** What the page of a run shows beside its log. */
import type { Actor } from "../model/actor.ts";
import { isBad, type Run } from "../model/run.ts";
import { text } from "../locale/locale.ts";
import { shortMoment } from "../locale/moments.ts";
import type { Queries } from "../service/queries.ts";
import type { RunOutcome } from "../model/history.ts";
import type { RunPageProps } from "../../templates/pages/run.tsx";
import { taskCrumbs } from "../../templates/components/crumbs.tsx";
import type { RunLink, ViewerView } from "../../templates/views.ts";
import { beginOf } from "./lane.ts";
import { path } from "./paths.ts";
import { changesOf } from "./run_changes_view.ts";
import { lineAddress } from "./run_log_view.ts";
import { resultView } from "./result_view.ts";
import { runApprovalView } from "./run_approval_view.ts";
import { linesAround } from "./source_code.ts";
import { folderOf } from "./task_filter.ts";
import { runView } from "./views.ts";
import { Refusal } from "../service/refusal.ts";

export async function runPageView(
  queries: Queries,
  run: Run,
  viewer: ViewerView,
  actor: Actor,
): Promise<RunPageProps> {
  const { locale } = viewer;
  await queries.activity.ready();
  const facts = queries.tasks.find(run.taskId);
  const title = queries.tasks.titleOf(run.taskId, locale);
  const { previous, next, previousGood } = await queries.runs.neighbours(run);
  const lines = run.error || isBad(run.status) ? await queries.runs.lines(run.id) : [];
  const firstError = lines.find(({ level }) => level === "error");
  return {
    viewer,
    run: runView(queries, run, locale),
    crumbs: [
      ...facts
        ? taskCrumbs({ folder: folderOf(facts.task) }, locale)
        : [{ label: text(locale, "page.tasks"), address: path.tasks }],
      { label: title, address: facts ? path.task(run.taskId) : undefined },
      { label: shortMoment(beginOf(run), viewer.now, viewer.zone, locale) },
    ],
    taskExists: facts !== undefined,
    takesParams: (facts?.task.description.params.fields.length ?? 0) > 0 ||
      Object.keys(run.params).length > 0,
    attempts: facts?.task.description.policies.retry?.attempts ?? 1,
    previous: linkTo(previous),
    next: linkTo(next),
    previousGood: isBad(run.status) || run.status === "cancelled" ? linkTo(previousGood) : undefined,
    result: resultView(run.result),
    source: facts && sourceOf(queries, run, facts.task.path),
    approval: await runApprovalView(queries, run, actor, viewer),
    changes: isBad(run.status) ? await changesOf(queries, run, viewer) : undefined,
    files: (await queries.runs.artifacts(run.id)).map(({ title, path: name, bytes }) => ({
      title,
      name,
      address: path.runFile(run.id, name),
      bytes,
    })),
    firstError: firstError &&
      lineAddress(path.run(run.id), firstError.number + 1, (await queries.runs.logSize(run.id)).lines),
  };
}

function linkTo(run: RunOutcome | undefined): RunLink | undefined {
  return run && { address: path.run(run.id), at: beginOf(run) };
}

/** The line of the task's file in which the error arose, as the file was loaded last. */
function sourceOf(queries: Queries, run: Run, file: string): RunPageProps["source"] {
  const stack = run.error?.stack;
  if (stack === undefined) return undefined;
  const escaped = file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`[/(\\s]${escaped}:(\\d+):\\d+`).exec(stack);
  if (!found) return undefined;
  const line = Number(found[1]);
  try {
    const lines = linesAround(queries.tasks.source(run.taskId), line, 2, 2);
    if (lines.length === 0) return undefined;
    return { file, line, lines, address: `${path.task(run.taskId)}/source#L${line}` };
  } catch (error) {
    // Its text is not shown: a link leads out of the folder.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
