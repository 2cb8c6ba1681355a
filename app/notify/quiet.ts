/**
 * What is told, and when: much happens, little is said. Pure but for its own memory; time is an argument.
 *
 * An *incident* is trouble with one subject (a task, a file, the disk) that has begun and is not over. Inside it each
 * *likeness* of trouble is told at once, and again after 15 minutes, an hour, 4, 12, 24 hours and then each 24 hours, with the
 * number of times in between; only where it has happened again. One message says that it is over. What comes and goes again
 * and again is told as if it stayed.
 *
 * A *burst* is many subjects with one likeness, such as fifty tasks whose database is down: the first is told at once, the
 * others within a minute join one message.
 */
import type { EpochMs } from "../base/time.ts";
import {
  type Burst,
  type Draft,
  type Incident,
  type Item,
  newIncident,
  open,
  type Strand,
} from "./incident.ts";
import { type Notice, NOTICE_KINDS } from "./notice.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** From one message about the same trouble to the next. */
export const SPACES_MS: readonly number[] = [
  15 * MINUTE_MS,
  HOUR_MS,
  4 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
];
/** How long those that have one cause wait for each other. */
export const BURST_MS = MINUTE_MS;
/** So many different troubles of one subject are told apart. */
const MAX_LIKENESSES = 5;
const OTHER_LIKENESS = "…";
/** Of those that join one message, so many are kept by name; the others are counted. */
const MAX_JOINED = 50;

/** Kinds whose end is worth a message: of what was missed nothing can be recovered. */
const RECOVERABLE = new Set([
  "failed",
  "too_long",
  "not_done",
  "broken",
  "history",
  "audit",
  "disk",
  "watch",
]);

export class Quiet {
  readonly incidents = new Map<string, Incident>();
  readonly bursts = new Map<string, Burst>();
  /** Subjects and causes that have changed since {@link takeChanges}. */
  #changedIncidents = new Set<string>();
  #changedBursts = new Set<string>();

  /** Something has happened. @returns what is to be sent now */
  hear(notice: Notice, now: EpochMs): Draft[] {
    switch (NOTICE_KINDS[notice.kind]) {
      case "news":
        return this.#tell({ notice, count: 1, since: notice.at, over: false }, notice.likeness, now);
      case "relief":
        return this.#close(notice, now);
      case "trouble":
        return this.#trouble(notice, now);
    }
  }

  /** Time has passed. @returns what is to be sent now */
  tick(now: EpochMs): Draft[] {
    const drafts: Draft[] = [];
    for (const [cause, burst] of this.bursts) {
      // Here and below: no moment is further away than it was made, unless the system's time was set back.
      burst.until = Math.min(burst.until, now + BURST_MS);
      if (burst.until > now) continue;
      this.#changedBursts.add(cause);
      if (burst.joined.length === 0) {
        this.bursts.delete(cause);
        continue;
      }
      drafts.push({ items: burst.joined, more: burst.more });
      this.bursts.set(cause, { until: now + BURST_MS, joined: [], more: 0 });
    }
    for (const [subject, incident] of this.incidents) {
      for (const strand of Object.values(incident.strands)) {
        strand.nextAt = Math.min(strand.nextAt, now + (SPACES_MS[strand.step] ?? 0));
        if (strand.nextAt > now || strand.waiting === 0) continue;
        drafts.push(...this.#repeat(subject, incident, strand, now));
      }
      this.#forget(subject, incident, now);
    }
    return drafts;
  }

  /** When {@link tick} has something to do; undefined for never. */
  get nextAt(): EpochMs | undefined {
    let next = Infinity;
    for (const { until } of this.bursts.values()) next = Math.min(next, until);
    for (const { open, closedAt = Infinity, strands } of this.incidents.values()) {
      const waiting = Object.values(strands).filter((strand) => strand.waiting > 0);
      if (!open && waiting.length === 0) next = Math.min(next, closedAt + HOUR_MS);
      next = Math.min(next, ...waiting.map(({ nextAt }) => nextAt));
    }
    return next === Infinity ? undefined : next;
  }

  /** True where trouble with this subject is known and not over. */
  isOpen(subject: string): boolean {
    return this.incidents.get(subject)?.open ?? false;
  }

  /** Subjects of trouble that is known and not over. */
  get open(): readonly string[] {
    return [...this.incidents].filter(([, { open }]) => open).map(([subject]) => subject);
  }

  /** What trouble was with is gone: there is nothing to tell any more. */
  forget(subject: string): void {
    if (this.incidents.delete(subject)) this.#changedIncidents.add(subject);
  }

  /** Somebody takes care of it. False where there is nothing to take care of. */
  acknowledge(subject: string): boolean {
    const incident = this.incidents.get(subject);
    if (!incident?.open) return false;
    incident.acknowledged = true;
    for (const strand of Object.values(incident.strands)) strand.waiting = 0;
    this.#changedIncidents.add(subject);
    return true;
  }

  /** What has to be written down, with undefined for what is gone. */
  takeChanges(): {
    readonly incidents: ReadonlyMap<string, Incident | undefined>;
    readonly bursts: ReadonlyMap<string, Burst | undefined>;
  } {
    const incidents = new Map([...this.#changedIncidents].map((key) => [key, this.incidents.get(key)]));
    const bursts = new Map([...this.#changedBursts].map((key) => [key, this.bursts.get(key)]));
    this.#changedIncidents = new Set();
    this.#changedBursts = new Set();
    return { incidents, bursts };
  }

  #trouble(notice: Notice, now: EpochMs): Draft[] {
    const { subject } = notice;
    const incident = this.incidents.get(subject) ?? newIncident(now);
    this.incidents.set(subject, incident);
    this.#changedIncidents.add(subject);
    if (!incident.open) open(incident, now);
    incident.count++;
    const known = Object.hasOwn(incident.strands, notice.likeness);
    const full = Object.keys(incident.strands).length >= MAX_LIKENESSES;
    const likeness = known || !full ? notice.likeness : OTHER_LIKENESS;
    const strand = Object.hasOwn(incident.strands, likeness) ? incident.strands[likeness] : undefined;
    if (strand) {
      if (incident.acknowledged) return [];
      if (strand.waiting === 0) strand.since = notice.at;
      strand.waiting++;
      strand.last = notice;
      return now >= strand.nextAt ? this.#repeat(subject, incident, strand, now) : [];
    }
    incident.strands[likeness] = {
      step: 0,
      nextAt: now + (SPACES_MS[0] ?? 0),
      waiting: 0,
      since: notice.at,
      last: notice,
    };
    incident.told = true;
    incident.acknowledged = false;
    return this.#tell({ notice, count: 1, since: notice.at, over: false }, notice.likeness, now);
  }

  #repeat(subject: string, incident: Incident, strand: Strand, now: EpochMs): Draft[] {
    const { waiting: count, since, last: notice } = strand;
    strand.waiting = 0;
    strand.step = Math.min(strand.step + 1, SPACES_MS.length - 1);
    strand.nextAt = now + (SPACES_MS[strand.step] ?? 0);
    if (incident.open) incident.told = true;
    this.#changedIncidents.add(subject);
    return this.#tell({ notice, count, since, over: !incident.open }, notice.likeness, now);
  }

  #close(notice: Notice, now: EpochMs): Draft[] {
    const incident = this.incidents.get(notice.subject);
    if (!incident?.open) return [];
    this.#changedIncidents.add(notice.subject);
    incident.open = false;
    incident.acknowledged = false;
    incident.closedAt = now;
    const kinds = Object.values(incident.strands).map(({ last }) => last.kind);
    if (!incident.told || !kinds.some((kind) => RECOVERABLE.has(kind))) return [];
    incident.told = false;
    // The message says how often it happened: nothing of it is left to be told.
    for (const strand of Object.values(incident.strands)) strand.waiting = 0;
    const item: Item = { notice, count: incident.count, since: incident.openedAt, over: true };
    return this.#tell(item, "recovered", now);
  }

  /** Now, or with others of the same cause. */
  #tell(item: Item, cause: string, now: EpochMs): Draft[] {
    this.#changedBursts.add(cause);
    const burst = this.bursts.get(cause);
    if (burst && now < burst.until) {
      if (burst.joined.length < MAX_JOINED) burst.joined.push(item);
      else burst.more++;
      return [];
    }
    const joined = burst?.joined ?? [];
    const more = burst?.more ?? 0;
    this.bursts.set(cause, { until: now + BURST_MS, joined: [], more: 0 });
    return [{ items: [...joined, item], more }];
  }

  #forget(subject: string, { open, closedAt = 0, strands }: Incident, now: EpochMs): void {
    if (open || now < closedAt + HOUR_MS || Object.values(strands).some(({ waiting }) => waiting > 0)) return;
    this.incidents.delete(subject);
    this.#changedIncidents.add(subject);
  }
}
