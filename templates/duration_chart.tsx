/** How long the last successful runs took, with the median and the 95th percentile. */
import { duration } from "../app/locale/format.ts";
import { type Locale, text } from "../app/locale/locale.ts";

const STEP = 8;
const HEIGHT = 90;
/** A few runs do not fill the whole width. */
const LEAST_PLACES = 30;

export interface DurationFacts {
  /** Milliseconds, oldest first. */
  readonly durations: readonly number[];
  readonly p50: number;
  readonly p95: number;
}

export function DurationChart({ facts, locale }: { facts: DurationFacts; locale: Locale }) {
  const { durations, p50, p95 } = facts;
  const longest = Math.max(1, ...durations);
  const y = (ms: number) => HEIGHT - Math.round((ms / longest) * (HEIGHT - 4)) - 1;
  const width = Math.max(durations.length, LEAST_PLACES) * STEP;
  const words = { p50: duration(p50, locale), p95: duration(p95, locale), n: durations.length };
  return (
    <figure class="chart">
      <svg
        role="img"
        aria-label={text(locale, "chart.durations", words)}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        <path
          class="bar-good"
          d={durations.map((ms, i) => `M${i * STEP + 1} ${HEIGHT}V${y(ms)}h${STEP - 2}V${HEIGHT}z`).join("")}
        />
        <path class="line-p50" d={`M0 ${y(p50)}H${width}`} />
        <path class="line-p95" d={`M0 ${y(p95)}H${width}`} />
      </svg>
      <figcaption class="quiet">{text(locale, "chart.durations", words)}</figcaption>
    </figure>
  );
}
