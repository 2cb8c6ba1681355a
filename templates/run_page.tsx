/** One run: outcome, times, parameters, error and log. */
import { instantOf } from "../app/time.ts";
import { text } from "../app/locale/locale.ts";
import type { LogLine } from "../app/history/run.ts";
import { duration, timeOfDay } from "../app/locale/format.ts";
import { ActionButton, Badge, Moment } from "./parts.tsx";
import { RunProgress } from "./task_page.tsx";
import type { RunView, ViewerView } from "./views.ts";

export interface RunPageProps {
  readonly viewer: ViewerView;
  readonly run: RunView;
  readonly taskTitle: string;
  /** False for a run whose task's file is gone. */
  readonly taskExists: boolean;
  readonly lines: readonly LogLine[];
}

export function RunPage({ viewer, run, taskTitle, taskExists, lines }: RunPageProps) {
  const { locale } = viewer;
  const address = `/runs/${run.id}`;
  const live = run.isOver
    ? {}
    : { "hx-get": address, "hx-trigger": "refresh", "hx-swap": "outerMorph", "data-refresh": 1 };
  return (
    <div id="live" {...live}>
      <div class="heading">
        <h1>
          {taskExists ? <a href={`/tasks/${encodeURIComponent(run.taskId)}`}>{taskTitle}</a> : taskTitle}
        </h1>
        <Badge status={run.status} locale={locale} />
        {run.isOver ? null : (
          <ActionButton
            address={`${address}/cancel`}
            question={text(locale, "run.cancel_question")}
            label={text(locale, "run.cancel_run")}
          />
        )}
      </div>
      {run.waitingFor === undefined ? null : <p>{run.waitingFor}</p>}
      {run.isOver ? null : <RunProgress run={run} viewer={viewer} />}
      {run.said === "" ? null : <p class="preserve">{run.said}</p>}
      {run.error
        ? (
          <section class="notice notice-bad">
            <h2 class="preserve">{`${run.error.name}: ${run.error.message}`}</h2>
            {run.error.stack === undefined ? null : (
              <details>
                <summary>{text(locale, "run.stack")}</summary>
                <pre>{run.error.stack}</pre>
              </details>
            )}
          </section>
        )
        : null}
      <RunFacts run={run} viewer={viewer} />
      <h2>{text(locale, "run.log")}</h2>
      {lines.length === 0
        ? <p class="quiet">{text(locale, "run.no_log")}</p>
        : (
          <ol class="log" tabindex={0} aria-label={text(locale, "run.log")}>
            {lines.map(({ at, level, text: line }) => (
              <li class={`level-${level}`}>
                <time datetime={instantOf(at).toString({ smallestUnit: "millisecond" })}>
                  {timeOfDay(at, run.timezone)}
                </time>{" "}
                <span class="level">{level}</span> <span class="preserve">{line}</span>
              </li>
            ))}
          </ol>
        )}
    </div>
  );
}

function RunFacts({ run, viewer }: { run: RunView; viewer: ViewerView }) {
  const { locale } = viewer;
  const times = [
    ["run.scheduled", run.scheduledAt],
    ["run.queued", run.queuedAt],
    ["run.started", run.startedAt],
    ["run.finished", run.finishedAt],
  ] as const;
  const params = Object.entries(run.params);
  return (
    <dl class="facts">
      <dt>{text(locale, "run.cause")}</dt>
      <dd>
        {text(locale, `cause.${run.cause}`)}
        {run.by === undefined ? null : <span class="quiet">{` (${run.by})`}</span>}
      </dd>
      {run.attempt === 1 ? null : (
        <>
          <dt>{text(locale, "run.attempt")}</dt>
          <dd>{String(run.attempt)}</dd>
        </>
      )}
      {times.map(([key, at]) =>
        at !== undefined
          ? (
            <>
              <dt>{text(locale, key)}</dt>
              <dd>
                <Moment at={at} timezone={run.timezone} viewer={viewer} />
              </dd>
            </>
          )
          : null
      )}
      {run.durationMs === undefined || !run.isOver ? null : (
        <>
          <dt>{text(locale, "run.duration")}</dt>
          <dd>{duration(run.durationMs, locale)}</dd>
        </>
      )}
      {params.map(([name, value]) => (
        <>
          <dt>
            {text(locale, "run.param")} <code>{name}</code>
          </dt>
          <dd class="preserve">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </>
      ))}
      <dt>{text(locale, "run.id")}</dt>
      <dd>
        <code>{run.id}</code>
      </dd>
    </dl>
  );
}
