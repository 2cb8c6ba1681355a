/** Marks of the clock that are kept beside the history, at hardly any cost: when Carillon was last active, how far the clock was ahead. */
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { codeOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";

export class ClockFile {
  #until: EpochMs | undefined;

  constructor(readonly path: string) {
    this.#until = this.#read();
  }

  /** When {@link touch} was last called, in this run of the program or the one before. */
  lastAlive(): EpochMs | undefined {
    try {
      return Math.round(statSync(this.path).mtimeMs);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Notes that Carillon is active: the file's time alone is written. */
  touch(now: EpochMs): void {
    const seconds = now / 1_000;
    try {
      if (!existsSync(this.path)) this.#write();
      utimesSync(this.path, seconds, seconds);
    } catch {
      // The folder is away or cannot be written: the history, which is in it, says so.
    }
  }

  /** Until when instants may have a record, because the clock was ahead. */
  until(): EpochMs | undefined {
    return this.#until;
  }

  keep(until: EpochMs): void {
    this.#until = until;
    try {
      this.#write();
    } catch {
      // As above: it counts for this run of the program.
    }
  }

  #write(): void {
    writeFileSync(this.path, `${JSON.stringify({ until: this.#until ?? null })}\n`, { mode: 0o600 });
  }

  #read(): EpochMs | undefined {
    try {
      const { until } = JSON.parse(readFileSync(this.path, "utf8")) as { until?: unknown };
      return typeof until === "number" ? until : undefined;
    } catch {
      // It is not there yet, or damaged: then nothing is known of a clock that was ahead.
      return undefined;
    }
  }
}
