/** What the components are given: plain values, put together by `app/web`. */
import type { EpochMs } from "../app/base/time.ts";
import type { Right } from "../app/model/access.ts";
import type { PauseTerms } from "../app/model/pause.ts";
import type { Run } from "../app/model/run.ts";

export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Folder below the tasks folder; empty for the folder itself. */
  readonly folder: string;
  readonly description?: string | undefined;
  /** Path below the tasks folder. */
  readonly file: string;
  /** The trigger in words. */
  readonly trigger: string;
  /** The exact rule, such as `cron[hour='10']`; empty without a trigger. */
  readonly rule: string;
  /** True where it has a trigger that will not fire any more. */
  readonly ended: boolean;
  /** True where a person has paused its trigger. */
  readonly paused: boolean;
  /** Until when and why; undefined while it is not paused. */
  readonly pause?: PauseTerms | undefined;
  readonly timezone: string;
  readonly next: EpochMs | null;
  readonly hasParams: boolean;
  /** What is odd about it, in sentences. */
  readonly warnings: readonly string[];
  /** How it is run, as far as that is not the usual, in words. */
  readonly policies: readonly { readonly name: string; readonly value: string }[];
}

export interface RunView extends Run {
  readonly isOver: boolean;
  /** Zone of the task, in which its times are shown. */
  readonly timezone: string;
  /** Name of its task. */
  readonly title: string;
  readonly durationMs?: number | undefined;
  /** Median of the task's last successful runs, in milliseconds. */
  readonly usualMs?: number | undefined;
  /** The message, or the reason in the viewer's language; empty where there is neither. */
  readonly said: string;
  /** Why it has not begun, in words. */
  readonly waitingFor?: string | undefined;
}

/** A run that is led to. */
export interface RunLink {
  readonly address: string;
  readonly at: EpochMs;
}

export interface ViewerView {
  readonly locale: "en" | "zh";
  /** Zone of the browser, where it is known. */
  readonly timezone?: string | undefined;
  readonly theme?: "light" | "dark" | undefined;
  /** True for a screen of a phone's width, where it is known. */
  readonly narrow: boolean;
  /** Zone in which the page shows times: the browser's, else the server's. */
  readonly zone: string;
  /** When the page was made. */
  readonly now: EpochMs;
  /** The same for all who may see and do the same. */
  readonly access: string;
  /** What they may do to a task, or without one to Carillon as a whole. Nothing else is offered to them. */
  readonly may: (right: Right, taskId?: string) => boolean;
  /** The same for one task at least. */
  readonly mayAny: (right: Right) => boolean;
}
