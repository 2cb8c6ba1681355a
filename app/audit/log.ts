/**
 * The audit as the program writes it. Whoever records never waits and never fails: what cannot be written is kept, said,
 * and written as soon as it can be.
 */
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Mask } from "../base/mask.ts";
import type { EpochMs } from "../base/time.ts";
import type { AuditLog, Clock } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { AuditEntry } from "../model/audit.ts";
import { Chain, ChainBusyError, type Fault } from "./chain.ts";
import type { AuditRecord } from "./line.ts";
import { recordOf } from "./record.ts";
import { removeSurplus, RETENTION_ACTION, surplusOf } from "./retention.ts";

/** Records that are kept while they cannot be written. */
const MAX_KEPT = 10_000;
/** A command beside the server holds the chain for a moment only; for so long nothing is said of it. */
const BUSY_MS = 10_000;
/** How often it is looked for files that are too old; one goes at a time. */
const LOOK_MS = 3_600_000;

export interface AuditParts {
  readonly clock: Pick<Clock, "now">;
  readonly events: EventBus;
  readonly mask: Mask;
  /** The folder of the data; the audit has one of its own in it. */
  readonly data: string;
  /** Days that lines are kept; 0 for ever. */
  readonly days: number;
}

/** Where the lines of a data folder are. */
export function auditFolder(data: string): string {
  return join(data, "audit");
}

/** Records that are written in one piece. */
const AT_ONCE = 500;
const LOST_ACTION = "audit.lost";
const CARILLON = { by: "carillon", outcome: "done" } as const;

export class Audit implements AuditLog {
  readonly folder: string;
  readonly #chain: Chain;
  /** What is not written yet, the oldest first. */
  readonly #waiting: AuditRecord[] = [];
  #waitingSince: EpochMs | undefined;
  #lost = 0;
  #trouble: string | undefined;
  #lookedAt = -Infinity;

  constructor(readonly parts: AuditParts) {
    this.folder = auditFolder(parts.data);
    this.#chain = new Chain(this.folder, (fault, now) => this.#faultRecord(fault, now));
  }

  /** Why nothing can be written; undefined while it can be. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  record(entry: AuditEntry): void {
    try {
      const now = this.parts.clock.now();
      if (this.#waiting.length < MAX_KEPT) this.#waiting.push(recordOf(entry, now, this.parts.mask));
      else this.#lost++;
      // Where the one before could not be written, `maintain` tries again: not each that comes.
      if (this.#waitingSince === undefined) this.#write(now);
    } catch (error) {
      this.#report(`an entry of the audit could not be made: ${messageOf(error)}`);
    }
  }

  /** Writes what could not be written before, and removes what is older than is kept. */
  maintain(now: EpochMs): void {
    if (this.#waiting.length > 0) this.#write(now);
    this.#chain.sync().catch((error) => this.#report(messageOf(error)));
    if (Math.abs(now - this.#lookedAt) < LOOK_MS || this.#waiting.length > 0) return;
    this.#lookedAt = now;
    const surplus = surplusOf(this.folder, this.parts.days, now);
    if (!surplus) return;
    const { n: to, hash } = surplus.to;
    this.record({
      actor: { channel: "carillon" },
      action: RETENTION_ACTION,
      params: { to, hash },
      outcome: "done",
      message: `lines up to ${to} were removed: they were older than ${this.parts.days} days`,
    });
    // The line comes first: were it missing, so would those be that it speaks of.
    if (this.#waiting.length === 0) removeSurplus(surplus);
  }

  /** Tries once more. The answer is how many records are lost with the end of the program. */
  close(): number {
    if (this.#waiting.length > 0) this.#write(this.parts.clock.now());
    return this.#waiting.length + this.#lost;
  }

  #write(now: EpochMs): void {
    if (this.#lost > 0 && this.#waiting.at(-1)?.action !== LOST_ACTION) {
      this.#waiting.push(this.#lostRecord(now));
    }
    const n = this.#waiting.length;
    try {
      while (this.#waiting.length > 0) {
        this.#chain.append(this.#waiting.slice(0, AT_ONCE), now);
        this.#waiting.splice(0, AT_ONCE);
      }
    } catch (error) {
      this.#waitingSince ??= now;
      const isBrief = error instanceof ChainBusyError && now - this.#waitingSince < BUSY_MS;
      if (!isBrief) this.#report(messageOf(error));
      return;
    }
    this.#waitingSince = undefined;
    this.#lost = 0;
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.parts.events.emit("audit.recovered", {
      message: `the audit is written again; it has the ${n} entries that it had missed`,
    });
  }

  #report(reason: string): void {
    const isNews = this.#trouble === undefined;
    this.#trouble = `the audit cannot be written: ${reason}; entries are kept in memory`;
    if (isNews) this.parts.events.emit("audit.failed", { message: this.#trouble });
  }

  #lostRecord(now: EpochMs): AuditRecord {
    return {
      ...this.#own(LOST_ACTION, now),
      message: `${this.#lost} entries are lost: too many came while the audit could not be written`,
    };
  }

  #faultRecord(fault: Fault, now: EpochMs): AuditRecord {
    const message = fault.kind === "cut"
      ? "the last line was cut off in the middle"
      : `the lines ${fault.from} to ${fault.to} had been written and are missing`;
    this.parts.events.emit("audit.damaged", {
      message: `the audit in ${this.folder} is not as it was left: ${message}`,
    });
    return { ...this.#own("audit.damaged", now), outcome: "failed", message };
  }

  #own(action: string, now: EpochMs): AuditRecord {
    return { at: new Date(now).toISOString(), ...CARILLON, action };
  }
}
