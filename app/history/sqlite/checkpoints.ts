/** When SQLite brings what is in its WAL into the file: here alone, so that any other writing to the file is a stranger's. */
import type { EpochMs } from "../../base/time.ts";
import type { FileWatch } from "./file_watch.ts";
import type { Statements } from "./statements.ts";

/** After so many transactions, or statements in them, the WAL has some 16 MB. */
const MAX_TRANSACTIONS = 1_600;
const MAX_STATEMENTS = 20_000;
/** What is in the WAL is not left there longer than this. */
const MAX_WAIT_MS = 60_000;

export class Checkpoints {
  #lastAt = -Infinity;
  /** How many there have been. */
  #count = 0;
  #transactions = 0;
  #statements = 0;

  constructor(readonly sql: Statements, readonly watch: FileWatch) {}

  get count(): number {
    return this.#count;
  }

  /** Something was written, outside of any batch. */
  onWritten(): void {
    this.#transactions++;
    const statements = this.sql.written - this.#statements;
    if (this.#transactions >= MAX_TRANSACTIONS || statements >= MAX_STATEMENTS) this.run();
  }

  /** Brings over what has waited for long. */
  runIfDue(now: EpochMs): void {
    if (this.#transactions === 0 || Math.abs(now - this.#lastAt) < MAX_WAIT_MS) return;
    this.#lastAt = now;
    this.run();
  }

  /** @param mode `TRUNCATE` also empties the WAL's file, which otherwise is written over from its beginning */
  run(mode: "PASSIVE" | "TRUNCATE" = "PASSIVE"): void {
    this.#transactions = 0;
    this.#statements = this.sql.written;
    this.sql.db.exec(`PRAGMA wal_checkpoint(${mode})`);
    this.#count++;
    this.watch.accept();
  }
}
