/** Runs as bars: the height is how long one took, failures wear a head; an axis says how much that is. */
import { shortDuration } from "../../app/locale/moments.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { MarkKind } from "./lane.tsx";

/** Pixels from the top to the ground line. */
const GROUND = 120;
const TOP = 12;
/** A few runs do not fill the whole width. */
const LEAST_PLACES = 30;
/** Percent of the width that the bars have; the axis has the rest. */
const ROOM = 93;

export interface DurationBar {
  readonly kind: MarkKind;
  readonly tookMs: number;
  readonly address: string;
  readonly title: string;
  /** Stands below the bar, where it begins something new. */
  readonly label?: string | undefined;
}

export interface DurationFacts {
  /** Oldest first. */
  readonly bars: readonly DurationBar[];
  /** Successful runs that the two are taken from; 0 for none. */
  readonly measured: number;
  readonly p50: number;
  readonly p95: number;
}

export function DurationChart({ facts, locale }: { facts: DurationFacts; locale: Locale }) {
  const { bars, measured, p50, p95 } = facts;
  const longest = niceAbove(Math.max(1, ...bars.map(({ tookMs }) => tookMs)));
  const y = (ms: number) => Math.round((GROUND - ms / longest * (GROUND - TOP)) * 10) / 10;
  const step = ROOM / Math.max(bars.length, LEAST_PLACES);
  const words = text(locale, "chart.durations", {
    n: measured,
    p50: shortDuration(p50, locale),
    p95: shortDuration(p95, locale),
  });
  return (
    <section class="sheet pad chart-box">
      <div class="bar">
        <h2>{text(locale, "chart.title")}</h2>
        <span class="grow"></span>
        {measured === 0 ? null : <span class="quiet small">{words}</span>}
      </div>
      <div class="clip">
        <svg class="chart" height="142" role="group" aria-label={words}>
          {[0, 0.5, 1].map((share) => (
            <>
              <rect class="g" y={y(longest * share)} width="100%" height="1" />
              <text class="end" x="100%" y={y(longest * share) - 4}>
                {shortDuration(longest * share, locale)}
              </text>
            </>
          ))}
          {bars.map((bar, i) => <Bar bar={bar} x={i * step} step={step} top={y(bar.tookMs)} />)}
          {measured === 0 ? null : <rect class="usual" y={y(p50)} width={`${ROOM}%`} height="1" />}
        </svg>
      </div>
    </section>
  );
}

function Bar({ bar, x, step, top }: { bar: DurationBar; x: number; step: number; top: number }) {
  const percent = (value: number) => `${Math.round(value * 100) / 100}%`;
  const height = Math.max(2, GROUND - top);
  return (
    <>
      <a href={bar.address}>
        <title>{bar.title}</title>
        <rect class="hit" x={percent(x)} width={percent(step)} height={GROUND} />
        <rect
          class={bar.kind}
          x={percent(x + step * 0.12)}
          y={GROUND - height}
          width={percent(step * 0.76)}
          height={height}
        />
        {bar.kind === "f"
          ? (
            <svg x={percent(x + step / 2)} y={Math.max(0, GROUND - height - 8)} overflow="visible">
              <path class="f" d="M-4 0h8L0 6z" />
            </svg>
          )
          : null}
      </a>
      {bar.label === undefined ? null : <text x={percent(x)} y="138">{bar.label}</text>}
    </>
  );
}

/** The next of 1, 2, 5, 10, … above a value. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= value) ?? value;
}
