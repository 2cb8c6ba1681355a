/** One task: what it is, when it fires, and its runs, newest first. */
import type { BrokenFile } from "../app/task/registry.ts";
import { text } from "../app/locale/locale.ts";
import { duration } from "../app/locale/format.ts";
import { ActionButton, Badge, BrokenFiles, Moment, NextRun, RunButton, Warnings } from "./parts.tsx";
import type { RunView, TaskView, ViewerView } from "./views.ts";

export interface TaskPageProps {
  readonly viewer: ViewerView;
  readonly task: TaskView;
  /** Newest first. */
  readonly runs: readonly RunView[];
  /** The task's own file, where its newest version does not load. */
  readonly broken: readonly BrokenFile[];
}

const QUICK = 1;
const SLOW = 3;

export function TaskPage({ viewer, task, runs, broken }: TaskPageProps) {
  const { locale } = viewer;
  const busy = runs.some((run) => !run.isOver);
  const address = `/tasks/${encodeURIComponent(task.id)}`;
  return (
    <div
      id="live"
      hx-get={address}
      hx-trigger="refresh"
      hx-swap="outerMorph"
      data-refresh={busy ? QUICK : SLOW}
    >
      <div class="heading">
        <h1>{task.title}</h1>
        <RunButton id={task.id} title={task.title} locale={locale} />
        {task.rule === "" ? null : (
          <ActionButton
            address={`${address}/${task.paused ? "resume" : "pause"}`}
            question={text(locale, task.paused ? "task.resume_question" : "task.pause_question")}
            label={text(locale, task.paused ? "task.resume" : "task.pause")}
            quiet
          />
        )}
      </div>
      {task.description === undefined ? null : <p>{task.description}</p>}
      <BrokenFiles files={broken} locale={locale} />
      <Warnings sentences={task.warnings} />
      <dl class="facts">
        <dt>{text(locale, "task.id")}</dt>
        <dd>
          <code>{task.id}</code>
        </dd>
        <dt>{text(locale, "task.file")}</dt>
        <dd>
          <code>{task.file}</code>
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
        <dt>{text(locale, "task.next")}</dt>
        <dd>
          <NextRun task={task} viewer={viewer} />
        </dd>
      </dl>
      <h2>{text(locale, "task.history")}</h2>
      {runs.length === 0 ? <p class="quiet">{text(locale, "task.no_runs")}</p> : (
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">{text(locale, "run.status")}</th>
              <th scope="col">{text(locale, "run.time")}</th>
              <th scope="col">{text(locale, "run.duration")}</th>
              <th scope="col">{text(locale, "run.cause")}</th>
              <th scope="col">{text(locale, "run.result")}</th>
            </tr>
          </thead>
          <tbody>{runs.map((run) => <RunRow run={run} viewer={viewer} />)}</tbody>
        </table>
      )}
    </div>
  );
}

function RunRow({ run, viewer }: { run: RunView; viewer: ViewerView }) {
  const { locale } = viewer;
  return (
    <tr id={`run-${run.id}`}>
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
