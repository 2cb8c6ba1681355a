/**
 * Runs that wait for the word of another person. They are in the history, so they go on waiting after a restart; where
 * nobody decides in time they are cancelled.
 */
import type { Clock, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { localDateTime } from "../base/time_zone.ts";
import { reason } from "../locale/reason.ts";
import type { CausingRun } from "../model/order.ts";
import type { RunReason } from "../model/reason.ts";
import type { Approval, Run } from "../model/run.ts";
import type { Task } from "../task/task.ts";
import { endedBy } from "./attempt.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Recorder, RunRequest } from "./recorder.ts";

/** Runs that are read back at the start, the newest; one task has far fewer. */
const MAX_READ = 10_000;

export interface ApprovalsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly runs: Pick<RunReader, "find">;
  readonly recorder: Recorder;
  readonly dispatcher: Pick<Dispatcher, "startApproved">;
  /** Zone in which a task's times are shown. */
  readonly zoneOf: (taskId: string) => string;
}

/** How often it is looked whether a run has waited for too long. */
const LOOK_MS = 30_000;

/** What somebody said to a run that waits. */
export interface Decision {
  readonly by: string;
  readonly note?: string | undefined;
}

/** A run that is held, with its terms. */
export type HeldRun = Run & { readonly approval: Approval };

interface Held {
  readonly run: HeldRun;
  /** Aborted when the run does not wait any more. */
  readonly over: AbortController;
}

export class Approvals implements Service {
  readonly #held = new Map<string, Held>();
  readonly #subscriptions: (() => void)[] = [];
  #reading: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(readonly parts: ApprovalsParts) {}

  /** Finds the runs that waited when the program before ended. */
  async start(): Promise<void> {
    const { events } = this.parts;
    this.#subscriptions.push(
      // A file that could not be read at the start may have some.
      events.on("history.recovered", () => this.#readLater()),
      events.on("system.stopping", () => void this.stop()),
    );
    await this.#read();
  }

  /** What waits goes on waiting: in the history, for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#subscriptions.splice(0)) end();
    for (const { over } of this.#held.values()) over.abort();
    await this.#reading;
  }

  /** Runs that wait, the oldest first. */
  all(): readonly HeldRun[] {
    return [...this.#held.values()].map(({ run }) => run).sort((a, b) => a.id < b.id ? -1 : 1);
  }

  find(runId: string): HeldRun | undefined {
    return this.#held.get(runId)?.run;
  }

  /** True where a run could not begin with what is kept of its parameters. */
  hidesOf(params: Run["params"]): boolean {
    return this.parts.recorder.hidesOf(params);
  }

  /** Records a run that waits. */
  hold(task: Task, request: RunRequest, approval: Approval): Run {
    if (this.#stopped) throw new Error("Carillon is stopping: no new runs");
    const run = this.parts.recorder.hold(task.id, request, approval);
    this.#keep({ ...run, approval });
    return run;
  }

  /**
   * Lets a run begin. Undefined where it does not wait (any more): of two who decide at once, one is the first.
   *
   * @param after the run that it follows, or that the run it repeats followed
   */
  approve(task: Task, runId: string, decision: Decision, after?: CausingRun): Run | undefined {
    if (this.#stopped) throw new Error("Carillon is stopping: no new runs");
    const run = this.#take(runId);
    if (!run) return undefined;
    return this.parts.dispatcher.startApproved(task, run, this.#decided(run, "approved", decision), after);
  }

  /** Ends a run. Undefined where it does not wait (any more). */
  decline(runId: string, decision: Decision): Run | undefined {
    const run = this.#take(runId);
    if (!run) return undefined;
    const { by, note } = decision;
    const why = note === undefined
      ? reason("reason.declined", { by })
      : reason("reason.declined_note", { by, note: this.parts.recorder.cleanNote(note) });
    return this.#end(run, why, this.#decided(run, "declined", decision));
  }

  /** Ends a run that whoever asked for it, or somebody else, does not want any more. False where it does not wait. */
  cancel(runId: string, by?: string): boolean {
    const run = this.#take(runId);
    if (!run) return false;
    this.#end(run, by === undefined ? reason("reason.cancelled") : reason("reason.cancelled_by", { by }));
    return true;
  }

  #decided(
    { approval }: HeldRun,
    decision: NonNullable<Approval["decision"]>,
    { by, note }: Decision,
  ): Approval {
    return { ...approval, decision, decidedBy: by, decidedAt: this.parts.clock.now(), note };
  }

  #end(run: HeldRun, why: RunReason, approval: Approval = run.approval): Run {
    const { recorder } = this.parts;
    return recorder.end(
      { ...run, approval: recorder.cleanApproval(approval) },
      endedBy({ status: "cancelled", reason: why }),
    );
  }

  #keep(run: HeldRun): void {
    const over = new AbortController();
    this.#held.set(run.id, { run, over });
    this.#watch(run, over.signal).catch((error) => {
      if (!over.signal.aborted) this.parts.events.emit("clock.failed", { taskId: run.taskId, error });
    });
  }

  async #watch({ id, approval }: HeldRun, signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    // In pieces, so that a system clock that was set is noticed.
    for (let left = approval.expiresAt - clock.now(); left > 0; left = approval.expiresAt - clock.now()) {
      await clock.sleep(Math.min(left, LOOK_MS), signal);
    }
    this.#expire(id);
  }

  #take(runId: string): HeldRun | undefined {
    const held = this.#held.get(runId);
    this.#held.delete(runId);
    held?.over.abort();
    return held?.run;
  }

  #expire(runId: string): void {
    if (this.#stopped) return;
    const run = this.#take(runId);
    if (!run) return;
    const time = localDateTime(run.approval.expiresAt, this.parts.zoneOf(run.taskId));
    this.#end(run, reason("reason.approval_expired", { time, role: run.approval.role }));
  }

  #readLater(): void {
    this.#reading = this.#reading.then(() => this.#read()).catch((error) =>
      this.parts.events.emit("clock.failed", { error })
    );
  }

  async #read(): Promise<void> {
    const found = await this.parts.runs.find({ statuses: ["awaiting_approval"], limit: MAX_READ });
    if (this.#stopped) return;
    for (const run of found) {
      if (this.#held.has(run.id)) continue;
      if (isHeld(run)) this.#keep(run);
      // A record that no Carillon has written: nobody could ever decide.
      else {this.parts.recorder.end(
          run,
          endedBy({ status: "interrupted", reason: reason("reason.interrupted") }),
        );}
    }
  }
}

function isHeld(run: Run): run is HeldRun {
  return run.approval !== undefined;
}
