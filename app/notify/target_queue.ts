/** One target: what it hears becomes messages, and these are sent one after another at its rate. */
import { messageOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type { Clock, Service } from "../contracts.ts";
import type { Answer, Outgoing, Verdict } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import type { Mutes } from "./mutes.ts";
import type { Notice } from "./notice.ts";
import { giveUpAt, Outbox } from "./outbox.ts";
import type { Draft } from "./incident.ts";
import { Quiet } from "./quiet.ts";
import { longestOf, mayBeSentAt, roomNow } from "./rate.ts";
import type { NotifyStore } from "./store.ts";
import type { Target } from "./target.ts";
import { permanent, retry } from "./verdict.ts";

/** Waits between the tries of one message; a service that names its own is waited for. */
const RETRY_MS = [10_000, 30_000, 60_000, 120_000, 300_000];
/** After so many messages in a row that will never be taken, a target rests; what it should have goes by the next one. */
const FAULTS_IN_ROW = 3;
const REST_MS = 3_600_000;
const STOP_MS = 5_000;

export interface QueueParts {
  readonly target: Target;
  readonly clock: Clock;
  readonly store: NotifyStore;
  readonly mutes: Mutes;
  /** Makes the words of a message, with what the history knows of it by now. */
  readonly compose: (
    delivery: Pick<Delivery, "id" | "at" | "draft" | "failedAt">,
    target: Target,
  ) => Promise<Message>;
  /** Sends and waits for an answer; never rejects. */
  readonly send: (outgoing: Outgoing, signal: AbortSignal) => Promise<Answer>;
  /** A message is given up here; called inside the transaction that writes so. */
  readonly onUndelivered: (delivery: Delivery) => void;
  readonly onTried: (delivery: Delivery, verdict: Verdict) => void;
  /** Something went wrong that has nothing to do with the other side. */
  readonly onFault: (sentence: string, thrown: unknown) => void;
}

export class TargetQueue implements Service {
  readonly quiet = new Quiet();
  readonly outbox: Outbox;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | undefined;
  #stopped = false;
  /** When something was sent lately, the newest first. */
  #sent: EpochMs[];
  /** Nothing is sent before this: the other side asked for patience, or did not answer. */
  #pausedTo = -Infinity;
  #faultsInRow = 0;
  #restingTo = -Infinity;

  constructor(readonly parts: QueueParts) {
    const { store, target, clock, mutes } = parts;
    for (const [subject, incident] of store.incidents(target.name)) {
      this.quiet.incidents.set(subject, incident);
    }
    for (const [cause, burst] of store.bursts(target.name)) this.quiet.bursts.set(cause, burst);
    this.outbox = new Outbox(target, store, mutes);
    this.#sent = store.tries(target.name, clock.now() - longestOf(target.channel.rates));
  }

  get name(): string {
    return this.parts.target.name;
  }

  /** True while what it should have goes elsewhere, because it refused everything lately. */
  get isResting(): boolean {
    return this.#restingTo > this.parts.clock.now();
  }

  /** Hears of something; twice the same is once. It is written down when this returns. */
  hear(notice: Notice): void {
    const { store, clock } = this.parts;
    store.transaction(() => {
      if (store.hear(this.name, notice.key, notice.at)) this.#take(this.quiet.hear(notice, clock.now()));
    });
    this.#rouse();
  }

  /** Takes over a message that other targets could not deliver, without what this one has a message of its own for. */
  takeOver(draft: Draft, failedAt: readonly string[]): void {
    const { store } = this.parts;
    const items = draft.items.filter(({ notice }) =>
      failedAt.includes(this.name) || !store.hasHeard(this.name, notice.key)
    );
    if (items.length === 0 && draft.more === 0) return;
    this.outbox.add({ ...draft, items }, this.parts.clock.now(), failedAt);
    this.#rouse();
  }

  /** Sends once more what was given up here. */
  again(draft: Draft): void {
    this.outbox.add(draft, this.parts.clock.now());
    this.#rouse();
  }

  /** Sends nothing until a moment, and never what is over by then. Undefined ends the silence. */
  mute(until: EpochMs | undefined): void {
    this.outbox.mute(until, this.parts.clock.now());
    this.#rouse();
  }

  /** Which subjects are silent has changed. */
  holdAgain(): void {
    this.outbox.holdAgain(this.parts.clock.now());
    this.#rouse();
  }

  /** What trouble was with is gone: there is nothing to tell any more. */
  forget(subject: string): void {
    this.parts.store.transaction(() => {
      this.quiet.forget(subject);
      this.#saveQuiet();
    });
  }

  /** Somebody takes care of a subject: it is not repeated. False where there is no trouble with it. */
  acknowledge(subject: string): boolean {
    return this.parts.store.transaction(() => {
      const known = this.quiet.acknowledge(subject);
      this.#saveQuiet();
      return known;
    });
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** What is being sent has a few seconds: a message that is broken off may arrive all the same, and then again. */
  async stop(): Promise<void> {
    const { clock } = this.parts;
    this.#stopped = true;
    const why = new Error("Carillon is stopping");
    this.#wake.abort(why);
    const enough = new AbortController();
    const grace = clock.sleep(STOP_MS, enough.signal).then(
      () => this.#stopping.abort(why),
      () => {},
    );
    await this.#loop;
    enough.abort();
    await grace;
  }

  /**
   * Sends a message of its own now, past the queue, and answers with what came of it: somebody tries the target. Where its
   * rate leaves no room nothing is sent, and the answer says so.
   */
  async tryNow(draft: Draft): Promise<Verdict> {
    const { clock, target: { channel: { rates } } } = this.parts;
    const now = clock.now();
    const mayAt = mayBeSentAt(rates, this.#sent, now);
    if (mayAt > now) {
      return retry(`too much was sent lately; there is room in ${Math.ceil((mayAt - now) / 1_000)} s`);
    }
    const { verdict, tried } = await this.#attempt(this.outbox.addAside(draft, now));
    this.outbox.finish({ ...tried, state: verdict.kind === "ok" ? "sent" : "dropped", doneAt: clock.now() });
    if (verdict.kind === "ok") this.#trust();
    return verdict;
  }

  async #run(): Promise<void> {
    const { clock, onFault } = this.parts;
    while (!this.#stopped) {
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      let wakeAt: EpochMs;
      try {
        wakeAt = await this.#step();
      } catch (error) {
        onFault(`sending to ${this.name} failed: ${messageOf(error)}`, error);
        wakeAt = clock.now() + (RETRY_MS[0] ?? 0);
      }
      if (wakeAt <= clock.now() || signal.aborted) continue;
      const slept = wakeAt === Infinity ? forever(signal) : clock.sleepUntil(wakeAt, signal);
      await slept.catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** Does what is to be done now. @returns when there is more to do */
  async #step(): Promise<EpochMs> {
    const { clock, store, target: { channel } } = this.parts;
    const { outbox, quiet } = this;
    const now = clock.now();
    // The other side asks for an hour at most: more is left only where the system's time was set back.
    if (this.#pausedTo > now + REST_MS) this.#pausedTo = now;
    store.transaction(() => this.#take(quiet.tick(now)));
    this.#giveUpOld(now);
    outbox.dropOver(now, (subject) => quiet.isOpen(subject));
    outbox.holdOn(now);
    const laterAt = Math.min(quiet.nextAt ?? Infinity, outbox.nextAt(now));
    const due = outbox.due(now);
    if (due.length === 0) return laterAt;
    this.#sent = this.#sent.filter((at) => at > now - longestOf(channel.rates));
    const mayAt = Math.max(mayBeSentAt(channel.rates, this.#sent, now), this.#pausedTo);
    if (mayAt > now) return Math.min(mayAt, laterAt, ...due.map(giveUpAt).filter((at) => at > now));
    const held = due.filter(({ heldBy }) => heldBy !== undefined);
    if (due.length > Math.max(1, roomNow(channel.rates, this.#sent, now)) || held.length > 1) {
      outbox.merge(now);
    }
    const [next] = outbox.due(now);
    if (next) await this.#deliver(next);
    return clock.now();
  }

  /** What was found to be said becomes messages; what is remembered of it is written down. */
  #take(drafts: readonly Draft[]): void {
    const { target: { route }, clock } = this.parts;
    for (const draft of drafts) {
      const items = draft.items.filter(({ notice: { kind } }) =>
        kind !== "recovered" || route.events.has(kind)
      );
      if (items.length > 0) this.outbox.add({ ...draft, items }, clock.now());
    }
    this.#saveQuiet();
  }

  #saveQuiet(): void {
    const { store } = this.parts;
    const { incidents, bursts } = this.quiet.takeChanges();
    for (const [subject, incident] of incidents) store.saveIncident(this.name, subject, incident);
    for (const [cause, burst] of bursts) store.saveBurst(this.name, cause, burst);
  }

  #giveUpOld(now: EpochMs): void {
    for (const each of this.outbox.due(now)) {
      // What waited while Carillon was stopped is tried once before it is given up.
      if (giveUpAt(each) <= now && (each.tries > 0 || this.#pausedTo > now)) this.#giveUp(each);
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { clock, store } = this.parts;
    if (this.isResting) return this.#giveUp({ ...delivery, answer: "it refused what was sent before" });
    const { verdict, tried } = await this.#attempt(delivery);
    const now = clock.now();
    if (verdict.kind === "ok") {
      this.#trust();
      this.outbox.finish({ ...tried, state: "sent", doneAt: now });
    } else if (verdict.kind === "permanent") {
      this.#faultsInRow++;
      if (this.#faultsInRow >= FAULTS_IN_ROW) this.#restingTo = now + REST_MS;
      this.#giveUp(tried);
    } else {
      const wait = RETRY_MS[Math.min(tried.tries - 1, RETRY_MS.length - 1)] ?? 0;
      this.#pausedTo = now + (verdict.afterMs ?? wait);
      if (verdict.learned) {
        store.saveFact(
          `learned:${this.name}`,
          JSON.stringify({ ...store.learned(this.name), ...verdict.learned }),
        );
      }
    }
  }

  /** One try, written down before it is made: a kill in between may send it again, under the same id. */
  async #attempt(delivery: Delivery): Promise<{ readonly verdict: Verdict; readonly tried: Delivery }> {
    const { clock, store, target, compose, send, onTried } = this.parts;
    const { channel, mask } = target;
    const { signal } = this.#stopping;
    const settings = { ...target.settings, ...store.learned(this.name) };
    const message = await compose(delivery, target);
    const now = clock.now();
    const begun = { ...delivery, tries: delivery.tries + 1 };
    store.transaction(() => {
      store.addTry(this.name, now);
      this.outbox.update(begun);
    });
    this.#sent = [now, ...this.#sent];
    const given = await this.#exchange(() => channel.render(message, settings, now), async (outgoing) => {
      const answer = await send(outgoing, signal);
      return signal.aborted && answer.kind === "none"
        ? retry("Carillon stopped")
        : channel.judge(answer, settings);
    });
    const verdict: Verdict = given.kind === "ok" ? given : { ...given, why: mask(given.why) };
    const tried: Delivery = { ...begun, answer: verdict.kind === "ok" ? "ok" : verdict.why };
    this.outbox.update(tried);
    onTried(tried, verdict);
    return { verdict, tried };
  }

  /** A message that cannot even be written, or an answer that cannot be read, holds up no other. */
  async #exchange(render: () => Outgoing, ask: (outgoing: Outgoing) => Promise<Verdict>): Promise<Verdict> {
    try {
      return await ask(render());
    } catch (error) {
      this.parts.onFault(`a message for ${this.name} could not be made: ${messageOf(error)}`, error);
      return permanent(messageOf(error));
    }
  }

  #trust(): void {
    this.#faultsInRow = 0;
    this.#restingTo = -Infinity;
  }

  #giveUp(delivery: Delivery): void {
    const { store, clock, onUndelivered } = this.parts;
    store.transaction(() => {
      const given: Delivery = { ...delivery, state: "undelivered", doneAt: clock.now() };
      this.outbox.finish(given);
      onUndelivered(given);
    });
  }

  #rouse(): void {
    this.#wake.abort(new Error("there is something to say"));
  }
}

function forever(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}
