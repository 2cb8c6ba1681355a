/** Small components that several pages show. */
import type { Child } from "hono/jsx";
import { type EpochMs, instantOf } from "../app/time.ts";
import type { BrokenFile } from "../app/task/registry.ts";
import type { RunStatus } from "../app/history/run.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { wallClock } from "../app/locale/format.ts";
import type { TaskView, ViewerView } from "./views.ts";

/** Outcomes are told by sign and word, never by colour alone. */
const SIGNS: Readonly<Record<RunStatus, string>> = {
  queued: "○",
  running: "◐",
  succeeded: "✓",
  failed: "✕",
  timed_out: "◷",
  cancelled: "⊘",
  interrupted: "!",
  skipped: "↷",
  missed: "?",
};

export function Badge({ status, locale }: { status: RunStatus; locale: Locale }) {
  return (
    <span class={`badge badge-${status}`}>
      <span aria-hidden="true">{SIGNS[status]}</span> {text(locale, `status.${status}`)}
    </span>
  );
}

/** A moment on the task's wall clock and, where that is another one, on the viewer's. */
export function Moment(
  { at, timezone, viewer }: { at: EpochMs; timezone: string; viewer: ViewerView },
) {
  const here = wallClock(at, timezone);
  const there = viewer.timezone === undefined ? here : wallClock(at, viewer.timezone);
  return (
    <span class="moment">
      <time datetime={instantOf(at).toString({ smallestUnit: "millisecond" })} title={timezone}>{here}</time>
      {here === there ? null : (
        <span class="quiet">
          {wallClock(at, timezone).slice(0, 10) === there.slice(0, 10) ? there.slice(11) : there}{" "}
          {viewer.timezone}
        </span>
      )}
    </span>
  );
}

/** Files that are no task, each with the place to look at. */
export function BrokenFiles({ files, locale }: { files: readonly BrokenFile[]; locale: Locale }) {
  if (files.length === 0) return null;
  return (
    <section class="notice notice-bad" aria-labelledby="broken-title">
      <h2 id="broken-title">
        {text(locale, files.length === 1 ? "broken.title.1" : "broken.title", { n: files.length })}
      </h2>
      <ul>
        {files.map(({ path, file, place, message, taskId }) => (
          <li>
            <BrokenPlace path={path} file={file} place={place} taskId={taskId} />
            <p class="preserve">{message}</p>
            {taskId === undefined ? null : <p>{text(locale, "broken.kept", { task: taskId })}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A part of a page that asks for itself anew every few seconds; without `seconds` it stays as it is. */
export function Live(
  { id = "live", address, seconds, children }: {
    id?: string;
    address: string;
    seconds: number | undefined;
    children: Child;
  },
) {
  const asking = seconds === undefined
    ? {}
    : { "hx-get": address, "hx-trigger": "refresh", "hx-swap": "outerMorph" };
  return <div id={id} {...asking} data-refresh={seconds}>{children}</div>;
}

/** Seconds between two looks while something is going on, and otherwise. */
export const QUICK = 1;
export const SLOW = 3;

/** What a dialog is about; where it is a page of its own, it is the page's heading. */
export function DialogTitle({ inDialog, children }: { inDialog: boolean; children: Child }) {
  return inDialog ? <h2 id="dialog-title">{children}</h2> : <h1>{children}</h1>;
}

/** Where it is broken; the task's page has the file's lines, where there is a task. */
function BrokenPlace({ path, file, place, taskId }: Omit<BrokenFile, "message">) {
  const words = <code title={file}>{place ? `${path}:${place.line}:${place.column}` : path}</code>;
  if (taskId === undefined || !place) return words;
  return <a href={`/tasks/${encodeURIComponent(taskId)}/source#L${place.line}`}>{words}</a>;
}

/** Opens the question whether to run; without a script it is a page of its own. */
export function RunButton(
  { id, title, asks, locale }: { id: string; title: string; asks: boolean; locale: Locale },
) {
  return (
    <AskButton
      address={`/tasks/${encodeURIComponent(id)}/run`}
      label={text(locale, asks ? "run.button_asks" : "run.button")}
      name={text(locale, "run.button_of", { task: title })}
      kind="run"
    />
  );
}

/** Opens the question of an action; without a script it is a page of its own. */
export function AskButton(
  { address, label, name, quiet, kind }: {
    address: string;
    label: string;
    /** For those who hear it, where the label alone does not tell. */
    name?: string;
    quiet?: boolean;
    /** What the keyboard finds it by. */
    kind?: string;
  },
) {
  // The values of an address are fields of the form: without a script they would be lost otherwise.
  const [path = "", query = ""] = address.split("?");
  return (
    <form method="get" action={path} hx-get={address} hx-target="#dialog" hx-swap="innerHTML">
      {[...new URLSearchParams(query)].map(([key, value]) => (
        <input
          type="hidden"
          name={key}
          value={value}
        />
      ))}
      <button type="submit" class={quiet ? "plain" : undefined} aria-label={name} data-kind={kind}>
        {label}
      </button>
    </form>
  );
}

/** When a task is due next, or why it is not. */
export function NextRun({ task, viewer }: { task: TaskView; viewer: ViewerView }) {
  if (task.paused) return <span class="warning">{text(viewer.locale, "task.paused")}</span>;
  if (task.next === null) return <>–</>;
  return (
    <>
      <Moment at={task.next} timezone={task.timezone} viewer={viewer} />
      <Countdown at={task.next} />
    </>
  );
}

/** How long until a moment; the page's script counts. */
export function Countdown({ at }: { at: EpochMs }) {
  return <span class="countdown quiet" data-at={at} aria-hidden="true"></span>;
}

/** A word on what has happened, with a link to where it can be seen. */
export function Toast({ message, address, link }: { message: string; address: string; link: string }) {
  return (
    <p class="toast">
      {message} <a href={address}>{link}</a>
    </p>
  );
}

/** Sentences about a task that runs, but not quite as its file says. */
export function Warnings({ sentences }: { sentences: readonly string[] }) {
  return (
    <>
      {sentences.map((sentence) => <span class="warning">{sentence}</span>)}
    </>
  );
}
