/** Runs of all tasks: by window, outcome, cause, task and text. */
import { text } from "../../app/locale/locale.ts";
import { Live, QUICK, SLOW } from "../components/basics.tsx";
import { type Choice, ChoiceField, FilterForm, SearchField } from "../components/filter_form.tsx";
import type { AxisLabel } from "../components/lane.tsx";
import { RunTable } from "../components/run_table.tsx";
import { Icon } from "../components/sign.tsx";
import { Chips, type ChipView } from "../components/task_table.tsx";
import { Strip, type StripBin, WindowChoice, type WindowChoiceView } from "../components/window_bar.tsx";
import type { RunView, ViewerView } from "../views.ts";

export interface RunsProps {
  readonly viewer: ViewerView;
  readonly address: string;
  readonly choice: WindowChoiceView;
  readonly windowName: "night" | "day" | "weekend" | "own";
  readonly counts: { readonly all: number; readonly failed: number; readonly tasks: number };
  readonly bins: readonly StripBin[];
  readonly axis: readonly AxisLabel[];
  readonly chips: readonly ChipView[];
  /** How many instants the records stand for that are no runs, where that is more. */
  readonly standFor: string | undefined;
  readonly runs: readonly RunView[];
  readonly older?: string | undefined;
  readonly newest?: string | undefined;
  readonly busy: boolean;
  /** That not all are counted, where it is so. */
  readonly cut: string | undefined;
  readonly form: {
    readonly q: string;
    readonly task: string;
    readonly cause: string;
    /** What else the address holds. */
    readonly fields: readonly (readonly [string, string])[];
    readonly tasks: readonly Choice[];
    readonly causes: readonly Choice[];
  };
}

export function Runs(props: RunsProps) {
  const { viewer, address, counts, windowName, bins, axis, chips, runs, busy } = props;
  const { locale } = viewer;
  return (
    <Live address={address} seconds={busy ? QUICK : SLOW}>
      <h1>
        {text(locale, counts.failed === 0 ? "runs.verdict_well" : "runs.verdict", {
          n: counts.all,
          failed: counts.failed,
          tasks: counts.tasks,
          when: text(locale, `window.in_${windowName}`),
        })}
      </h1>
      <div class="bar under">
        <WindowChoice viewer={viewer} choice={props.choice} />
        <span class="grow"></span>
        <RunsFilterForm {...props} />
      </div>
      {props.cut === undefined ? null : <p class="quiet">{props.cut}</p>}
      {counts.all === 0 ? null : <Strip bins={bins} axis={axis} label={text(locale, "strip.label")} />}
      <div class="bar facets">
        <Chips chips={chips} label={text(locale, "task.outcome")} />
      </div>
      {props.standFor === undefined ? null : <p class="quiet">{props.standFor}</p>}
      {runs.length === 0
        ? <p class="quiet pad">{text(locale, "task.no_such_runs")}</p>
        : <RunTable runs={runs} viewer={viewer} named />}
      <Pages {...props} />
    </Live>
  );
}

export function Pages({ viewer: { locale }, newest, older }: Pick<RunsProps, "viewer" | "newest" | "older">) {
  return (
    <p class="pages">
      {newest === undefined ? <span></span> : <a href={newest}>{text(locale, "runs.newest")}</a>}{" "}
      {older === undefined ? null : <a href={older}>{text(locale, "runs.older")}</a>}
    </p>
  );
}

function RunsFilterForm(
  { viewer: { locale }, form: { q, task, cause, fields, tasks, causes } }: RunsProps,
) {
  return (
    <FilterForm action="/runs" locale={locale} label={text(locale, "filter.runs")} inside>
      <SearchField value={q} label={text(locale, "filter.search_runs")} />
      <ChoiceField name="task" value={task} label={text(locale, "task.name")} choices={tasks} />
      <ChoiceField name="cause" value={cause} label={text(locale, "run.cause")} choices={causes} />
      {fields.map(([name, value]) => <input type="hidden" name={name} value={value} />)}
    </FilterForm>
  );
}

/** What can be done to the runs that are ticked; the script says which of them are shown. */
export function RunSelection({ viewer: { locale, mayAny } }: { viewer: ViewerView }) {
  if (!mayAny("run")) return null;
  return (
    <form id="selected" class="selection" method="get" action="/selected/rerun">
      <b>
        <span data-count></span> {text(locale, "select.chosen")}
      </b>
      <button
        class="btn main"
        type="submit"
        hx-get="/selected/rerun"
        hx-target="#dialog"
      >
        {text(locale, "needs.rerun")}
      </button>
      <button class="icon" type="button" data-clear aria-label={text(locale, "select.none")}>
        <Icon name="i-x" />
      </button>
    </form>
  );
}
