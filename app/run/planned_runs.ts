/**
 * Runs that other runs have planned, each for one moment. A plan is on the disk until its run is recorded, so that each
 * ends in exactly one record (I1): a run, however late, or a skipped one where there is no such task any more.
 */
import { messageOf } from "../base/errors.ts";
import type { Clock, PlannedRunLog, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { reason } from "../locale/reason.ts";
import type { PlannedRun, RunPlan } from "../model/planned_run.ts";
import type { Run } from "../model/run.ts";
import type { Task } from "../task/task.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { lacksSecret } from "./kept_params.ts";
import type { Recorder } from "./recorder.ts";

/** Plans that may wait at one time: a loop that plans without end is a mistake. */
const MOST_PLANNED = 10_000;
/** A plan is a file, and its run would get what is kept of it. */
const SECRET =
  "a parameter holds an entry of [secrets], which is not kept; let that task ask for it itself, by secret(…)";
/** Runs of a task that are looked at after a start, the newest. */
const LOOKED_AT = 10_000;

export interface PlannedRunsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly log: PlannedRunLog;
  readonly runs: Pick<RunReader, "find">;
  readonly recorder: Recorder;
  readonly dispatcher: Dispatcher;
  readonly taskOf: (id: string) => Task | undefined;
}

export class PlannedRuns implements Service {
  /** By id. */
  readonly #waiting = new Map<string, PlannedRun>();
  readonly #subscriptions: (() => void)[];
  #wake = new AbortController();
  #active = false;
  #loop: Promise<void> = Promise.resolve();
  #count = 0;

  constructor(readonly parts: PlannedRunsParts) {
    const { events } = parts;
    this.#subscriptions = [
      events.on("run.planned", ({ run, plans }) => this.#add(run, plans)),
      events.on("system.stopping", () => this.#end()),
    ];
  }

  /** Plans that wait, the next one first. @param taskId only those of one task */
  all(taskId?: string): readonly PlannedRun[] {
    return [...this.#waiting.values()]
      .filter((plan) => taskId === undefined || plan.taskId === taskId)
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  async start(): Promise<void> {
    for (const plan of this.parts.log.read()) {
      // The program before may have ended between recording the run and forgetting the plan.
      if (plan.at <= this.parts.clock.now() && await this.#hasRun(plan)) this.parts.log.remove(plan.id);
      else this.#waiting.set(plan.id, plan);
    }
    this.#active = true;
    this.#loop = this.#run();
  }

  /** After the runner: what a run plans that ends in its grace time is written down too. */
  async stop(): Promise<void> {
    for (const end of this.#subscriptions) end();
    this.#end();
    await this.#loop;
  }

  /** Takes a plan back; undefined where there is none any more. */
  cancel(id: string): PlannedRun | undefined {
    const plan = this.#waiting.get(id);
    if (plan) this.#forget(plan);
    return plan;
  }

  #end(): void {
    this.#active = false;
    this.#wake.abort(new Error("Carillon stops"));
  }

  async #hasRun({ id, taskId, askedAt }: PlannedRun): Promise<boolean> {
    const runs = await this.parts.runs.find({ taskId, from: askedAt, limit: LOOKED_AT });
    return runs.some(({ cause, by }) => cause === "planned" && by === id);
  }

  /** What cannot be written down is not planned, and the run that asked says so. */
  #add(run: Run, plans: readonly RunPlan[]): void {
    const { clock, log, recorder, taskOf } = this.parts;
    for (const plan of plans) {
      const askedAt = clock.now();
      const id = `plan-${askedAt.toString(36)}-${(this.#count++).toString(36)}-${run.id.slice(-6)}`;
      const planned: PlannedRun = { ...plan, id, askedBy: run.id, askedAt };
      try {
        if (recorder.hidesOf(plan.params) || lacksSecret(plan.params)) throw new TypeError(SECRET);
        if (this.#waiting.size >= MOST_PLANNED) throw new RangeError(`${MOST_PLANNED} are waiting already`);
        log.add(planned);
      } catch (error) {
        recorder.log(run.id, "error", `schedule: ${plan.taskId} could not be planned: ${messageOf(error)}`);
        continue;
      }
      if (!taskOf(plan.taskId)) {
        recorder.log(
          run.id,
          "warn",
          `schedule: there is no task "${plan.taskId}" now; it is looked for when it is due`,
        );
      }
      this.#waiting.set(id, planned);
    }
    this.#wake.abort(new Error("another run is planned"));
  }

  async #run(): Promise<void> {
    while (this.#active) {
      this.#startDue();
      const [next] = this.all();
      const { signal } = this.#wake = new AbortController();
      try {
        await (next ? this.parts.clock.sleepUntil(next.at, signal) : untilAborted(signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #startDue(): void {
    const now = this.parts.clock.now();
    for (const plan of this.all()) {
      if (plan.at > now || !this.#active) return;
      try {
        this.#begin(plan);
        this.#forget(plan);
      } catch (error) {
        // Kept on the disk: the next start of Carillon tries again.
        this.#waiting.delete(plan.id);
        this.parts.events.emit("clock.failed", { taskId: plan.taskId, error });
      }
    }
  }

  #begin({ id, taskId, at, params }: PlannedRun): void {
    const { dispatcher, recorder, taskOf } = this.parts;
    const request = { cause: "planned", by: id, scheduledAt: at, params } as const;
    const task = taskOf(taskId);
    if (task) dispatcher.startAsked(task, request);
    else recorder.skip(taskId, request, reason("reason.planned_no_task"));
  }

  #forget({ id }: PlannedRun): void {
    this.#waiting.delete(id);
    this.parts.log.remove(id);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

/** Plans that the next start of the program does not know. */
export function passingPlans(): PlannedRunLog {
  return { read: () => [], add() {}, remove() {} };
}
