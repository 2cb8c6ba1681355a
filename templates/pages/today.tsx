/** The start page: whether all is well, what needs a person, what goes on and what comes; below it the table of all tasks. */
import { text } from "../../app/locale/locale.ts";
import type { EpochMs } from "../../app/base/time.ts";
import { Awaiting, type AwaitingProps } from "../components/awaiting.tsx";
import { Moment } from "../components/basics.tsx";
import { type CausesProps, Known, Needs, Recovered } from "../components/causes.tsx";
import { Sign } from "../components/sign.tsx";
import type { AxisLabel } from "../components/lane.tsx";
import { Rail, type RailProps } from "../components/today_rail.tsx";
import { Strip, type StripBin, WindowChoice, type WindowChoiceView } from "../components/window_bar.tsx";

export interface TodayProps extends CausesProps, AwaitingProps, RailProps {
  /** Tasks there are. */
  readonly total: number;
  readonly windowName: "night" | "day" | "weekend" | "own";
  readonly choice: WindowChoiceView;
  readonly since: EpochMs;
  readonly counts: { readonly succeeded: number; readonly failed: number; readonly notRun: number };
  readonly links: {
    readonly succeeded: string;
    readonly failed: string;
    readonly notRun: string;
    readonly all: string;
  };
  readonly failedTasks: number;
  readonly needing: number;
  readonly bins: readonly StripBin[];
  readonly axis: readonly AxisLabel[];
  readonly cut: boolean;
}

export function Today(props: TodayProps) {
  return (
    <div class="with-rail">
      <Answer {...props} />
      <Rail {...props} />
    </div>
  );
}

/** The verdict, and what needs a person. */
export function Answer(props: TodayProps) {
  const { viewer, choice, counts, links, bins, axis, since, cut } = props;
  const { locale } = viewer;
  return (
    <div id="answer" class="answer">
      <Verdict {...props} />
      <div class="bar under">
        <WindowChoice viewer={viewer} choice={choice} />
        <div class="facts">
          <a href={links.succeeded}>
            <b>{counts.succeeded}</b> {text(locale, "count.succeeded")}
          </a>
          <a href={links.failed}>
            <b>{counts.failed}</b> {text(locale, "status.failed")}
          </a>
          <a href={links.notRun}>
            <b>{counts.notRun}</b> {text(locale, "count.not_run")}
          </a>
          <span class="hide-s">
            {text(locale, "count.since")} <Moment at={since} timezone={viewer.zone} viewer={viewer} />
          </span>
        </div>
      </div>
      {cut ? <p class="quiet">{text(locale, "window.cut")}</p> : null}
      {counts.succeeded + counts.failed === 0
        ? null
        : <Strip bins={bins} axis={axis} label={text(locale, "strip.label")} />}
      <Awaiting {...props} />
      <Needs {...props} />
      <Recovered {...props} />
      <Known {...props} />
    </div>
  );
}

/** One sentence; its numbers are links, and only what needs a person is red. */
function Verdict(props: TodayProps) {
  const { viewer: { locale }, total, windowName, failedTasks, needing, recovered, links, causes, broken } =
    props;
  const when = text(locale, `window.in_${windowName}`);
  if (failedTasks === 0) {
    const older = causes.reduce((sum, { tasks }) => sum + tasks.length, 0);
    return (
      <h1>
        <Sign
          name={older + broken.length === 0 ? "s-ok" : "s-turned"}
          tone={older + broken.length === 0 ? "good big" : "big"}
        />{" "}
        {text(locale, total === 0 ? "verdict.no_tasks" : "verdict.well", { n: total, when })}
        {older === 0 ? null : (
          <>
            {" "}
            <a class="bad" href="#needs">{text(locale, "verdict.older", { n: older })}</a>
          </>
        )}
      </h1>
    );
  }
  const key = recovered.length === 0
    ? "verdict.failed"
    : needing === 0
    ? "verdict.recovered"
    : "verdict.failed_recovered";
  return (
    <h1>
      {pieces(text(locale, key), {
        failed: <a href={links.failed}>{text(locale, "verdict.of_tasks", { n: failedTasks, total })}</a>,
        when,
        recovered: <a href="#recovered">{text(locale, "verdict.n_recovered", { n: recovered.length })}</a>,
        need: needing === 0 ? text(locale, "verdict.none_need") : (
          <a class="bad" href="#needs">
            {text(locale, needing === 1 ? "verdict.n_need.1" : "verdict.n_need", { n: needing })}
          </a>
        ),
      })}
    </h1>
  );
}

/** A sentence whose `{name}`s become elements, in the order of the language. */
function pieces(sentence: string, values: Readonly<Record<string, unknown>>) {
  return <>{sentence.split(/\{(\w+)\}/).map((piece, i) => i % 2 === 0 ? piece : values[piece] ?? "")}</>;
}
