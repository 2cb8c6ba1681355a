/**
 * What a watcher makes of its looks at a Carillon elsewhere: alarms, and their ends. Pure but for its own memory. One bad look
 * is none; what goes on for a minute is told.
 */
import type { EpochMs } from "../base/time.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** How often a Carillon is looked at. */
export const LOOK_MS = 20_000;
/** An answer has to come within this. */
export const ANSWER_MS = 10_000;
/** No answer for so long is silence. With the look before and the last one's wait it is told within 2 minutes. */
const SILENT_MS = 60_000;
/** Other trouble has to last for so many looks. */
const LOOKS = 3;
/** The watcher itself was away for longer than this: what it saw before says nothing. */
const AWAY_MS = 3 * (LOOK_MS + ANSWER_MS);
const TICK_MS = 10_000;
const OVERDUE_MS = 60_000;
const CLOCK_MS = 30_000;

export type Look =
  | { readonly kind: "answer"; readonly heartbeat: Heartbeat; readonly tookMs: number }
  /** `why` is the rest of a sentence. */
  | { readonly kind: "none"; readonly why: string };

export const ALARMS = ["silence", "stuck", "overdue", "clock", "not_ready", "undone"] as const;
export type AlarmKind = (typeof ALARMS)[number];

export interface Alarm {
  readonly kind: AlarmKind;
  /** A sentence without a full stop. */
  readonly text: string;
}

export class Watcher {
  readonly #bad = new Map<AlarmKind, number>();
  #silentSince: EpochMs | undefined;
  #lookedAt: EpochMs | undefined;

  /** @param name of what is watched, in sentences */
  constructor(readonly name: string) {}

  /** @returns what is wrong after this look; what was wrong before and is not in it is over, where `certain` has its kind */
  see(
    look: Look,
    now: EpochMs,
  ): { readonly alarms: readonly Alarm[]; readonly certain: readonly AlarmKind[] } {
    if (this.#lookedAt !== undefined && Math.abs(now - this.#lookedAt) > AWAY_MS) this.#forget();
    this.#lookedAt = now;
    if (look.kind === "none") {
      this.#silentSince ??= now;
      const silentMs = now - this.#silentSince;
      const text = `${this.name} has not answered for ${Math.round(silentMs / 1_000)} s: ${look.why}`;
      // Of everything else nothing is known.
      return { alarms: silentMs >= SILENT_MS ? [{ kind: "silence", text }] : [], certain: [] };
    }
    this.#silentSince = undefined;
    const found = this.#troubles(look.heartbeat, now, look.tookMs);
    const alarms = found.filter(({ kind }) => this.#count(kind) >= LOOKS);
    const kinds = new Set(found.map(({ kind }) => kind));
    for (const kind of ALARMS) if (!kinds.has(kind)) this.#bad.delete(kind);
    return { alarms, certain: ALARMS.filter((kind) => !kinds.has(kind)) };
  }

  #troubles(
    { now: remote, tickAgeMs, overdueMs, notReady, promises }: Heartbeat,
    now: EpochMs,
    tookMs: number,
  ): Alarm[] {
    const { name } = this;
    const alarms: Alarm[] = [];
    const add = (kind: AlarmKind, text: string) => alarms.push({ kind, text });
    if (tickAgeMs === null || tickAgeMs > TICK_MS) add("stuck", `the clock of ${name} does not tick`);
    if (overdueMs > OVERDUE_MS) {
      add("overdue", `${name} has an instant that is overdue by ${Math.round(overdueMs / 1_000)} s`);
    }
    const offMs = remote - now;
    if (Math.abs(offMs) > CLOCK_MS + tookMs) {
      add(
        "clock",
        `the clocks of ${name} and of the watcher are ${Math.round(Math.abs(offMs) / 1_000)} s apart`,
      );
    }
    if (notReady.length > 0) add("not_ready", `${name} is not ready: ${notReady.join("; ")}`);
    const undone = promises.filter((each) => each.undone).map(({ task }) => task);
    if (undone.length > 0) add("undone", `${name}: not done in time: ${undone.slice(0, 10).join(", ")}`);
    return alarms;
  }

  #count(kind: AlarmKind): number {
    const count = (this.#bad.get(kind) ?? 0) + 1;
    this.#bad.set(kind, count);
    return count;
  }

  #forget(): void {
    this.#bad.clear();
    this.#silentSince = undefined;
  }
}
