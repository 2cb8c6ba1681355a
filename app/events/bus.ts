/** The one way for a fact to travel: whoever knows it says it once, whoever wants to know subscribes. */
import { messageOf } from "../base/errors.ts";
import type { EventName, Events } from "../model/events.ts";

type Subscriber<N extends EventName> = (event: Events[N]) => void;
type AnySubscriber = (name: EventName, event: Events[EventName]) => void;

export class EventBus {
  readonly #subscribers = new Map<EventName, Set<(event: never) => void>>();
  readonly #all = new Set<AnySubscriber>();

  /** @param onFailure called with what a subscriber throws; it hurts nobody else */
  constructor(readonly onFailure: (sentence: string, thrown: unknown) => void) {}

  /** Subscribes to one event; the answer ends the subscription. */
  on<N extends EventName>(name: N, subscriber: Subscriber<N>): () => void {
    const subscribers = this.#subscribers.get(name) ?? new Set();
    subscribers.add(subscriber);
    this.#subscribers.set(name, subscribers);
    return () => void subscribers.delete(subscriber);
  }

  /** Subscribes to every event; the answer ends the subscription. */
  onAny(subscriber: AnySubscriber): () => void {
    this.#all.add(subscriber);
    return () => void this.#all.delete(subscriber);
  }

  /** Calls each subscriber in the order they came, before it returns. */
  emit<N extends EventName>(name: N, event: Events[N]): void {
    for (const subscriber of this.#subscribers.get(name) ?? []) {
      this.#call(name, () => (subscriber as Subscriber<N>)(event));
    }
    for (const subscriber of this.#all) this.#call(name, () => subscriber(name, event));
  }

  #call(name: EventName, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.onFailure(`a subscriber of ${name} failed: ${messageOf(error)}`, error);
    }
  }
}
