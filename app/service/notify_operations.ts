/** What people can do about notifications. */
import type { EpochMs } from "../base/time.ts";
import type { Clock } from "../contracts.ts";
import type { Actor } from "../model/actor.ts";
import type { Verdict } from "../notify/channel.ts";
import type { Notifier } from "../notify/notifier.ts";
import { testDraft } from "../notify/test_message.ts";
import { LATEST_PAUSE } from "../model/pause.ts";
import { Refusal } from "./refusal.ts";

export class NotifyOperations {
  constructor(readonly notifier: Notifier, readonly clock: Clock) {}

  /** Sends a test message to a target and answers with what came of it. @throws Refusal `unknown` */
  async test(_actor: Actor, name: string): Promise<Verdict> {
    this.#expectTarget(name);
    const verdict = await this.notifier.test(name, testDraft(name, this.clock.now()));
    if (!verdict) throw new Refusal("unknown", "problem.no_target", { name });
    return verdict;
  }

  /** Sends a message once more that was given up. @throws Refusal `unknown` or `conflict` */
  again(_actor: Actor, id: string): void {
    if (!this.notifier.delivery(id)) throw new Refusal("unknown", "problem.no_message", { id });
    if (!this.notifier.again(id)) throw new Refusal("conflict", "problem.message_sent", { id });
  }

  /** Sends nothing to a target until a moment; undefined ends the silence. @throws Refusal `unknown` or `invalid` */
  mute(_actor: Actor, name: string, until: EpochMs | undefined): void {
    this.#expectTarget(name);
    this.#expectToCome(until);
    this.notifier.queue(name)?.mute(until);
  }

  /**
   * Sends nothing about a subject to anybody until a moment; undefined ends the silence.
   *
   * @param subject `task/sync_orders`, or one that there is trouble with
   * @throws Refusal `unknown` or `invalid`
   */
  muteSubject(_actor: Actor, subject: string, until: EpochMs | undefined): void {
    this.#expectSubject(subject);
    this.#expectToCome(until);
    this.notifier.muteSubject(subject, until);
  }

  /** Notes that somebody takes care of a subject: it is not repeated. @throws Refusal `unknown` where there is no trouble with it */
  acknowledge(_actor: Actor, subject: string): void {
    if (!this.notifier.acknowledge(subject)) throw new Refusal("unknown", "problem.no_trouble", { subject });
  }

  #expectSubject(subject: string): void {
    const [, task] = /^task\/(.*)$/s.exec(subject) ?? [];
    if (task !== undefined && this.notifier.parts.taskOf(task)) return;
    if (this.notifier.isOpen(subject) || this.notifier.mutedSubjects.some(([each]) => each === subject)) {
      return;
    }
    if (task !== undefined) throw new Refusal("unknown", "problem.no_task", { id: task });
    throw new Refusal("unknown", "problem.no_trouble", { subject });
  }

  #expectToCome(until: EpochMs | undefined): void {
    if (until === undefined || (until > this.clock.now() && until < LATEST_PAUSE)) return;
    throw new Refusal("invalid", "problem.mute_until");
  }

  #expectTarget(name: string): void {
    if (!this.notifier.queue(name)) throw new Refusal("unknown", "problem.no_target", { name });
  }
}
