/** What goes on beside the runs: it is written down that Carillon is active, and the history is kept in shape. */
import { messageOf } from "../base/errors.ts";
import type { Clock, History, Service } from "../contracts.ts";
import type { Journal } from "../base/journal.ts";
import { sleep } from "../scheduler/clock.ts";
import type { Audit } from "../audit/log.ts";
import type { ClockFile } from "./clock_file.ts";

/** How often the history is told that Carillon is active. */
const ALIVE_MS = 60_000;
/** How often the file of the clock's marks is touched, and the history given time for what can wait. */
const MAINTAIN_MS = 2_000;
/** Pause between two steps of a longer work. */
const STEP_MS = 50;

export interface MaintenanceParts {
  readonly clock: Clock;
  readonly history: History;
  readonly audit: Pick<Audit, "maintain">;
  readonly marks: ClockFile;
  readonly journal: Journal;
}

export class Maintenance implements Service {
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(readonly parts: MaintenanceParts) {}

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    if (!this.#loop) return;
    await this.#loop;
    const now = this.parts.clock.now();
    this.parts.marks.touch(now);
    await this.parts.history.saveAlive(now);
  }

  async #run(): Promise<void> {
    const { clock, history } = this.parts;
    const { signal } = this.#stopping;
    let aliveAt = -Infinity;
    while (!signal.aborted) {
      const now = clock.now();
      let more = false;
      try {
        this.parts.marks.touch(now);
        if (Math.abs(now - aliveAt) >= ALIVE_MS) {
          aliveAt = now;
          await history.saveAlive(now);
        }
        more = history.maintain(now);
      } catch (error) {
        this.parts.journal.error(`keeping the history in shape failed: ${messageOf(error)}`, error);
      }
      try {
        this.parts.audit.maintain(now);
      } catch (error) {
        this.parts.journal.error(`keeping the audit in shape failed: ${messageOf(error)}`, error);
      }
      await sleep(clock, more ? STEP_MS : MAINTAIN_MS, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
