/** Answers of the queries as what the templates are given, in the viewer's language. */
import type { RunView, TaskView, ViewerView } from "../../templates/views.ts";
import { localText, text } from "../locale/locale.ts";
import { recordText } from "../locale/reason.ts";
import type { Locale } from "../model/locale.ts";
import { durationOf, isTerminal, type Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { TaskFacts } from "../service/queries/tasks.ts";
import { wordsOf } from "../policy/policies.ts";
import { folderOf } from "./task_filter.ts";

export function taskView(
  queries: Queries,
  { task, trigger, ended, paused, pause, timezone, next }: TaskFacts,
  { locale, zone }: Pick<ViewerView, "locale" | "zone">,
): TaskView {
  const { description, params, tags, policies } = task.description;
  return {
    id: task.id,
    title: queries.tasks.titleOf(task.id, locale),
    tags,
    folder: folderOf(task),
    description: description === undefined ? undefined : localText(description, locale),
    file: task.path,
    trigger: trigger ? withoutZone(trigger.describe(locale), zone, locale) : text(locale, "trigger.none"),
    rule: trigger?.rule ?? "",
    ended,
    paused,
    pause,
    timezone,
    next,
    hasParams: params.fields.length > 0,
    warnings: queries.tasks.warnings(task.id, locale),
    policies: wordsOf(policies, locale),
  };
}

/** A trigger's words without a zone that is the viewer's own: they say only what is not as usual. */
function withoutZone(words: string, zone: string, locale: Locale): string {
  const named = `${text(locale, "trigger.comma")}${zone}`;
  // `Etc/GMT` is no part of `Etc/GMT+5`.
  return words.split(named).reduce((before, rest) => before + (/^[\w+-]/.test(rest) ? named : "") + rest);
}

export function runView(queries: Queries, run: Run, locale: Locale): RunView {
  const timezone = queries.tasks.zoneOf(run.taskId);
  return {
    ...run,
    isOver: isTerminal(run.status),
    timezone,
    title: queries.tasks.titleOf(run.taskId, locale),
    durationMs: durationOf(run, queries.system.now()),
    usualMs: queries.activity.of(run.taskId).usualMs,
    said: recordText(run, locale, timezone),
    waitingFor: run.status === "queued" ? waitText(queries, run, locale) : undefined,
  };
}

/** Why a run has not begun, in words. */
export function waitText(queries: Queries, run: Run, locale: Locale): string | undefined {
  const reason = queries.runs.waitReason(run.id);
  switch (reason?.kind) {
    case "lock":
      return text(locale, "wait.lock", { lock: reason.lock, task: reason.holder });
    case "concurrency":
      return text(locale, "wait.concurrency");
    case "workers":
      return text(locale, "wait.workers", { n: queries.system.settings.workers });
    case undefined:
      return undefined;
  }
}
