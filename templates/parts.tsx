/** Small components that several pages show. */
import { type EpochMs, instantOf } from "../app/time.ts";
import type { BrokenFile } from "../app/task/registry.ts";
import type { RunStatus } from "../app/history/run.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { wallClock } from "../app/locale/format.ts";
import type { ViewerView } from "./views.ts";

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
            <code title={file}>{place ? `${path}:${place.line}:${place.column}` : path}</code>
            <p class="preserve">{message}</p>
            {taskId === undefined ? null : <p>{text(locale, "broken.kept", { task: taskId })}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Opens the question whether to run; without a script it is a page of its own. */
export function RunButton({ id, title, locale }: { id: string; title: string; locale: Locale }) {
  const address = `/tasks/${encodeURIComponent(id)}/run`;
  return (
    <form method="get" action={address} hx-get={address} hx-target="#dialog" hx-swap="innerHTML">
      <button type="submit" aria-label={text(locale, "run.button_of", { task: title })}>
        {text(locale, "run.button")}
      </button>
    </form>
  );
}

/** Stops a task's trigger, or lets it go on. */
export function PauseButton({ id, paused, locale }: { id: string; paused: boolean; locale: Locale }) {
  const address = `/tasks/${encodeURIComponent(id)}/${paused ? "resume" : "pause"}`;
  return (
    <form
      method="post"
      action={address}
      hx-post={address}
      hx-target="#toasts"
      hx-swap="beforeend"
      hx-confirm={text(locale, paused ? "task.resume_question" : "task.pause_question")}
      hx-disable="find button"
    >
      <button type="submit" class="plain">{text(locale, paused ? "task.resume" : "task.pause")}</button>
    </form>
  );
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
