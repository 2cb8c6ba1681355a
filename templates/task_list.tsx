/** The start page: every task in a row, with what it did last and when it is next; and what it is filtered by. */
import type { Child } from "hono/jsx";
import type { BrokenFile } from "../app/task/registry.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { duration } from "../app/locale/format.ts";
import {
  AskButton,
  Badge,
  BrokenFiles,
  Live,
  Moment,
  NextRun,
  QUICK,
  RunButton,
  SLOW,
  Warnings,
} from "./parts.tsx";
import { type Choice, ChoiceField, FilterForm, SearchField } from "./filter_form.tsx";
import { RunStrip, type StripRun } from "./run_strip.tsx";
import type { RunView, TaskView, ViewerView } from "./views.ts";

export interface TaskRowView extends TaskView {
  /** Its last runs, oldest first. */
  readonly strip: readonly StripRun[];
}

export interface TaskListProps {
  readonly viewer: ViewerView;
  /** Address of the list as it is filtered. */
  readonly address: string;
  /** Those that pass the filter. */
  readonly tasks: readonly TaskRowView[];
  /** Makes the row of a task: a {@link TaskRow}. */
  readonly row: (task: TaskRowView) => Child;
  /** How many there are in all. */
  readonly total: number;
  /** True where tasks are put together by the first of their tags, not by their folder. */
  readonly byTag: boolean;
  /** How many tasks have a state that is worth a look. */
  readonly states: readonly { readonly state: string; readonly label: string; readonly n: number }[];
  readonly broken: readonly BrokenFile[];
  /** The folder the task files are in. */
  readonly folder: string;
  /** True while a run is going on: the list is then asked for more often. */
  readonly busy: boolean;
  /** How many tasks can be paused, and resumed. */
  readonly active: number;
  readonly paused: number;
}

/** Runs of a strip. */
export const STRIP_RUNS = 30;
export function TaskList(props: TaskListProps) {
  const { viewer, address, tasks, row, total, byTag, states, broken, folder, busy, active, paused } = props;
  const { locale } = viewer;
  return (
    <Live address={address} seconds={busy ? QUICK : SLOW}>
      <BrokenFiles files={broken} locale={locale} />
      {total === 0 ? <NoTasks folder={folder} locale={locale} /> : (
        <>
          <div class="heading">
            <p class="quiet" role="status">
              {text(locale, tasks.length === total ? "tasks.count" : "tasks.some", {
                n: tasks.length,
                total,
              })}
            </p>
            <ul class="states">
              {states.map(({ state, label, n }) => (
                <li>
                  <a class={`state-${state}`} href={`/?status=${state}`}>{`${n} ${label}`}</a>
                </li>
              ))}
            </ul>
            {active === 0 ? null : <AskButton address="/pause" label={text(locale, "tasks.pause_all")} />}
            {paused === 0 ? null : <AskButton address="/resume" label={text(locale, "tasks.resume_all")} />}
          </div>
          {tasks.length === 0 ? null : <TaskTable tasks={tasks} row={row} byTag={byTag} locale={locale} />}
        </>
      )}
    </Live>
  );
}

function TaskTable(
  { tasks, row, byTag, locale }: Pick<TaskListProps, "tasks" | "row" | "byTag"> & { locale: Locale },
) {
  const groupOf = ({ tags: [first = ""], folder }: TaskRowView) => byTag ? first : folder;
  // Those that are in no folder, or have no tag, come first.
  const groups = [...Map.groupBy(tasks, groupOf)].toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  const nameOf = (group: string) => {
    if (group === "") return text(locale, byTag ? "tasks.no_tag" : "tasks.top_folder");
    return byTag ? group : `${group}/`;
  };
  const columns = ["task.name", "task.trigger", "task.next", "task.last", "task.strip"] as const;
  return (
    <table class="cards tasks">
      <thead>
        <tr>
          {columns.map((key) => <th scope="col">{text(locale, key)}</th>)}
          <th scope="col">
            <span class="hidden">{text(locale, "task.actions")}</span>
          </th>
        </tr>
      </thead>
      {groups.map(([group, members]) => (
        <tbody>
          {groups.length === 1 && group === "" ? null : (
            <tr class="group">
              <th scope="rowgroup" colspan={columns.length + 1}>
                {nameOf(group)}
              </th>
            </tr>
          )}
          {members.map(row)}
        </tbody>
      ))}
    </table>
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

export function TaskRow({ task, viewer }: { task: TaskRowView; viewer: ViewerView }) {
  const { locale } = viewer;
  const address = `/tasks/${encodeURIComponent(task.id)}`;
  return (
    <tr id={`task-${task.id}`} data-row>
      <th scope="row">
        <a href={address}>{task.title}</a>
        {task.title === task.id ? null : <code class="quiet">{task.id}</code>}
        <Tags tags={task.tags} />
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
      <td data-label={text(locale, "task.strip")}>
        <RunStrip runs={task.strip} places={STRIP_RUNS} locale={locale} />
      </td>
      <td class="actions">
        <RunButton id={task.id} title={task.title} asks={task.hasParams} locale={locale} />
        <PauseButton task={task} locale={locale} />
      </td>
    </tr>
  );
}

/** Stops the trigger, or lets it go on; nothing for a task that is only started by hand. */
export function PauseButton({ task, locale }: { task: TaskView; locale: Locale }) {
  if (task.rule === "") return null;
  const word = task.paused ? "resume" : "pause";
  return (
    <AskButton
      address={`/tasks/${encodeURIComponent(task.id)}/${word}`}
      label={text(locale, `task.${word}`)}
      name={text(locale, `task.${word}_of`, { task: task.title })}
      quiet
    />
  );
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <span class="tags">
      {tags.map((tag) => <a class="tag" href={`/?${new URLSearchParams({ tag })}`}>{tag}</a>)}
    </span>
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

/** Stands outside of what is refreshed: what is typed into it is nobody's but the one who types. */
export function TaskFilterForm(
  { locale, q, status, tag, group, states, tags }: {
    locale: Locale;
    q: string;
    status: string;
    tag: string;
    group: string;
    states: readonly Choice[];
    tags: readonly string[];
  },
) {
  return (
    <FilterForm action="/" locale={locale} label={text(locale, "filter.tasks")}>
      <SearchField value={q} label={text(locale, "filter.search")} />
      <ChoiceField name="status" value={status} label={text(locale, "filter.status")} choices={states} />
      {tags.length === 0 ? null : (
        <>
          <ChoiceField
            name="tag"
            value={tag}
            label={text(locale, "filter.tag")}
            choices={tags.map((each) => ({ value: each, label: each }))}
          />
          <label>
            <span class="quiet">{text(locale, "filter.group")}</span>
            <select name="group">
              <option value="">{text(locale, "filter.by_folder")}</option>
              <option value="tag" selected={group === "tag"}>{text(locale, "filter.by_tag")}</option>
            </select>
          </label>
        </>
      )}
    </FilterForm>
  );
}
