/** All targets: takes a notice to those whose route it is on, and what one cannot deliver to the next. */
import type { Clock, Service } from "../contracts.ts";
import type { EpochMs } from "../base/time.ts";
import type { Answer, Outgoing, Verdict } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import { Mutes } from "./mutes.ts";
import { type Notice, NOTICE_KINDS, type TaskFacts } from "./notice.ts";
import type { Draft } from "./incident.ts";
import { goesTo } from "./route.ts";
import type { NotifyStore } from "./store.ts";
import type { Target } from "./target.ts";
import { TargetQueue } from "./target_queue.ts";

export interface NotifierParts {
  readonly clock: Clock;
  readonly targets: readonly Target[];
  readonly store: NotifyStore;
  readonly taskOf: (id: string) => TaskFacts | undefined;
  readonly compose: (
    delivery: Pick<Delivery, "id" | "at" | "draft" | "failedAt">,
    target: Target,
  ) => Promise<Message>;
  readonly send: (outgoing: Outgoing, signal: AbortSignal) => Promise<Answer>;
  readonly onTried: (delivery: Delivery, verdict: Verdict) => void;
  /** A message is given up at a target. @param next the one that has it now */
  readonly onUndelivered: (delivery: Delivery, next: string | undefined) => void;
  readonly onFault: (sentence: string, thrown: unknown) => void;
}

/** How a target is. */
export interface TargetState {
  readonly name: string;
  readonly type: string;
  readonly waiting: number;
  readonly mutedTo?: EpochMs | undefined;
  readonly resting: boolean;
}

/** Trouble that somebody was told of and that is not over. */
export interface OpenTrouble {
  readonly subject: string;
  readonly since: EpochMs;
  /** Since it began, at the target that heard most of it. */
  readonly count: number;
  readonly acknowledged: boolean;
  /** The last that was heard. */
  readonly last: Notice;
}

const DAY_MS = 86_400_000;
const PRUNE_MS = 3_600_000;

export class Notifier implements Service {
  readonly #queues: ReadonlyMap<string, TargetQueue>;
  readonly #mutes: Mutes;
  readonly #stopping = new AbortController();
  #upkeep: Promise<void> | undefined;

  constructor(readonly parts: NotifierParts) {
    const { clock, store, compose, send, onTried, onFault } = parts;
    const mutes = this.#mutes = new Mutes(store);
    this.#queues = new Map(parts.targets.map((target) => [
      target.name,
      new TargetQueue({
        target,
        clock,
        store,
        mutes,
        compose,
        send,
        onTried,
        onFault,
        onUndelivered: (delivery) => this.#passOn(target, delivery),
      }),
    ]));
  }

  /** Takes a notice to the targets that it concerns. It is written down when this returns. */
  hear(notice: Notice): void {
    const task = notice.task === undefined ? undefined : this.#factsOf(notice.task);
    const isRelief = NOTICE_KINDS[notice.kind] === "relief";
    for (const queue of this.#queues.values()) {
      if (
        isRelief
          ? queue.quiet.isOpen(notice.subject)
          : goesTo(queue.name, queue.parts.target.route, notice, task)
      ) {
        queue.hear(notice);
      }
    }
  }

  /** True where somebody was told of trouble with this subject, and it goes on. */
  isOpen(subject: string): boolean {
    return [...this.#queues.values()].some(({ quiet }) => quiet.isOpen(subject));
  }

  /** Subjects of trouble that somebody was told of and that goes on. */
  openSubjects(): ReadonlySet<string> {
    return new Set([...this.#queues.values()].flatMap(({ quiet }) => quiet.open));
  }

  /** The same with what is known of it, what began last first. */
  trouble(): readonly OpenTrouble[] {
    const found = new Map<string, OpenTrouble>();
    for (const { quiet } of this.#queues.values()) {
      for (const [subject, { open, openedAt: since, count, acknowledged, strands }] of quiet.incidents) {
        const last = Object.values(strands).map((each) => each.last).toSorted((a, b) => b.at - a.at)[0];
        const known = found.get(subject);
        if (!open || !last || (known && known.count >= count)) continue;
        found.set(subject, { subject, since, count, acknowledged, last });
      }
    }
    return [...found.values()].toSorted((a, b) => b.since - a.since);
  }

  /** Sends nothing about a subject until a moment, and never what is over by then. Undefined ends the silence. */
  muteSubject(subject: string, until: EpochMs | undefined): void {
    this.#mutes.set(subject, until);
    for (const queue of this.#queues.values()) queue.holdAgain();
  }

  /** Subjects that are silent, with until when. */
  get mutedSubjects(): readonly (readonly [subject: string, until: EpochMs])[] {
    return this.#mutes.all(this.parts.clock.now());
  }

  /** What trouble was with is gone: there is nothing to tell any more. */
  forget(subject: string): void {
    for (const queue of this.#queues.values()) queue.forget(subject);
  }

  /** Everything that happened until now has been heard. */
  mark(now: EpochMs): void {
    this.parts.store.saveFact("heardTo", String(now));
  }

  get targets(): readonly TargetState[] {
    const now = this.parts.clock.now();
    return [...this.#queues.values()].map((queue) => ({
      name: queue.name,
      type: queue.parts.target.channel.type,
      waiting: queue.outbox.length,
      mutedTo: queue.outbox.mutedTo > now ? queue.outbox.mutedTo : undefined,
      resting: queue.isResting,
    }));
  }

  /** Messages, the newest first. @param before only those that are older */
  deliveries(limit: number, before?: EpochMs): readonly Delivery[] {
    return this.parts.store.deliveries(limit, before);
  }

  delivery(id: string): Delivery | undefined {
    return this.parts.store.delivery(id);
  }

  /** Messages of the last day that nobody got: no target took them, and nobody has sent them again. */
  undelivered(): readonly Delivery[] {
    return this.#givenUp().filter(({ into }) => into === undefined);
  }

  /** Messages of the last day that their target did not take, and that another one has. */
  passedOn(): readonly Delivery[] {
    return this.#givenUp().filter(({ into }) => into !== undefined && into !== "again");
  }

  #givenUp(): readonly Delivery[] {
    const { store, clock } = this.parts;
    return store.undelivered(clock.now() - DAY_MS);
  }

  /** A target by its name. */
  queue(name: string): TargetQueue | undefined {
    return this.#queues.get(name);
  }

  /** Sends what was given up once more, by the target it was meant for. False where there is no such message or target. */
  again(id: string): boolean {
    const { store } = this.parts;
    const delivery = store.delivery(id);
    const queue = delivery && this.#queues.get(delivery.target);
    if (!queue || delivery.state !== "undelivered" || delivery.into === "again") return false;
    store.transaction(() => {
      store.save({ ...delivery, into: "again" });
      queue.again(delivery.draft);
    });
    return true;
  }

  /** Tries a target with a message of its own. */
  async test(name: string, draft: Draft): Promise<Verdict | undefined> {
    return await this.#queues.get(name)?.tryNow(draft);
  }

  /** Somebody takes care of a subject. False where nobody was told of trouble with it. */
  acknowledge(subject: string): boolean {
    return [...this.#queues.values()].map((queue) => queue.acknowledge(subject)).includes(true);
  }

  start(): void {
    this.#adoptOrphans();
    for (const queue of this.#queues.values()) queue.start();
    if (this.#queues.size > 0) this.#upkeep = this.#keepUp();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
    await this.#upkeep;
    this.parts.store.close();
  }

  /** What names only targets that there are not goes by the routes: a slip of the pen must not silence a task. */
  #factsOf(taskId: string): TaskFacts | undefined {
    const facts = this.parts.taskOf(taskId);
    if (!facts?.notify) return facts;
    const known = facts.notify.filter((name) => this.#queues.has(name));
    return { ...facts, notify: known.length > 0 || facts.notify.length === 0 ? known : undefined };
  }

  /** What waited for a section that is gone from the settings goes to the first there is. */
  #adoptOrphans(): void {
    const { store, clock, onUndelivered } = this.parts;
    const [first] = this.#queues.values();
    if (!first) return;
    const orphans = store.orphans([...this.#queues.keys()]);
    store.transaction(() => {
      for (const orphan of orphans) {
        const failedAt = [...orphan.failedAt, orphan.target];
        first.takeOver(orphan.draft, failedAt);
        const given: Delivery = {
          ...orphan,
          state: "undelivered",
          doneAt: clock.now(),
          answer: "its section is gone from the settings",
          into: first.name,
        };
        store.save(given);
        onUndelivered(given, first.name);
      }
    });
  }

  #passOn(target: Target, delivery: Delivery): void {
    const failedAt = [...delivery.failedAt, target.name];
    const next = this.#nextOf(target, failedAt);
    if (next) {
      next.takeOver(delivery.draft, failedAt);
      this.parts.store.save({ ...delivery, into: next.name });
    }
    this.parts.onUndelivered(delivery, next?.name);
  }

  /** Along the chain to the first target that has not failed to deliver it. */
  #nextOf({ otherwise }: Target, failedAt: readonly string[]): TargetQueue | undefined {
    const seen = new Set<string>();
    for (let name = otherwise; name !== undefined && !seen.has(name);) {
      const queue = this.#queues.get(name);
      if (!failedAt.includes(name)) return queue;
      seen.add(name);
      name = queue?.parts.target.otherwise;
    }
    return undefined;
  }

  async #keepUp(): Promise<void> {
    const { clock, store, onFault } = this.parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        store.transaction(() => {
          store.prune(clock.now());
          this.#mutes.prune(clock.now());
        });
      } catch (error) {
        onFault("forgetting old messages failed", error);
      }
      await clock.sleep(PRUNE_MS, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
