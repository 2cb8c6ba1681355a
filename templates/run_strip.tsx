/** The last runs of a task as a small strip of bars: the height is how long one took, colour and shape its outcome. */
import type { RunStatus } from "../app/history/run.ts";
import { type Locale, text } from "../app/locale/locale.ts";

/** One run of the strip. */
export interface StripRun {
  readonly status: RunStatus;
  readonly durationMs?: number;
}

const WIDTH = 3;
const STEP = 5;
const HEIGHT = 22;
/** Above a bar that failed there is a mark, so that it is not told by its colour alone. */
const MARK = 4;
const LEAST = 4;

type Shape = "good" | "bad" | "none" | "busy";

const SHAPES: Readonly<Record<RunStatus, Shape>> = {
  succeeded: "good",
  failed: "bad",
  timed_out: "bad",
  interrupted: "bad",
  cancelled: "none",
  skipped: "none",
  missed: "none",
  queued: "busy",
  running: "busy",
};

/** @param runs oldest first */
export function RunStrip(
  { runs, places, locale }: { runs: readonly StripRun[]; places: number; locale: Locale },
) {
  if (runs.length === 0) return null;
  const longest = Math.max(1, ...runs.map(({ durationMs = 0 }) => durationMs));
  const paths: Record<Shape, string> = { good: "", bad: "", none: "", busy: "" };
  runs.forEach(({ status, durationMs = 0 }, i) => {
    const shape = SHAPES[status];
    const x = (places - runs.length + i) * STEP;
    // By the root, so that short ones can still be told apart beside a long one.
    const room = HEIGHT - MARK - 2 - LEAST;
    const height = shape === "none" ? LEAST : LEAST + Math.round(room * Math.sqrt(durationMs / longest));
    const top = HEIGHT - height;
    paths[shape] += `M${x} ${top}h${WIDTH}v${height}h-${WIDTH}z`;
    if (shape === "bad") paths.bad += `M${x} ${top - MARK - 1}h${WIDTH}v${WIDTH - 1}h-${WIDTH}z`;
  });
  return (
    <svg
      class="strip"
      role="img"
      aria-label={summary(runs, locale)}
      viewBox={`-1 -1 ${places * STEP} ${HEIGHT + 2}`}
      width={places * STEP}
      height={HEIGHT + 2}
    >
      {Object.entries(paths).map(([shape, d]) => d === "" ? null : <path class={`bar-${shape}`} d={d} />)}
    </svg>
  );
}

function summary(runs: readonly StripRun[], locale: Locale): string {
  const counts = new Map<RunStatus, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, n]) => `${text(locale, `status.${status}`)} ${n}`);
  return text(locale, "strip.summary", { n: runs.length, outcomes: parts.join(", ") });
}
