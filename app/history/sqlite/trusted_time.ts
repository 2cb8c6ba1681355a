/** The time by which something is too old: a clock that is wrong must not empty the history. */
import type { EpochMs } from "../../base/time.ts";
import type { Statements } from "./statements.ts";

/** So far the time may go on from one look to the next, also while the machine is off. */
const PLAUSIBLE_MS = 100 * 86_400_000;
/** A clock that has gone further is believed once it has said so for so long. */
const PROOF_MS = 86_400_000;
/** How often the time is written down. */
const SAVED_MS = 3_600_000;

export class TrustedTime {
  #trusted: EpochMs | undefined;
  #savedAt: EpochMs | undefined;
  /** When a clock that has gone too far was first seen, by itself. */
  #doubtedSince: EpochMs | undefined;

  constructor(readonly sql: Statements) {
    this.#trusted = this.#savedAt = sql.meta("trusted_time");
  }

  /** The time that a clock shows, or the last one that was plausible. */
  from(now: EpochMs): EpochMs {
    const trusted = this.#trusted ?? now;
    if (now - trusted > PLAUSIBLE_MS && !this.#isProven(now)) return trusted;
    this.#doubtedSince = undefined;
    this.#trusted = now;
    if (this.#savedAt === undefined || Math.abs(now - this.#savedAt) >= SAVED_MS) {
      this.#savedAt = now;
      this.sql.saveMeta("trusted_time", now);
    }
    return now;
  }

  #isProven(now: EpochMs): boolean {
    this.#doubtedSince ??= now;
    return now - this.#doubtedSince >= PROOF_MS;
  }
}
