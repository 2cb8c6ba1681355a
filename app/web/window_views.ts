/** Windows as pages show them: chips to choose one by, and a strip of its runs. */
import { text } from "../locale/locale.ts";
import { clockTime } from "../locale/moments.ts";
import type { Bin } from "../service/queries/today.ts";
import {
  STRIP_ABOVE,
  STRIP_BELOW,
  type StripBin,
  type WindowChoiceView,
} from "../../templates/components/window_bar.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { path, withQuery } from "./paths.ts";
import { type AskedWindow, fieldMoment, namedWindow, WINDOW_NAMES, windowQuery } from "./time_window.ts";

/** @param rest what else the page's address holds */
export function windowChoice(
  window: AskedWindow,
  viewer: ViewerView,
  page: string,
  rest: Readonly<Record<string, string>>,
): WindowChoiceView {
  const { locale, zone, now } = viewer;
  return {
    chips: WINDOW_NAMES.map((name) => ({
      label: text(locale, `window.${name}`),
      address: withQuery(page, { ...namedWindow(name, now, zone).query, ...rest }),
      current: window.name === name,
    })),
    action: page,
    fields: Object.entries(rest).filter(([, value]) => value !== ""),
    from: fieldMoment(window.from, zone),
    to: fieldMoment(window.to, zone),
    own: window.name === "own",
  };
}

/** @param rest what else the runs of a bar have in common */
export function stripBins(
  bins: readonly Bin[],
  { locale, zone }: ViewerView,
  rest: Readonly<Record<string, string>> = {},
): StripBin[] {
  const most = Math.max(1, ...bins.map(({ good }) => good));
  const mostBad = Math.max(4, ...bins.map(({ bad }) => bad));
  return bins.map((bin) => ({
    title: text(locale, "strip.bin", { time: clockTime(bin.from, zone), good: bin.good, bad: bin.bad }),
    address: withQuery(path.runs, { ...windowQuery(bin), ...rest }),
    good: bin.good === 0 ? 0 : Math.max(2, Math.round(bin.good / most * STRIP_ABOVE)),
    bad: bin.bad === 0 ? 0 : Math.max(4, Math.round(bin.bad / mostBad * STRIP_BELOW)),
  }));
}
