/**
 * Everything that happens, one line an event. This list is a contract: followers, page revisions, live logs, the
 * journal, and later notifications, metrics and the audit rely on it and on nothing else.
 */
import type { Sentence } from "../base/sentence.ts";
import type { EpochMs } from "../base/time.ts";
import type { Actor } from "./actor.ts";
import type { BackfillProgress } from "./backfill.ts";
import type { AttemptSpan } from "./order.ts";
import type { RunPlan } from "./planned_run.ts";
import type { LogLine, Run } from "./run.ts";

export interface Events {
  /** A run was recorded that another person has to approve; nothing of it runs before. */
  "run.awaiting_approval": { readonly run: Run; readonly traceparent?: string | undefined };
  /** A run was recorded, or approved, and waits for its start. `traceparent` is that of who asked for it. */
  "run.queued": { readonly run: Run; readonly traceparent?: string | undefined };
  /** An attempt begins; `run.attempt` says which. Recorded before its code starts. */
  "run.started": { readonly run: Run };
  /** The code of an attempt is in a host; only while somebody traces. */
  "run.hosted": { readonly run: Run };
  /** A part of an attempt has ended, as a trace has it; only while somebody traces. */
  "run.spanned": { readonly run: Run; readonly span: AttemptSpan };
  /** A run reported how far it is. */
  "run.progressed": { readonly run: Run };
  /** An attempt did not succeed and another one follows after `delayMs`. */
  "run.retrying": { readonly run: Run; readonly delayMs: number };
  /** A run reached a terminal status. Recorded before this is said. */
  "run.ended": { readonly run: Run };
  /** A run that was cut off is left at that, though its task, or the backfill that it is of, has such runs begin again. */
  "run.left": { readonly run: Run };
  /** One or more due instants became no run, by a policy; `run.instants` counts those of the record so far. */
  "run.skipped": { readonly run: Run };
  /** One or more due instants went by without being noticed. */
  "run.missed": { readonly run: Run };
  /** A run takes longer than its budget, or, where `usual` is true, than three times what is usual; said once, while it goes on. */
  "run.slow": { readonly run: Run; readonly limitMs: number; readonly usual: boolean };
  /** A run that has succeeded asks for further ones, each at its moment. */
  "run.planned": { readonly run: Run; readonly plans: readonly RunPlan[] };
  /** A line was added to a run's log. */
  "run.logged": { readonly runId: string; readonly line: LogLine };
  /** A task is new or has another version; `rule` is its trigger in English, undefined where it has none. */
  "task.loaded": {
    readonly taskId: string;
    readonly path: string;
    readonly rule?: string | undefined;
    readonly ended: boolean;
  };
  /** A task's file is gone. */
  "task.removed": { readonly taskId: string };
  /** A file became unusable, or in another way than before. Where `taskId` is given, its last good version stays active. */
  "task.broken": {
    readonly file: string;
    readonly message: string;
    /** The message for every language, where it is not in a program's own words. */
    readonly sentence?: Sentence | undefined;
    readonly place?: { readonly line: number; readonly column: number } | undefined;
    readonly taskId?: string | undefined;
  };
  /** Something is odd about a task but does not keep it from running. */
  "task.warned": { readonly taskId: string; readonly message: string };
  /** Somebody stopped a task's trigger, or said otherwise for how long; or `failures` in a row did. */
  "task.paused": {
    readonly taskId: string;
    readonly actor: Actor;
    readonly until?: EpochMs | undefined;
    readonly note?: string | undefined;
    readonly failures?: number | undefined;
  };
  /** Somebody let a task's trigger go on, or the moment came until which it was paused. */
  "task.resumed": { readonly taskId: string; readonly actor: Actor };
  /** Somebody asked for the runs of a past range. */
  "backfill.started": { readonly plan: BackfillProgress["plan"]; readonly total: number };
  /** All its runs are over, or it was cancelled. */
  "backfill.ended": { readonly progress: BackfillProgress };
  /** A task had not succeeded by the time of day that it promises; `day` is `2026-10-01`, on its own wall clock. */
  "task.undone": {
    readonly taskId: string;
    readonly day: string;
    readonly doneBy: string;
    readonly at: EpochMs;
  };
  /** Somebody knows of a task's failure; `cause` is what it has in common with others. */
  "task.acknowledged": {
    readonly taskId: string;
    readonly cause: string;
    readonly note: string;
    readonly actor: Actor;
  };
  /** Somebody signed in or out, or was refused; users, passwords and tokens were changed. Said for the audit. */
  "auth.happened": {
    /** Such as `sign_in` or `user.add`. */
    readonly action: string;
    readonly actor: Actor;
    /** Such as `user/anna`. */
    readonly target?: string | undefined;
    readonly outcome: "done" | "refused";
    readonly message?: string | undefined;
  };
  /** The task folder was read, whatever came of it. */
  "folder.read": { readonly changed: number; readonly removed: number; readonly broken: number };
  /** The task folder could not be read; what was loaded stays active. */
  "folder.failed": { readonly message: string };
  /** It can be read again. */
  "folder.recovered": Readonly<Record<never, never>>;
  /** What is behind the history's memory cannot be written. */
  "history.failed": { readonly message: string };
  /** It is written again, and has what it had missed. */
  "history.recovered": { readonly message: string };
  /** The audit cannot be written: entries are kept in memory. */
  "audit.failed": { readonly message: string };
  /** It is written again, and has what it had missed. */
  "audit.recovered": { readonly message: string };
  /** Lines of the audit are missing, or were cut off. */
  "audit.damaged": { readonly message: string };
  /** A host ended that was not asked to. */
  "host.lost": { readonly pid: number; readonly message: string };
  /** The disk that holds the data is nearly full. */
  "disk.low": { readonly folder: string; readonly free: number };
  /** It has room again. */
  "disk.recovered": { readonly folder: string; readonly free: number };
  /** Spans of traces that nobody gets: the collector refused them, or did not take them in time. */
  "trace.dropped": { readonly count: number };
  /** A message was sent, or tried to be. */
  "notify.tried": {
    readonly target: string;
    readonly id: string;
    readonly outcome: "ok" | "retry" | "permanent";
  };
  /** A message could not be delivered; `next` is the target that has it now. */
  "notify.undelivered": {
    readonly target: string;
    readonly id: string;
    readonly reason: string;
    readonly next?: string | undefined;
  };
  /** The system clock went back by `ms`. */
  "clock.stepped": { readonly ms: number; readonly now: EpochMs };
  /** The system clock was set back by `ms`: what has a record until `until` does not come again. */
  "clock.set_back": { readonly ms: number; readonly until: EpochMs };
  /** Handling an instant failed: a bug. */
  "clock.failed": { readonly taskId?: string | undefined; readonly error: unknown };
  /** The clock stood still for so many milliseconds; `running` are the tasks that had a run going on. */
  "clock.stalled": { readonly ms: number; readonly running: readonly string[] };
  /** Tasks become due from now on. */
  "system.started": { readonly at: EpochMs };
  /** Nothing becomes due any more; runs have their grace time. */
  "system.stopping": { readonly at: EpochMs };
}

export type EventName = keyof Events;
