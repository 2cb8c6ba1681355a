/** The word of another person on a run that waits for it: it begins, or it ends. */
import type { RunReader } from "../../contracts.ts";
import type { Actor } from "../../model/actor.ts";
import type { Run } from "../../model/run.ts";
import type { Approvals, HeldRun } from "../../run/approvals.ts";
import { causeOfRepeated } from "../../run/causing_run.ts";
import { problemText } from "../../task/params.ts";
import type { Task } from "../../task/task.ts";
import type { Hosts } from "../../worker/hosts.ts";
import { deciderOf, readNote } from "../asked_run.ts";
import { Refusal } from "../refusal.ts";
import type { Expected } from "./expected.ts";

export interface DecisionOperationsParts {
  readonly expected: Expected;
  readonly taskOf: (id: string) => Task | undefined;
  readonly checker: Pick<Hosts, "check">;
  readonly approvals: Approvals;
  readonly runs: Pick<RunReader, "get">;
}

export class DecisionOperations {
  constructor(readonly parts: DecisionOperationsParts) {}

  async approve(actor: Actor, runId: string, said?: string): Promise<Run> {
    const { expected, approvals, checker, taskOf, runs } = this.parts;
    expected.starting();
    const held = await this.#held(runId);
    const by = deciderOf(actor, held);
    const note = readNote(said);
    const found = taskOf(held.taskId);
    if (!found) throw new Refusal("conflict", "problem.approve_no_task", { task: held.taskId });
    const problems = await checker.check(found, held.params);
    if (problems.length > 0) {
      throw new Refusal("conflict", "problem.approve_params", { reason: problemText(problems) });
    }
    const after = await causeOfRepeated(runs, held);
    // Parameters were checked for a while: the file may have changed, and somebody else may have decided.
    expected.starting();
    const run = approvals.approve(expected.task(held.taskId), runId, { by, note }, after);
    return run ?? await this.#notAwaiting(runId);
  }

  async decline(actor: Actor, runId: string, said?: string): Promise<Run> {
    const held = await this.#held(runId);
    const by = deciderOf(actor, held);
    const run = this.parts.approvals.decline(runId, { by, note: readNote(said) });
    return run ?? await this.#notAwaiting(runId);
  }

  async #held(runId: string): Promise<HeldRun> {
    return this.parts.approvals.find(runId) ?? await this.#notAwaiting(runId);
  }

  async #notAwaiting(runId: string): Promise<never> {
    const { id, status, approval } = await this.parts.expected.run(runId);
    const { decision, decidedBy = "" } = approval ?? {};
    if (decision !== undefined) {
      throw new Refusal("conflict", `problem.already_${decision}`, { id, by: decidedBy });
    }
    throw new Refusal("conflict", "problem.not_awaiting", { id, status });
  }
}
