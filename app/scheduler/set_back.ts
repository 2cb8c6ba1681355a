/** A system clock that was ahead and was set back: what it has recorded by then is not due once more. */
import type { EpochMs } from "../base/time.ts";
import type { Clock, RecordedInstants, TaskStates, Trigger } from "../contracts.ts";
import { withoutRecorded } from "./skipping.ts";

/** A system clock that goes back by no more than this was only adjusted, in milliseconds. */
export const STEP_BACK_MS = 1_000;

/** How far ahead the system clock was before it was set back: until then instants may have a record. */
export interface ClockMark {
  /** Undefined where it never was set back. */
  until(): EpochMs | undefined;
  keep(until: EpochMs): void;
}

export interface SetBackParts {
  readonly clock: Clock;
  readonly states: TaskStates;
  readonly recorded: RecordedInstants;
  readonly ahead: ClockMark;
}

export class SetBack {
  constructor(readonly parts: SetBackParts) {}

  /** The clock has gone back from this moment. @returns until when instants may have a record */
  note(from: EpochMs): EpochMs {
    const { ahead } = this.parts;
    const until = Math.max(from, ahead.until() ?? -Infinity);
    ahead.keep(until);
    return until;
  }

  /** The trigger of a task that was there before, without what has its record. */
  async remainingOf(taskId: string, trigger: Trigger): Promise<Trigger> {
    const { states, clock } = this.parts;
    const settledTo = (await states.state(taskId))?.settledTo ?? clock.now();
    this.#noteMark(settledTo);
    return await this.remaining(taskId, trigger, Math.min(settledTo, clock.now()));
  }

  /** The trigger without the instants that a clock which was ahead has recorded. */
  async remaining(taskId: string, trigger: Trigger, from: EpochMs): Promise<Trigger> {
    const { ahead, recorded, clock } = this.parts;
    const until = ahead.until();
    if (until === undefined || until <= from) return trigger;
    return withoutRecorded(trigger, await recorded.after(taskId, trigger, from, clock.now()));
  }

  /** A mark in the future was made by a clock that was ahead: what lies before it may have its record. */
  #noteMark(mark: EpochMs): void {
    const { ahead, clock } = this.parts;
    if (mark > clock.now() && mark > (ahead.until() ?? -Infinity)) ahead.keep(mark);
  }
}
