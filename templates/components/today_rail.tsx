/** Beside what needs a person: what goes on, what comes in the next hour, what did not come, what is paused. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import { shortDuration } from "../../app/locale/moments.ts";
import type { ViewerView } from "../views.ts";
import { counted, Moment } from "./basics.tsx";
import { type NamedLink, Names } from "./causes.tsx";
import type { AxisLabel } from "./lane.tsx";
import type { PausedTaskView } from "./pause.tsx";
import { Sign } from "./sign.tsx";

export interface RunningView {
  readonly id: string;
  readonly title: string;
  readonly address: string;
  readonly since: EpochMs;
  readonly elapsedMs: number;
  readonly usualMs?: number | undefined;
  readonly waits: boolean;
  readonly said: string;
}

export interface DueView {
  readonly at: EpochMs;
  readonly tasks: readonly NamedLink[];
  readonly more: number;
  readonly crowded: boolean;
}

export interface RailProps {
  readonly viewer: ViewerView;
  readonly running: readonly RunningView[];
  readonly due: readonly DueView[];
  readonly dueBars: readonly {
    readonly x: number;
    readonly height: number;
    readonly title: string;
    readonly crowded: boolean;
  }[];
  readonly dueAxis: readonly AxisLabel[];
  readonly starts: number;
  readonly missed: readonly {
    readonly at: EpochMs;
    readonly words: string;
    readonly address: string;
    readonly title?: string | undefined;
  }[];
  readonly missedCount: number;
  readonly paused: readonly PausedTaskView[];
  readonly pausedCount: number;
}

/** What goes on, what comes, and what did not come. */
export function Rail(props: RailProps) {
  const { viewer, running, missed, missedCount, paused, pausedCount } = props;
  const { locale } = viewer;
  return (
    <aside id="rail" class="rail" aria-label={text(locale, "today.now")}>
      {running.length === 0 ? null : (
        <section>
          <h2>
            {text(locale, "today.running")} <a href="/runs?status=running">{running.length}</a>
          </h2>
          <ol class="run-list">{running.map((run) => <Running run={run} viewer={viewer} />)}</ol>
        </section>
      )}
      <NextHour {...props} />
      {missed.length === 0 ? null : (
        <section>
          <h2>
            {text(locale, "today.missed")} <span>{missedCount}</span>
          </h2>
          <ol class="next-list">
            {missed.map(({ at, words, address, title }) => (
              <li id={`missed-${address}`}>
                <a class="quiet" href={address}>
                  <Moment at={at} timezone={viewer.zone} viewer={viewer} />
                </a>
                <span class="cut" title={title ?? words}>
                  <a href={address}>{words}</a>
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {paused.length === 0 ? null : (
        <section>
          <h2>
            {text(locale, "pause.title")} <a href="/tasks?status=paused">{pausedCount}</a>
          </h2>
          <ol class="next-list">
            {paused.map(({ title, address, until, words, note }) => (
              <li id={`paused-${address}`}>
                <span class="quiet">
                  {until === undefined
                    ? <Sign name="s-pause" />
                    : <Moment at={until} timezone={viewer.zone} viewer={viewer} />}
                </span>
                <span class="cut" title={note === "" ? words : `${words}\n${note}`}>
                  <a href={address}>{title}</a> <span class="quiet">{note}</span>
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </aside>
  );
}

function Running({ run, viewer: { locale } }: { run: RunningView; viewer: ViewerView }) {
  const { id, title, address, since, elapsedMs, usualMs, waits, said } = run;
  const share = usualMs === undefined ? undefined : elapsedMs / usualMs;
  const over = share !== undefined && share > 1.5;
  return (
    <li id={`going-${id}`}>
      <div class="line">
        <a class="cut" href={address} title={said}>{title}</a>
        {waits ? <span class="quiet">{text(locale, "status.queued")}</span> : (
          <span>
            <b class={over ? "warn" : undefined} data-since={since}>{shortDuration(elapsedMs, locale)}</b>
            {" "}
            {usualMs === undefined ? null : (
              <span class="quiet">
                {text(locale, "took.of", { usual: shortDuration(usualMs, locale) })}
              </span>
            )}
          </span>
        )}
      </div>
      {share === undefined || waits
        ? null
        : (
          <svg class="meter" role="img" aria-label={`${Math.round(share * 100)} %`}>
            <rect class="track" width="100%" height="6" rx="3" />
            <rect
              class={over ? "w" : "b"}
              width={`${Math.round(Math.min(1, share) * 100)}%`}
              height="6"
              rx="3"
            />
            {share > 1
              ? <rect class="tick" x={`${Math.round(100 / share)}%`} y="-2" width="2" height="10" />
              : null}
          </svg>
        )}
    </li>
  );
}

function NextHour({ viewer, due, dueBars, dueAxis, starts }: RailProps) {
  const { locale } = viewer;
  return (
    <section>
      <h2>
        {text(locale, "today.next_hour")} <a href="/timeline">{counted(locale, "count.starts", starts)}</a>
      </h2>
      {due.length === 0 ? <p class="quiet">{text(locale, "today.nothing_due")}</p> : (
        <>
          <svg class="chart" height="58" role="img" aria-label={text(locale, "today.starts_by_minute")}>
            <rect class="g2" y="40" width="100%" height="1" />
            {dueBars.map(({ x, height, title, crowded }) => (
              <rect class={crowded ? "w" : "o"} x={`${x}%`} y={40 - height} width="3" height={height}>
                <title>{title}</title>
              </rect>
            ))}
            {dueAxis.map(({ x, label }) => <text class="mid" x={`${x}%`} y="54">{label}</text>)}
          </svg>
          <ol class="next-list">
            {due.map(({ at, tasks, more, crowded }) => (
              <li id={`due-${at}`}>
                <span class="quiet">
                  <Moment at={at} timezone={viewer.zone} viewer={viewer} />
                </span>
                <span class="cut">
                  <Names links={tasks} locale={locale} />
                  {more === 0 ? null : <span class="quiet">{` +${more}`}</span>}
                </span>
                {crowded ? <span class="warn small">{text(locale, "today.crowded")}</span> : null}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
