/** Deliveries to a hook that were taken in: one that comes again starts nothing. */
import type { EpochMs } from "../base/time.ts";
import type { Clock, RunReader } from "../contracts.ts";

/** How long a delivery is known, in milliseconds, and how many of one task at the most: the newest. */
export const KNOWN_MS = 24 * 3_600_000;
const MAX_KNOWN = 10_000;

interface Known<T> {
  readonly at: EpochMs;
  readonly answer: Promise<T>;
}

/** @typeParam T what a delivery is answered with */
export class HookDeliveries<T> {
  readonly #tasks = new Map<string, Promise<Map<string, Known<T>>>>();

  /**
   * @param runs where deliveries before this start of the program are found, as long as their runs are kept
   * @param answerFor what a delivery is answered with that has this run
   */
  constructor(
    readonly clock: Clock,
    readonly runs: Pick<RunReader, "find">,
    readonly answerFor: (runId: string) => T,
  ) {}

  /**
   * What `act` gives, or gave when this delivery came before. Where it was not taken in it may come again.
   *
   * @param isTaken true for an answer that stands for the delivery
   */
  async once(
    taskId: string,
    delivery: string,
    act: () => Promise<T>,
    isTaken: (answer: T) => boolean,
  ): Promise<{ readonly answer: T; readonly again: boolean }> {
    const known = await this.#known(taskId);
    const before = known.get(delivery);
    if (before && before.at > this.clock.now() - KNOWN_MS) {
      return { answer: await before.answer, again: true };
    }
    const answer = act();
    known.delete(delivery);
    known.set(delivery, { at: this.clock.now(), answer });
    this.#forget(known);
    try {
      const given = await answer;
      if (!isTaken(given)) known.delete(delivery);
      return { answer: given, again: false };
    } catch (error) {
      known.delete(delivery);
      throw error;
    }
  }

  /** The deliveries of a task; those before this start of the program are read once. */
  #known(taskId: string): Promise<Map<string, Known<T>>> {
    const known = this.#tasks.get(taskId) ?? this.#read(taskId);
    this.#tasks.set(taskId, known);
    // What cannot be read is read again for the next one.
    known.catch(() => this.#tasks.delete(taskId));
    return known;
  }

  async #read(taskId: string): Promise<Map<string, Known<T>>> {
    const runs = await this.runs.find({ taskId, from: this.clock.now() - KNOWN_MS, limit: MAX_KNOWN });
    const found = new Map<string, Known<T>>();
    for (const { id, cause, by, queuedAt } of runs.toReversed()) {
      if (cause !== "hook" || by === undefined) continue;
      found.set(by, { at: queuedAt, answer: Promise.resolve(this.answerFor(id)) });
    }
    return found;
  }

  /** They stand in the order in which they came. */
  #forget(known: Map<string, Known<T>>): void {
    const since = this.clock.now() - KNOWN_MS;
    for (const [delivery, { at }] of known) {
      if (known.size <= MAX_KNOWN && at > since) break;
      known.delete(delivery);
    }
  }
}
