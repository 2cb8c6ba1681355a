/** A day, or some hours of it, as lanes by folder: past runs as marks, those to come as ticks. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { counted, Live } from "../components/basics.tsx";
import { Axis, type AxisLabel, Lane, type LaneMark } from "../components/lane.tsx";
import { Icon, Sign } from "../components/sign.tsx";
import { Chips, type ChipView, nameOf } from "../components/task_table.tsx";
import type { ViewerView } from "../views.ts";

export interface TickView {
  readonly x: number;
  /** Where there are so many that they are a band. */
  readonly width?: number | undefined;
  readonly title: string;
  readonly address: string;
}

export interface LaneView {
  readonly id: string;
  /** Undefined for a task whose file is gone. */
  readonly address?: string | undefined;
  readonly title: string;
  readonly label: string;
  readonly marks: readonly LaneMark[];
  readonly ticks: readonly TickView[];
  /** Where the ticks end that were looked at, where there are more. */
  readonly endlessFrom?: number | undefined;
  readonly runs: number;
  readonly failures: number;
}

export interface LaneGroupView {
  readonly name: string;
  readonly lanes: readonly LaneView[];
  readonly failures: number;
  readonly runs: number;
  readonly address: string;
}

export interface TimelineProps {
  readonly viewer: ViewerView;
  readonly address: string;
  readonly title: string;
  readonly verdict: string;
  readonly isToday: boolean;
  readonly previous: string;
  readonly next: string;
  readonly todayAddress: string;
  readonly spans: readonly ChipView[];
  readonly failedOnly: ChipView;
  readonly earlier?: string | undefined;
  readonly later?: string | undefined;
  readonly groups: readonly LaneGroupView[];
  readonly axis: readonly AxisLabel[];
  /** Percent; undefined where now is not in the span. */
  readonly nowAt?: number | undefined;
  readonly nowLabel: string;
  readonly tasks: number;
  /** True where there are more runs than are shown. */
  readonly cut: boolean;
  /** Lanes that are not shown. */
  readonly hidden: number;
  readonly crowded: readonly string[];
  /** Hours that lead to a closer look. */
  readonly hours: readonly { readonly x: number; readonly address: string; readonly title: string }[];
}

/** Seconds between two looks. */
const EVERY = 10;

export function Timeline(props: TimelineProps) {
  const { viewer, address, groups, crowded } = props;
  const { locale } = viewer;
  return (
    <Live address={address} seconds={EVERY}>
      <TimelineHead {...props} />
      {crowded.length === 0 ? null : (
        <p class="quiet">
          {text(locale, "timeline.crowded", { minutes: crowded.join(text(locale, "list.comma")) })}
        </p>
      )}
      {props.cut ? <p class="quiet">{text(locale, "timeline.cut")}</p> : null}
      {groups.length === 0
        ? <p class="quiet pad">{text(locale, "timeline.empty")}</p>
        : (
          <div class="sheet tl">
            <div class="tl-head">
              <span class="quiet small">{counted(locale, "tasks.count", props.tasks)}</span>
              <div class="tl-axis">
                <Axis labels={props.axis} />
                <svg class="axis zoom" role="group" aria-label={text(locale, "timeline.hours")}>
                  {props.hours.map(({ x, address: closer, title }) => (
                    <a href={closer}>
                      <title>{title}</title>
                      <rect class="hit" x={`${Math.round(x * 100) / 100}%`} width="4.16%" height="24" />
                    </a>
                  ))}
                </svg>
              </div>
            </div>
            <div class="tl-body">
              {props.nowAt === undefined ? null : (
                <svg
                  class="tl-now"
                  role="img"
                  aria-label={text(locale, "timeline.now", { time: props.nowLabel })}
                >
                  <rect class="now" x={`${props.nowAt}%`} width="2" height="100%" />
                </svg>
              )}
              {groups.map((group) => <LaneGroup group={group} axis={props.axis} locale={locale} />)}
            </div>
          </div>
        )}
      {props.hidden === 0
        ? null
        : <p class="quiet">{text(locale, "timeline.hidden", { n: props.hidden })}</p>}
    </Live>
  );
}

function TimelineHead(props: TimelineProps) {
  const { viewer: { locale, zone, timezone }, title, verdict, isToday, spans, failedOnly } = props;
  return (
    <>
      <div class="bar head">
        <h1>
          {title} {verdict === "" ? null : <span class="quiet">{verdict}</span>}
        </h1>
        <span class="grow"></span>
        <nav class="btns" aria-label={text(locale, "timeline.days")}>
          <a class="btn" href={props.previous} aria-label={text(locale, "timeline.previous")}>
            <Icon name="i-left" />
          </a>
          {isToday ? null : <a class="btn" href={props.todayAddress}>{text(locale, "timeline.today")}</a>}
          <a class="btn" href={props.next} aria-label={text(locale, "timeline.next")}>
            <Icon name="i-right" />
          </a>
        </nav>
      </div>
      <div class="bar under">
        <Chips chips={spans} label={text(locale, "timeline.span")} />
        {props.earlier === undefined ? null : (
          <span class="btns">
            <a class="btn s" href={props.earlier} aria-label={text(locale, "timeline.earlier")}>
              <Icon name="i-left" />
            </a>
            <a class="btn s" href={props.later ?? "#"} aria-label={text(locale, "timeline.later")}>
              <Icon name="i-right" />
            </a>
          </span>
        )}
        <Chips chips={[failedOnly]} label={text(locale, "timeline.choice")} />
        {zone === timezone ? null : <span class="quiet small">{zone}</span>}
        <span class="grow"></span>
        <Legend locale={locale} />
      </div>
    </>
  );
}

const LEGEND = [
  ["o", "legend.good"],
  ["f", "legend.bad"],
  ["k", "legend.none"],
  ["m", "legend.missed"],
  ["b", "legend.busy"],
  ["d", "legend.tick"],
] as const;

function Legend({ locale }: { locale: Locale }) {
  return (
    <div class="legend small quiet">
      {LEGEND.map(([kind, key]) => (
        <span>
          <svg viewBox="0 0 10 22" aria-hidden="true">
            {kind === "o" ? <rect class="o" x="4" y="8" width="3" height="8" /> : null}
            {kind === "f" ? <path class="f" d="M3.5 7h3v13h-3zM1 2h8v5H1z" /> : null}
            {kind === "k" ? <use href="#m-k" x="5" /> : null}
            {kind === "m" ? <use href="#m-m" x="5" /> : null}
            {kind === "b" ? <rect class="b" x="0" y="6" width="10" height="12" /> : null}
            {kind === "d" ? <rect class="d" x="4" y="9" width="2" height="6" /> : null}
          </svg>
          {text(locale, key)}
        </span>
      ))}
    </div>
  );
}

function LaneGroup(
  { group, axis, locale }: { group: LaneGroupView; axis: readonly AxisLabel[]; locale: Locale },
) {
  const label = nameOf(group.name, false, locale);
  return (
    <div class="tl-group">
      <div class="tl-folder">
        <button type="button" class="fold" data-folder={`timeline ${group.name}`} aria-expanded="true">
          <Icon name="i-down" />
          <b>{label}</b> <span class="quiet">{group.lanes.length}</span>
        </button>
        <span class="facts">
          {group.failures === 0 ? null : (
            <span class="bad">
              <Sign name="s-bad" />
              {counted(locale, "count.failed", group.failures)}
            </span>
          )}
          {group.runs === 0 ? null : <span>{counted(locale, "count.runs", group.runs)}</span>}
        </span>
      </div>
      {group.lanes.map((lane) => <LaneRow lane={lane} axis={axis} />)}
    </div>
  );
}

function LaneRow({ lane, axis }: { lane: LaneView; axis: readonly AxisLabel[] }) {
  const { address, title, ticks, marks, label, endlessFrom } = lane;
  return (
    <div class="tl-row" data-row>
      {address === undefined
        ? <span class="cut" title={title}>{title}</span>
        : <a class="cut" href={address} title={title}>{title}</a>}
      <div>
        <Lane marks={marks} label={label}>
          {axis.map(({ x }) => <rect class="g" x={`${x}%`} width="1" height="26" />)}
          {ticks.map((tick) => (
            <a href={tick.address} tabindex={-1}>
              <title>{tick.title}</title>
              <rect
                class="d"
                x={`${tick.x}%`}
                y="9"
                width={tick.width === undefined ? "2" : `${tick.width}%`}
                height="6"
              />
            </a>
          ))}
          {endlessFrom === undefined
            ? null
            : <rect class="d" x={`${endlessFrom}%`} y="9" width={`${100 - endlessFrom}%`} height="6" />}
        </Lane>
      </div>
    </div>
  );
}
