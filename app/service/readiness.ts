/** Whether Carillon can do its work at this moment, looked at in depth: what `/readyz` answers. */
import type { HistoryHealth } from "../model/history.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Pulse } from "./pulse.ts";

/** A sentence without a full stop, and which part it is about. */
export interface NotReady {
  readonly part: "scheduler" | "clock" | "history" | "tasks" | "hosts";
  readonly why: string;
}

export interface ReadinessParts {
  readonly lifetime: Lifetime;
  readonly pulse: Pulse;
  readonly health: () => HistoryHealth;
  /** Why the task folder could not be read the last time; undefined where it could. */
  readonly folderTrouble: () => string | undefined;
  /** Why no host can be started; undefined where one answers or can be started. */
  readonly hostTrouble: () => string | undefined;
}

/** The clock ticks twice a second. */
const TICK_WITHIN_MS = 1_500;
const OVERDUE_MS = 30_000;

export class Readiness {
  constructor(readonly parts: ReadinessParts) {}

  check(): readonly NotReady[] {
    const { lifetime, pulse, health, folderTrouble, hostTrouble } = this.parts;
    if (!lifetime.isRunning) return [{ part: "scheduler", why: "the scheduler is not running" }];
    const found: (readonly [NotReady["part"], string | undefined])[] = [
      [
        "clock",
        pulse.ageMs > TICK_WITHIN_MS ? `the clock has not ticked for ${seconds(pulse.ageMs)}` : undefined,
      ],
      [
        "clock",
        pulse.overdueMs > OVERDUE_MS ? `an instant is overdue by ${seconds(pulse.overdueMs)}` : undefined,
      ],
      ["history", health().trouble],
      ["tasks", folderTrouble()],
      ["hosts", hostTrouble()],
    ];
    return found.flatMap(([part, why]) => why === undefined ? [] : [{ part, why }]);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
