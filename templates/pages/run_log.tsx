/** The log of a run: a line a line, each with an address; all of them as plain text where they are many. */
import type { LogLevel } from "../../app/base/log_level.ts";
import { timeOfDay } from "../../app/locale/format.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { counted, QUICK } from "../components/basics.tsx";
import { FilterForm, SearchField } from "../components/filter_form.tsx";
import { Chips, type ChipView } from "../components/task_table.tsx";
import type { RunView, ViewerView } from "../views.ts";

/** A piece of a line; `look` are its classes, such as `a1 ab`. */
export interface LogPiece {
  readonly text: string;
  readonly look?: string | undefined;
}

/** Which lines of the log are wanted. */
export interface LogFilter {
  readonly q: string;
  /** The least important level that is shown. */
  readonly level: LogLevel | "";
}

export interface LogLineView {
  /** Counts from 1, over all lines of the run. */
  readonly number: number;
  readonly at: number;
  readonly level: LogLevel;
  readonly pieces: readonly LogPiece[];
  /** Lines just before it that are not kept at hand, and where they are. */
  readonly gap?: { readonly lines: number; readonly address: string } | undefined;
}

export interface RunLogProps {
  readonly viewer: ViewerView;
  readonly run: RunView;
  /** Address that asks for the lines after these; undefined where none will come. */
  readonly poll?: string | undefined;
  /** Those that pass the filter, oldest first. */
  readonly lines: readonly LogLineView[];
  /** Lines that pass and are older than these. */
  readonly left: number;
  /** Address of all of them. */
  readonly whole: string;
  /** Lines there are in all. */
  readonly total: number;
  readonly chips: readonly ChipView[];
  readonly filter: LogFilter;
  readonly firstError?: string | undefined;
}

/** What stands above the log and is never refreshed. */
export function LogTools({ run, filter: { q, level }, viewer: { locale }, firstError }: RunLogProps) {
  return (
    <div class="bar sub log-tools">
      <h2 id="log-title">{text(locale, "run.log")}</h2>
      <FilterForm
        action={`/runs/${run.id}`}
        live={`/runs/${run.id}/log`}
        target="#log"
        locale={locale}
        label={text(locale, "filter.log")}
      >
        <SearchField value={q} label={text(locale, "filter.search_log")} />
        <label class="choice">
          <span>{text(locale, "filter.level")}</span>
          <select name="level" class="input s">
            <option value="">–</option>
            {(["info", "warn", "error"] as const).map((each) => (
              <option value={each} selected={each === level}>{each}</option>
            ))}
          </select>
        </label>
      </FilterForm>
      <span class="grow"></span>
      {run.isOver ? null : (
        <>
          <label class="switch" hidden data-script-only>
            <input type="checkbox" data-follow checked /> {text(locale, "log.follow")}
          </label>
          <label class="switch" hidden data-script-only>
            <input type="checkbox" data-pause="#log-poll" /> {text(locale, "log.pause")}
          </label>
        </>
      )}
      {firstError === undefined
        ? null
        : <a class="btn s" href={firstError}>{text(locale, "log.first_error")}</a>}
      <a class="btn s" href={`/runs/${run.id}/log.txt`} download="">{text(locale, "log.download")}</a>
    </div>
  );
}

export function RunLog(props: RunLogProps) {
  const { viewer: { locale }, run, lines, left, whole, total } = props;
  return (
    <div id="log">
      <LogPoll {...props} />
      <div class="bar">
        <span class="quiet small">{counted(locale, "count.lines", total)}</span>
        <Chips chips={props.chips} label={text(locale, "timeline.choice")} />
      </div>
      {left === 0 ? null : (
        <p class="quiet">
          {text(locale, "log.left", { n: left })} <a href={whole}>{text(locale, "log.whole")}</a>
        </p>
      )}
      {lines.length === 0
        ? <p class="quiet" id="no-lines">{text(locale, total === 0 ? "run.no_log" : "log.none")}</p>
        : null}
      <ol
        id="lines"
        class={lines.length === 0 ? "log" : "log sheet"}
        aria-labelledby="log-title"
      >
        <LogLines lines={lines} timezone={run.timezone} locale={locale} />
      </ol>
      <div data-end></div>
    </div>
  );
}

/** Asks for the lines that have come since. */
export function LogPoll({ poll }: Pick<RunLogProps, "poll">) {
  if (poll === undefined) return <div id="log-poll"></div>;
  return (
    <div
      id="log-poll"
      data-list="log"
      hx-get={poll}
      hx-trigger="refresh"
      hx-swap="outerMorph"
      data-refresh={QUICK}
    >
    </div>
  );
}

export function LogLines(
  { lines, timezone, locale }: { lines: readonly LogLineView[]; timezone: string; locale: Locale },
) {
  return (
    <>
      {lines.map(({ number, at, level, pieces, gap }) => (
        <>
          {gap === undefined ? null : (
            <li class="gap" id={`gap${number}`}>
              <a href={gap.address}>{text(locale, "log.gap", { n: gap.lines })}</a>
            </li>
          )}
          <li class={`level-${level}`} id={`L${number}`}>
            <a class="n" href={`#L${number}`} tabindex={-1}>{number}</a>
            <time datetime={new Date(at).toISOString()}>
              {timeOfDay(at, timezone)}
            </time>
            <span class="lv">{level}</span>
            <span class="preserve">
              {pieces.map(({ text: piece, look }) =>
                look === undefined ? piece : <span class={look}>{piece}</span>
              )}
            </span>
          </li>
        </>
      ))}
    </>
  );
}
