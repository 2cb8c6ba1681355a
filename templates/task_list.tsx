/** The start page: every task in a row, with what it did last and when it is next. */
import type { BrokenFile } from "../app/task/registry.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { duration } from "../app/locale/format.ts";
import { Badge, BrokenFiles, Moment, NextRun, RunButton, Warnings } from "./parts.tsx";
import type { RunView, TaskView, ViewerView } from "./views.ts";

export interface TaskListProps {
  readonly viewer: ViewerView;
  readonly tasks: readonly TaskView[];
  readonly broken: readonly BrokenFile[];
  /** The folder the task files are in. */
  readonly folder: string;
  /** True while a run is going on: the list is then asked for more often. */
  readonly busy: boolean;
}

/** Seconds between two looks. */
const QUICK = 1;
const SLOW = 3;

export function TaskList({ viewer, tasks, broken, folder, busy }: TaskListProps) {
  const { locale } = viewer;
  return (
    <div id="live" hx-get="/" hx-trigger="refresh" hx-swap="outerMorph" data-refresh={busy ? QUICK : SLOW}>
      <h1>{text(locale, "page.tasks")}</h1>
      <BrokenFiles files={broken} locale={locale} />
      {tasks.length === 0 ? <NoTasks folder={folder} locale={locale} /> : (
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">{text(locale, "task.name")}</th>
              <th scope="col">{text(locale, "task.trigger")}</th>
              <th scope="col">{text(locale, "task.next")}</th>
              <th scope="col">{text(locale, "task.last")}</th>
              <th scope="col">
                <span class="hidden">{text(locale, "task.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>{tasks.map((task) => <TaskRow task={task} viewer={viewer} />)}</tbody>
        </table>
      )}
    </div>
  );
}

function NoTasks({ folder, locale }: { folder: string; locale: Locale }) {
  return (
    <section class="notice">
      <h2>{text(locale, "tasks.none")}</h2>
      <p>
        {text(locale, "tasks.none_how")} <code>{folder}</code>
      </p>
    </section>
  );
}

function TaskRow({ task, viewer }: { task: TaskView; viewer: ViewerView }) {
  const { locale } = viewer;
  return (
    <tr id={`task-${task.id}`}>
      <th scope="row">
        <a href={`/tasks/${encodeURIComponent(task.id)}`}>{task.title}</a>
        {task.title === task.id ? null : <code class="quiet">{task.id}</code>}
      </th>
      <td data-label={text(locale, "task.trigger")}>
        <span title={task.rule}>{task.trigger}</span>
        {task.ended ? <span class="warning">{text(locale, "trigger.ended")}</span> : null}
        <Warnings sentences={task.warnings} />
      </td>
      <td data-label={text(locale, "task.next")}>
        <NextRun task={task} viewer={viewer} />
      </td>
      <td data-label={text(locale, "task.last")}>
        {task.last ? <LastRun run={task.last} viewer={viewer} /> : "–"}
      </td>
      <td class="actions">
        <RunButton id={task.id} title={task.title} locale={locale} />
      </td>
    </tr>
  );
}

function LastRun({ run, viewer }: { run: RunView; viewer: ViewerView }) {
  const { locale } = viewer;
  return (
    <span class="last">
      <a href={`/runs/${run.id}`}>
        <Badge status={run.status} locale={locale} />
      </a>
      <Moment at={run.startedAt ?? run.queuedAt} timezone={run.timezone} viewer={{ locale }} />
      {run.durationMs === undefined || !run.isOver
        ? null
        : <span class="quiet">{duration(run.durationMs, locale)}</span>}
    </span>
  );
}
