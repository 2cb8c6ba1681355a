/** The messages of one target that are not done: held back, put together, given up. What it does is written down at once. */
import { v7 as uuidv7 } from "uuid";
import type { EpochMs } from "../base/time.ts";
import type { Delivery, HeldBy } from "./delivery.ts";
import type { Draft, Item } from "./incident.ts";
import type { Mutes } from "./mutes.ts";
import { NOTICE_KINDS } from "./notice.ts";
import { LONGEST_SPREAD_MS, spreadMs } from "./rate.ts";
import type { NotifyStore } from "./store.ts";
import type { Target } from "./target.ts";
import { endOfWindow, nextInside } from "./windows.ts";

/** What is not delivered after so long goes by the next target. */
export const GIVE_UP_MS = 3_600_000;
/** Items of messages that are put into one. */
const MAX_ITEMS = 50;

export class Outbox {
  /** The oldest first. */
  #waiting: Delivery[];
  #mutedTo: EpochMs;

  constructor(readonly target: Target, readonly store: NotifyStore, readonly mutes: Mutes) {
    this.#waiting = store.waiting(target.name);
    this.#mutedTo = Number(store.fact(`mute:${target.name}`) ?? -Infinity);
  }

  get length(): number {
    return this.#waiting.length;
  }

  get mutedTo(): EpochMs {
    return this.#mutedTo;
  }

  /** Messages whose time has come, the oldest first; where the system's time was set back, those that were held by nothing. */
  due(now: EpochMs): readonly Delivery[] {
    return this.#waiting.filter(({ notBefore, heldBy }) =>
      notBefore <= now || (heldBy === undefined && notBefore > now + LONGEST_SPREAD_MS)
    );
  }

  /** When the next message's time comes; Infinity for never. */
  nextAt(now: EpochMs): EpochMs {
    return Math.min(
      Infinity,
      ...this.#waiting.filter((each) => each.notBefore > now).map((each) => each.notBefore),
    );
  }

  /** A message that is sent at once, past all others. It is written down, and nobody else sends it. */
  addAside(draft: Draft, now: EpochMs): Delivery {
    const delivery = this.#delivery(draft, now);
    this.store.save(delivery);
    return delivery;
  }

  add(draft: Draft, now: EpochMs, failedAt: readonly string[] = []): Delivery {
    const made = this.#delivery(draft, now);
    const held = this.#hold(draft, now);
    const spread = this.target.channel.avoidsFullHours ? spreadMs(made.id, now) : 0;
    const notBefore = Math.max(now + spread, held?.until ?? now);
    const delivery: Delivery = { ...made, notBefore, heldBy: held?.by, failedAt };
    this.store.save(delivery);
    this.#waiting.push(delivery);
    return delivery;
  }

  /** One that nothing holds back. */
  #delivery(draft: Draft, now: EpochMs): Delivery {
    return {
      id: uuidv7({ msecs: now }),
      target: this.target.name,
      at: now,
      notBefore: now,
      state: "waiting",
      tries: 0,
      draft,
      failedAt: [],
    };
  }

  /** Keeps what has changed of a message that is not done. */
  update(delivery: Delivery): void {
    this.store.save(delivery);
    this.#waiting = this.#waiting.map((each) => each.id === delivery.id ? delivery : each);
  }

  /** Keeps a message that is done. */
  finish(delivery: Delivery): void {
    this.store.save(delivery);
    this.#waiting = this.#waiting.filter(({ id }) => id !== delivery.id);
  }

  /** Sends nothing until a moment; undefined ends the silence. */
  mute(until: EpochMs | undefined, now: EpochMs): void {
    this.#mutedTo = until ?? -Infinity;
    this.store.transaction(() => {
      this.store.saveFact(`mute:${this.target.name}`, until === undefined ? undefined : String(until));
      this.holdAgain(now);
    });
  }

  /** What is silent has changed: messages that waited for nothing else wait as it is now. */
  holdAgain(now: EpochMs): void {
    this.store.transaction(() => {
      for (const each of this.#waiting) {
        if (each.heldBy !== undefined && each.heldBy !== "mute") continue;
        const held = this.#hold(each.draft, now);
        if (held !== undefined || each.heldBy !== undefined) {
          this.update({ ...each, notBefore: held?.until ?? now, heldBy: held?.by });
        }
      }
    });
  }

  /** What was held back until now is held on where something else holds it now. */
  holdOn(now: EpochMs): void {
    for (const each of this.due(now)) {
      const held = each.heldBy === undefined || each.tries > 0 ? undefined : this.#hold(each.draft, now);
      if (held) this.update({ ...each, notBefore: held.until, heldBy: held.by });
    }
  }

  /** What was held back by maintenance or by a mute and is over by the end of it is not told; news is never over. */
  dropOver(now: EpochMs, isOpen: (subject: string) => boolean): void {
    const over = this.due(now).filter(({ heldBy, draft }) =>
      (heldBy === "maintenance" || heldBy === "mute") &&
      draft.items.every(({ notice: { kind, subject } }) => NOTICE_KINDS[kind] !== "news" && !isOpen(subject))
    );
    if (over.length === 0) return;
    this.store.transaction(() => {
      for (const each of over) this.finish({ ...each, state: "dropped", doneAt: now });
    });
  }

  /** Puts what is due and was never tried into one message: more is due than may be sent. */
  merge(now: EpochMs): void {
    const fresh = this.due(now).filter(({ tries }) => tries === 0);
    const [first] = fresh;
    if (!first || fresh.length === 1) return;
    const items = newestOfEach(fresh.flatMap(({ draft }) => draft.items));
    const kept = items.slice(-MAX_ITEMS);
    const more = fresh.reduce((sum, { draft }) => sum + draft.more, items.length - kept.length);
    this.store.transaction(() => {
      const digest: Delivery = {
        ...first,
        id: uuidv7({ msecs: now }),
        heldBy: undefined,
        notBefore: now,
        draft: { items: kept, more },
        failedAt: [...new Set(fresh.flatMap((each) => each.failedAt))],
      };
      for (const each of fresh) this.finish({ ...each, state: "merged", doneAt: now, into: digest.id });
      this.store.save(digest);
      this.#waiting = [...this.#waiting, digest].toSorted((a, b) => a.at - b.at);
    });
  }

  /** Until when, and why, nothing is sent. */
  #hold(
    { items, more }: Draft,
    now: EpochMs,
  ): { readonly until: EpochMs; readonly by: HeldBy } | undefined {
    const { hours, maintenance, timezone } = this.target;
    const subjects = items.map(({ notice: { subject } }) => subject);
    // What is counted only may be about anything.
    const silentTo = more > 0 ? undefined : this.mutes.until(subjects, now);
    const mutedTo = Math.max(this.#mutedTo, silentTo ?? -Infinity);
    if (mutedTo > now) return { until: mutedTo, by: "mute" };
    const quietTo = endOfWindow(maintenance, now, timezone);
    if (quietTo !== undefined) return { until: quietTo, by: "maintenance" };
    const opens = nextInside(hours, now, timezone);
    return opens > now ? { until: opens, by: "hours" } : undefined;
  }
}

/** When a message that could not be delivered is given up. */
export function giveUpAt({ at, notBefore }: Delivery): EpochMs {
  return Math.max(at, notBefore) + GIVE_UP_MS;
}

/** Of several items about one subject and likeness the newest, with the counts of all. */
function newestOfEach(items: readonly Item[]): Item[] {
  const found = new Map<string, Item>();
  for (const item of items) {
    const { subject, likeness, kind } = item.notice;
    const key = `${subject}\n${likeness}\n${kind}`;
    const before = found.get(key);
    found.delete(key);
    found.set(key, before ? { ...item, count: before.count + item.count, since: before.since } : item);
  }
  return [...found.values()];
}
