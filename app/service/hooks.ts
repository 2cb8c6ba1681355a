/** Requests of other programs to a task's hook: who knows its secret starts it. They pass no sign-in; this is their check. */
import type { Journal } from "../base/journal.ts";
import type { EpochMs } from "../base/time.ts";
import type { Secrets } from "../config/secrets.ts";
import type { Clock, RunReader } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { text } from "../locale/locale.ts";
import type { HookPolicy } from "../policy/hook.ts";
import { type HookRequest, verifyHook } from "../policy/hook_signature.ts";
import type { Task } from "../task/task.ts";
import { type HookBody, readHookBody } from "./hook_body.ts";
import { HookDeliveries } from "./hook_deliveries.ts";
import { hookWarning, secretOf } from "./hook_warning.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Operations } from "./operations.ts";
import { Refusal } from "./refusal.ts";

export interface HooksParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly journal: Journal;
  readonly lifetime: Lifetime;
  readonly secrets: Secrets;
  readonly taskOf: (id: string) => Task | undefined;
  readonly runs: Pick<RunReader, "find">;
  readonly operations: Pick<Operations, "start">;
}

/** What a request to a hook led to. */
export type HookAnswer =
  | { readonly kind: "started"; readonly runId: string }
  /** This delivery came before, and has started this run. */
  | { readonly kind: "repeated"; readonly runId: string }
  /** GitHub tries a hook that was just made; there is nothing to run. */
  | { readonly kind: "ping" }
  /** There is no such task, or it has no hook. */
  | { readonly kind: "unknown" }
  /** The sender does not know the secret; why that is so is in the log. */
  | { readonly kind: "refused" }
  | Exclude<HookBody, { readonly kind: "params" }>;

/** What is wrong is said once in so many milliseconds for a task: anybody can send requests. */
const SAID_MS = 60_000;

export class Hooks {
  readonly #deliveries: HookDeliveries<HookAnswer>;
  readonly #said = new Map<string, { readonly at: EpochMs; unsaid: number }>();

  constructor(readonly parts: HooksParts) {
    const { clock, runs, events, taskOf, secrets } = parts;
    this.#deliveries = new HookDeliveries(clock, runs, (runId) => ({ kind: "started", runId }));
    events.on("task.loaded", ({ taskId }) => {
      const task = taskOf(taskId);
      const warning = task && hookWarning(task, secrets);
      if (!warning) return;
      events.emit("task.warned", { taskId, message: text("en", warning.key, warning.values) });
    });
    events.on("task.removed", ({ taskId }) => void this.#said.delete(taskId));
  }

  /**
   * Checks a request, and starts the run that it asks for; it does not wait for it.
   *
   * @throws Refusal `stopping`, and what {@link Operations.start} refuses
   */
  async receive(taskId: string, request: HookRequest): Promise<HookAnswer> {
    const task = this.parts.taskOf(taskId);
    const policy = task?.description.policies.hook;
    if (!task || !policy) return { kind: "unknown" };
    const secret = secretOf(policy, this.parts.secrets);
    const verified = secret === undefined
      ? { ok: false, why: `[secrets] has no "${policy.secret}"` } as const
      : verifyHook(policy, secret, request, this.parts.clock.now());
    if (!verified.ok) {
      this.#sayRefused(taskId, verified.why);
      return { kind: "refused" };
    }
    if (this.parts.lifetime.isStopping) throw new Refusal("stopping", "problem.stopping");
    if (policy.verify === "github" && request.header("x-github-event") === "ping") return { kind: "ping" };
    const { delivery } = verified;
    const act = () => this.#start(task, policy, request, delivery);
    if (delivery === undefined) return await act();
    const { answer, again } = await this.#deliveries.once(
      taskId,
      delivery,
      act,
      ({ kind }) => kind === "started",
    );
    return again && answer.kind === "started" ? { ...answer, kind: "repeated" } : answer;
  }

  async #start(
    task: Task,
    policy: HookPolicy,
    { header, body }: HookRequest,
    delivery: string | undefined,
  ): Promise<HookAnswer> {
    const read = readHookBody(header("content-type"), body, policy, task.description.params);
    if (read.kind !== "params") return read;
    const actor = { channel: "hook", name: delivery } as const;
    const answer = await this.parts.operations.start(actor, task.id, read.params);
    return answer.ok
      ? { kind: "started", runId: answer.run.id }
      : { kind: "invalid", problems: answer.problems };
  }

  #sayRefused(taskId: string, why: string): void {
    const now = this.parts.clock.now();
    const before = this.#said.get(taskId);
    if (before && Math.abs(now - before.at) < SAID_MS) {
      before.unsaid++;
      return;
    }
    const others = before?.unsaid ? `, as ${before.unsaid} before` : "";
    this.#said.set(taskId, { at: now, unsaid: 0 });
    this.parts.journal.warn(`task ${taskId}: a request to its hook was refused${others}: ${why}`, {
      task: taskId,
      event: "hook.refused",
    });
  }
}
