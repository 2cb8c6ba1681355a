/** A day as lanes: past runs as bars, those to come as ticks. */
import type { EpochMs } from "../app/time.ts";
import type { RunStatus } from "../app/history/run.ts";
import { wallClock } from "../app/locale/format.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { Live } from "./parts.tsx";

export interface LaneBar {
  readonly id: string;
  readonly status: RunStatus;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface Lane {
  readonly id: string;
  /** False for a task whose file is gone. */
  readonly exists: boolean;
  readonly title: string;
  readonly bars: readonly LaneBar[];
  /** Due instants to come. */
  readonly ticks: readonly EpochMs[];
  readonly failures: number;
  /** True where there are more ticks than are shown. */
  readonly endless: boolean;
}

export interface TimelineDay {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly now: EpochMs;
  readonly date: string;
  readonly title: string;
  readonly timezone: string;
  readonly isToday: boolean;
  readonly previous: string;
  readonly next: string;
  /** True where there are more runs than are shown. */
  readonly cut: boolean;
  /** Lanes that are not shown. */
  readonly hidden: number;
  readonly crowded: readonly { readonly at: EpochMs; readonly starts: number }[];
}

/** A point for each minute. */
const WIDTH = 1_440;
const HEIGHT = 24;
/** Seconds between two looks. */
const EVERY = 10;

const SHAPES: Readonly<Record<RunStatus, string>> = {
  succeeded: "bar-good",
  failed: "bar-bad",
  timed_out: "bar-bad",
  interrupted: "bar-bad",
  cancelled: "bar-none",
  skipped: "bar-none",
  missed: "bar-none",
  queued: "bar-busy",
  running: "bar-busy",
};

export function Timeline(
  { locale, day, lanes }: { locale: Locale; day: TimelineDay; lanes: readonly Lane[] },
) {
  const address = day.isToday ? "/timeline" : `/timeline?day=${day.date}`;
  return (
    <Live address={address} seconds={EVERY}>
      <div class="heading">
        <h1>{day.title}</h1>
        <nav class="days" aria-label={text(locale, "timeline.days")}>
          <a href={`/timeline?day=${day.previous}`}>{text(locale, "timeline.previous")}</a>
          {day.isToday ? null : <a href="/timeline">{text(locale, "timeline.today")}</a>}
          <a href={`/timeline?day=${day.next}`}>{text(locale, "timeline.next")}</a>
        </nav>
        <span class="quiet">{day.timezone}</span>
      </div>
      <Crowded locale={locale} day={day} />
      {day.cut ? <p class="quiet">{text(locale, "timeline.cut")}</p> : null}
      {lanes.length === 0 ? <p class="quiet">{text(locale, "timeline.empty")}</p> : (
        <ul class="lanes">
          <li aria-hidden="true">
            <span></span>
            <Hours day={day} />
          </li>
          {lanes.map((lane) => <LaneRow lane={lane} day={day} locale={locale} />)}
        </ul>
      )}
      {day.hidden === 0 ? null : <p class="quiet">{text(locale, "timeline.hidden", { n: day.hidden })}</p>}
      <p class="legend quiet">
        {(["good", "bad", "none", "busy"] as const).map((shape) => (
          <span>
            <svg width="12" height="12" aria-hidden="true">
              <rect class={`bar-${shape}`} x="1" y="1" width="10" height="10" />
            </svg>{" "}
            {text(locale, `legend.${shape}`)}
          </span>
        ))}
        <span>
          <svg width="12" height="12" aria-hidden="true">
            <path class="tick" d="M6 0V12" />
          </svg>{" "}
          {text(locale, "legend.tick")}
        </span>
      </p>
    </Live>
  );
}

function Crowded({ locale, day: { crowded, timezone } }: { locale: Locale; day: TimelineDay }) {
  if (crowded.length === 0) return null;
  const minutes = crowded.map(({ at, starts }) =>
    text(locale, "timeline.minute", { time: wallClock(at, timezone).slice(11, 16), n: starts })
  );
  return <p>{text(locale, "timeline.crowded", { minutes: minutes.join(", ") })}</p>;
}

/** Where a moment is in a lane. */
function place(at: EpochMs, { from, to }: TimelineDay): number {
  return Math.round(((Math.min(Math.max(at, from), to) - from) / (to - from)) * WIDTH * 10) / 10;
}

function Hours({ day }: { day: TimelineDay }) {
  const hours = [0, 3, 6, 9, 12, 15, 18, 21];
  const hourMs = (day.to - day.from) / 24;
  return (
    <svg class="lane hours" viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      {hours.map((hour) => (
        <text x={place(day.from + hour * hourMs, day) + 4} y="18">{String(hour).padStart(2, "0")}</text>
      ))}
    </svg>
  );
}

function LaneRow({ lane, day, locale }: { lane: Lane; day: TimelineDay; locale: Locale }) {
  const { id, title, bars, ticks, failures, exists } = lane;
  return (
    <li data-row>
      {exists ? <a href={`/tasks/${encodeURIComponent(id)}`}>{title}</a> : <span>{title}</span>}
      <svg
        class="lane"
        role="img"
        aria-label={text(locale, "timeline.lane", { runs: bars.length, failures, next: ticks.length })}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        <path class="grid" d={[6, 12, 18].map((hour) => `M${hour * 60} 0V${HEIGHT}`).join("")} />
        <path class="tick" d={tickPath(ticks, day)} />
        {lane.endless
          ? <path class="endless" d={`M${place(ticks.at(-1) ?? day.from, day)} ${HEIGHT / 2}H${WIDTH}`} />
          : null}
        {mergedBars(bars, day).map(({ x, width, shape, over }) => (
          <rect class={over ? `${shape} bar-over` : shape} x={x} y="3" width={width} height={HEIGHT - 6} />
        ))}
        {day.now >= day.from && day.now < day.to
          ? <path class="now" d={`M${place(day.now, day)} 0V${HEIGHT}`} />
          : null}
      </svg>
    </li>
  );
}

/** One stroke for each minute that has an instant. */
function tickPath(ticks: readonly EpochMs[], day: TimelineDay): string {
  const minutes = new Set(ticks.map((at) => Math.round(place(at, day))));
  return [...minutes].map((x) => `M${x} ${HEIGHT / 2 - 4}v8`).join("");
}

interface Bar {
  readonly x: number;
  width: number;
  readonly shape: string;
  /** True where it begins before the one before it has ended. */
  readonly over: boolean;
}

/** Bars of one outcome that touch are one: a task that runs each second would be thousands. */
function mergedBars(bars: readonly LaneBar[], day: TimelineDay): Bar[] {
  const merged: Bar[] = [];
  let reached = -Infinity;
  for (const { status, from, to } of bars.toSorted((a, b) => a.from - b.from)) {
    const x = place(from, day);
    const width = Math.max(2, place(to, day) - x);
    const shape = SHAPES[status];
    const last = merged.at(-1);
    const over = from < reached;
    reached = Math.max(reached, to);
    if (last && last.shape === shape && !over && x <= last.x + last.width + 0.5) {
      last.width = Math.max(last.width, x + width - last.x);
    } else {
      merged.push({ x, width, shape, over });
    }
  }
  return merged;
}
