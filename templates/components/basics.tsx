/** Small components that several pages show. */
import type { Child } from "hono/jsx";
import type { EpochMs } from "../../app/base/time.ts";
import { localDateTime } from "../../app/base/time_zone.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { shortMoment } from "../../app/locale/moments.ts";
import type { TaskView, ViewerView } from "../views.ts";
import { pauseNote, pauseWords } from "./pause.tsx";

/**
 * A moment on the viewer's wall clock, as short as may be; pointed at, it gives the whole of it, and the task's wall clock
 * where that is another one.
 */
export function Moment(
  { at, timezone, viewer, look }: {
    at: EpochMs;
    /** Zone of the task. */
    timezone: string;
    viewer: ViewerView;
    look?: string | undefined;
  },
) {
  const { now, zone, locale } = viewer;
  return (
    <time
      class={look}
      datetime={new Date(at).toISOString()}
      title={fullMoment(at, timezone, viewer)}
    >
      {shortMoment(at, now, zone, locale)}
    </time>
  );
}

/** `2026-03-10 20:00:00 Asia/Shanghai · 2026-03-10 13:00:00 Europe/Stockholm` */
export function fullMoment(at: EpochMs, timezone: string, { zone }: ViewerView): string {
  const [there, here] = [localDateTime(at, timezone), localDateTime(at, zone)];
  return here === there ? `${there} ${timezone}` : `${there} ${timezone} · ${here} ${zone}`;
}

/** The wall clock of a task's zone beside the viewer's, where the two are not the same. */
export function ZoneNote({ at, timezone, viewer }: { at: EpochMs; timezone: string; viewer: ViewerView }) {
  if (localDateTime(at, timezone) === localDateTime(at, viewer.zone)) return null;
  return <span class="quiet">{`(${shortMoment(at, viewer.now, timezone, viewer.locale)} ${timezone})`}</span>;
}

/** What a part of a page is called, with what stands beside it. */
export function PartHead({ title, children }: { title: Child; children?: Child }) {
  return (
    <div class="bar sub">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A part of a page that asks for itself again every few seconds; without `seconds` it stays as it is. */
export function Live(
  { id = "live", address, seconds, look, children }: {
    id?: string;
    address: string;
    seconds: number | undefined;
    look?: string | undefined;
    children?: Child;
  },
) {
  const asking = seconds === undefined
    ? {}
    : { "hx-get": address, "hx-trigger": "refresh", "hx-swap": "outerMorph" };
  return <div id={id} {...asking} class={look} data-refresh={seconds}>{children}</div>;
}

/** A part of an answer that takes the place of an element of the page, beside the answer's own place. */
export function Part(
  { target, swap = "outerMorph", children }: { target: string; swap?: string; children: Child },
) {
  return (
    <template {...{ hx: "" }} type="partial" hx-target={target} hx-swap={swap}>
      {children}
    </template>
  );
}

/** Seconds between two looks while something is going on, and otherwise. */
export const QUICK = 1;
export const SLOW = 3;

/** When a task is due next, or why it is not. */
export function NextRun({ task, viewer }: { task: TaskView; viewer: ViewerView }) {
  if (task.pause) {
    return (
      <span class="warn" title={pauseNote(task.pause, viewer.locale)}>{pauseWords(task.pause, viewer)}</span>
    );
  }
  if (task.next === null) {
    return <span class="quiet" title={task.ended ? text(viewer.locale, "trigger.ended") : undefined}>–</span>;
  }
  return <Moment at={task.next} timezone={task.timezone} viewer={viewer} />;
}

/** How long until a moment; the page's script counts. */
export function Countdown({ at }: { at: EpochMs }) {
  return <span class="countdown quiet" data-at={at} aria-hidden="true"></span>;
}

/** Sentences about a task that runs, but not quite as its file says. */
export function Warnings({ sentences }: { sentences: readonly string[] }) {
  return (
    <>
      {sentences.map((sentence) => <p class="warn">{sentence}</p>)}
    </>
  );
}

export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <>
      {tags.map((tag) => <a class="tag" href={`/tasks?${new URLSearchParams({ tag })}`}>{tag}</a>)}
    </>
  );
}

/** `7 tasks`, `1 task`: the key with `.1` behind it is the one for a single one. */
export function counted(
  locale: Locale,
  key: CountedKey,
  n: number,
  values: Record<string, string | number> = {},
) {
  return text(locale, n === 1 ? `${key}.1` : key, { n, ...values });
}

export type CountedKey =
  | "tasks.count"
  | "count.runs"
  | "count.failed"
  | "count.causes"
  | "count.starts"
  | "count.lines"
  | "needs.runs_since"
  | "today.more"
  | "today.recovered_list"
  | "broken.title"
  | "users.count"
  | "users.token_count"
  | "users.sessions";
