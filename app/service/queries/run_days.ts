/** How many runs a task had on each day of a long time, and how many did not go well. Days that are over are counted once. */
import type { EpochMs } from "../../base/time.ts";
import type { Clock, RunReader } from "../../contracts.ts";
import type { RunOutcome } from "../../model/history.ts";
import { isBad, isTerminal } from "../../model/run.ts";

/** Runs that are looked at, the newest. */
const MAX_RUNS = 100_000;
/** What is over may change by little: an old run goes, or comes back from a damaged file. */
const KEPT_MS = 600_000;
/** Tasks whose days are kept; the one that was asked for longest ago goes first. */
const MAX_TASKS = 100;

export interface DayCount {
  readonly runs: number;
  readonly failures: number;
}

interface Kept {
  readonly at: EpochMs;
  readonly days: readonly DayCount[];
}

export class RunDays {
  readonly #kept = new Map<string, Kept>();

  constructor(readonly reader: Pick<RunReader, "outcomes">, readonly clock: Clock) {}

  /** @param starts where each day begins, and at last where the last one ends; each day is one of the answer */
  async count(taskId: string, starts: readonly EpochMs[]): Promise<readonly DayCount[]> {
    const now = this.clock.now();
    const over = starts.findLastIndex((start) => start <= now);
    const past = over < 1 ? [] : await this.#past(taskId, starts.slice(0, over + 1), now);
    const rest = starts.slice(Math.max(0, over));
    return [...past, ...counted(await this.#outcomes(taskId, rest), rest)];
  }

  async #past(taskId: string, starts: readonly EpochMs[], now: EpochMs): Promise<readonly DayCount[]> {
    const key = `${starts[0]} ${starts.length} ${starts.at(-1)} ${taskId}`;
    const found = this.#kept.get(key);
    if (found && now >= found.at && now - found.at < KEPT_MS) return found.days;
    const outcomes = await this.#outcomes(taskId, starts);
    const days = counted(outcomes, starts);
    this.#kept.delete(key);
    // One that goes on still may fail.
    if (outcomes.every(({ status }) => isTerminal(status))) this.#kept.set(key, { at: now, days });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_TASKS && oldest !== undefined) this.#kept.delete(oldest);
    return days;
  }

  async #outcomes(taskId: string, starts: readonly EpochMs[]): Promise<readonly RunOutcome[]> {
    const [from, to] = [starts[0], starts.at(-1)];
    if (from === undefined || to === undefined || from >= to) return [];
    return await this.reader.outcomes({ taskId, from, to, limit: MAX_RUNS });
  }
}

function counted(outcomes: readonly RunOutcome[], starts: readonly EpochMs[]): readonly DayCount[] {
  const days = starts.slice(0, -1).map(() => ({ runs: 0, failures: 0 }));
  let day = days.length - 1;
  // Newest first, so the day only ever goes back.
  for (const { queuedAt, status } of outcomes) {
    while (day > 0 && queuedAt < (starts[day] ?? 0)) day--;
    const found = days[day];
    if (!found) break;
    found.runs++;
    if (isBad(status)) found.failures++;
  }
  return days;
}
