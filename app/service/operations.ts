/** Everything that people and programs can do. Pages, the API, PyScheduler's addresses and the CLI are adapters of it. */
import type { AuditLog } from "../contracts.ts";
import type { Actor } from "../model/actor.ts";
import type { BackfillProgress } from "../model/backfill.ts";
import type { PauseTerms } from "../model/pause.ts";
import type { PlannedRun } from "../model/planned_run.ts";
import type { Run } from "../model/run.ts";
import type { Reloaded, ReloadOptions } from "../task/registry.ts";
import type { DatabaseTest, Hosts } from "../worker/hosts.ts";
import type { AskedRun } from "./asked_run.ts";
import type { NotifyOperations } from "./notify_operations.ts";
import type { AcknowledgeOperations } from "./operations/acknowledge_operations.ts";
import type { BackfillAnswer, BackfillOperations } from "./operations/backfill_operations.ts";
import type { CancelOperations } from "./operations/cancel_operations.ts";
import type { DecisionOperations } from "./operations/decision_operations.ts";
import type { PauseOperations } from "./operations/pause_operations.ts";
import type { PeopleOperations } from "./operations/people_operations.ts";
import type { RunOperations, StartAnswer } from "./operations/run_operations.ts";
import type { BackfillRequest } from "./queries/backfills.ts";
import type { Reloader } from "./reload.ts";

export type { BackfillAnswer } from "./operations/backfill_operations.ts";
export type { StartAnswer } from "./operations/run_operations.ts";

export interface OperationsParts {
  readonly runs: RunOperations;
  readonly decisions: DecisionOperations;
  readonly cancels: CancelOperations;
  readonly backfills: BackfillOperations;
  readonly pauses: PauseOperations;
  readonly acknowledgements: AcknowledgeOperations;
  readonly reloader: Pick<Reloader, "reload">;
  readonly checker: Pick<Hosts, "testDatabase">;
  readonly audit: AuditLog;
  readonly notify: NotifyOperations;
  readonly people: PeopleOperations;
}

/** The door itself does nothing: it says what there is, and passes it on. Each method has a row in the tables of rights and audit. */
export class Operations {
  constructor(readonly parts: OperationsParts) {}

  /** Where it is written down who did what. */
  get audit(): AuditLog {
    return this.parts.audit;
  }

  /** What can be done about notifications. */
  get notify(): NotifyOperations {
    return this.parts.notify;
  }

  /** What administrators do about users and tokens. */
  get people(): PeopleOperations {
    return this.parts.people;
  }

  /**
   * Starts a run, with parameters as texts.
   *
   * @param key where it is given, the same key for the same task starts one run
   */
  run(
    actor: Actor,
    taskId: string,
    given: Iterable<readonly [string, string]>,
    key?: string,
    asked?: AskedRun,
  ): Promise<StartAnswer> {
    return this.parts.runs.run(actor, taskId, given, key, asked);
  }

  /**
   * Starts a run, with parameters as values: a number stays one.
   *
   * @param key where it is given, the same key for the same task starts one run
   */
  start(
    actor: Actor,
    taskId: string,
    params: Readonly<Record<string, unknown>>,
    key?: string,
    asked?: AskedRun,
  ): Promise<StartAnswer> {
    return this.parts.runs.start(actor, taskId, params, key, asked);
  }

  /** Starts the same run once more, with the parameters it had; they are checked as the task is now. */
  rerun(actor: Actor, runId: string, key?: string, asked?: AskedRun): Promise<StartAnswer> {
    return this.parts.runs.rerun(actor, runId, key, asked);
  }

  /** Ends a run that waits or is running. @throws Refusal `conflict` for one that is over */
  cancel(actor: Actor, runId: string): Promise<Run> {
    return this.parts.cancels.run(actor, runId);
  }

  /**
   * Starts runs for the due instants of a past range, some at a time, beside the schedule; it goes on after a stop or a
   * crash. Parameters, as texts, are those of each run.
   *
   * @throws Refusal `unknown`, `conflict` or `invalid`
   */
  backfill(
    actor: Actor,
    taskId: string,
    request: BackfillRequest,
    given?: Iterable<readonly [string, string]>,
    asked?: AskedRun,
  ): Promise<BackfillAnswer> {
    return this.parts.backfills.begin(actor, taskId, request, given, asked);
  }

  /** Ends the runs of a backfill and starts no further ones. @throws Refusal `conflict` for one that is over */
  cancelBackfill(actor: Actor, id: string): BackfillProgress {
    return this.parts.cancels.backfill(actor, id);
  }

  /** Takes back a run that is planned. @throws Refusal `unknown` for one that has begun */
  cancelPlanned(_actor: Actor, id: string): PlannedRun {
    return this.parts.cancels.planned(id);
  }

  /**
   * Lets a run begin that waits for the word of another person.
   *
   * @throws Refusal `conflict` where it does not wait, or cannot begin any more; `forbidden` for whoever may not decide
   */
  approve(actor: Actor, runId: string, said?: string): Promise<Run> {
    return this.parts.decisions.approve(actor, runId, said);
  }

  /**
   * Ends a run that waits for the word of another person.
   *
   * @throws Refusal `conflict` where it does not wait; `forbidden` for whoever may not decide
   */
  decline(actor: Actor, runId: string, said?: string): Promise<Run> {
    return this.parts.decisions.decline(actor, runId, said);
  }

  /**
   * Stops the triggers of these tasks until somebody resumes them, or until a moment; those that are paused already by these
   * terms.
   *
   * @returns how many were not paused so before
   * @throws Refusal `invalid` for a moment that is over, or that pages cannot show
   */
  pause(
    actor: Actor,
    taskIds: readonly string[],
    terms?: Pick<PauseTerms, "until" | "note">,
  ): Promise<number> {
    return this.parts.pauses.pause(actor, taskIds, terms);
  }

  /** Lets the triggers of these tasks go on. @returns how many were paused before */
  resume(actor: Actor, taskIds: readonly string[]): Promise<number> {
    return this.parts.pauses.resume(actor, taskIds);
  }

  /** Notes that somebody knows why these tasks fail. It holds until one succeeds, or fails for another cause. */
  acknowledge(actor: Actor, cause: string, taskIds: readonly string[], note: string): void {
    this.parts.acknowledgements.acknowledge(actor, cause, taskIds, note);
  }

  /** Reads the task folder again. Files that wait for another try are loaded now, unless it is said otherwise. */
  async reload(_actor: Actor, options: ReloadOptions = { again: true }): Promise<Reloaded> {
    return await this.parts.reloader.reload(options);
  }

  /** Connects to a database of database.ini and asks it the smallest question. */
  async testDatabase(_actor: Actor, name: string): Promise<DatabaseTest> {
    return await this.parts.checker.testDatabase(name);
  }
}
