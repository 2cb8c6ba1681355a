/** One run: outcome, times, parameters, error and log. */
import { instantOf } from "../app/time.ts";
import { text } from "../app/locale/locale.ts";
import { LOG_LEVELS, type LogLevel, type LogLine } from "../app/history/run.ts";
import { duration, paramText, timeOfDay } from "../app/locale/format.ts";
import { ChoiceField, FilterForm, SearchField } from "./filter_form.tsx";
import { AskButton, Badge, Live, Moment, QUICK } from "./parts.tsx";
import { RunProgress } from "./task_page.tsx";
import type { RunView, ViewerView } from "./views.ts";

export interface RunPageProps {
  readonly viewer: ViewerView;
  readonly run: RunView;
  readonly taskTitle: string;
  /** False for a run whose task's file is gone. */
  readonly taskExists: boolean;
  /** Attempts it may have in all. */
  readonly attempts: number;
}

export function RunPage({ viewer, run, taskTitle, taskExists, attempts }: RunPageProps) {
  const { locale } = viewer;
  const address = `/runs/${run.id}`;
  const task = `/tasks/${encodeURIComponent(run.taskId)}`;
  return (
    <Live address={address} seconds={run.isOver ? undefined : QUICK}>
      <div class="heading">
        <h1>{taskExists ? <a href={task}>{taskTitle}</a> : taskTitle}</h1>
        <Badge status={run.status} locale={locale} />
        {run.isOver
          ? null
          : <AskButton address={`${address}/cancel`} label={text(locale, "run.cancel_run")} />}
        {!run.isOver || !taskExists ? null : (
          <>
            <AskButton address={`${address}/retry`} label={text(locale, "run.retry")} kind="run" />
            {Object.keys(run.params).length === 0
              ? null
              : <AskButton address={`${task}/run?as=${run.id}`} label={text(locale, "run.as_this")} quiet />}
          </>
        )}
      </div>
      {run.waitingFor === undefined ? null : <p>{run.waitingFor}</p>}
      {run.isOver ? null : <RunProgress run={run} viewer={viewer} />}
      {run.said === "" ? null : <p class="preserve">{run.said}</p>}
      {run.error ? <RunErrorBox error={run.error} locale={locale} /> : null}
      <RunFacts run={run} attempts={attempts} viewer={viewer} />
    </Live>
  );
}

function RunErrorBox(
  { error, locale }: { error: NonNullable<RunView["error"]>; locale: ViewerView["locale"] },
) {
  return (
    <section class="notice notice-bad">
      <h2 id="error-text" class="preserve">{`${error.name}: ${error.message}`}</h2>
      <button
        type="button"
        class="plain"
        data-copy="#error-text"
        data-copied={text(locale, "run.copied")}
        hidden
        data-script-only
      >
        {text(locale, "run.copy")}
      </button>
      {error.stack === undefined ? null : (
        <details>
          <summary>{text(locale, "run.stack")}</summary>
          <pre tabindex={0}>{error.stack}</pre>
        </details>
      )}
    </section>
  );
}

/** Which lines of the log are wanted. */
export interface LogFilter {
  readonly q: string;
  /** The least important level that is shown. */
  readonly level: LogLevel | "";
}

export interface RunLogProps {
  readonly viewer: ViewerView;
  readonly run: RunView;
  /** Address of the log as it is filtered. */
  readonly address: string;
  /** Those that pass the filter, oldest first. */
  readonly lines: readonly LogLine[];
  /** Lines that pass and are older than these; they are in the file that can be downloaded. */
  readonly left: number;
  /** Lines there are in all. */
  readonly total: number;
}

/** What stands above the log and is never refreshed. */
export function LogTools(
  { run, filter: { q, level }, viewer: { locale } }: {
    run: RunView;
    filter: LogFilter;
    viewer: ViewerView;
  },
) {
  return (
    <>
      <h2 id="log-title">{text(locale, "run.log")}</h2>
      <div class="tools">
        <FilterForm
          action={`/runs/${run.id}`}
          live={`/runs/${run.id}/log`}
          target="#log"
          locale={locale}
          label={text(locale, "filter.log")}
        >
          <SearchField value={q} label={text(locale, "filter.search_log")} />
          <ChoiceField
            name="level"
            value={level}
            label={text(locale, "filter.level")}
            choices={LOG_LEVELS.slice(1).map((value) => ({ value, label: value }))}
          />
        </FilterForm>
        {run.isOver ? null : (
          <>
            <label hidden data-script-only>
              <input type="checkbox" data-follow checked /> {text(locale, "log.follow")}
            </label>
            <label hidden data-script-only>
              <input type="checkbox" data-pause="#log" /> {text(locale, "log.pause")}
            </label>
          </>
        )}
        <a href={`/runs/${run.id}/log.txt`} download="">{text(locale, "log.download")}</a>
      </div>
    </>
  );
}

export function RunLog({ viewer: { locale }, run, address, lines, left, total }: RunLogProps) {
  return (
    <Live id="log" address={address} seconds={run.isOver ? undefined : QUICK}>
      {left === 0 ? null : <p class="quiet">{text(locale, "log.left", { n: left })}</p>}
      {lines.length === 0
        ? <p class="quiet">{text(locale, total === 0 ? "run.no_log" : "log.none")}</p>
        : (
          <ol class="log" tabindex={0} aria-labelledby="log-title">
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
    </Live>
  );
}

function RunFacts({ run, attempts, viewer }: { run: RunView; attempts: number; viewer: ViewerView }) {
  const { locale } = viewer;
  const times = [
    ["run.scheduled", run.scheduledAt],
    ["run.queued", run.queuedAt],
    ["run.started", run.startedAt],
    ["run.finished", run.finishedAt],
  ] as const;
  const waited = run.startedAt === undefined ? undefined : run.startedAt - (run.scheduledAt ?? run.queuedAt);
  const spans = [
    ["run.waited", waited],
    ["run.duration", run.isOver ? run.durationMs : undefined],
  ] as const;
  const params = Object.entries(run.params);
  return (
    <dl class="facts">
      <dt>{text(locale, "run.cause")}</dt>
      <dd>
        {text(locale, `cause.${run.cause}`)}
        {run.by === undefined ? null : <span class="quiet">{` (${run.by})`}</span>}
      </dd>
      {run.attempt === 1 && attempts === 1 ? null : (
        <>
          <dt>{text(locale, "run.attempt")}</dt>
          <dd>{text(locale, "run.attempt_of", { n: run.attempt, of: Math.max(run.attempt, attempts) })}</dd>
        </>
      )}
      {times.map(([key, at]) =>
        at === undefined ? null : (
          <>
            <dt>{text(locale, key)}</dt>
            <dd>
              <Moment at={at} timezone={run.timezone} viewer={viewer} />
            </dd>
          </>
        )
      )}
      {spans.map(([key, ms]) =>
        ms === undefined ? null : (
          <>
            <dt>{text(locale, key)}</dt>
            <dd>{duration(ms, locale)}</dd>
          </>
        )
      )}
      {params.map(([name, value]) => (
        <>
          <dt>
            {text(locale, "run.param")} <code>{name}</code>
          </dt>
          <dd class="preserve">{paramText(value)}</dd>
        </>
      ))}
      <dt>{text(locale, "run.id")}</dt>
      <dd>
        <code>{run.id}</code>
      </dd>
    </dl>
  );
}
