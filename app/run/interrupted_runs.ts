/** Starts runs again that were cut off, where their task says so: at the next start, or at once where a host was lost. */
import type { EpochMs } from "../base/time.ts";
import type { RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";
import { startsAgain } from "../policy/interrupted.ts";
import type { Task } from "../task/task.ts";
import { causeOfRepeated } from "./causing_run.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { lacksSecret } from "./kept_params.ts";
import { leaveRun } from "./left_run.ts";

/** Runs of a task that are looked at, the newest. */
const LOOKED_AT = 200;
/** A run that ended so long before Carillon did was cut off by an earlier end: somebody has seen it since. */
const BEFORE_THE_END_MS = 300_000;

export interface InterruptedRunsParts {
  readonly events: EventBus;
  readonly runs: Pick<RunReader, "recent" | "get">;
  readonly tasks: () => Iterable<Task>;
  readonly taskOf: (id: string) => Task | undefined;
  readonly dispatcher: Dispatcher;
  /** When Carillon was active before this start. */
  readonly lastAlive: EpochMs | undefined;
}

export class InterruptedRuns implements Service {
  readonly #subscriptions: (() => void)[] = [];
  /** The check that is going on: one after the other, so that no run is started twice. */
  #checking: Promise<void> = Promise.resolve();
  #active = false;

  constructor(readonly parts: InterruptedRunsParts) {}

  async start(): Promise<void> {
    const { events, tasks } = this.parts;
    this.#active = true;
    for (const task of tasks()) {
      const { interrupted, hook } = task.description.policies;
      if (interrupted === "again" || hook) await this.#startCutOff(task);
    }
    this.#subscriptions.push(
      events.on("run.ended", ({ run }) => {
        // What a stop ends is the next start's: here it would be queued and ended again and again.
        if (run.status !== "interrupted" || run.reason?.key === "reason.stopped" || isSeenTo(run)) return;
        this.#checkLater(run);
      }),
      events.on("system.stopping", () => void this.stop()),
    );
  }

  /** What is cut off from now on is looked at by the next start. */
  async stop(): Promise<void> {
    this.#active = false;
    for (const end of this.#subscriptions.splice(0)) end();
    await this.#checking;
  }

  #checkLater(run: Run): void {
    const task = this.parts.taskOf(run.taskId);
    if (task?.description.policies.interrupted !== "again") return;
    this.#checking = this.#checking.then(async () => {
      try {
        await this.#again(task, run, await this.parts.runs.recent(run.taskId, LOOKED_AT));
      } catch (error) {
        this.parts.events.emit("run.left", { run });
        this.parts.events.emit("clock.failed", { taskId: run.taskId, error });
      }
    });
  }

  /** What the end of the program before cut off. */
  async #startCutOff(task: Task): Promise<void> {
    const recent = await this.parts.runs.recent(task.id, LOOKED_AT);
    const since = (this.parts.lastAlive ?? Infinity) - BEFORE_THE_END_MS;
    const cutOff = recent.filter((run) =>
      run.status === "interrupted" && !isSeenTo(run) && (run.finishedAt ?? 0) >= since
    );
    for (const run of cutOff.toReversed()) await this.#again(task, run, recent);
  }

  async #again(task: Task, run: Run, recent: readonly Run[]): Promise<void> {
    const { events, dispatcher, runs } = this.parts;
    const after = await causeOfRepeated(runs, run);
    if (!this.#active || recent.some((each) => isAgain(each, run.id))) return;
    const { interrupted } = task.description.policies;
    const policy = isPromised(run, recent) ? "again" : interrupted;
    if (policy !== "again") return;
    if (!startsAgain(policy, timesAgain(run, recent))) {
      leaveRun(events, run, `it and those before it were cut off ${startsOf(run, recent).length} times`);
    } else if (lacksSecret(run.params)) {
      leaveRun(events, run, "a secret was among its parameters, which is not kept");
    } else dispatcher.startAgain(task, run, after);
  }
}

/** A backfill sees to its own runs; a file whose run had not begun is taken again as long as it is there. */
function isSeenTo({ cause, startedAt }: Run): boolean {
  return cause === "backfill" || (cause === "file" && startedAt === undefined);
}

/** The sender of a hook was told that its run comes, and does not ask again: one that had not begun is made up for. */
function isPromised(run: Run, recent: readonly Run[]): boolean {
  return run.startedAt === undefined && startsOf(run, recent).at(-1)?.cause === "hook";
}

function isAgain({ cause, by }: Run, runId: string): boolean {
  return cause === "again" && by === runId;
}

/** How often the run was started again already; one that had not begun did nothing that could have been the cause. */
function timesAgain(run: Run, recent: readonly Run[]): number {
  return startsOf(run, recent).filter(({ cause, startedAt }) => cause === "again" && startedAt !== undefined)
    .length;
}

/** A run, the one that it repeats because that was cut off, and so on. */
function startsOf(run: Run, recent: readonly Run[]): readonly Run[] {
  const starts: Run[] = [];
  for (let at: Run | undefined = run; at; at = at.cause === "again" ? before(at, recent) : undefined) {
    starts.push(at);
  }
  return starts;
}

function before({ id, by = "" }: Run, recent: readonly Run[]): Run | undefined {
  return by < id ? recent.find((each) => each.id === by) : undefined;
}
