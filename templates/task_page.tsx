/** One task: what it is, when it fires, how it has done, and its runs, newest first. */
import type { EpochMs } from "../app/time.ts";
import type { BrokenFile } from "../app/task/registry.ts";
import { RUN_STATUSES } from "../app/history/run.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { duration } from "../app/locale/format.ts";
import { DurationChart, type DurationFacts } from "./duration_chart.tsx";
import { ChoiceField, FilterForm, SearchField } from "./filter_form.tsx";
import { Badge, BrokenFiles, Live, Moment, NextRun, QUICK, RunButton, SLOW, Warnings } from "./parts.tsx";
import { PauseButton, Tags } from "./task_list.tsx";
import type { RunView, TaskView, ViewerView } from "./views.ts";

export interface TaskPageProps {
  readonly viewer: ViewerView;
  readonly task: TaskView;
  /** Address of the page as its runs are filtered. */
  readonly address: string;
  /** Newest first. */
  readonly runs: readonly RunView[];
  /** Address of the runs that are older than these, where there are any. */
  readonly older?: string;
  /** Address of the newest runs, where these are not. */
  readonly newest?: string;
  /** True while a run of the task is going on. */
  readonly busy: boolean;
  /** The next due instants. */
  readonly upcoming: readonly EpochMs[];
  readonly durations?: DurationFacts;
  /** How many of the last finished runs succeeded. */
  readonly success?: { readonly good: number; readonly of: number };
  /** Names of the parameters it takes, with what kind they are. */
  readonly params: readonly { readonly name: string; readonly about: string }[];
  /** The task's own file, where its newest version does not load. */
  readonly broken: readonly BrokenFile[];
}

export function TaskPage(props: TaskPageProps) {
  const { viewer, task, address, runs, older, newest, busy, broken } = props;
  const { locale } = viewer;
  return (
    <Live address={address} seconds={busy ? QUICK : SLOW}>
      <div class="heading">
        <div>
          <span class="quiet">{text(locale, "task.next")}</span> <NextRun task={task} viewer={viewer} />
        </div>
        <RunButton id={task.id} title={task.title} asks={task.hasParams} locale={locale} />
        <PauseButton task={task} locale={locale} />
      </div>
      <BrokenFiles files={broken} locale={locale} />
      <Warnings sentences={task.warnings} />
      <div class="columns">
        <Facts {...props} />
        <Doings {...props} />
      </div>
      <h2>{text(locale, "task.history")}</h2>
      {runs.length === 0
        ? <p class="quiet">{text(locale, task.last ? "task.no_such_runs" : "task.no_runs")}</p>
        : <RunTable runs={runs} viewer={viewer} />}
      <p class="pages">
        {newest === undefined ? null : <a href={newest}>{text(locale, "runs.newest")}</a>}{" "}
        {older === undefined ? null : <a href={older}>{text(locale, "runs.older")}</a>}
      </p>
    </Live>
  );
}

/** Name and description; they stand above what is refreshed. */
export function TaskHeading({ task }: { task: TaskView }) {
  return (
    <>
      <h1>{task.title}</h1>
      {task.description === undefined ? null : <p>{task.description}</p>}
      <Tags tags={task.tags} />
    </>
  );
}

/** Which of the task's runs are shown. */
export function RunFilterForm(
  { locale, action, q, status }: { locale: Locale; action: string; q: string; status: string },
) {
  return (
    <FilterForm action={action} locale={locale} label={text(locale, "filter.runs")}>
      <SearchField value={q} label={text(locale, "filter.search_runs")} />
      <ChoiceField
        name="status"
        value={status}
        label={text(locale, "run.status")}
        choices={RUN_STATUSES.map((value) => ({ value, label: text(locale, `status.${value}`) }))}
      />
    </FilterForm>
  );
}

function Facts({ viewer: { locale }, task, params }: TaskPageProps) {
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  return (
    <dl class="facts">
      <dt>{text(locale, "task.id")}</dt>
      <dd>
        <code>{task.id}</code>
      </dd>
      <dt>{text(locale, "task.file")}</dt>
      <dd>
        <a href={`${page}/source`}>
          <code>{task.file}</code>
        </a>
      </dd>
      <dt>{text(locale, "task.trigger")}</dt>
      <dd>
        {task.trigger} {task.rule === "" ? null : <code class="quiet">{task.rule}</code>}
        {task.ended ? <span class="warning">{text(locale, "trigger.ended")}</span> : null}
      </dd>
      {task.policies.map(({ name, value }) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
      {params.length === 0 ? null : (
        <>
          <dt>{text(locale, "task.params")}</dt>
          <dd>
            <ul class="bare">
              {params.map(({ name, about }) => (
                <li>
                  <code>{name}</code> <span class="quiet">{about}</span>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}

/** How it has done, and when it is next. */
function Doings({ viewer, task, upcoming, durations, success }: TaskPageProps) {
  const { locale } = viewer;
  return (
    <div>
      {success === undefined ? null : (
        <p>
          {text(locale, "task.success", {
            percent: Math.round((success.good / success.of) * 100),
            ...success,
          })} <a href={`/tasks/${encodeURIComponent(task.id)}/year`}>{text(locale, "page.year")}</a>
        </p>
      )}
      {durations === undefined ? null : <DurationChart facts={durations} locale={locale} />}
      {upcoming.length === 0 ? null : (
        <details>
          <summary>{text(locale, "task.upcoming", { n: upcoming.length })}</summary>
          <ol class="bare">
            {upcoming.map((at) => (
              <li>
                <Moment at={at} timezone={task.timezone} viewer={viewer} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

function RunTable({ runs, viewer }: { runs: readonly RunView[]; viewer: ViewerView }) {
  const { locale } = viewer;
  const columns = ["run.status", "run.time", "run.duration", "run.cause", "run.result"] as const;
  return (
    <table class="cards">
      <thead>
        <tr>{columns.map((key) => <th scope="col">{text(locale, key)}</th>)}</tr>
      </thead>
      <tbody>{runs.map((run) => <RunRow run={run} viewer={viewer} />)}</tbody>
    </table>
  );
}

function RunRow({ run, viewer }: { run: RunView; viewer: ViewerView }) {
  const { locale } = viewer;
  return (
    <tr id={`run-${run.id}`} data-row>
      <th scope="row">
        <a href={`/runs/${run.id}`}>
          <Badge status={run.status} locale={locale} />
        </a>
      </th>
      <td data-label={text(locale, "run.time")}>
        <Moment
          at={run.startedAt ?? run.scheduledAt ?? run.queuedAt}
          timezone={run.timezone}
          viewer={viewer}
        />
      </td>
      <td data-label={text(locale, "run.duration")}>
        {run.durationMs === undefined || !run.isOver ? "–" : duration(run.durationMs, locale)}
      </td>
      <td data-label={text(locale, "run.cause")}>{text(locale, `cause.${run.cause}`)}</td>
      <td data-label={text(locale, "run.result")} class="result">
        {run.isOver
          ? run.error?.message ?? run.said
          : run.waitingFor ?? <RunProgress run={run} viewer={viewer} />}
      </td>
    </tr>
  );
}

/** How far a run is, where it has told. */
export function RunProgress({ run, viewer: { locale } }: { run: RunView; viewer: ViewerView }) {
  const { fraction, note } = run.progress ?? {};
  if (fraction === undefined) return note === undefined ? null : <span>{note}</span>;
  const percent = Math.round(fraction * 100);
  return (
    <span class="progress">
      <progress max="100" value={String(percent)} aria-label={text(locale, "run.progress")}>
        {percent} %
      </progress>{" "}
      {percent} % {note}
    </span>
  );
}
