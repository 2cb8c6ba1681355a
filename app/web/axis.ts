/** Hours of a window as labels of an axis. */
import { instantOf } from "../base/time.ts";
import type { Window } from "../service/queries/today.ts";
import type { AxisLabel } from "../../templates/components/lane.tsx";

/** Steps between labels, in hours. */
const STEPS = [1, 2, 3, 4, 6, 12, 24, 48, 168];

/** @param most labels at the most */
export function hourLabels({ from, to }: Window, zone: string, most: number): readonly AxisLabel[] {
  const hours = (to - from) / 3_600_000;
  const step = STEPS.find((each) => hours / each <= most) ?? 168;
  const labels: AxisLabel[] = [];
  let at = instantOf(from).toZonedDateTimeISO(zone).round({ smallestUnit: "hour", roundingMode: "ceil" });
  while (at.hour % Math.min(step, 24) !== 0) at = at.add({ hours: 1 });
  for (; at.epochMilliseconds <= to; at = at.add({ hours: step })) {
    const x = Math.round(((at.epochMilliseconds - from) / (to - from)) * 10_000) / 100;
    const label = step >= 24 ? `${at.day}.` : String(at.hour).padStart(2, "0");
    labels.push({ x, label, alternate: labels.length % 2 === 1 });
  }
  return labels;
}
