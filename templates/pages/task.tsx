/** One task: how it is and since when, its runs as bars and as a table, when it is next, and how it is defined. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import type { BrokenFileView } from "../components/broken_files.tsx";
import { BrokenFiles } from "../components/broken_files.tsx";
import {
  Countdown,
  Live,
  Moment,
  NextRun,
  QUICK,
  SLOW,
  Tags,
  Warnings,
  ZoneNote,
} from "../components/basics.tsx";
import { AskButton, RunButton } from "../components/buttons.tsx";
import { Crumbs, taskCrumbs } from "../components/crumbs.tsx";
import { DurationChart, type DurationFacts } from "../components/duration_chart.tsx";
import { ChoiceField, FilterForm, SearchField } from "../components/filter_form.tsx";
import { pauseNote, RepauseButton } from "../components/pause.tsx";
import { RunTable } from "../components/run_table.tsx";
import { Sign, State, STATUS_SIGNS } from "../components/sign.tsx";
import { Chips, type ChipView } from "../components/task_table.tsx";
import { YearStrip, type YearStripView } from "../components/year_strip.tsx";
import type { Locale } from "../../app/model/locale.ts";
import { RUN_STATUSES } from "../../app/model/run.ts";
import type { RunView, TaskView, ViewerView } from "../views.ts";
import { Pages } from "./runs.tsx";

/** Planned runs that the page lists. */
const SHOWN_PLANS = 20;

export interface TaskPageProps {
  readonly viewer: ViewerView;
  readonly task: TaskView;
  /** Address of the page as its runs are filtered. */
  readonly address: string;
  /** The newest run that has ended, and since when runs have failed, where they do. */
  readonly outcome?: RunView | undefined;
  readonly failing?: { readonly since: EpochMs; readonly runs: number } | undefined;
  readonly lastGood?: RunView | undefined;
  /** Runs that are going on. */
  readonly active: readonly RunView[];
  /** Newest first. */
  readonly runs: readonly RunView[];
  readonly hasRuns: boolean;
  readonly filter: { readonly q: string; readonly status: string };
  readonly chips: readonly ChipView[];
  /** Address of the runs that are older than these, where there are any. */
  readonly older?: string | undefined;
  /** Address of the newest runs, where these are not. */
  readonly newest?: string | undefined;
  /** The next due instants. */
  readonly upcoming: readonly EpochMs[];
  /** Runs that other runs have planned, and their parameters as JSON. */
  readonly planned: readonly {
    readonly id: string;
    readonly at: EpochMs;
    readonly params: string;
    readonly askedBy: string;
  }[];
  readonly durations?: DurationFacts | undefined;
  /** How many of the last finished runs succeeded. */
  readonly success?: { readonly good: number; readonly of: number } | undefined;
  readonly year: YearStripView;
  /** Names of the parameters it takes, with what kind they are. */
  readonly params: readonly { readonly name: string; readonly about: string }[];
  /** The task's own file, where its newest version does not load. */
  readonly broken: readonly BrokenFileView[];
}

export function TaskPage(props: TaskPageProps) {
  const { viewer, task, address, runs, active, broken, durations } = props;
  const { locale } = viewer;
  return (
    <Live address={address} seconds={active.length > 0 ? QUICK : SLOW}>
      <TaskHead {...props} />
      <BrokenFiles files={broken} locale={locale} />
      <Warnings sentences={task.warnings} />
      <div class="with-rail">
        <div>
          {durations === undefined ? null : <DurationChart facts={durations} locale={locale} />}
          <div class="bar sub">
            <h2 id="runs-title">{text(locale, "page.runs")}</h2>
            <Chips chips={props.chips} label={text(locale, "task.outcome")} />
            <span class="grow"></span>
            <RunFilterForm
              locale={locale}
              action={`/tasks/${encodeURIComponent(task.id)}`}
              {...props.filter}
            />
          </div>
          {runs.length === 0
            ? <p class="quiet pad">{text(locale, props.hasRuns ? "task.no_such_runs" : "task.no_runs")}</p>
            : <RunTable runs={runs} viewer={viewer} named={false} />}
          <Pages {...props} />
          <YearStrip year={props.year} viewer={viewer} />
        </div>
        <TaskRail {...props} />
      </div>
    </Live>
  );
}

function TaskHead({ viewer, task, outcome, failing, lastGood, active }: TaskPageProps) {
  const { locale } = viewer;
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  const word = task.paused ? "resume" : "pause";
  return (
    <div class="bar head">
      <div class="grow">
        <div class="facts state-line">
          {failing !== undefined
            ? (
              <a class="state bad" href={`/runs/${outcome?.id}`}>
                <Sign name="s-bad" />
                {text(locale, failing.runs === 1 ? "task.failed_at" : "task.failing_since", {
                  n: failing.runs,
                })} <Moment at={failing.since} timezone={task.timezone} viewer={viewer} />
              </a>
            )
            : outcome === undefined
            ? <span class="quiet">{text(locale, "task.never")}</span>
            : <State status={outcome.status} locale={locale} address={`/runs/${outcome.id}`} />}
          {failing === undefined || lastGood === undefined ? null : (
            <span>
              {text(locale, "task.last_good")}{" "}
              <a href={`/runs/${lastGood.id}`}>
                <Moment
                  at={lastGood.startedAt ?? lastGood.queuedAt}
                  timezone={task.timezone}
                  viewer={viewer}
                />
              </a>
            </span>
          )}
          {active.map((run) => (
            <a class="state busy" href={`/runs/${run.id}`}>
              <Sign name={STATUS_SIGNS[run.status].sign} />
              {text(locale, `status.${run.status}`)}{" "}
              {run.startedAt === undefined ? null : <b data-since={run.startedAt}></b>}
            </a>
          ))}
          <span>
            {text(locale, "task.next_short")}{" "}
            <b>
              <NextRun task={task} viewer={viewer} />
            </b>{" "}
            {task.next === null ? null : (
              <>
                <Countdown at={task.next} />{" "}
                <ZoneNote at={task.next} timezone={task.timezone} viewer={viewer} />
              </>
            )}
          </span>
          {task.pause === undefined || pauseNote(task.pause, locale) === ""
            ? null
            : <span class="quiet">{pauseNote(task.pause, locale)}</span>}
          <span class="hide-s">{task.trigger}</span>
        </div>
      </div>
      <div class="btns" data-page-run>
        <RunButton id={task.id} title={task.title} viewer={viewer} look="btn main" />
        {task.rule === "" || !viewer.may("pause", task.id) ? null : (
          <>
            <AskButton
              address={`${page}/${word}`}
              label={text(locale, `task.${word}`)}
              name={text(locale, `task.${word}_of`, { task: task.title })}
            />
            {task.paused ? <RepauseButton task={task} locale={locale} /> : null}
          </>
        )}
      </div>
    </div>
  );
}

/** Name and description; they stand above what is refreshed. */
export function TaskHeading({ task, locale }: { task: TaskView; locale: Locale }) {
  return (
    <>
      <Crumbs crumbs={[...taskCrumbs(task, locale), { label: task.id }]} locale={locale} />
      <h1>{task.title}</h1>
      {task.description === undefined ? null : <p class="lead">{task.description}</p>}
    </>
  );
}

/** Which of the task's runs are shown. */
function RunFilterForm(
  { locale, action, q, status }: { locale: Locale; action: string; q: string; status: string },
) {
  return (
    <FilterForm action={action} locale={locale} label={text(locale, "filter.runs")} inside>
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

function TaskRail(props: TaskPageProps) {
  const { viewer, task, success, upcoming } = props;
  const { locale } = viewer;
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  return (
    <aside class="rail" aria-label={text(locale, "task.about")}>
      <section>
        <h2>{text(locale, "task.promise")}</h2>
        {success === undefined ? null : (
          <p>
            {text(locale, "task.success", {
              percent: Math.round((success.good / success.of) * 100),
              ...success,
            })} <a href={`${page}/year`}>{text(locale, "page.year")}</a>
          </p>
        )}
        {task.rule === "" ? null : (
          <p class="btns">
            <a href={`/report?${new URLSearchParams({ task: task.id })}`}>{text(locale, "report.link")}</a>
            {viewer.may("run", task.id)
              ? <a href={`${page}/backfill`}>{text(locale, "backfill.link")}</a>
              : null}
          </p>
        )}
      </section>
      {upcoming.length === 0 ? null : (
        <section>
          <details>
            <summary>
              <h2>{text(locale, "task.upcoming", { n: upcoming.length })}</h2>
            </summary>
            <ol class="times-list">
              {upcoming.map((at) => (
                <li>
                  <Moment at={at} timezone={task.timezone} viewer={viewer} />{" "}
                  <ZoneNote at={at} timezone={task.timezone} viewer={viewer} />
                </li>
              ))}
            </ol>
          </details>
        </section>
      )}
      <Planned {...props} />
      <Definition {...props} page={page} />
    </aside>
  );
}

/** Runs that other runs have asked for. */
function Planned({ viewer, task, planned }: TaskPageProps) {
  const { locale } = viewer;
  if (planned.length === 0) return null;
  return (
    <section>
      <h2>{text(locale, "task.planned", { n: planned.length })}</h2>
      <ol class="times-list">
        {planned.slice(0, SHOWN_PLANS).map(({ id, at, params, askedBy }) => (
          <li>
            <a href={`/runs/${askedBy}`}>
              <Moment at={at} timezone={task.timezone} viewer={viewer} />
            </a>{" "}
            <code class="quiet">{params}</code> <code class="quiet">{id}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Definition({ viewer: { locale, may }, task, params, page }: TaskPageProps & { page: string }) {
  const isOpen = may("source", task.id);
  return (
    <section>
      <h2>
        {text(locale, "task.definition")}{" "}
        {isOpen ? <a href={`${page}/source`}>{task.file.split("/").at(-1)}</a> : null}
      </h2>
      <dl class="pairs wide">
        <dt>{text(locale, "task.id")}</dt>
        <dd>
          <code>{task.id}</code>
        </dd>
        <dt>{text(locale, "task.file")}</dt>
        <dd>
          {isOpen
            ? (
              <a href={`${page}/source`}>
                <code>{task.file}</code>
              </a>
            )
            : <code>{task.file}</code>}
        </dd>
        <dt>{text(locale, "task.trigger")}</dt>
        <dd>
          {task.trigger} {task.rule === "" ? null : <code class="quiet">{task.rule}</code>}
          {task.ended ? <span class="warn">{` ${text(locale, "trigger.ended")}`}</span> : null}
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
        {task.tags.length === 0 ? null : (
          <>
            <dt>{text(locale, "filter.tag")}</dt>
            <dd>
              <Tags tags={task.tags} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
