/** A lane: what happened from one moment to another, on one line. Failure has a shape of its own, not only a colour. */
import type { Child } from "hono/jsx";

/** Succeeded, failed, skipped or cancelled, missed, going on. */
export type MarkKind = "o" | "f" | "k" | "m" | "b";

export interface LaneMark {
  readonly kind: MarkKind;
  /** Percent of the lane. */
  readonly x: number;
  readonly width: number;
  readonly address: string;
  readonly title: string;
}

/** Below this a run is a line of two pixels. */
const LEAST_WIDTH = 0.2;

export function Lane(
  { marks, label, children }: { marks: readonly LaneMark[]; label: string; children?: Child },
) {
  return (
    <svg class="lane" role="group" aria-label={label}>
      {children}
      {marks.map((mark) => (
        <a href={mark.address}>
          <title>{mark.title}</title>
          <MarkShape {...mark} />
        </a>
      ))}
    </svg>
  );
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
