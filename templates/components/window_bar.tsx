/** Windows to choose from, and a strip of what happened in the one that is chosen: good above the line, failures below. */
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";
import { type AxisLabel } from "./lane.tsx";
import { Chips, type ChipView } from "./task_table.tsx";

export interface WindowChoiceView {
  readonly chips: readonly ChipView[];
  /** Address of the page, with what else is asked of it. */
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
  /** As fields of a form take them. */
  readonly from: string;
  readonly to: string;
  readonly own: boolean;
}

export function WindowChoice(
  { viewer: { locale }, choice }: { viewer: ViewerView; choice: WindowChoiceView },
) {
  return (
    <>
      <Chips chips={choice.chips} label={text(locale, "window.choose")} />
      <details class="own" open={choice.own}>
        <summary class="chip">{text(locale, "window.own")}</summary>
        <form method="get" action={choice.action} class="own-form">
          {choice.fields.map(([name, value]) => <input type="hidden" name={name} value={value} />)}
          <label>
            <span class="sr">{text(locale, "window.from")}</span>
            <input class="input s" type="datetime-local" name="from" value={choice.from} />
          </label>
          –
          <label>
            <span class="sr">{text(locale, "window.to")}</span>
            <input class="input s" type="datetime-local" name="to" value={choice.to} />
          </label>
          <button type="submit" class="btn s">{text(locale, "window.show")}</button>
        </form>
      </details>
    </>
  );
}

export interface StripBin {
  readonly title: string;
  readonly address: string;
  /** Pixels above and below the line. */
  readonly good: number;
  readonly bad: number;
}

/** Pixels from the top to the line, and from there to the axis. */
export const STRIP_ABOVE = 24;
export const STRIP_BELOW = 14;

export function Strip(
  { bins, axis, label }: { bins: readonly StripBin[]; axis: readonly AxisLabel[]; label: string },
) {
  const step = 100 / bins.length;
  const at = (i: number) => `${Math.round(i * step * 100) / 100}%`;
  return (
    <svg class="chart strip" height="56" role="group" aria-label={label}>
      {bins.map(({ title, address, good, bad }, i) =>
        good + bad === 0 ? null : (
          <a href={address}>
            <title>{title}</title>
            <rect class="hit" x={at(i)} width={at(1)} height="40" />
            {good === 0 ? null : (
              <rect
                class="o"
                x={at(i + 0.2)}
                y={STRIP_ABOVE - good}
                width={at(0.6)}
                height={good}
                rx="1"
              />
            )}
            {bad === 0
              ? null
              : <rect class="f" x={at(i + 0.2)} y={STRIP_ABOVE + 3} width={at(0.6)} height={bad} rx="1" />}
          </a>
        )
      )}
      <rect class="g2" x="0" y={STRIP_ABOVE + 1} width="100%" height="1" />
      {axis.map(({ x, label: hour, alternate }) => (
        <text class={`${x < 2 ? "" : x > 97 ? "end" : "mid"}${alternate ? " alt" : ""}`} x={`${x}%`} y="54">
          {hour}
        </text>
      ))}
    </svg>
  );
}
