/** What the components are given: plain values, put together by `app/web`. */
import type { EpochMs } from "../app/time.ts";
import type { Run } from "../app/history/run.ts";

export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Folder below the tasks folder; empty for the folder itself. */
  readonly folder: string;
  readonly description?: string;
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
  readonly timezone: string;
  readonly next: EpochMs | null;
  readonly hasParams: boolean;
  readonly last?: RunView;
  /** What is odd about it, in sentences. */
  readonly warnings: readonly string[];
  /** How it is run, as far as that is not the usual, in words. */
  readonly policies: readonly { readonly name: string; readonly value: string }[];
}

export interface RunView extends Run {
  readonly isOver: boolean;
  /** Zone of the task, in which its times are shown. */
  readonly timezone: string;
  readonly durationMs?: number;
  /** The message, or the reason in the viewer's language; empty where there is neither. */
  readonly said: string;
  /** Why it has not begun, in words. */
  readonly waitingFor?: string;
}

export interface ViewerView {
  readonly locale: "en" | "zh";
  readonly timezone?: string;
  readonly theme?: "light" | "dark";
}
