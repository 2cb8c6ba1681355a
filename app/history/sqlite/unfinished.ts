/** Runs that are not over: at the next start those that were queued or running and that nobody ended are `interrupted`. */
import type { EpochMs } from "../../base/time.ts";
import { isTerminal, type Run } from "../../model/run.ts";
import { interrupted } from "../interrupted.ts";
import { idFloor } from "../run_id.ts";
import { AWAITING, SAVE_RUN, sqlList, toRow, UNFINISHED } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** So far the system clock may be set back without that unfinished runs are passed over. */
const MARGIN_MS = 86_400_000;

export class UnfinishedRuns {
  /** When each was queued. */
  readonly #queuedAt = new Map<string, EpochMs>();
  /** No run that was unfinished when the file was opened has a smaller id. */
  readonly since: string;

  constructor(readonly sql: Statements) {
    this.since = idFloor(sql.meta("unfinished_from") ?? 0);
  }

  /**
   * @param now when they are held to have ended
   * @param isActive true for those that are going on in this program
   */
  interrupt(now: EpochMs, isActive: (runId: string) => boolean): void {
    const runs = this.sql.runs(
      `SELECT * FROM runs WHERE id >= ? AND status IN (${sqlList(UNFINISHED)})`,
      this.since,
    );
    this.sql.batch(() => {
      for (const run of runs) {
        if (isActive(run.id) || run.status === AWAITING) this.onSaved(run);
        else this.sql.run(SAVE_RUN, ...toRow({ ...run, ...interrupted(now) }));
      }
    });
  }

  onSaved({ id, status, queuedAt }: Run): void {
    if (isTerminal(status)) this.#queuedAt.delete(id);
    else this.#queuedAt.set(id, queuedAt);
  }

  /** Writes down from where on there are any, so that the next opening need not look at all runs. */
  mark(now: EpochMs): void {
    const from = Math.min(now, ...this.#queuedAt.values()) - MARGIN_MS;
    if (from - (this.sql.meta("unfinished_from") ?? -Infinity) > MARGIN_MS) {
      this.sql.saveMeta("unfinished_from", from);
    }
  }
}
