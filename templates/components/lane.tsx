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
  if (children === undefined && marks.every(isDrawn)) {
    return (
      <svg class="lane" role="group" aria-label={label} viewBox={UNITS} preserveAspectRatio="none">
        <Drawn marks={marks} />
      </svg>
    );
  }
  return (
    <svg class="lane" role="group" aria-label={label}>
      {children}
      {neighbours(marks).map((each) =>
        each.every(isDrawn)
          ? (
            <svg viewBox={UNITS} preserveAspectRatio="none">
              <Drawn marks={each} />
            </svg>
          )
          : <Shapes marks={each} />
      )}
    </svg>
  );
}

/** Bars that are drawn by their outline, of so many pixels: it is all there is of a short one. Others are shapes. */
const BARS = {
  o: { top: 8, height: 8, edge: 2 },
  f: { top: 7, height: 13, edge: 3 },
  b: { top: 6, height: 12, edge: 3 },
} as const;
type DrawnMark = LaneMark & { readonly kind: keyof typeof BARS };

function isDrawn(mark: LaneMark): mark is DrawnMark {
  return mark.kind in BARS;
}

/** Marks of one sort that stand side by side, in order. */
function neighbours(marks: readonly LaneMark[]): readonly (readonly LaneMark[])[] {
  const groups: LaneMark[][] = [];
  for (const mark of marks) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && isDrawn(last[0]) === isDrawn(mark)) last.push(mark);
    else groups.push([mark]);
  }
  return groups;
}

/** A path knows no percent: here it has a hundred units for them. */
const UNITS = "0 0 100 22";

/** A browser makes a page of such paths in a third less time than one of shapes that are used from elsewhere. */
function Drawn({ marks }: { marks: readonly DrawnMark[] }) {
  return (
    <>
      {marks.map((mark) => (
        <a href={mark.address}>
          <title>{mark.title}</title>
          <path class={mark.kind} d={outline(mark)} />
          {mark.kind === "f" ? <path class="head" d={`M${mark.x} 2v5`} /> : null}
        </a>
      ))}
    </>
  );
}

function outline({ kind, more = [], ...first }: DrawnMark): string {
  const { top, height, edge } = BARS[kind];
  return spaced([first, ...more]).map(({ x, width }) =>
    width < LEAST_WIDTH
      ? `M${x} ${top}v${height}`
      : `M${x} ${top + edge / 2}h${width}v${height - edge}h-${width}z`
  ).join("");
}

function Shapes({ marks }: { marks: readonly LaneMark[] }) {
  return (
    <>
      {marks.map((mark) => (
        <a href={mark.address}>
          <title>{mark.title}</title>
          <use href={`#m-${mark.kind}`} x={`${mark.x}%`} />
        </a>
      ))}
    </>
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
