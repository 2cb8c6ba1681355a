/** What each task has done lately, kept up to date by events: a page that asks costs what has changed, not what there is. */
import { percentile } from "../../base/percentile.ts";
import type { Clock, RunReader } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import type { EpochMs } from "../../base/time.ts";
import type { OutcomeQuery, RunOutcome } from "../../model/history.ts";
import { durationOf, isBad, isTerminal, type Run } from "../../model/run.ts";

import { type FailureCount, Failures, NO_FAILURES } from "./failures.ts";
import { LastFailures } from "./last_failures.ts";
import { NewestOutcomes } from "./newest_outcomes.ts";
import { Overhanging } from "./overhanging.ts";

const HOUR_MS = 3_600_000;
/** How far back outcomes are kept. */
export const KEPT_MS = 25 * HOUR_MS;
/** Outcomes of one task that are kept, the newest. */
const MAX_OUTCOMES = 2_000;
/** Outcomes that are read at the start, the newest. */
const MAX_READ = 100_000;
/** Runs of a task that are looked at for its last outcome. */
const RECENT_RUNS = 50;
/** Successful runs whose median is the usual duration. */
const USUAL_RUNS = 30;

export interface ActivityQuery extends OutcomeQuery {
  /** Also runs that were queued before and reach into it; they are the last of the answer, and beyond its limit. */
  readonly overhanging?: boolean | undefined;
}

/** Outcome, running and not run are separate facts: none of them hides another. */
export interface TaskActivity {
  /** The newest run that has ended; a person may have cancelled it. */
  readonly outcome?: Run | undefined;
  /** The newest run that succeeded or did not go well. */
  readonly verdict?: Run | undefined;
  /** The newest that succeeded. */
  readonly lastGood?: Run | undefined;
  /** The newest due instant that became no run, where it is newer than the outcome. */
  readonly notRun?: Run | undefined;
  /** Runs that are not over, oldest first. */
  readonly active: readonly Run[];
  /** The first of the runs without a success between it and the verdict, where that is bad, and how many they are. */
  readonly failing?: { readonly first: Run; readonly runs: number } | undefined;
  /** Median of the last successful runs, in milliseconds. */
  readonly usualMs?: number | undefined;
  /** Outcomes of the last {@link KEPT_MS}, oldest first. */
  readonly outcomes: readonly RunOutcome[];
  /** Of the same time, also where outcomes are too many to be kept. */
  readonly failures: FailureCount;
  /** The number of the last change. */
  readonly changed: number;
}

interface Kept {
  outcome?: Run | undefined;
  verdict?: Run | undefined;
  lastGood?: Run | undefined;
  notRun?: Run | undefined;
  failing?: { readonly first: Run; readonly runs: number } | undefined;
  readonly active: Map<string, Run>;
  readonly durations: number[];
  usualMs?: number | undefined;
  outcomes: RunOutcome[];
  readonly failures: Failures;
  changed: number;
}

export class Activity {
  readonly #tasks = new Map<string, Kept>();
  /** The outcomes of all tasks. */
  readonly #newest = new NewestOutcomes();
  readonly #overhanging: Overhanging;
  readonly #lastFailures = new LastFailures();
  readonly #boot = crypto.randomUUID().slice(0, 8);
  #changes = 1;
  #structure = 1;
  #loading: Promise<void> | undefined;
  /** Before anybody has asked nothing is kept; what comes while it is read is applied afterwards. */
  #phase: { readonly kind: "unread" } | { readonly kind: "reading"; readonly came: (() => void)[] } | {
    readonly kind: "read";
  } = { kind: "unread" };
  /** Tasks that came after the history was read. */
  readonly #unread = new Set<string>();

  constructor(
    readonly events: EventBus,
    readonly reader: RunReader,
    readonly clock: Clock,
    readonly taskIds: () => readonly string[],
  ) {
    this.#overhanging = new Overhanging(reader);
    for (
      const name of [
        "run.awaiting_approval",
        "run.queued",
        "run.started",
        "run.progressed",
        "run.retrying",
      ] as const
    ) {
      events.on(name, ({ run }) => this.#apply(() => this.#isActive(run)));
    }
    for (const name of ["run.ended", "run.skipped", "run.missed"] as const) {
      events.on(name, ({ run }) => this.#apply(() => this.#hasEnded(run)));
    }
    for (
      const name of [
        "task.loaded",
        "task.removed",
        "task.broken",
        "task.warned",
        "task.acknowledged",
        "task.paused",
        "task.resumed",
      ] as const
    ) {
      events.on(name, ({ taskId }) => this.#apply(() => this.#isAnother(taskId)));
    }
    events.on("folder.read", ({ changed, removed, broken }) => {
      if (changed + removed + broken > 0) this.#structure = ++this.#changes;
    });
  }

  /** Reads what was before this program began; once, by whoever asks first. */
  async ready(): Promise<void> {
    await (this.#loading ??= this.#load());
    for (const id of this.#unread) {
      this.#unread.delete(id);
      await this.#loadTask(id);
    }
  }

  /** The number of the last change of any task. */
  get changes(): number {
    return this.#changes;
  }

  /** The number of the last change of which tasks there are, or how they are started. */
  get structure(): number {
    return this.#structure;
  }

  /** A change as pages hand it back: `<this program>.<number>`. */
  get revision(): string {
    return `${this.#boot}.${this.#changes}`;
  }

  /** The number of a revision; undefined for one of another program, or none. */
  numberOf(revision: string): number | undefined {
    const [boot, number] = revision.split(".");
    return boot === this.#boot && /^\d{1,15}$/.test(number ?? "") ? Number(number) : undefined;
  }

  of(taskId: string): TaskActivity {
    const kept = this.#tasks.get(taskId);
    if (!kept) return { active: [], outcomes: [], failures: NO_FAILURES, changed: 0 };
    return { ...kept, active: [...kept.active.values()] };
  }

  /** The number of a task's last change. */
  changedAt(taskId: string): number {
    return this.#tasks.get(taskId)?.changed ?? 0;
  }

  /** Runs of the last days that did not go well, the last to end first. */
  async lastFailures(): Promise<readonly RunOutcome[]> {
    await this.ready();
    return this.#lastFailures.newestFirst;
  }

  /** The same as {@link RunReader.outcomes}; of the last {@link KEPT_MS} it is answered from what is kept here. */
  async outcomes({ overhanging, ...query }: ActivityQuery): Promise<readonly RunOutcome[]> {
    await this.ready();
    const within = await this.#within(query);
    if (!overhanging) return within;
    const { from, taskId, taskIds } = query;
    const ids = taskIds && new Set(taskIds);
    const going = from > this.clock.now() ? [] : [...this.#tasks.values()]
      .flatMap(({ active }) => [...active.values()]).filter(({ queuedAt }) => queuedAt < from);
    const before = new Map<string, RunOutcome>();
    for (const run of [...await this.#overhanging.into(from), ...going]) before.set(run.id, run);
    const wanted = [...before.values()].filter(({ taskId: id }) =>
      (taskId ?? id) === id && ids?.has(id) !== false
    );
    return [...within, ...wanted.sort(byNewest)];
  }

  async #within(query: OutcomeQuery): Promise<readonly RunOutcome[]> {
    const { from, to, taskId, taskIds, limit } = query;
    if (from < this.clock.now() - KEPT_MS) return await this.reader.outcomes(query);
    const ids = taskIds && new Set(taskIds);
    const isAsked = (id: string) => (taskId ?? id) === id && ids?.has(id) !== false;
    const asked = taskId === undefined ? this.#tasks.values() : [this.#tasks.get(taskId)];
    const active = [...asked].flatMap((kept) => [...kept?.active.values() ?? []])
      .filter((run) => run.queuedAt >= from && run.queuedAt < to && isAsked(run.taskId)).sort(byNewest);
    const going = new Set(active.map(({ id }) => id));
    const own = taskId === undefined ? undefined : this.#tasks.get(taskId)?.outcomes ?? [];
    const ended = own && isWholeSince(own, from)
      ? own.filter(({ queuedAt }) => queuedAt >= from && queuedAt < to).toReversed()
      : this.#newest.within(from, to);
    const found: RunOutcome[] = [];
    let next = 0;
    for (const outcome of ended) {
      if (found.length >= limit) break;
      if (going.has(outcome.id) || !isAsked(outcome.taskId)) continue;
      for (let run = active[next]; run && run.id > outcome.id; run = active[++next]) found.push(run);
      found.push(outcome);
    }
    const answer = [...found, ...active.slice(next)].slice(0, limit);
    // What is not kept here is known to the history.
    return answer.length >= limit || this.#newest.isWholeSince(from)
      ? answer
      : await this.reader.outcomes(query);
  }

  /** Applies news once what was before is known. */
  #apply(news: () => void): void {
    if (this.#phase.kind === "read") news();
    else if (this.#phase.kind === "reading") this.#phase.came.push(news);
  }

  async #load(): Promise<void> {
    const came: (() => void)[] = [];
    this.#phase = { kind: "reading", came };
    const now = this.clock.now();
    const outcomes = await this.reader.outcomes({ from: now - KEPT_MS, to: now + KEPT_MS, limit: MAX_READ });
    for (const outcome of outcomes.toReversed()) this.#keepOutcome(this.#kept(outcome.taskId), outcome);
    for (const id of this.taskIds()) await this.#loadTask(id);
    this.#structure = ++this.#changes;
    this.#phase = { kind: "read" };
    for (const news of came) news();
  }

  async #loadTask(id: string): Promise<void> {
    const kept = this.#kept(id);
    const durations = await this.reader.durations(id, USUAL_RUNS);
    kept.durations.splice(0, Infinity, ...durations.toReversed());
    kept.usualMs = median(kept.durations);
    const recent = await this.reader.recent(id, RECENT_RUNS);
    for (const run of recent.toReversed()) {
      if (!isTerminal(run.status)) kept.active.set(run.id, run);
      else this.#place(kept, run);
    }
  }

  #isActive(run: Run): void {
    const kept = this.#kept(run.taskId);
    if (isTerminal(run.status)) return;
    kept.active.set(run.id, run);
    kept.changed = ++this.#changes;
  }

  #hasEnded(run: Run): void {
    const kept = this.#kept(run.taskId);
    this.#place(kept, run);
    this.#keepOutcome(kept, run);
    const took = run.status === "succeeded" ? durationOf(run, 0) : undefined;
    if (took !== undefined) {
      kept.durations.push(took);
      if (kept.durations.length > USUAL_RUNS) kept.durations.shift();
      kept.usualMs = median(kept.durations);
    }
    kept.changed = ++this.#changes;
  }

  /** Puts a run that has ended where it belongs among the last ones. */
  #place(kept: Kept, run: Run): void {
    kept.active.delete(run.id);
    if (run.status === "skipped" || run.status === "missed") {
      if (isNewer(run, kept.notRun) && isNewer(run, kept.outcome)) kept.notRun = run;
      return;
    }
    if (!isNewer(run, kept.outcome)) return;
    kept.outcome = run;
    if (kept.notRun && isNewer(run, kept.notRun)) kept.notRun = undefined;
    if (run.status === "cancelled") return;
    if (run.status === "succeeded") {
      kept.lastGood = run;
      kept.failing = undefined;
    } else if (run.id !== kept.verdict?.id) {
      kept.failing = { first: kept.failing?.first ?? run, runs: (kept.failing?.runs ?? 0) + 1 };
    }
    kept.verdict = run;
  }

  #keepOutcome(kept: Kept, run: RunOutcome): void {
    const { id, taskId, status, cause, scheduledAt, queuedAt, startedAt, finishedAt } = run;
    const outcome = { id, taskId, status, cause, scheduledAt, queuedAt, startedAt, finishedAt };
    const oldest = this.clock.now() - KEPT_MS;
    const { outcomes } = kept;
    const at = outcomes.findLastIndex((each) => each.id <= id);
    if (outcomes[at]?.id === id) outcomes[at] = outcome;
    else {
      outcomes.splice(at + 1, 0, outcome);
      if (isBad(status)) kept.failures.add(queuedAt, oldest);
    }
    this.#newest.keep(outcome);
    this.#overhanging.keep(outcome);
    this.#lastFailures.keep(outcome);
    this.#newest.forget(oldest);
    const first = outcomes.findIndex(({ queuedAt: queued }) => queued >= oldest);
    const cut = Math.max(first, outcomes.length - MAX_OUTCOMES);
    if (cut > 0) kept.outcomes = outcomes.slice(cut);
  }

  #isAnother(taskId: string | undefined): void {
    const change = ++this.#changes;
    this.#structure = change;
    if (taskId === undefined) return;
    if (!this.#tasks.has(taskId)) this.#unread.add(taskId);
    this.#kept(taskId).changed = change;
  }

  #kept(taskId: string): Kept {
    const found = this.#tasks.get(taskId);
    if (found) return found;
    const made: Kept = {
      active: new Map(),
      durations: [],
      outcomes: [],
      failures: new Failures(),
      changed: ++this.#changes,
    };
    this.#tasks.set(taskId, made);
    return made;
  }
}

/** What is asked of it. */
export type ActivityView = Omit<Activity, "events" | "reader" | "clock" | "taskIds">;

/** False where a task has had so many outcomes since a moment that only the newest of them are kept with it. */
function isWholeSince(outcomes: readonly RunOutcome[], from: EpochMs): boolean {
  return outcomes.length < MAX_OUTCOMES || (outcomes[0]?.queuedAt ?? Infinity) < from;
}

/** True where a run has a later id, or the same one with news of it. */
function isNewer(run: Run, than: Run | undefined): boolean {
  return than === undefined || run.id >= than.id;
}

function byNewest(a: RunOutcome, b: RunOutcome): number {
  return a.id < b.id ? 1 : -1;
}

function median(durations: readonly number[]): number | undefined {
  return durations.length === 0 ? undefined : percentile(durations, 0.5);
}

/** True for outcomes that need a person. */
export function needsPerson({ verdict }: TaskActivity): boolean {
  return verdict !== undefined && isBad(verdict.status);
}
