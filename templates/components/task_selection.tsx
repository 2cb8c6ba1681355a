/** The bar that acts on the tasks that are ticked. */
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";
import { Icon } from "./sign.tsx";

const ACTS = [
  { right: "run", address: "/selected/run", key: "run.button_asks", look: "main" },
  { right: "run", address: "/selected/rerun", key: "tasks.rerun_failed", look: "" },
  { right: "pause", address: "/pause", key: "task.pause_more", look: "" },
  { right: "pause", address: "/resume", key: "task.resume_more", look: "" },
  { right: "cancel", address: "/selected/cancel", key: "tasks.cancel_runs", look: "" },
] as const;

/** True where there is something that the viewer may do to a task, or without an id to some task. */
export function mayBeChosen({ may, mayAny }: ViewerView, id?: string): boolean {
  return ACTS.some(({ right }) => id === undefined ? mayAny(right) : may(right, id));
}

/** What can be done to the tasks that are ticked; the script says which of them are shown. */
export function TaskSelection({ viewer }: { viewer: ViewerView }) {
  const { locale, mayAny } = viewer;
  if (!mayBeChosen(viewer)) return null;
  return (
    <form id="selected" class="selection" method="get" action="/pause" data-selection>
      <b>
        <span data-count></span> {text(locale, "select.chosen")}
      </b>
      {ACTS.filter(({ right }) => mayAny(right)).map(({ address, key, look }) => (
        <button
          class={`btn ${look}`.trim()}
          type="submit"
          formaction={address}
          hx-get={address}
          hx-target="#dialog"
        >
          {text(locale, key)}
        </button>
      ))}
      <button class="icon" type="button" data-clear aria-label={text(locale, "select.none")}>
        <Icon name="i-x" />
      </button>
    </form>
  );
}
