/** Subjects that nobody wants to hear of for a while, such as `task/sync_orders`; kept over restarts. */
import type { EpochMs } from "../base/time.ts";
import type { NotifyStore } from "./store.ts";

const PREFIX = "quiet:";

export class Mutes {
  readonly #until: Map<string, EpochMs>;

  constructor(readonly store: NotifyStore) {
    this.#until = new Map(
      store.facts(PREFIX).map(([key, value]) => [key.slice(PREFIX.length), Number(value)]),
    );
  }

  /** Undefined ends it. */
  set(subject: string, until: EpochMs | undefined): void {
    this.store.saveFact(`${PREFIX}${subject}`, until === undefined ? undefined : String(until));
    if (until === undefined) this.#until.delete(subject);
    else this.#until.set(subject, until);
  }

  /** Until when all of these are silent; undefined where one of them is not. */
  until(subjects: readonly string[], now: EpochMs): EpochMs | undefined {
    const first = Math.min(...subjects.map((each) => this.#until.get(each) ?? -Infinity));
    return first > now && first < Infinity ? first : undefined;
  }

  /** Those that are silent, with until when. */
  all(now: EpochMs): readonly (readonly [subject: string, until: EpochMs])[] {
    return [...this.#until].filter(([, until]) => until > now);
  }

  /** Forgets those that are over. */
  prune(now: EpochMs): void {
    for (const [subject, until] of this.#until) if (until <= now) this.set(subject, undefined);
  }
}
