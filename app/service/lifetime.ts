/** From when to when this Carillon is active. */
import type { EpochMs } from "../base/time.ts";
import type { Clock, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";

export class Lifetime implements Service {
  /** When this program began its work. */
  readonly openedAt: EpochMs;
  #state: "opened" | "running" | "stopping" = "opened";

  constructor(readonly clock: Clock, readonly events: EventBus) {
    this.openedAt = clock.now();
  }

  start(): void {
    this.#state = "running";
    this.events.emit("system.started", { at: this.clock.now() });
  }

  stop(): Promise<void> {
    this.#state = "stopping";
    this.events.emit("system.stopping", { at: this.clock.now() });
    return Promise.resolve();
  }

  /** True while tasks become due. */
  get isRunning(): boolean {
    return this.#state === "running";
  }

  /** True once nothing is started any more. */
  get isStopping(): boolean {
    return this.#state === "stopping";
  }
}
