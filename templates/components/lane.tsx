/** A lane: what happened from one moment to another, on one line. Failure has a shape of its own, not only a colour. */
import type { Child } from "hono/jsx";

/** Succeeded, failed, skipped or cancelled, missed, going on. */
export type MarkKind = "o" | "f" | "k" | "m" | "b";

/** In percent of the lane. */
export interface LaneBar {
  readonly x: number;
  readonly width: number;
}

export interface LaneMark extends LaneBar {
  readonly kind: MarkKind;
  /** Further bars of the same link, from left to right: they succeeded. */
  readonly more?: readonly LaneBar[];
  readonly address: string;
  readonly title: string;
}

/** Below this a run is a line of two pixels. */
const LEAST_WIDTH = 0.2;
/** Bars of one link that are nearer to each other are drawn as one. */
const LEAST_GAP = 1;

export function Lane(
  { marks, label, children }: { marks: readonly LaneMark[]; label: string; children?: Child },
) {
  return (
    <svg class="lane" role="group" aria-label={label}>
      {children}
      {marks.map((mark) => (
        <a href={mark.address}>
          <title>{mark.title}</title>
          {mark.more && mark.more.length > 0 ? <Bars bars={[mark, ...mark.more]} /> : <MarkShape {...mark} />}
        </a>
      ))}
    </svg>
  );
}

/**
 * A path knows no percent: here it has a hundred units for them. Its outline of two pixels gives the bars the height of
 * single ones, and a width where they have none.
 */
function Bars({ bars }: { bars: readonly LaneBar[] }) {
  const d = spaced(bars).map(({ x, width }) =>
    width < LEAST_WIDTH ? `M${x} 8v8` : `M${x} 9h${width}v6h-${width}z`
  );
  return (
    <svg viewBox="0 0 100 22" preserveAspectRatio="none">
      <path class="o" d={d.join("")} />
    </svg>
  );
}

function spaced(bars: readonly LaneBar[]): LaneBar[] {
  const apart: LaneBar[] = [];
  for (const bar of bars) {
    const last = apart.at(-1);
    const end = Math.round((bar.x + bar.width) * 100) / 100;
    if (last && bar.x - last.x - last.width < LEAST_GAP) {
      apart[apart.length - 1] = {
        x: last.x,
        width: Math.max(last.width, Math.round((end - last.x) * 100) / 100),
      };
    } else apart.push(bar);
  }
  return apart;
}

function MarkShape({ kind, x, width }: LaneMark) {
  const wide = width >= LEAST_WIDTH ? `${width}%` : undefined;
  switch (kind) {
    case "o":
      return <rect class="o" x={`${x}%`} width={wide} />;
    case "b":
      return <rect class="b" x={`${x}%`} y="6" height="12" width={wide ?? "3"} />;
    case "f":
      return (
        <>
          {wide === undefined ? null : <rect class="f" x={`${x}%`} width={wide} />}
          <use href="#m-f" x={`${x}%`} />
        </>
      );
    case "k":
      return <use href="#m-k" x={`${x}%`} />;
    case "m":
      return <use href="#m-m" x={`${x}%`} />;
  }
}

export interface AxisLabel {
  readonly x: number;
  readonly label: string;
  /** True for one that may go where there is little room. */
  readonly alternate: boolean;
}

export function Axis({ labels, y = 12 }: { labels: readonly AxisLabel[]; y?: number }) {
  return (
    <svg class="axis" aria-hidden="true">
      {labels.map(({ x, label, alternate }) => (
        <text class={`${x < 2 ? "" : x > 97 ? "end" : "mid"}${alternate ? " alt" : ""}`} x={`${x}%`} y={y}>
          {label}
        </text>
      ))}
    </svg>
  );
}
