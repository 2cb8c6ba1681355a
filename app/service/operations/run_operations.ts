/** Asking for a run: its parameters are read and checked, the same key starts it once, and where it must it waits for another person. */
import type { Clock, RunReader } from "../../contracts.ts";
import type { Actor } from "../../model/actor.ts";
import type { ParamProblem } from "../../model/order.ts";
import type { Run, RunCause } from "../../model/run.ts";
import type { Approvals } from "../../run/approvals.ts";
import { causeOfRepeated } from "../../run/causing_run.ts";
import { type Dispatcher, windowedMoment } from "../../run/dispatcher.ts";
import { lacksSecret } from "../../run/kept_params.ts";
import type { RunRequest } from "../../run/recorder.ts";
import { readParams, valueProblems } from "../../task/params.ts";
import type { Task } from "../../task/task.ts";
import type { Windows } from "../../task/windows.ts";
import type { Hosts } from "../../worker/hosts.ts";
import { type AskedRun, expectConfirmed, termsOf } from "../asked_run.ts";
import { IdempotencyKeys } from "../idempotency.ts";
import type { Lifetime } from "../lifetime.ts";
import { Refusal } from "../refusal.ts";
import type { Expected } from "./expected.ts";
import { withoutShownDefaults } from "./shown_defaults.ts";

export interface RunOperationsParts {
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly expected: Expected;
  readonly windows: Windows;
  readonly checker: Pick<Hosts, "check">;
  readonly approvals: Approvals;
  readonly dispatcher: Dispatcher;
  readonly runs: Pick<RunReader, "get">;
}

/** What asking for a run led to. Parameters that do not pass the task's schema start nothing. */
export type StartAnswer =
  | { readonly ok: true; readonly run: Run }
  | { readonly ok: false; readonly problems: readonly ParamProblem[] };

export class RunOperations {
  readonly #started: IdempotencyKeys<StartAnswer>;

  constructor(readonly parts: RunOperationsParts) {
    this.#started = new IdempotencyKeys({
      now: () => parts.clock.now(),
      idOf: (answer) => answer.ok ? answer.run.id : undefined,
      again: async (id) => ({ ok: true, run: await parts.expected.run(id) }),
    });
  }

  /** With parameters as texts. */
  async run(
    actor: Actor,
    taskId: string,
    given: Iterable<readonly [string, string]>,
    key?: string,
    asked: AskedRun = {},
  ): Promise<StartAnswer> {
    const { expected } = this.parts;
    const task = expected.task(taskId);
    expected.starting();
    const note = expectConfirmed(task, asked);
    const texts = withoutShownDefaults(given, task.description.params);
    return await this.#started.once(keyFor("run", taskId, key), JSON.stringify(texts), async () => {
      const read = readParams(texts, task.description.params);
      if (read.ok) return await this.#start(task, actor, CAUSES[actor.channel], read.params, note);
      const problems = [...read.problems, ...await this.#further(task, read.params)];
      return { ok: false, problems };
    });
  }

  /** With parameters as values: a number stays one. */
  async start(
    actor: Actor,
    taskId: string,
    given: Readonly<Record<string, unknown>>,
    key?: string,
    asked: AskedRun = {},
  ): Promise<StartAnswer> {
    const { expected } = this.parts;
    const task = expected.task(taskId);
    expected.starting();
    // A hook is no person: its signature is all that it is asked for.
    const note = actor.channel === "hook" ? undefined : expectConfirmed(task, asked);
    const params = Object.fromEntries(withoutShownDefaults(Object.entries(given), task.description.params));
    return await this.#started.once(keyFor("run", taskId, key), JSON.stringify(params), async () => {
      const problems = valueProblems(params, task.description.params);
      if (problems.length > 0) return { ok: false, problems };
      return await this.#start(task, actor, CAUSES[actor.channel], params, note);
    });
  }

  /** With the parameters that a run had. */
  async rerun(actor: Actor, runId: string, key?: string, asked: AskedRun = {}): Promise<StartAnswer> {
    const { expected } = this.parts;
    const run = await expected.run(runId);
    const task = expected.task(run.taskId);
    expected.starting();
    const note = expectConfirmed(task, asked);
    if (lacksSecret(run.params)) throw new Refusal("invalid", "problem.rerun_secret", { task: task.id });
    return await this.#started.once(
      keyFor("rerun", runId, key),
      "",
      async () => {
        const after = await causeOfRepeated(this.parts.runs, run);
        return await this.#start(task, actor, "retry", run.params, note, {
          scheduledAt: windowedMoment(task, run),
          after,
        });
      },
    );
  }

  async #start(
    task: Task,
    actor: Actor,
    cause: RunCause,
    given: Readonly<Record<string, unknown>>,
    note: string | undefined,
    { scheduledAt, after }: Pick<RunRequest, "scheduledAt" | "after"> = {},
  ): Promise<StartAnswer> {
    const { windows, clock, checker, approvals, lifetime, dispatcher, expected } = this.parts;
    const window = windows.of(task, scheduledAt ?? clock.now());
    const params = windows.fill(task, given, window);
    const problems = await checker.check(task, params);
    if (problems.length > 0) return { ok: false, problems };
    // Parameters were checked for a while.
    expected.starting();
    const { traceparent } = actor;
    const request = { cause, by: actor.name, scheduledAt, params, note, window, after, traceparent };
    const approval = actor.channel === "hook" ? undefined : task.description.policies.approval;
    if (!approval) return { ok: true, run: dispatcher.startAsked(task, request) };
    if (approvals.hidesOf(params)) {
      throw new Refusal("invalid", "problem.approval_secret", { task: task.id });
    }
    // A command beside the server has nobody who could approve, and what it records ends with it.
    if (!lifetime.isRunning) throw new Refusal("conflict", "problem.approval_offline", { task: task.id });
    const terms = termsOf(approval, task, actor, this.#awaiting(task), clock.now());
    return { ok: true, run: approvals.hold(task, request, terms) };
  }

  /** How many runs of a task wait for another person. */
  #awaiting({ id }: Task): number {
    return this.parts.approvals.all().filter(({ taskId }) => taskId === id).length;
  }

  /** What the schema finds wrong with the parameters that could be read, where others could not be. */
  async #further(task: Task, params: Readonly<Record<string, unknown>>): Promise<ParamProblem[]> {
    const found = await this.parts.checker.check(task, params);
    return found.filter(({ name }) => Object.hasOwn(params, name));
  }
}

/** Ids and keys may be anything: what stands between them must not be part of one. */
function keyFor(what: "run" | "rerun", id: string, key: string | undefined): string | undefined {
  return key ? JSON.stringify([what, id, key]) : undefined;
}

const CAUSES = {
  page: "manual",
  api: "api",
  pyscheduler: "api",
  cli: "cli",
  hook: "hook",
  carillon: "api",
} as const;
