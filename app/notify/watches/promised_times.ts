/** Tasks that promise to be done by a time of day, on their working days. */
import { type EpochMs, instantOf } from "../../base/time.ts";
import type { RunReader } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";

export const LOOK_MS = 30_000;
/** A promise that was broken while Carillon was stopped is still reported for so long. */
const LATE_MS = 12 * 3_600_000;

export interface TimePromise {
  readonly taskId: string;
  /** `08:00` */
  readonly doneBy: string;
  readonly zone: string;
  readonly isWorkingDay: (day: Temporal.PlainDate) => boolean;
}

export interface PromisedTimesParts {
  readonly events: EventBus;
  readonly reader: Pick<RunReader, "find">;
  readonly promises: () => readonly TimePromise[];
}

export class PromisedTimes {
  /** Task and day of what was looked at, so that each is looked at once. */
  readonly #looked = new Map<string, EpochMs>();

  constructor(readonly parts: PromisedTimesParts) {}

  async look(now: EpochMs): Promise<void> {
    for (const [key, at] of this.#looked) if (at < now - 2 * LATE_MS) this.#looked.delete(key);
    for (const promise of this.parts.promises()) {
      const today = instantOf(now).toZonedDateTimeISO(promise.zone).toPlainDate();
      // Near midnight the promise of yesterday may have come due a moment ago.
      for (const day of [today.subtract({ days: 1 }), today]) await this.#lookAt(promise, day, now);
    }
  }

  async #lookAt({ taskId, doneBy, zone, isWorkingDay }: TimePromise, day: Temporal.PlainDate, now: EpochMs) {
    const key = `${taskId} ${day} ${doneBy}`;
    const at = day.toZonedDateTime({ timeZone: zone, plainTime: doneBy }).epochMilliseconds;
    if (now < at || now > at + LATE_MS || this.#looked.has(key) || !isWorkingDay(day)) return;
    const begin = day.toZonedDateTime(zone).epochMilliseconds;
    // A run that was queued the evening before and ended after midnight has kept the promise.
    const runs = await this.parts.reader.find({
      taskId,
      statuses: ["succeeded"],
      from: begin - LATE_MS,
      to: at,
      limit: 200,
    });
    this.#looked.set(key, at);
    const kept = runs.some(({ finishedAt = 0 }) => finishedAt >= begin && finishedAt <= at);
    if (!kept) this.parts.events.emit("task.undone", { taskId, day: day.toString(), doneBy, at });
  }
}
