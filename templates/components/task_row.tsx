/** One task as one line: what never goes away first, the rest by rank. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import { shortDuration, timesUsual } from "../../app/locale/moments.ts";
import type { RunStatus } from "../../app/model/run.ts";
import type { TaskView, ViewerView } from "../views.ts";
import { Moment, NextRun } from "./basics.tsx";
import { AskButton, RunButton } from "./buttons.tsx";
import { Lane, type LaneMark } from "./lane.tsx";
import { pauseNote, pauseWords } from "./pause.tsx";
import { SelectBox } from "./select_box.tsx";
import { mayBeChosen } from "./task_selection.tsx";
import { Icon, Sign, State, STATUS_SIGNS } from "./sign.tsx";

export interface TaskRowView extends TaskView {
  /** The newest run that has ended. */
  readonly outcome?: {
    readonly id: string;
    readonly status: RunStatus;
    readonly at: EpochMs;
    readonly tookMs?: number | undefined;
    readonly said: string;
  } | undefined;
  /** The newest due instant that became no run, where it is newer than the outcome. */
  readonly notRun?: { readonly id: string; readonly status: RunStatus; readonly said: string } | undefined;
  /** The oldest run that is going on, or waits. */
  readonly active?: {
    readonly id: string;
    readonly status: RunStatus;
    readonly since: EpochMs;
    readonly said: string;
    readonly runs: number;
  } | undefined;
  readonly usualMs?: number | undefined;
  /** Runs of the lane's window that failed. */
  readonly failed: number;
  readonly marks: readonly LaneMark[];
  /** Address of the failed runs of the window. */
  readonly failedAddress: string;
}

export function TaskRow({ task, viewer }: { task: TaskRowView; viewer: ViewerView }) {
  const { locale } = viewer;
  const { outcome, notRun } = task;
  const address = `/tasks/${encodeURIComponent(task.id)}`;
  const said = task.active?.said || outcome?.said || notRun?.said || "";
  return (
    <tr
      id={`task-${task.id}`}
      data-row
      data-find={[task.title, task.id, ...task.tags].join("\n").toLowerCase()}
    >
      {mayBeChosen(viewer, task.id)
        ? <SelectBox of="task" id={task.id} title={task.title} locale={locale} />
        : <td class="c-sel"></td>}
      <td class="c-state">
        {outcome
          ? <State status={outcome.status} locale={locale} address={`/runs/${outcome.id}`} />
          : <span class="state none">{text(locale, "task.never")}</span>}
      </td>
      <th scope="row" class="c-name">
        <a class="name" href={address} data-open>{task.title}</a>
        {task.title === task.id ? null : <span class="id">{task.id}</span>}
        {task.warnings.length === 0 ? null : (
          <span class="tag warn" title={task.warnings.join("\n")}>
            <Sign name="s-ask" />
            <span class="sr">{task.warnings.join(" ")}</span>
          </span>
        )}
      </th>
      <td class="c-tag">
        <Now task={task} viewer={viewer} />
      </td>
      <td class="c-next num">
        {task.paused
          ? <span class="quiet" title={text(locale, "task.paused")}>–</span>
          : <NextRun task={task} viewer={viewer} />}
      </td>
      <td class="c-last num">
        {outcome ? <Moment at={outcome.at} timezone={task.timezone} viewer={viewer} /> : "–"}
      </td>
      <td class="c-took num">
        <Took tookMs={outcome?.tookMs} usualMs={task.usualMs} viewer={viewer} />
      </td>
      <td class="c-failed num">
        {task.failed === 0
          ? <span class="quiet" aria-hidden="true">·</span>
          : <a class="bad" href={task.failedAddress}>{task.failed}</a>}
      </td>
      <td class="c-lane">
        <Lane
          marks={task.marks}
          label={text(locale, "lane.label", { task: task.title, n: task.failed })}
        />
      </td>
      <td class="c-said said" title={said}>{said}</td>
      <td class="c-rule said" title={task.rule === "" ? task.trigger : `${task.trigger}\n${task.rule}`}>
        {task.trigger}
      </td>
      <td class="c-act">
        <span class="act">
          <RunButton id={task.id} title={task.title} viewer={viewer} />
          <AskButton
            address={`${address}/more`}
            look="icon s"
            label={<Icon name="i-more" />}
            name={text(locale, "task.more_of", { task: task.title })}
          />
        </span>
      </td>
    </tr>
  );
}

/** What goes on now, beside the outcome and not in its place. */
function Now(
  { task, viewer }: { task: TaskRowView; viewer: ViewerView },
) {
  const { active, notRun, pause } = task;
  const { locale } = viewer;
  if (active) {
    return (
      <a
        class="tag busy"
        href={`/runs/${active.id}`}
        title={active.said || text(locale, `status.${active.status}`)}
      >
        <Sign name={STATUS_SIGNS[active.status].sign} />
        <span class="sr">{text(locale, `status.${active.status}`)}</span>
        {active.status === "awaiting_approval" || active.status === "queued"
          ? <span aria-hidden="true">{text(locale, `tag.${active.status}`)}</span>
          : <span data-since={active.since}>…</span>}
        {active.runs > 1 ? ` ×${active.runs}` : null}
      </a>
    );
  }
  if (pause) {
    const [words, note] = [pauseWords(pause, viewer), pauseNote(pause, locale)];
    return (
      <span class="tag" title={note === "" ? words : `${words}\n${note}`}>
        <Sign name="s-pause" />
        {pause.until === undefined ? words : (
          <>
            <span class="sr">{text(locale, "task.paused")}</span>
            <Moment at={pause.until} timezone={task.timezone} viewer={viewer} />
          </>
        )}
      </span>
    );
  }
  if (!notRun) return null;
  return (
    <a class="tag warn" href={`/runs/${notRun.id}`} title={notRun.said}>
      <Sign name={notRun.status === "missed" ? "s-miss" : "s-skip"} />
      {text(locale, `status.${notRun.status}`)}
    </a>
  );
}

/** How long it took, and how many times its usual that is, where it is much more. */
export function Took(
  { tookMs, usualMs, viewer: { locale } }: {
    tookMs: number | undefined;
    usualMs: number | undefined;
    viewer: ViewerView;
  },
) {
  if (tookMs === undefined) return <>–</>;
  const times = timesUsual(tookMs, usualMs);
  return (
    <>
      {times === undefined ? null : (
        <span
          class="times"
          title={text(locale, "took.usually", { usual: shortDuration(usualMs ?? 0, locale) })}
        >
          {times}×
        </span>
      )} {shortDuration(tookMs, locale)}
    </>
  );
}
