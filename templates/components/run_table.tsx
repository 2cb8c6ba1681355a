/** Runs, a line each. */
import { text } from "../../app/locale/locale.ts";
import { Moment } from "./basics.tsx";
import { SelectBox } from "./select_box.tsx";
import { State } from "./sign.tsx";
import { Took } from "./task_row.tsx";
import { RunProgress } from "./run_progress.tsx";
import type { RunView, ViewerView } from "../views.ts";

export function RunTable(
  { runs, viewer, named }: {
    runs: readonly RunView[];
    viewer: ViewerView;
    /** True where the runs are those of several tasks: then each can be chosen, too. */
    named: boolean;
  },
) {
  const { locale } = viewer;
  return (
    <div class="sheet">
      <table class="table rows runs">
        <caption class="sr">{text(locale, "page.runs")}</caption>
        <thead>
          <tr>
            {named
              ? (
                <td class="c-sel">
                  {viewer.mayAny("run")
                    ? (
                      <label class="pick" hidden data-script-only>
                        <input type="checkbox" data-all aria-label={text(locale, "select.all")} />
                      </label>
                    )
                    : null}
                </td>
              )
              : null}
            <th scope="col" class="c-state">{text(locale, "task.outcome")}</th>
            <th scope="col" class="c-start num">{text(locale, "run.time")}</th>
            {named ? <th scope="col" class="c-name">{text(locale, "task.name")}</th> : null}
            <th scope="col" class="c-took num">{text(locale, "task.took")}</th>
            <th scope="col" class="c-bar">
              <span class="sr">{text(locale, "task.usual")}</span>
            </th>
            <th scope="col" class="c-why">{text(locale, "run.cause")}</th>
            <th scope="col" class="c-said">{text(locale, "task.said")}</th>
          </tr>
        </thead>
        <tbody>{runs.map((run) => <RunRow run={run} viewer={viewer} named={named} />)}</tbody>
      </table>
    </div>
  );
}

function RunRow({ run, viewer, named }: { run: RunView; viewer: ViewerView; named: boolean }) {
  const { locale } = viewer;
  const said = run.error?.message ?? (run.isOver ? run.said : run.waitingFor ?? "");
  return (
    <tr id={`run-${run.id}`} data-row>
      {!named
        ? null
        : viewer.may("run", run.taskId)
        ? <SelectBox of="run" id={run.id} title={run.title} locale={locale} />
        : <td class="c-sel"></td>}
      <th scope="row" class="c-state">
        <State status={run.status} locale={locale} address={`/runs/${run.id}`} />
      </th>
      <td class="c-start num">
        <a href={`/runs/${run.id}`} tabindex={-1}>
          <Moment
            at={run.startedAt ?? run.scheduledAt ?? run.queuedAt}
            timezone={run.timezone}
            viewer={viewer}
          />
        </a>
      </td>
      {named
        ? (
          <td class="c-name">
            <a class="name" href={`/tasks/${encodeURIComponent(run.taskId)}`} data-open>{run.title}</a>
            {run.title === run.taskId ? null : <span class="id">{run.taskId}</span>}
          </td>
        )
        : null}
      <td class="c-took num">
        {run.isOver
          ? <Took tookMs={run.durationMs} usualMs={run.usualMs} viewer={viewer} />
          : <span data-since={run.startedAt}>…</span>}
      </td>
      <td class="c-bar">
        <UsualBar run={run} />
      </td>
      <td class="c-why quiet">{text(locale, `cause.${run.cause}`)}</td>
      <td class="c-said said" title={run.note === undefined ? said : `${run.note}\n${said}`}>
        {run.note === undefined ? null : <q class="quiet">{run.note}</q>}{" "}
        {run.isOver || run.waitingFor !== undefined ? said : <RunProgress run={run} viewer={viewer} />}
      </td>
    </tr>
  );
}

/** Its duration against the usual one, which is the tick. */
function UsualBar({ run }: { run: RunView }) {
  const { durationMs, usualMs, status } = run;
  if (durationMs === undefined || usualMs === undefined || usualMs === 0) return null;
  const width = Math.min(100, Math.round(durationMs / usualMs * 40));
  const look = status === "succeeded" ? "o" : run.isOver ? "f" : "b";
  return (
    <svg class="lane flat" aria-hidden="true">
      <rect class={look} x="0" y="8" height="8" width={`${Math.max(1, width)}%`} />
      <rect class="g2" x="40%" y="5" width="1" height="14" />
    </svg>
  );
}
