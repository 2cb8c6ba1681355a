/** Counts what changes that pages show, so that an unchanged page costs nothing. */
import type { EventBus } from "../events/bus.ts";
import type { EventName } from "../model/events.ts";

/** What is not part of any page that is asked for by its revision. */
const UNSHOWN: ReadonlySet<EventName> = new Set([
  "run.logged",
  "run.hosted",
  "run.spanned",
  "trace.dropped",
]);

export class Revision {
  readonly #boot = crypto.randomUUID();
  #changes = 0;

  constructor(events: EventBus) {
    events.onAny((name) => {
      if (!UNSHOWN.has(name)) this.#changes++;
    });
  }

  /** Another one whenever something has changed that pages show of tasks and runs, except for lines of logs. */
  get current(): string {
    return `${this.#boot}.${this.#changes}`;
  }
}
