/** One run: outcome first, then its error with the author's line, what changed since the last good one, and times. */
import { text } from "../../app/locale/locale.ts";
import { paramText } from "../../app/locale/format.ts";
import { shortDuration } from "../../app/locale/moments.ts";
import { Live, Moment, QUICK, ZoneNote } from "../components/basics.tsx";
import { AskButton } from "../components/buttons.tsx";
import { Code, type CodeLine } from "../components/code.tsx";
import { type Crumb, Crumbs } from "../components/crumbs.tsx";
import { ResultTable, type ResultView } from "../components/result_table.tsx";
import { RunProgress } from "../components/run_progress.tsx";
import { Icon, Sign, STATUS_SIGNS } from "../components/sign.tsx";
import type { RunLink, RunView, ViewerView } from "../views.ts";
import { RunApproval, type RunApprovalView, RunNote } from "./run_approval.tsx";
import { RunChanges, type RunChangesView } from "./run_changes.tsx";
import { RunFiles, type RunFileView } from "./run_files.tsx";

export interface RunPageProps {
  readonly viewer: ViewerView;
  readonly run: RunView;
  readonly crumbs: readonly Crumb[];
  /** False for a run whose task's file is gone. */
  readonly taskExists: boolean;
  /** True where the task takes parameters: it can be run again with others. */
  readonly takesParams: boolean;
  /** Attempts it may have in all. */
  readonly attempts: number;
  readonly previous?: RunLink | undefined;
  readonly next?: RunLink | undefined;
  readonly previousGood?: RunLink | undefined;
  /** The author's own line in which the error arose, with some around it. */
  readonly source?: {
    readonly file: string;
    readonly line: number;
    readonly lines: readonly CodeLine[];
    readonly address: string;
  } | undefined;
  readonly approval?: RunApprovalView | undefined;
  readonly result?: ResultView | undefined;
  readonly changes?: RunChangesView | undefined;
  readonly files: readonly RunFileView[];
  /** Address of the first line of the log that is an error. */
  readonly firstError?: string | undefined;
}

export function RunPage(props: RunPageProps) {
  const { viewer, run } = props;
  const { locale } = viewer;
  return (
    <Live address={`/runs/${run.id}`} seconds={run.isOver ? undefined : QUICK}>
      <RunSteps {...props} />
      <RunHead {...props} />
      <RunNote run={run} viewer={viewer} />
      {props.approval === undefined
        ? null
        : <RunApproval run={run} approval={props.approval} viewer={viewer} />}
      {run.waitingFor === undefined ? null : <p>{run.waitingFor}</p>}
      {run.isOver ? null : (
        <p class="progress">
          <RunProgress run={run} viewer={viewer} />
        </p>
      )}
      {run.said === "" || run.error !== undefined || props.result !== undefined
        ? null
        : <p class="preserve said-big">{run.said}</p>}
      {run.error ? <Failure {...props} error={run.error} /> : null}
      {props.changes === undefined ? null : <RunChanges {...props.changes} viewer={viewer} />}
      {props.result === undefined ? null : <ResultTable result={props.result} locale={locale} />}
      <RunFiles files={props.files} locale={locale} />
      <RunParams run={run} viewer={viewer} />
      <p class="quiet small run-id">
        {text(locale, "run.id")} <code>{run.id}</code>{" "}
        {run.host === undefined || run.carillonVersion === undefined
          ? null
          : text(locale, "run.host_facts", { host: run.host, version: run.carillonVersion })}
      </p>
    </Live>
  );
}

function RunSteps({ viewer, run, crumbs, previous, next, previousGood }: RunPageProps) {
  const { locale } = viewer;
  return (
    <div class="bar">
      <Crumbs crumbs={crumbs} locale={locale} />
      <span class="grow"></span>
      <nav class="btns steps-nav" aria-label={text(locale, "run.others")}>
        {previous === undefined
          ? null
          : (
            <a class="btn s plain" href={previous.address} rel="prev" title={text(locale, "run.previous")}>
              <Icon name="i-left" />
              <Moment at={previous.at} timezone={run.timezone} viewer={viewer} />
            </a>
          )}
        {next === undefined
          ? null
          : (
            <a class="btn s plain" href={next.address} rel="next" title={text(locale, "run.next")}>
              <Moment at={next.at} timezone={run.timezone} viewer={viewer} />
              <Icon name="i-right" />
            </a>
          )}
        {previousGood === undefined
          ? null
          : <a class="btn s plain hide-s" href={previousGood.address}>{text(locale, "run.previous_good")}</a>}
      </nav>
    </div>
  );
}

function RunHead({ viewer, run, taskExists, takesParams, attempts }: RunPageProps) {
  const { locale } = viewer;
  const task = `/tasks/${encodeURIComponent(run.taskId)}`;
  const { sign, tone } = STATUS_SIGNS[run.status];
  const waited = run.startedAt === undefined ? undefined : run.startedAt - (run.scheduledAt ?? run.queuedAt);
  const begun = run.scheduledAt ?? run.queuedAt;
  return (
    <div class="bar head">
      <div class="grow">
        <h1>
          <span class={`${tone} status-${run.status}`}>
            <Sign name={sign} tone={`${tone} big`} /> {text(locale, `outcome.${run.status}`)}
          </span>
          {run.durationMs === undefined || !run.isOver ? null : (locale === "zh" ? "" : " ") +
            text(locale, "run.after", { took: shortDuration(run.durationMs, locale) })}
          {text(locale, "list.colon")}
          {taskExists ? <a href={task}>{run.title}</a> : run.title}
        </h1>
        <div class="facts state-line">
          <span>
            {text(locale, run.scheduledAt === undefined ? "run.asked_at" : "run.due_at")}{" "}
            <b>
              <Moment at={begun} timezone={run.timezone} viewer={viewer} />
            </b>{" "}
            <ZoneNote at={begun} timezone={run.timezone} viewer={viewer} />
          </span>
          {waited === undefined ? null : (
            <span>
              {text(locale, "run.waited_for")} <b>{shortDuration(waited, locale)}</b>
            </span>
          )}
          {run.durationMs === undefined ? null : (
            <span>
              {run.isOver
                ? (
                  <>
                    {text(locale, "run.took_for")} <b>{shortDuration(run.durationMs, locale)}</b>
                  </>
                )
                : (
                  <>
                    {text(locale, "run.going_for")}{" "}
                    <b data-since={run.startedAt}>{shortDuration(run.durationMs, locale)}</b>
                  </>
                )}
              {run.usualMs === undefined
                ? null
                : <span>{text(locale, "run.usually", { usual: shortDuration(run.usualMs, locale) })}</span>}
            </span>
          )}
          {run.attempt === 1 && attempts === 1 ? null : (
            <span>
              {text(locale, "run.attempt_n", { n: run.attempt, of: Math.max(run.attempt, attempts) })}
            </span>
          )}
          <span>
            {text(locale, `cause.${run.cause}`)}
            {run.by === undefined ? null : ` (${run.by})`}
          </span>
        </div>
      </div>
      <div class="btns" data-page-run>
        {run.isOver || !viewer.may("cancel", run.taskId) ? null : (
          <AskButton
            address={`/runs/${run.id}/cancel`}
            label={text(locale, "run.cancel_run")}
            look="btn danger"
          />
        )}
        {!run.isOver || !taskExists || !viewer.may("run", run.taskId) ? null : (
          <>
            <AskButton
              address={`/runs/${run.id}/retry`}
              label={text(locale, "run.retry")}
              look="btn main"
              kind="run"
            />
            {takesParams
              ? <AskButton address={`${task}/run?as=${run.id}`} label={text(locale, "run.as_this")} />
              : null}
          </>
        )}
      </div>
    </div>
  );
}

function Failure(
  { viewer: { locale }, run, source, firstError, error }: RunPageProps & {
    error: NonNullable<RunView["error"]>;
  },
) {
  return (
    <section
      class={source === undefined ? "failure sheet alone" : "failure sheet"}
      aria-label={text(locale, "run.error")}
    >
      <div class="what">
        <p id="error-text" class="msg big-msg preserve" tabindex={isLong(error.message) ? 0 : undefined}>
          <b>{error.name}</b>: {error.message}
        </p>
        {run.reason === undefined || run.said === "" ? null : <p>{run.said}</p>}
        <div class="btns">
          <button
            type="button"
            class="btn s"
            data-copy="#error-text"
            data-address={`/runs/${run.id}`}
            data-copied={text(locale, "run.copied")}
            hidden
            data-script-only
          >
            {text(locale, "run.copy")}
          </button>
          {firstError === undefined
            ? null
            : <a class="btn s plain" href={firstError}>{text(locale, "log.first_error")}</a>}
        </div>
        {error.stack === undefined ? null : (
          <details>
            <summary>{text(locale, "run.stack")}</summary>
            <pre tabindex={0}>{error.stack}</pre>
          </details>
        )}
      </div>
      {source === undefined ? null : (
        <div class="where">
          <div class="bar file">
            <a class="mono" href={source.address}>{`${source.file}:${source.line}`}</a>
          </div>
          <Code lines={source.lines} hot={source.line} />
        </div>
      )}
    </section>
  );
}

function RunParams({ run, viewer: { locale } }: { run: RunView; viewer: ViewerView }) {
  const params = Object.entries(run.params);
  if (params.length === 0) return null;
  return (
    <section>
      <h2 class="sub">{text(locale, "task.params")}</h2>
      <dl class="pairs">
        {params.map(([name, value]) => (
          <>
            <dt>
              <code>{name}</code>
            </dt>
            <dd class="preserve mono">{paramText(value)}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

/** Lines of an error above which it scrolls inside its box, so that what follows it is near. */
const MANY_LINES = 20;

function isLong(message: string): boolean {
  return message.split("\n").length > MANY_LINES;
}
