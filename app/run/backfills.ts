/**
 * Backfills: runs for the due instants of a past range, some at a time, beside the schedule. Each goes on where it was
 * after a stop or a crash: what has a run that is over is not run again, what was cut off is.
 */
import type { EpochMs } from "../base/time.ts";
import type { BackfillLog, Clock, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { BackfillPlan, BackfillProgress, BackfillRecord, BackfillState } from "../model/backfill.ts";
import { isTerminal, type Run, type RunStatus } from "../model/run.ts";
import { MAX_TIMES_AGAIN } from "../policy/interrupted.ts";
import type { Task } from "../task/task.ts";
import type { Windows } from "../task/windows.ts";
import type { Runner } from "./runner.ts";

/** Backfills that are over and still shown, the newest. */
const KEPT = 100;
/** Runs of the task that are looked at when one goes on after a start, the newest. */
const LOOKED_AT = 10_000;
/** So many runs that did not succeed are named. */
const NAMED_FAILURES = 100;

export interface BackfillsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly log: BackfillLog;
  readonly runs: Pick<RunReader, "find">;
  readonly runner: Runner;
  readonly windows: Windows;
  readonly taskOf: (id: string) => Task | undefined;
  /** Parameters without secrets, as they are shown; the runs get them as they were given. */
  readonly maskedParams: (params: BackfillPlan["params"]) => BackfillPlan["params"];
}

interface Ended {
  readonly run: string;
  readonly status: RunStatus;
}

interface Backfill {
  readonly plan: BackfillPlan;
  /** Instants without a run, in their order. */
  waiting: EpochMs[];
  /** Ids of the runs that are not over. */
  readonly going: Map<EpochMs, string>;
  readonly ended: Map<EpochMs, Ended>;
  /** How often the run of an instant was cut off, and one of those runs. */
  readonly cutOff: Map<EpochMs, { readonly run: Run; readonly times: number }>;
  cancelled: boolean;
}

export class Backfills implements Service {
  readonly #all = new Map<string, Backfill>();
  readonly #subscriptions: (() => void)[] = [];
  #active = false;

  constructor(readonly parts: BackfillsParts) {}

  /** Goes on with what the program before had not finished. */
  async start(): Promise<void> {
    const { events, log } = this.parts;
    const records = log.read().toSorted((a, b) => a.plan.askedAt - b.plan.askedAt);
    for (const record of records) await this.#restore(record);
    this.#active = true;
    this.#subscriptions.push(
      events.on("run.ended", ({ run }) => this.#onEnded(run)),
      events.on("task.loaded", ({ taskId }) => this.#goOn(taskId)),
      events.on("system.stopping", () => {
        this.#active = false;
      }),
    );
    for (const backfill of this.#all.values()) this.#fill(backfill);
  }

  /**
   * After the runner: how a run ends in its grace time is written down, and that it was the last is said. Those that are cut
   * off are run again after the next start.
   */
  stop(): Promise<void> {
    this.#active = false;
    for (const end of this.#subscriptions.splice(0)) end();
    return Promise.resolve();
  }

  /** All that are kept, the newest first. */
  all(): BackfillProgress[] {
    return [...this.#all.values()].map((each) => this.#progressOf(each)).reverse();
  }

  find(id: string): BackfillProgress | undefined {
    const found = this.#all.get(id);
    return found && this.#progressOf(found);
  }

  /** Begins one. It is written down first: from then on it is finished, whatever happens. @throws where it cannot be */
  begin(plan: BackfillPlan): BackfillProgress {
    this.parts.log.begin(plan);
    const backfill: Backfill = {
      plan,
      waiting: [...plan.instants],
      going: new Map(),
      ended: new Map(),
      cutOff: new Map(),
      cancelled: false,
    };
    this.#all.set(plan.id, backfill);
    this.#forgetOld();
    this.parts.events.emit("backfill.started", {
      plan: this.#progressOf(backfill).plan,
      total: plan.instants.length,
    });
    this.#fill(backfill);
    return this.#progressOf(backfill);
  }

  /** Ends its runs and begins no further ones. False where there is nothing to end. */
  cancel(id: string, by?: string): boolean {
    const backfill = this.#all.get(id);
    if (!backfill || stateOf(backfill) !== "going") return false;
    backfill.cancelled = true;
    backfill.waiting = [];
    this.#write(
      backfill,
      () => this.parts.log.add(id, { kind: "cancelled", at: this.parts.clock.now(), by }),
    );
    for (const run of [...backfill.going.values()]) this.parts.runner.cancel(run, by);
    this.parts.events.emit("backfill.ended", { progress: this.#progressOf(backfill) });
    return true;
  }

  /** What ended between the last run and the end of the program before is said now. */
  async #restore(record: BackfillRecord): Promise<void> {
    const backfill = await this.#restored(record);
    this.#all.set(record.plan.id, backfill);
    const isNews = record.entries.length < backfill.ended.size && stateOf(backfill) === "done";
    if (isNews) this.parts.events.emit("backfill.ended", { progress: this.#progressOf(backfill) });
  }

  /** A backfill as it was written down; what the file does not know of, because of a crash, the history does. */
  async #restored({ plan, entries }: BackfillRecord): Promise<Backfill> {
    const ended = new Map<EpochMs, Ended>();
    for (const entry of entries) if (entry.kind === "ended") ended.set(entry.instant, entry);
    const cancelled = entries.some(({ kind }) => kind === "cancelled");
    const backfill: Backfill = { plan, waiting: [], going: new Map(), ended, cutOff: new Map(), cancelled };
    if (cancelled || ended.size >= plan.instants.length) return backfill;
    const runs = await this.parts.runs.find({ taskId: plan.taskId, from: plan.askedAt, limit: LOOKED_AT });
    for (const run of runs) this.#restoreRun(backfill, run);
    for (const [instant, { run, times }] of backfill.cutOff) {
      if (times > MAX_TIMES_AGAIN && !ended.has(instant)) {
        this.#leave(backfill, instant, run);
      }
    }
    backfill.waiting = plan.instants.filter((instant) => !ended.has(instant));
    return backfill;
  }

  #restoreRun(backfill: Backfill, run: Run): void {
    const { plan, ended, cutOff } = backfill;
    const { id, cause, by, scheduledAt, status } = run;
    if (cause !== "backfill" || by !== plan.id || scheduledAt === undefined || ended.has(scheduledAt)) return;
    if (status === "interrupted") noteCutOff(cutOff, scheduledAt, run);
    else if (isTerminal(status)) this.#end(backfill, scheduledAt, { run: id, status });
  }

  /** The run of an instant was cut off too often. */
  #leave(backfill: Backfill, instant: EpochMs, run: Run): void {
    this.#end(backfill, instant, { run: run.id, status: run.status });
    this.parts.events.emit("run.left", { run });
  }

  #end(backfill: Backfill, instant: EpochMs, { run, status }: Ended): void {
    backfill.ended.set(instant, { run, status });
    this.#write(
      backfill,
      () => this.parts.log.add(backfill.plan.id, { kind: "ended", instant, run, status }),
    );
  }

  #goOn(taskId: string): void {
    for (const backfill of this.#all.values()) if (backfill.plan.taskId === taskId) this.#fill(backfill);
  }

  /** Begins as many runs as may go on at one time. */
  #fill(backfill: Backfill): void {
    const { plan, going, waiting } = backfill;
    const task = this.parts.taskOf(plan.taskId);
    if (!task || !this.#active) return;
    const most = Math.min(plan.atOnce, task.description.policies.concurrency);
    while (going.size < most) {
      const instant = waiting.shift();
      if (instant === undefined) break;
      const run = this.parts.runner.run(task, {
        cause: "backfill",
        by: plan.id,
        scheduledAt: instant,
        params: plan.params,
        window: this.parts.windows.spanTo(task, instant),
      });
      going.set(instant, run.id);
    }
  }

  #onEnded(run: Run): void {
    const { id, cause, by, scheduledAt, status } = run;
    const backfill = cause === "backfill" && by !== undefined ? this.#all.get(by) : undefined;
    if (!backfill || scheduledAt === undefined || backfill.going.get(scheduledAt) !== id) return;
    backfill.going.delete(scheduledAt);
    if (status !== "interrupted" || backfill.cancelled) this.#end(backfill, scheduledAt, { run: id, status });
    else if (noteCutOff(backfill.cutOff, scheduledAt, run) <= MAX_TIMES_AGAIN) {
      backfill.waiting.unshift(scheduledAt);
    } else this.#leave(backfill, scheduledAt, run);
    if (stateOf(backfill) === "done") {
      this.parts.events.emit("backfill.ended", { progress: this.#progressOf(backfill) });
    } else this.#fill(backfill);
  }

  #progressOf(backfill: Backfill): BackfillProgress {
    const progress = progressOf(backfill);
    const { plan } = progress;
    return { ...progress, plan: { ...plan, params: this.parts.maskedParams(plan.params) } };
  }

  /** What cannot be written is found in the history after a restart. */
  #write({ plan: { taskId } }: Backfill, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.parts.events.emit("clock.failed", { taskId, error });
    }
  }

  #forgetOld(): void {
    const over = [...this.#all.values()].filter((each) => stateOf(each) !== "going");
    for (const each of over.slice(0, -KEPT)) {
      this.#all.delete(each.plan.id);
      this.#write(each, () => this.parts.log.remove(each.plan.id));
    }
  }
}

/** How often the run of an instant was cut off by now: it may be the cause of it, and is not run again for ever. */
function noteCutOff(cutOff: Backfill["cutOff"], instant: EpochMs, run: Run): number {
  const times = (cutOff.get(instant)?.times ?? 0) + 1;
  cutOff.set(instant, { run, times });
  return times;
}

function stateOf({ plan, ended, cancelled }: Backfill): BackfillState {
  if (cancelled) return "cancelled";
  return ended.size >= plan.instants.length ? "done" : "going";
}

function progressOf(backfill: Backfill): BackfillProgress {
  const { plan: { instants, ...plan }, waiting, going, ended } = backfill;
  const counts: Partial<Record<RunStatus, number>> = {};
  for (const { status } of ended.values()) counts[status] = (counts[status] ?? 0) + 1;
  const failed = [...ended].filter(([, { status }]) => status !== "succeeded")
    .map(([instant, { run, status }]) => ({ instant, run, status }))
    .sort((a, b) => a.instant - b.instant);
  return {
    plan,
    state: stateOf(backfill),
    total: instants.length,
    waiting: waiting.length,
    going: [...going.values()],
    ended: counts,
    failed: failed.slice(0, NAMED_FAILURES),
  };
}
