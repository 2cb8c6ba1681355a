/** What stands above the table of tasks: chips to choose by, and columns to sort by. */
import type { ChipView, SortView } from "../../templates/components/task_table.tsx";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { countStates, type ListedTask, TASK_SORTS, type TaskFilter } from "./task_filter.ts";

const CHIP_SIGNS = {
  failed: { sign: "s-bad", tone: "bad" },
  running: { sign: "s-run", tone: "busy" },
  paused: { sign: "s-pause" },
  succeeded: {},
  skipped: {},
  never: {},
} as const;

/** @param address of the list with a change of its filter */
export function chipViews(
  all: readonly ListedTask[],
  { status }: TaskFilter,
  address: (change: Partial<TaskFilter>) => string,
  locale: Locale,
): readonly ChipView[] {
  return [
    { label: text(locale, "filter.all"), address: address({ status: "" }), current: status === "" },
    ...countStates(all).map(({ state, n }) => ({
      label: text(locale, `filter.${state}`),
      address: address({ status: state }),
      n,
      current: status === state,
      ...CHIP_SIGNS[state],
    })),
  ];
}

export function sortViews({ sort }: TaskFilter, address: (sort: TaskFilter["sort"]) => string): SortView[] {
  const column = sort.replace("-", "") || "name";
  const descends = sort.startsWith("-");
  return TASK_SORTS.map((each) => {
    if (each !== column) {
      return { column: each, address: address(each === "name" ? "" : each === "next" ? each : `-${each}`) };
    }
    return {
      column: each,
      address: address(descends ? (each === "name" ? "" : each) : `-${each}`),
      state: descends ? "descending" : "ascending",
    };
  });
}
