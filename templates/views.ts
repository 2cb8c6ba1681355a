/** What the components are given: plain values, put together by `app/web`. */
import type { Run } from "../app/history/run.ts";

export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  /** Path below the tasks folder. */
  readonly file: string;
  /** The trigger in words. */
  readonly trigger: string;
  /** The exact rule, such as `cron[hour='10']`; empty without a trigger. */
  readonly rule: string;
  /** True where it has a trigger that will not fire any more. */
  readonly ended: boolean;
  readonly timezone: string;
  readonly next: Temporal.Instant | null;
  readonly hasParams: boolean;
  readonly last?: RunView;
}

export interface RunView extends Run {
  readonly isOver: boolean;
  /** Zone of the task, in which its times are shown. */
  readonly timezone: string;
  readonly durationMs?: number;
}

export interface ViewerView {
  readonly locale: "en" | "zh";
  readonly timezone?: string;
}
